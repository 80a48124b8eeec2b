//! The header of a file and its segments: all that a loader reads, and what a linker or debugger reads first.

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, FileKind};

use super::ElfError;
use crate::model::target::ProgramKind;

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

/// The header, the same for both classes.
#[derive(Clone, Debug)]
pub struct Header {
    /// `e_type`.
    pub kind: u16,
    /// `e_machine`.
    pub machine: u16,
    pub is_64: bool,
    pub endian: Endianness,
    /// Where the program headers start.
    pub segments_at: u64,
    /// Where the section headers start.
    pub sections_at: u64,
    pub segments: Vec<Segment>,
}

impl Header {
    /// Reads the header and the program headers. The rest of the file may be missing.
    pub fn read(bytes: &[u8]) -> Result<Self, ElfError> {
        match FileKind::parse(bytes) {
            Ok(FileKind::Elf32) => Self::of(FileHeader32::<Endianness>::parse(bytes)?, bytes),
            Ok(FileKind::Elf64) => Self::of(FileHeader64::<Endianness>::parse(bytes)?, bytes),
            _ => Err(ElfError::NotElf),
        }
    }

    /// The same for a header of one class.
    pub(super) fn of<Elf>(header: &Elf, bytes: &[u8]) -> Result<Self, ElfError>
    where
        Elf: FileHeader<Endian = Endianness>,
    {
        let endian = header.endian()?;
        let segments = header.program_headers(endian, bytes)?.iter();
        Ok(Self {
            kind: header.e_type(endian).0,
            machine: header.e_machine(endian).0,
            is_64: header.is_class_64(),
            endian,
            segments_at: header.e_phoff(endian).into(),
            sections_at: header.e_shoff(endian).into(),
            segments: segments
                .map(|segment| read_segment(segment, endian))
                .collect(),
        })
    }

    /// The kind of program and its machine.
    pub fn program_kind(&self) -> ProgramKind {
        ProgramKind::Elf {
            machine: self.machine,
            bits: if self.is_64 { 64 } else { 32 },
        }
    }

    /// Whether the file can be loaded anywhere in memory.
    pub fn is_position_independent(&self) -> bool {
        self.kind == elf::ET_DYN.0
    }

    /// Whether there is a segment of a type.
    pub fn has_segment(&self, kind: elf::ProgramType) -> bool {
        self.segments.iter().any(|segment| segment.kind == kind.0)
    }

    /// The size of the file header.
    pub fn size(&self) -> u64 {
        if self.is_64 { 64 } else { 52 }
    }

    /// The size of a program header.
    pub fn segment_size(&self) -> u64 {
        if self.is_64 { 56 } else { 32 }
    }

    /// The size of a section header.
    pub fn section_size(&self) -> u64 {
        if self.is_64 { 64 } else { 40 }
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
