//! Writing the headers of an ELF file of either class and byte order.

use object::Endianness;

use crate::program::elf::{Layout, Section, Segment};

/// The bytes of a new file.
pub struct Encoder {
    pub bytes: Vec<u8>,
    is_64: bool,
    endian: Endianness,
}

impl Encoder {
    /// A file that starts with the given bytes.
    pub fn new(layout: &Layout<'_>, bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            is_64: layout.header.is_64,
            endian: layout.header.endian,
        }
    }

    /// Adds zeros up to a multiple of the alignment and returns that offset. No section needs to be aligned to more
    /// than a page in a file.
    pub fn align(&mut self, alignment: u64) -> u64 {
        let alignment = alignment.clamp(1, 4096) as usize;
        let place = self.bytes.len().next_multiple_of(alignment);
        self.bytes.resize(place, 0);
        place as u64
    }

    /// Adds a program header.
    pub fn segment(&mut self, segment: &Segment) {
        self.word(segment.kind);
        if self.is_64 {
            self.word(segment.flags);
        }
        self.wide(segment.offset);
        self.wide(segment.address);
        self.wide(segment.physical_address);
        self.wide(segment.file_size);
        self.wide(segment.memory_size);
        if !self.is_64 {
            self.word(segment.flags);
        }
        self.wide(segment.alignment);
    }

    /// Adds a section header.
    pub fn section(&mut self, section: &Section<'_>) {
        self.word(section.name_at);
        self.word(section.kind);
        self.wide(section.flags);
        self.wide(section.address);
        self.wide(section.offset);
        self.wide(section.size);
        self.word(section.link);
        self.word(section.info);
        self.wide(section.alignment);
        self.wide(section.entry_size);
    }

    /// Writes the location of the program headers into the file header.
    pub fn set_segments(&mut self, at: u64) {
        let place = if self.is_64 { 32 } else { 28 };
        self.patch_wide(place, at);
    }

    /// Writes the location and number of the section headers, and the number of the name section, into the file header.
    pub fn set_sections(&mut self, at: u64, count: usize, names: usize) {
        let (offset, numbers) = if self.is_64 { (40, 60) } else { (32, 48) };
        self.patch_wide(offset, at);
        self.patch_half(numbers, count as u16);
        self.patch_half(numbers + 2, names as u16);
    }

    fn word(&mut self, number: u32) {
        let bytes = match self.endian {
            Endianness::Little => number.to_le_bytes(),
            Endianness::Big => number.to_be_bytes(),
        };
        self.bytes.extend(bytes);
    }

    /// An address, offset or size, in the width of the class. None is too large for 32 bits, because they come from a
    /// file of that class or are offsets in one.
    fn wide(&mut self, number: u64) {
        let bytes = self.wide_bytes(number);
        self.bytes.extend(bytes);
    }

    fn wide_bytes(&self, number: u64) -> Vec<u8> {
        match (self.is_64, self.endian) {
            (true, Endianness::Little) => number.to_le_bytes().to_vec(),
            (true, Endianness::Big) => number.to_be_bytes().to_vec(),
            (false, Endianness::Little) => (number as u32).to_le_bytes().to_vec(),
            (false, Endianness::Big) => (number as u32).to_be_bytes().to_vec(),
        }
    }

    fn patch_wide(&mut self, at: usize, number: u64) {
        let bytes = self.wide_bytes(number);
        self.bytes[at..at + bytes.len()].copy_from_slice(&bytes);
    }

    fn patch_half(&mut self, at: usize, number: u16) {
        let bytes = match self.endian {
            Endianness::Little => number.to_le_bytes(),
            Endianness::Big => number.to_be_bytes(),
        };
        self.bytes[at..at + 2].copy_from_slice(&bytes);
    }
}
