//! What Sealift needs to know about a finished program.

use object::elf;

use super::dynamic::{Dynamic, NeededVersion};
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
    /// The versions of symbols that it needs of them.
    pub versions: Vec<NeededVersion>,
    /// Where else it looks for libraries (`DT_RPATH`, `DT_RUNPATH`).
    pub run_paths: Vec<String>,
    /// Whether all functions are looked up before it starts, so that the table of their addresses is read-only, too.
    pub binds_at_start: bool,
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
        let dynamic = Dynamic::read(&layout);
        let stack = segments(header, elf::PT_GNU_STACK).last();
        Ok(Self {
            interpreter: interpreter_of(&layout)?,
            needed: dynamic.needed,
            versions: dynamic.versions,
            run_paths: dynamic.run_paths,
            binds_at_start: dynamic.binds_at_start,
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

/// The segments of a type.
pub(super) fn segments(
    header: &Header,
    kind: elf::ProgramType,
) -> impl DoubleEndedIterator<Item = &Segment> {
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
