//! What Sealift needs to know about a finished program.

use object::Endianness;
use object::elf;

use super::{ElfError, Header, Layout, Segment, notes};

/// The properties of a program that the gates judge.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The header.
    pub header: Header,
    /// The program interpreter, if the program needs one.
    pub interpreter: Option<String>,
    /// The shared libraries that the program needs.
    pub needed: Vec<String>,
    /// Where the ELF file ends; what follows, such as an AppImage's file system, is not part of it.
    pub end: usize,
    /// Whether relocated data becomes read-only after loading (`PT_GNU_RELRO`).
    pub relro: bool,
    /// Whether the stack is executable; without `PT_GNU_STACK`, it is.
    pub executable_stack: bool,
    /// Whether there is a build ID (`NT_GNU_BUILD_ID`).
    pub has_build_id: bool,
}

impl Facts {
    /// Reads the facts of an ELF file of either class.
    pub fn read(bytes: &[u8]) -> Result<Self, ElfError> {
        let layout = Layout::read(bytes)?;
        let header = &layout.header;
        let stack = segments(header, elf::PT_GNU_STACK).last();
        Ok(Self {
            interpreter: interpreter_of(&layout)?,
            needed: needed_by(&layout),
            end: usize::try_from(layout.end()).unwrap_or(usize::MAX),
            relro: header.has_segment(elf::PT_GNU_RELRO),
            executable_stack: stack.is_none_or(|stack| stack.flags & elf::PF_X.0 != 0),
            has_build_id: has_build_id(&layout)?,
            header: layout.header,
        })
    }

    /// Whether the file is for a loader rather than a linker.
    pub fn is_linked(&self) -> bool {
        self.header.kind != elf::ET_REL.0
    }
}

fn segments(header: &Header, kind: elf::ProgramType) -> impl DoubleEndedIterator<Item = &Segment> {
    let segments = header.segments.iter();
    segments.filter(move |segment| segment.kind == kind.0)
}

fn interpreter_of(layout: &Layout<'_>) -> Result<Option<String>, ElfError> {
    let Some(segment) = segments(&layout.header, elf::PT_INTERP).last() else {
        return Ok(None);
    };
    let path = layout.segment_content(segment);
    let end = path.iter().position(|byte| *byte == 0);
    let end = end.ok_or(ElfError::EndlessText {
        what: "the interpreter's path",
    })?;
    Ok(Some(String::from_utf8_lossy(&path[..end]).into_owned()))
}

fn has_build_id(layout: &Layout<'_>) -> Result<bool, ElfError> {
    for segment in segments(&layout.header, elf::PT_NOTE) {
        let notes = layout.segment_content(segment);
        if notes::build_id(notes, segment.alignment, layout.header.endian)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The shared libraries, found as a loader finds them: only by the program headers, which stripping does not remove.
fn needed_by(layout: &Layout<'_>) -> Vec<String> {
    let mut needed = Vec::new();
    for segment in segments(&layout.header, elf::PT_DYNAMIC) {
        let entries = dynamic_entries(layout, segment);
        let strings = entries.iter().find(|(tag, _)| *tag == elf::DT_STRTAB.0);
        let strings = strings.and_then(|(_, address)| offset_of(&layout.header, *address));
        for (_, name) in entries.iter().filter(|(tag, _)| *tag == elf::DT_NEEDED.0) {
            let place = strings.and_then(|strings| strings.checked_add(*name));
            needed.push(text_at(layout.bytes, place));
        }
    }
    needed
}

/// Tag and value of each entry before the terminating one.
fn dynamic_entries(layout: &Layout<'_>, segment: &Segment) -> Vec<(i64, u64)> {
    let word = if layout.header.is_64 { 8 } else { 4 };
    let number = |bytes: &[u8]| match layout.header.endian {
        Endianness::Little => bytes.iter().rev().fold(0, push),
        Endianness::Big => bytes.iter().fold(0, push),
    };
    let entries = layout.segment_content(segment).chunks_exact(2 * word);
    let pairs = entries.map(|entry| {
        let (tag, value) = entry.split_at(word);
        (number(tag).cast_signed(), number(value))
    });
    pairs
        .take_while(|(tag, _)| *tag != elf::DT_NULL.0)
        .collect()
}

fn push(number: u64, byte: &u8) -> u64 {
    number << 8 | u64::from(*byte)
}

/// The file offset of a memory address.
fn offset_of(header: &Header, address: u64) -> Option<u64> {
    segments(header, elf::PT_LOAD).find_map(|segment| {
        let below = address.checked_sub(segment.address)?;
        (below < segment.file_size).then(|| segment.offset.checked_add(below))?
    })
}

/// The zero-terminated string. A library whose name cannot be found is still a needed library.
fn text_at(bytes: &[u8], place: Option<u64>) -> String {
    let rest = place
        .and_then(|place| usize::try_from(place).ok())
        .and_then(|place| bytes.get(place..))
        .unwrap_or_default();
    let text = rest.split(|byte| *byte == 0).next().unwrap_or_default();
    match text {
        [] => "a library without a name".to_owned(),
        text => String::from_utf8_lossy(text).into_owned(),
    }
}
