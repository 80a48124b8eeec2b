//! The parts of a little-endian ELF file that an AppImage tool needs: its end and its sections.

use alloc::vec::Vec;
use core::ops::Range;

use sealift_squashfs::{le16, le32, le64};

use crate::error::Reason;
use crate::sys::File;

const NOT_ELF: Reason = Reason::Malformed("it is not a little-endian ELF file");
const BAD_SECTIONS: Reason = Reason::Malformed("its section table is damaged");

/// The largest section that is read into memory; the largest that an AppImage defines has 8 KiB.
const MAX_SECTION: u64 = 64 * 1024;
const NO_BITS: u32 = 8;

/// Where things are in the files of a class (System V gABI, chapter 4).
struct Class {
    /// The size of an address or offset.
    word: usize,
    /// In the file header: the section table's offset.
    table: usize,
    /// In the file header: the size of its entries; their count and the index of the names' section follow.
    entry_size: usize,
    /// In an entry: the section's offset; its size follows.
    offset: usize,
    /// The size of an entry.
    entry: u64,
}

const CLASS_32: Class = Class {
    word: 4,
    table: 32,
    entry_size: 46,
    offset: 16,
    entry: 40,
};
const CLASS_64: Class = Class {
    word: 8,
    table: 40,
    entry_size: 58,
    offset: 24,
    entry: 64,
};

impl Class {
    /// By the start of a file, where it is a little-endian one.
    fn of(header: &[u8]) -> Option<&'static Self> {
        // EI_DATA 1 is little-endian.
        match header {
            [0x7f, b'E', b'L', b'F', 1, 1, ..] => Some(&CLASS_32),
            [0x7f, b'E', b'L', b'F', 2, 1, ..] => Some(&CLASS_64),
            _ => None,
        }
    }

    fn word_at(&self, bytes: &[u8], at: usize) -> u64 {
        match self.word {
            4 => u64::from(le32(bytes, at)),
            _ => le64(bytes, at),
        }
    }
}

struct SectionTable {
    class: &'static Class,
    offset: u64,
    count: u64,
    names: u64,
}

struct Section {
    name: u32,
    kind: u32,
    offset: u64,
    size: u64,
}

/// Where the ELF file ends and the image begins: the end of the section table or of the last section.
pub fn size(file: &File) -> Result<u64, Reason> {
    let table = table(file)?;
    let mut end = table.offset + table.count * table.class.entry;
    for index in 0..table.count {
        let section = entry(file, &table, index)?;
        if section.kind != NO_BITS {
            end = end.max(
                section
                    .offset
                    .checked_add(section.size)
                    .ok_or(BAD_SECTIONS)?,
            );
        }
    }
    Ok(end)
}

/// The bytes of the section with a name; empty when there is none.
pub fn section(file: &File, name: &[u8]) -> Result<Vec<u8>, Reason> {
    let table = table(file)?;
    let names = entry(file, &table, table.names)?;
    let names = content(file, &names)?;
    for index in 0..table.count {
        let section = entry(file, &table, index)?;
        let found = names.get(section.name as usize..).unwrap_or_default();
        if found
            .strip_prefix(name)
            .is_some_and(|rest| rest.first() == Some(&0))
        {
            return content(file, &section);
        }
    }
    Ok(Vec::new())
}

/// The ranges of the file that sections with certain names are.
pub fn ranges(file: &File, wanted: &[&[u8]]) -> Result<Vec<Range<usize>>, Reason> {
    let table = table(file)?;
    let names = entry(file, &table, table.names)?;
    let names = content(file, &names)?;
    let mut ranges = Vec::new();
    for index in 0..table.count {
        let section = entry(file, &table, index)?;
        let name = names.get(section.name as usize..).unwrap_or_default();
        let is = |wanted: &&[u8]| {
            name.strip_prefix(*wanted)
                .is_some_and(|rest| rest.first() == Some(&0))
        };
        if wanted.iter().any(is) {
            let end = section.offset.checked_add(section.size);
            let end = end.and_then(|end| usize::try_from(end).ok());
            ranges.push(section.offset as usize..end.ok_or(BAD_SECTIONS)?);
        }
    }
    Ok(ranges)
}

fn table(file: &File) -> Result<SectionTable, Reason> {
    // The header of a 32-bit file is shorter, but no such file is as short as this.
    let mut header = [0; 64];
    file.read_at(&mut header, 0).map_err(|_| NOT_ELF)?;
    let class = Class::of(&header).ok_or(NOT_ELF)?;
    let table = SectionTable {
        class,
        offset: class.word_at(&header, class.table),
        count: u64::from(le16(&header, class.entry_size + 2)),
        names: u64::from(le16(&header, class.entry_size + 4)),
    };
    let entry_size = u64::from(le16(&header, class.entry_size));
    // Offsets of real files are far below 2^62; the bound keeps the sums below from overflowing.
    if table.count == 0 || entry_size != class.entry || table.offset >> 62 != 0 {
        return Err(BAD_SECTIONS);
    }
    Ok(table)
}

fn entry(file: &File, table: &SectionTable, index: u64) -> Result<Section, Reason> {
    let class = table.class;
    let mut bytes = [0; CLASS_64.entry as usize];
    let bytes = &mut bytes[..class.entry as usize];
    file.read_at(bytes, table.offset + index * class.entry)
        .map_err(|_| BAD_SECTIONS)?;
    Ok(Section {
        name: le32(bytes, 0),
        kind: le32(bytes, 4),
        offset: class.word_at(bytes, class.offset),
        size: class.word_at(bytes, class.offset + class.word),
    })
}

fn content(file: &File, section: &Section) -> Result<Vec<u8>, Reason> {
    if section.size > MAX_SECTION || section.offset >> 62 != 0 {
        return Err(BAD_SECTIONS);
    }
    let mut bytes = alloc::vec![0; section.size as usize];
    file.read_at(&mut bytes, section.offset)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::file;

    /// A header, eight bytes of a section called `.x`, the names, and a table of three sections.
    fn elf(class: &Class) -> Vec<u8> {
        let mut elf = vec![0; 64];
        elf[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', class.word as u8 / 4, 1]);
        elf[class.table] = 80;
        let table = [class.entry as u8, 0, 3, 0, 2, 0];
        elf[class.entry_size..][..6].copy_from_slice(&table);
        elf.extend_from_slice(b"content!\0.x\0....");
        for (name, offset, size) in [(0, 0, 0), (1, 64, 8), (0, 72, 4)] {
            let mut section = vec![0; class.entry as usize];
            section[0] = name;
            section[class.offset] = offset;
            section[class.offset + class.word] = size;
            elf.extend_from_slice(&section);
        }
        elf
    }

    #[test]
    fn the_end_and_the_sections_are_found_whatever_follows() {
        for class in [&CLASS_32, &CLASS_64] {
            let file = file(&[&elf(class)[..], b"hsqs and so on"].concat());
            assert_eq!(size(&file).expect("valid"), 80 + 3 * class.entry);
            assert_eq!(section(&file, b".x").expect("valid"), b"content!");
            assert_eq!(section(&file, b".y").expect("valid"), b"");
        }
    }

    #[test]
    fn damage_is_an_error_or_another_answer_and_never_a_panic() {
        for whole in [elf(&CLASS_32), elf(&CLASS_64)] {
            for place in 0..whole.len() {
                for byte in [0, 1, 2, 0x7f, 0x80, 0xff] {
                    let mut damaged = whole.clone();
                    damaged[place] = byte;
                    let file = file(&damaged);
                    let _ = (size(&file), section(&file, b".x"));
                }
            }
            for size_left in 0..whole.len() {
                assert!(
                    size(&file(&whole[..size_left])).is_err(),
                    "{size_left} bytes"
                );
            }
        }
        assert!(
            size(&file(
                b"#!/bin/sh\necho no program of this kind, but long enough to be read\n"
            ))
            .is_err()
        );
    }
}
