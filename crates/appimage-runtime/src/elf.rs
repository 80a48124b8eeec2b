//! The parts of a 64-bit little-endian ELF file that an AppImage tool needs: its end and its sections.

use alloc::vec::Vec;

use crate::error::Reason;
use crate::sys::File;

const NOT_ELF: Reason = Reason::Malformed("it is not a 64-bit little-endian ELF file");
const BAD_SECTIONS: Reason = Reason::Malformed("its section table is damaged");

/// The largest section that is read into memory; the largest that an AppImage defines has 8 KiB.
const MAX_SECTION: u64 = 64 * 1024;
const NO_BITS: u32 = 8;

struct SectionTable {
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

const SECTION_SIZE: u64 = 64;

/// Where the ELF file ends and the image begins: the end of the section table or of the last section.
pub fn size(file: &File) -> Result<u64, Reason> {
    let table = table(file)?;
    let mut end = table.offset + table.count * SECTION_SIZE;
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

fn table(file: &File) -> Result<SectionTable, Reason> {
    let mut header = [0; 64];
    file.read_at(&mut header, 0).map_err(|_| NOT_ELF)?;
    // EI_CLASS 2 is 64 bits, EI_DATA 1 is little-endian.
    if !header.starts_with(&[0x7f, b'E', b'L', b'F', 2, 1]) {
        return Err(NOT_ELF);
    }
    let table = SectionTable {
        offset: le64(&header, 40),
        count: u64::from(le16(&header, 60)),
        names: u64::from(le16(&header, 62)),
    };
    let entry_size = u64::from(le16(&header, 58));
    // Offsets of real files are far below 2^62; the bound keeps the sums below from overflowing.
    if table.count == 0 || entry_size != SECTION_SIZE || table.offset >> 62 != 0 {
        return Err(BAD_SECTIONS);
    }
    Ok(table)
}

fn entry(file: &File, table: &SectionTable, index: u64) -> Result<Section, Reason> {
    let mut bytes = [0; SECTION_SIZE as usize];
    file.read_at(&mut bytes, table.offset + index * SECTION_SIZE)
        .map_err(|_| BAD_SECTIONS)?;
    Ok(Section {
        name: le32(&bytes, 0),
        kind: le32(&bytes, 4),
        offset: le64(&bytes, 24),
        size: le64(&bytes, 32),
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

pub fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from(le16(bytes, at)) | u32::from(le16(bytes, at + 2)) << 16
}

pub fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from(le32(bytes, at)) | u64::from(le32(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::squashfs::testing::file;

    /// A header, eight bytes of a section called `.x`, the names, and a table of three sections.
    fn elf() -> Vec<u8> {
        let mut elf = vec![0; 64];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[40..48].copy_from_slice(&80u64.to_le_bytes());
        elf[58..64].copy_from_slice(&[64, 0, 3, 0, 2, 0]);
        elf.extend_from_slice(b"content!\0.x\0....");
        for (name, offset, size) in [(0u32, 0u64, 0u64), (1, 64, 8), (0, 72, 4)] {
            let mut section = [0; 64];
            section[..4].copy_from_slice(&name.to_le_bytes());
            section[24..32].copy_from_slice(&offset.to_le_bytes());
            section[32..40].copy_from_slice(&size.to_le_bytes());
            elf.extend_from_slice(&section);
        }
        elf
    }

    #[test]
    fn the_end_and_the_sections_are_found_whatever_follows() {
        let file = file(&[&elf()[..], b"hsqs and so on"].concat());
        assert_eq!(size(&file).expect("valid"), 80 + 3 * 64);
        assert_eq!(section(&file, b".x").expect("valid"), b"content!");
        assert_eq!(section(&file, b".y").expect("valid"), b"");
    }

    #[test]
    fn damage_is_an_error_or_another_answer_and_never_a_panic() {
        let whole = elf();
        for place in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
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
        assert!(
            size(&file(
                b"#!/bin/sh\necho no program of this kind, but long enough to be read\n"
            ))
            .is_err()
        );
    }
}
