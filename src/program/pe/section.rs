//! Writing a section after the others of a finished program.

use super::image::{SECTION_HEADER_BYTES, Section};
use super::{Image, PeError, checksum};

/// Initialized, readable data.
const CHARACTERISTICS: u32 = 0x4000_0040;
/// The offsets of `SizeOfInitializedData` and `SizeOfImage` in the optional header.
const INITIALIZED: usize = 8;
const MEMORY: usize = 56;

/// A section to write, and the data directory that points at its start.
pub(super) struct NewSection<'a> {
    pub name: [u8; 8],
    pub bytes: &'a [u8],
    /// The number of the directory.
    pub directory: usize,
    pub directory_bytes: u32,
}

/// Where a section goes.
pub(super) struct Place {
    /// Where its header is.
    header: usize,
    /// The section that it replaces.
    old: Option<Section>,
    pub address: u32,
    /// Where its bytes are in the file.
    pub offset: usize,
}

impl Place {
    /// That of the last section.
    pub fn of(image: &Image, last: usize) -> Self {
        Self {
            header: image.header_of(last),
            old: Some(image.sections[last]),
            address: image.sections[last].address,
            offset: image.sections[last].offset as usize,
        }
    }

    /// The place after the last section.
    pub fn new(program: &[u8], image: &Image) -> Result<Self, PeError> {
        let header = image.header_of(image.sections.len());
        let unused = program.get(header..image.headers_end).unwrap_or_default();
        let room = unused.iter().take_while(|byte| **byte == 0).count();
        if room < SECTION_HEADER_BYTES {
            return Err(PeError::NoRoom {
                room: room as u64,
                needed: SECTION_HEADER_BYTES as u64,
            });
        }
        let end = image.sections.iter().map(Section::end).max();
        let end = end.unwrap_or(image.headers_end as u32);
        let address = end.checked_next_multiple_of(image.section_alignment);
        Ok(Self {
            header,
            old: None,
            address: address.ok_or(PeError::TooLarge { size: end.into() })?,
            offset: image
                .sections_end()
                .next_multiple_of(image.file_alignment as usize),
        })
    }

    /// The program with the section.
    pub fn write(
        &self,
        program: &[u8],
        image: &Image,
        section: &NewSection<'_>,
    ) -> Result<Vec<u8>, PeError> {
        let directory = image.directory_at(section.directory)?;
        self.written(program, image, section, directory)
            .ok_or(PeError::TooLarge {
                size: program.len() as u64,
            })
    }

    /// The program with the section; `None` if it would be too large.
    fn written(
        &self,
        program: &[u8],
        image: &Image,
        section: &NewSection<'_>,
        directory: usize,
    ) -> Option<Vec<u8>> {
        let sections_end = image.sections_end().min(program.len());
        let size = section.bytes.len();
        let padded = size.next_multiple_of(image.file_alignment as usize);
        let mut out = program[..self.offset.min(sections_end)].to_vec();
        out.resize(self.offset, 0);
        out.extend(section.bytes);
        out.resize(self.offset + padded, 0);
        let moved = out.len() as i64 - sections_end as i64;
        // Data after the sections belongs to no section: symbols, or data that the program locates from its end.
        out.extend(&program[sections_end..]);
        u32::try_from(out.len()).ok()?;
        self.write_header(&mut out, image, &section.name, size as u32, padded as u32)?;
        put(&mut out, directory, self.address);
        put(&mut out, directory + 4, section.directory_bytes);
        move_symbols(&mut out, image, moved);
        checksum::renew(&mut out, image);
        Some(out)
    }

    /// Writes the section's own header, and updates the fields of the other headers that describe all sections.
    fn write_header(
        &self,
        out: &mut [u8],
        image: &Image,
        name: &[u8; 8],
        size: u32,
        padded: u32,
    ) -> Option<()> {
        let old_size = self.old.map_or(0, |section| section.size);
        if self.old.is_none() {
            let count = image.sections.len() as u16 + 1;
            out[image.coff + 2..image.coff + 4].copy_from_slice(&count.to_le_bytes());
        }
        // Name, size and address in memory, size and offset in the file, relocations and line numbers, characteristics.
        out[self.header..self.header + 8].copy_from_slice(name);
        let numbers = [
            size,
            self.address,
            padded,
            self.offset as u32,
            0,
            0,
            0,
            CHARACTERISTICS,
        ];
        for (index, number) in numbers.into_iter().enumerate() {
            put(out, self.header + 8 + index * 4, number);
        }
        let initialized = get(out, image.optional + INITIALIZED).wrapping_sub(old_size);
        put(
            out,
            image.optional + INITIALIZED,
            initialized.wrapping_add(padded),
        );
        let end = self.address.checked_add(size)?;
        put(
            out,
            image.optional + MEMORY,
            end.checked_next_multiple_of(image.section_alignment)?,
        );
        Some(())
    }
}

/// The program with only its first sections, without symbols. The names are given, because long names are stored with
/// the symbols; they are truncated to eight bytes, as linkers do.
pub(crate) fn keep_sections(program: &[u8], image: &Image, names: &[&[u8]]) -> Vec<u8> {
    let (kept, others) = image.sections.split_at(names.len());
    let headers = image.header_of(kept.len())..image.header_of(image.sections.len());
    let ends = kept.iter().map(Section::file_end);
    let end = ends.fold(image.headers_end.max(headers.end), usize::max);
    let mut out = program[..end.min(program.len())].to_vec();
    out[headers].fill(0);
    for (index, name) in names.iter().enumerate() {
        let mut short = [0; 8];
        let length = name.len().min(short.len());
        short[..length].copy_from_slice(&name[..length]);
        let header = image.header_of(index);
        out[header..header + 8].copy_from_slice(&short);
    }
    out[image.coff + 2..image.coff + 4].copy_from_slice(&(kept.len() as u16).to_le_bytes());
    // `PointerToSymbolTable` and `NumberOfSymbols`.
    out[image.coff + 8..image.coff + 16].fill(0);
    let removed = others.iter().map(|section| section.size);
    let initialized = removed.fold(get(&out, image.optional + INITIALIZED), u32::wrapping_sub);
    put(&mut out, image.optional + INITIALIZED, initialized);
    let memory = kept.iter().map(Section::end).max();
    let memory = memory.unwrap_or(image.headers_end as u32);
    // If there is no such multiple, the program was as large before.
    if let Some(memory) = memory.checked_next_multiple_of(image.section_alignment) {
        put(&mut out, image.optional + MEMORY, memory);
    }
    checksum::renew(&mut out, image);
    out
}

/// Corrects `PointerToSymbolTable` if the table follows the sections.
fn move_symbols(out: &mut [u8], image: &Image, moved: i64) {
    let symbols = i64::from(get(out, image.coff + 8));
    if symbols >= image.sections_end() as i64 {
        put(out, image.coff + 8, (symbols + moved) as u32);
    }
}

pub(crate) fn get(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

pub(crate) fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}
