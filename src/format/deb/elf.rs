//! Recognises the static programs that `lintian` takes for a mistake.

/// How much of a file is enough: program headers follow the file header.
pub(super) const HEAD_BYTES: usize = 4096;

const ET_EXEC: u64 = 2;
const PT_DYNAMIC: u64 = 2;

/// Whether these are the first bytes of an ELF program at a fixed address without a dynamic section. A static program
/// that can be loaded anywhere has such a section, and `lintian` does not mind it.
pub(super) fn is_fixed_static(head: &[u8]) -> bool {
    inspect(head).unwrap_or(false)
}

fn inspect(head: &[u8]) -> Option<bool> {
    let is_elf = head.starts_with(b"\x7fELF");
    let is_64_bit = *head.get(4)? == 2;
    let is_little_endian = *head.get(5)? == 1;
    let number = |start: usize, length: usize| -> Option<u64> {
        let bytes = head.get(start..start.checked_add(length)?)?;
        let push = |n: u64, byte: &u8| n << 8 | u64::from(*byte);
        Some(match is_little_endian {
            true => bytes.iter().rev().fold(0, push),
            false => bytes.iter().fold(0, push),
        })
    };
    // Offsets of the System V ABI, chapter 4, for either class.
    let (table, entry_size, count) = match is_64_bit {
        true => (number(32, 8)?, number(54, 2)?, number(56, 2)?),
        false => (number(28, 4)?, number(42, 2)?, number(44, 2)?),
    };
    if !is_elf || number(16, 2)? != ET_EXEC {
        return Some(false);
    }
    for index in 0..count {
        let start = table.checked_add(index * entry_size)?;
        if number(usize::try_from(start).ok()?, 4)? == PT_DYNAMIC {
            return Some(false);
        }
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(kind: u8, segments: &[u8]) -> Vec<u8> {
        let mut elf = vec![0; 64 + 56 * segments.len()];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[16] = kind;
        elf[32] = 64;
        elf[54] = 56;
        elf[56] = segments.len() as u8;
        for (index, segment) in segments.iter().enumerate() {
            elf[64 + 56 * index] = *segment;
        }
        elf
    }

    #[test]
    fn only_programs_at_a_fixed_address_without_a_dynamic_section_count() {
        assert!(is_fixed_static(&program(2, &[1, 1, 4])));
        assert!(!is_fixed_static(&program(2, &[1, 2, 3])));
        assert!(!is_fixed_static(&program(3, &[1, 1])));
        assert!(!is_fixed_static(b"#!/bin/sh\n"));
        assert!(!is_fixed_static(&program(2, &[1])[..66]));
    }
}
