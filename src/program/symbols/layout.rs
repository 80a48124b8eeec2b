//! The segments and sections of an ELF program, the same for both classes (System V gABI, chapters 4 and 5).

use object::elf::{
    ELF_NOTE_GNU, FileHeader32, FileHeader64, NT_GNU_BUILD_ID, SHF_ALLOC, SHF_INFO_LINK,
    SHT_NOBITS, SHT_NOTE, SHT_REL, SHT_RELA, SHT_SYMTAB, SHT_SYMTAB_SHNDX,
};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, FileKind};

use super::{BuildId, SplitError};

/// A program header.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub kind: u32,
    pub flags: u32,
    pub offset: u64,
    pub address: u64,
    pub physical_address: u64,
    pub file_size: u64,
    pub memory_size: u64,
    pub alignment: u64,
}

/// A section header, with its name.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    pub name: &'a [u8],
    /// Where the name is in the table of names.
    pub name_at: u32,
    pub kind: u32,
    pub flags: u64,
    pub address: u64,
    pub offset: u64,
    pub size: u64,
    pub link: u32,
    pub info: u32,
    pub alignment: u64,
    pub entry_size: u64,
}

impl Section<'_> {
    /// Whether the section is in memory when the program runs.
    pub fn is_loaded(&self) -> bool {
        self.flags & SHF_ALLOC.0 != 0
    }

    /// Whether the section is there for debuggers alone.
    pub fn is_for_debuggers(&self) -> bool {
        let prefixes: [&[u8]; 4] = [b".debug_", b".zdebug_", b".gdb_index", b".stab"];
        let is_symbols = self.kind == SHT_SYMTAB.0 || self.kind == SHT_SYMTAB_SHNDX.0;
        !self.is_loaded()
            && (is_symbols || prefixes.iter().any(|prefix| self.name.starts_with(prefix)))
    }

    /// Whether `info` is the number of a section.
    pub fn info_is_section(&self) -> bool {
        self.flags & SHF_INFO_LINK.0 != 0 || self.kind == SHT_REL.0 || self.kind == SHT_RELA.0
    }

    /// How much of the file the section takes.
    pub fn file_size(&self) -> u64 {
        match self.kind {
            kind if kind == SHT_NOBITS.0 => 0,
            _ => self.size,
        }
    }
}

/// All of a program that splitting it has to do with.
#[derive(Debug)]
pub struct Layout<'a> {
    pub bytes: &'a [u8],
    pub is_64: bool,
    pub endian: Endianness,
    /// Where the program headers and the section headers start.
    pub segments_at: u64,
    pub sections_at: u64,
    pub segments: Vec<Segment>,
    /// The first is the empty one that every table of sections starts with.
    pub sections: Vec<Section<'a>>,
    /// The number of the section with the names of sections.
    pub names: usize,
    pub build_id: Option<BuildId>,
}

impl<'a> Layout<'a> {
    /// Reads the headers of a program.
    pub fn read(bytes: &'a [u8]) -> Result<Self, SplitError> {
        match FileKind::parse(bytes) {
            Ok(FileKind::Elf32) => Self::read_class::<FileHeader32<Endianness>>(bytes),
            Ok(FileKind::Elf64) => Self::read_class::<FileHeader64<Endianness>>(bytes),
            _ => Err(SplitError::NotAProgram),
        }
    }

    fn read_class<Elf>(bytes: &'a [u8]) -> Result<Self, SplitError>
    where
        Elf: FileHeader<Endian = Endianness>,
    {
        let header = Elf::parse(bytes)?;
        let endian = header.endian()?;
        let table = header.sections(endian, bytes)?;
        let mut sections = Vec::new();
        let mut build_id = None;
        for section in table.iter() {
            let name = table.section_name(endian, section)?;
            sections.push(read_section(section, name, endian));
            build_id = build_id.or(read_build_id::<Elf>(section, endian, bytes)?);
        }
        let segments = header.program_headers(endian, bytes)?;
        let layout = Self {
            bytes,
            is_64: header.is_class_64(),
            endian,
            segments_at: header.e_phoff(endian).into(),
            sections_at: header.e_shoff(endian).into(),
            segments: segments
                .iter()
                .map(|segment| read_segment(segment, endian))
                .collect(),
            sections,
            names: header.section_strings_index(endian, bytes)?.0,
            build_id,
        };
        layout.check()?;
        Ok(layout)
    }

    /// Everything has to be in the file.
    fn check(&self) -> Result<(), SplitError> {
        let size = self.bytes.len() as u64;
        let within = |what: &dyn Fn() -> String, offset: u64, length: u64| match offset
            .saturating_add(length)
        {
            end if end > size => Err(SplitError::Beyond {
                format: "ELF",
                what: what(),
                end,
                size,
            }),
            _ => Ok(()),
        };
        for section in &self.sections {
            let what = || format!("the section `{}`", String::from_utf8_lossy(section.name));
            within(&what, section.offset, section.file_size())?;
        }
        for segment in &self.segments {
            within(
                &|| "a segment".to_owned(),
                segment.offset,
                segment.file_size,
            )?;
        }
        Ok(())
    }

    /// How large the header of the file is.
    pub fn header_size(&self) -> u64 {
        if self.is_64 { 64 } else { 52 }
    }

    /// How large a program header is.
    pub fn segment_size(&self) -> u64 {
        if self.is_64 { 56 } else { 32 }
    }

    /// How large a section header is.
    pub fn section_size(&self) -> u64 {
        if self.is_64 { 64 } else { 40 }
    }

    /// A section's bytes in the file.
    pub fn content(&self, section: &Section<'_>) -> &'a [u8] {
        let start = section.offset as usize;
        match section.file_size() as usize {
            0 => &[],
            size => &self.bytes[start..start + size],
        }
    }

    /// Where all that is loaded ends in the file, and the headers with it.
    pub fn loaded_end(&self) -> u64 {
        let segments = self
            .segments
            .iter()
            .map(|segment| segment.offset + segment.file_size);
        let loaded = self.sections.iter().filter(|section| section.is_loaded());
        let sections = loaded.map(|section| section.offset + section.file_size());
        let headers = self.segments_at + self.segments.len() as u64 * self.segment_size();
        segments
            .chain(sections)
            .chain([headers, self.header_size()])
            .max()
            .unwrap_or_default()
    }

    /// Where the program ends in the file.
    pub fn end(&self) -> u64 {
        let sections = self
            .sections
            .iter()
            .map(|section| section.offset + section.file_size());
        let headers = self.sections_at + self.sections.len() as u64 * self.section_size();
        sections
            .chain([headers, self.loaded_end()])
            .max()
            .unwrap_or_default()
    }
}

fn read_section<'a, Header>(section: &Header, name: &'a [u8], endian: Endianness) -> Section<'a>
where
    Header: SectionHeader<Endian = Endianness>,
{
    Section {
        name,
        name_at: section.sh_name(endian),
        kind: section.sh_type(endian).0,
        flags: section.sh_flags(endian).0,
        address: section.sh_addr(endian).into(),
        offset: section.sh_offset(endian).into(),
        size: section.sh_size(endian).into(),
        link: section.sh_link(endian),
        info: section.sh_info(endian),
        alignment: section.sh_addralign(endian).into(),
        entry_size: section.sh_entsize(endian).into(),
    }
}

fn read_segment<Header>(segment: &Header, endian: Endianness) -> Segment
where
    Header: ProgramHeader<Endian = Endianness>,
{
    Segment {
        kind: segment.p_type(endian).0,
        flags: segment.p_flags(endian).0,
        offset: segment.p_offset(endian).into(),
        address: segment.p_vaddr(endian).into(),
        physical_address: segment.p_paddr(endian).into(),
        file_size: segment.p_filesz(endian).into(),
        memory_size: segment.p_memsz(endian).into(),
        alignment: segment.p_align(endian).into(),
    }
}

/// The build id in a section of notes.
fn read_build_id<Elf>(
    section: &Elf::SectionHeader,
    endian: Endianness,
    bytes: &[u8],
) -> Result<Option<BuildId>, SplitError>
where
    Elf: FileHeader<Endian = Endianness>,
{
    if section.sh_type(endian) != SHT_NOTE {
        return Ok(None);
    }
    let Some(mut notes) = section.notes(endian, bytes)? else {
        return Ok(None);
    };
    while let Some(note) = notes.next()? {
        // The path needs a directory of one byte and a name.
        let is_build_id = note.name() == ELF_NOTE_GNU && note.n_type(endian) == NT_GNU_BUILD_ID;
        if is_build_id && note.desc().len() >= 2 {
            return Ok(Some(BuildId(note.desc().to_vec())));
        }
    }
    Ok(None)
}
