//! The layout of an ELF file by its headers, the same for both classes.

use object::elf::{
    FileHeader32, FileHeader64, SHF_ALLOC, SHF_INFO_LINK, SHT_NOBITS, SHT_NOTE, SHT_REL, SHT_RELA,
    SHT_SYMTAB, SHT_SYMTAB_SHNDX,
};
use object::read::elf::{FileHeader, SectionHeader};
use object::{Endianness, FileKind};

use super::{ElfError, Header, Segment, notes};

/// A section header, with its name.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    pub name: &'a [u8],
    /// The offset of the name in the table of names.
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
    /// Whether the section is loaded into memory.
    pub fn is_loaded(&self) -> bool {
        self.flags & SHF_ALLOC.0 != 0
    }

    /// Whether the section is only for debuggers.
    pub fn is_for_debuggers(&self) -> bool {
        let prefixes: [&[u8]; 4] = [b".debug_", b".zdebug_", b".gdb_index", b".stab"];
        let is_symbols = self.kind == SHT_SYMTAB.0 || self.kind == SHT_SYMTAB_SHNDX.0;
        !self.is_loaded()
            && (is_symbols || prefixes.iter().any(|prefix| self.name.starts_with(prefix)))
    }

    /// Whether `info` is a section number.
    pub fn info_is_section(&self) -> bool {
        self.flags & SHF_INFO_LINK.0 != 0 || self.kind == SHT_REL.0 || self.kind == SHT_RELA.0
    }

    /// The size of the section in the file.
    pub fn file_size(&self) -> u64 {
        match self.kind {
            kind if kind == SHT_NOBITS.0 => 0,
            _ => self.size,
        }
    }
}

/// The headers of a program.
#[derive(Debug)]
pub struct Layout<'a> {
    pub bytes: &'a [u8],
    pub header: Header,
    /// The first one is the empty entry that starts every section table.
    pub sections: Vec<Section<'a>>,
    /// The number of the section that contains the section names.
    pub names: usize,
}

impl<'a> Layout<'a> {
    /// Reads the headers of a program and checks that everything they refer to is in the file.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ElfError> {
        match FileKind::parse(bytes) {
            Ok(FileKind::Elf32) => Self::of(FileHeader32::<Endianness>::parse(bytes)?, bytes),
            Ok(FileKind::Elf64) => Self::of(FileHeader64::<Endianness>::parse(bytes)?, bytes),
            _ => Err(ElfError::NotElf),
        }
    }

    fn of<Elf>(header: &Elf, bytes: &'a [u8]) -> Result<Self, ElfError>
    where
        Elf: FileHeader<Endian = Endianness>,
    {
        let endian = header.endian()?;
        let table = header.sections(endian, bytes)?;
        let mut sections = Vec::new();
        for section in table.iter() {
            let name = table.section_name(endian, section)?;
            sections.push(read_section(section, name, endian));
        }
        let names = match sections.len() {
            0 => 0,
            _ => header.section_strings_index(endian, bytes)?.0,
        };
        let layout = Self {
            bytes,
            header: Header::of(header, bytes)?,
            sections,
            names,
        };
        layout.check()?;
        Ok(layout)
    }

    /// Offset and size of all sections with a given name, in the order of the section table.
    pub fn sections_named(&self, name: &str) -> Vec<(usize, usize)> {
        let sections = self.sections.iter();
        sections
            .filter(|section| section.name == name.as_bytes())
            .map(|section| (section.offset as usize, section.file_size() as usize))
            .collect()
    }

    /// Everything must be in the file.
    fn check(&self) -> Result<(), ElfError> {
        let size = self.bytes.len() as u64;
        let within = |what: &dyn Fn() -> String, offset: u64, length: u64| {
            let end = offset.saturating_add(length);
            if end <= size {
                return Ok(());
            }
            let what = what();
            Err(ElfError::Beyond { what, end, size })
        };
        for section in &self.sections {
            let what = || format!("the section `{}`", String::from_utf8_lossy(section.name));
            within(&what, section.offset, section.file_size())?;
        }
        for segment in &self.header.segments {
            within(
                &|| "a segment".to_owned(),
                segment.offset,
                segment.file_size,
            )?;
        }
        Ok(())
    }

    /// A section's bytes in the file.
    pub fn content(&self, section: &Section<'_>) -> &'a [u8] {
        let start = section.offset as usize;
        match section.file_size() as usize {
            0 => &[],
            size => &self.bytes[start..start + size],
        }
    }

    /// A segment's bytes in the file.
    pub fn segment_content(&self, segment: &Segment) -> &'a [u8] {
        let start = segment.offset as usize;
        match segment.file_size as usize {
            0 => &[],
            size => &self.bytes[start..start + size],
        }
    }

    /// The first build id in a section of notes.
    pub fn build_id(&self) -> Result<Option<&'a [u8]>, ElfError> {
        let is_notes = |section: &&Section<'_>| section.kind == SHT_NOTE.0;
        for section in self.sections.iter().filter(is_notes) {
            let notes = self.content(section);
            let id = notes::build_id(notes, section.alignment, self.header.endian)?;
            if id.is_some() {
                return Ok(id);
            }
        }
        Ok(None)
    }

    /// The end of the loaded data and of the headers in the file.
    pub fn loaded_end(&self) -> u64 {
        let segments = self
            .header
            .segments
            .iter()
            .map(|segment| segment.offset + segment.file_size);
        let loaded = self.sections.iter().filter(|section| section.is_loaded());
        let sections = loaded.map(|section| section.offset + section.file_size());
        let (count, size) = (self.header.segments.len(), self.header.segment_size());
        let headers = table_end(self.header.segments_at, count, size);
        segments
            .chain(sections)
            .chain([headers, self.header.size()])
            .max()
            .unwrap_or_default()
    }

    /// Where the program ends in the file.
    pub fn end(&self) -> u64 {
        let sections = self
            .sections
            .iter()
            .map(|section| section.offset + section.file_size());
        let (count, size) = (self.sections.len(), self.header.section_size());
        let headers = table_end(self.header.sections_at, count, size);
        sections
            .chain([headers, self.loaded_end()])
            .max()
            .unwrap_or_default()
    }
}

/// Where a table of headers ends. An empty one is nowhere, whatever its offset says.
fn table_end(offset: u64, count: usize, size: u64) -> u64 {
    match count as u64 {
        0 => 0,
        count => offset + count * size,
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
