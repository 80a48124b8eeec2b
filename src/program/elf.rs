//! What Sealift needs to know of ELF files (System V gABI, chapters 4 and 5).

use std::io::{self, Read};

use object::read::elf::{Dyn, ElfFile, FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, FileKind, elf};

/// Whether a reader starts with the magic number of ELF.
pub fn is_elf(reader: &mut dyn Read) -> io::Result<bool> {
    let mut start = Vec::new();
    reader.take(4).read_to_end(&mut start)?;
    Ok(start == elf::ELFMAG)
}

/// An ELF file's answers to the questions of a static program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// `e_machine`.
    pub machine: u16,
    /// The program interpreter, if one is asked for.
    pub interpreter: Option<String>,
    /// The shared libraries that are asked for.
    pub needed: Vec<String>,
    /// Where the ELF file ends; what follows, such as an AppImage's file system, is no part of it.
    pub end: usize,
    /// `e_type`.
    pub kind: u16,
    /// Whether what the loader has filled in is read-only from then on (`PT_GNU_RELRO`).
    pub relro: bool,
    /// Whether the stack may hold code; where `PT_GNU_STACK` does not say, it may.
    pub executable_stack: bool,
    /// Whether there is an identifier of the build (`NT_GNU_BUILD_ID`).
    pub has_build_id: bool,
}

impl Facts {
    /// Whether the file can be loaded anywhere in memory.
    pub fn is_position_independent(&self) -> bool {
        self.kind == elf::ET_DYN.0
    }

    /// Whether the file is for a loader, and not for a linker.
    pub fn is_linked(&self) -> bool {
        self.kind != elf::ET_REL.0
    }
}

/// A section of an ELF file, by its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The first byte.
    pub offset: usize,
    /// How many bytes there are.
    pub size: usize,
}

/// A file that is no ELF file, or a broken one.
#[derive(Debug, thiserror::Error)]
pub enum ElfError {
    /// The magic number is another one.
    #[error("not an ELF file")]
    NotElf,
    /// A structure in it is wrong.
    #[error("malformed ELF file")]
    Malformed(#[from] object::Error),
}

/// Reads the facts of an ELF file of either class.
pub fn facts(bytes: &[u8]) -> Result<Facts, ElfError> {
    match FileKind::parse(bytes) {
        Ok(FileKind::Elf32) => facts_of::<elf::FileHeader32<Endianness>>(bytes),
        Ok(FileKind::Elf64) => facts_of::<elf::FileHeader64<Endianness>>(bytes),
        _ => Err(ElfError::NotElf),
    }
}

/// All sections with a name, in the order of the section table.
pub fn sections_named(bytes: &[u8], name: &str) -> Result<Vec<Section>, ElfError> {
    match FileKind::parse(bytes) {
        Ok(FileKind::Elf32) => sections_of::<elf::FileHeader32<Endianness>>(bytes, name),
        Ok(FileKind::Elf64) => sections_of::<elf::FileHeader64<Endianness>>(bytes, name),
        _ => Err(ElfError::NotElf),
    }
}

fn facts_of<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Facts, ElfError> {
    let file = ElfFile::<Elf>::parse(bytes)?;
    let endian = file.endian();
    let mut interpreter = None;
    let (mut end, mut relro, mut executable_stack, mut has_build_id) = (0, false, true, false);
    for header in file.elf_program_headers() {
        match header.p_type(endian) {
            elf::PT_GNU_RELRO => relro = true,
            elf::PT_GNU_STACK => executable_stack = header.p_flags(endian).0 & elf::PF_X.0 != 0,
            _ => {}
        }
        has_build_id |= holds_build_id(header, endian, bytes)?;
        if let Some(path) = header.interpreter(endian, bytes)? {
            interpreter = Some(String::from_utf8_lossy(path).into_owned());
        }
        let (offset, size) = header.file_range(endian);
        end = end.max(offset.saturating_add(size));
    }
    for section in file.elf_section_table().iter() {
        let (offset, size) = section.file_range(endian).unwrap_or_default();
        end = end.max(offset.saturating_add(size));
    }
    let header = file.elf_header();
    let table = u64::from(header.e_shentsize(endian)) * file.elf_section_table().len() as u64;
    end = end.max(header.e_shoff(endian).into().saturating_add(table));
    Ok(Facts {
        machine: header.e_machine(endian).0,
        interpreter,
        needed: needed_by(&file, bytes)?,
        end: usize::try_from(end).unwrap_or(usize::MAX).min(bytes.len()),
        kind: header.e_type(endian).0,
        relro,
        executable_stack,
        has_build_id,
    })
}

fn holds_build_id<Header: ProgramHeader<Endian = Endianness>>(
    header: &Header,
    endian: Endianness,
    bytes: &[u8],
) -> Result<bool, ElfError> {
    let Some(mut notes) = header.notes(endian, bytes)? else {
        return Ok(false);
    };
    while let Some(note) = notes.next()? {
        let is_id = note.n_type(endian) == elf::NT_GNU_BUILD_ID && note.name() == b"GNU";
        if is_id && !note.desc().is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The shared libraries, found as a loader finds them: by the program headers alone, which no stripping removes.
fn needed_by<Elf: FileHeader<Endian = Endianness>>(
    file: &ElfFile<'_, Elf>,
    bytes: &[u8],
) -> Result<Vec<String>, ElfError> {
    let endian = file.endian();
    let mut needed = Vec::new();
    for header in file.elf_program_headers() {
        let Some(entries) = header.dynamic(endian, bytes)? else {
            continue;
        };
        let value = |tag| {
            let entry = entries.iter().find(|entry| entry.d_tag(endian) == tag);
            entry.map(|entry| entry.d_val(endian).into())
        };
        let strings = value(elf::DT_STRTAB).and_then(|address| offset_of(file, address));
        for entry in entries
            .iter()
            .take_while(|entry| entry.d_tag(endian) != elf::DT_NULL)
        {
            if entry.d_tag(endian) == elf::DT_NEEDED {
                let name: u64 = entry.d_val(endian).into();
                let place = strings.and_then(|strings| strings.checked_add(name));
                needed.push(text_at(bytes, place));
            }
        }
    }
    Ok(needed)
}

/// The place in the file of an address in memory.
fn offset_of<Elf: FileHeader<Endian = Endianness>>(
    file: &ElfFile<'_, Elf>,
    address: u64,
) -> Option<u64> {
    let endian = file.endian();
    file.elf_program_headers()
        .iter()
        .filter(|header| header.p_type(endian) == elf::PT_LOAD)
        .find_map(|header| {
            let below = address.checked_sub(header.p_vaddr(endian).into())?;
            let size: u64 = header.p_filesz(endian).into();
            let offset: u64 = header.p_offset(endian).into();
            (below < size).then(|| offset.checked_add(below))?
        })
}

/// The text that ends with a zero; a library whose name cannot be found is needed all the same.
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

fn sections_of<Elf: FileHeader<Endian = Endianness>>(
    bytes: &[u8],
    name: &str,
) -> Result<Vec<Section>, ElfError> {
    let file = ElfFile::<Elf>::parse(bytes)?;
    let (endian, table) = (file.endian(), file.elf_section_table());
    let mut found = Vec::new();
    for section in table.iter() {
        if table.section_name(endian, section)? != name.as_bytes() {
            continue;
        }
        let data = section.data(endian, bytes)?;
        found.push(Section {
            // A section that takes no place in the file has no data and no offset to speak of.
            offset: match data.is_empty() {
                true => 0,
                false => data.as_ptr() as usize - bytes.as_ptr() as usize,
            },
            size: data.len(),
        });
    }
    Ok(found)
}
