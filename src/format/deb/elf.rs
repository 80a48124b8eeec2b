//! Recognises the static programs that `lintian` takes for a mistake.

/// How much of a file is enough: program headers follow the file header.
pub(super) const HEAD_BYTES: usize = 4096;

const ET_EXEC: u64 = 2;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;

/// How a program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linking {
    /// No ELF program, or one that needs an interpreter.
    Other,
    /// Static, to be loaded anywhere.
    Static,
    /// Static at a fixed address, without a dynamic section.
    FixedStatic,
}

/// Tells from the first bytes of a file how it is linked.
pub(super) fn linking(head: &[u8]) -> Linking {
    inspect(head).unwrap_or(Linking::Other)
}

fn inspect(head: &[u8]) -> Option<Linking> {
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
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    let segments: Vec<u64> = (0..count)
        .map(|index| {
            let start = table.checked_add(index * entry_size)?;
            number(usize::try_from(start).ok()?, 4)
        })
        .collect::<Option<_>>()?;
    let is_fixed = number(16, 2)? == ET_EXEC && !segments.contains(&PT_DYNAMIC);
    match (segments.contains(&PT_INTERP), is_fixed) {
        (true, _) => None,
        (false, true) => Some(Linking::FixedStatic),
        (false, false) => Some(Linking::Static),
    }
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
    fn static_programs_are_told_from_others() {
        assert_eq!(linking(&program(2, &[1, 1, 4])), Linking::FixedStatic);
        assert_eq!(linking(&program(3, &[1, 2, 4])), Linking::Static);
        assert_eq!(linking(&program(3, &[1, 3, 2])), Linking::Other);
        assert_eq!(linking(b"#!/bin/sh\n"), Linking::Other);
        assert_eq!(linking(&program(2, &[1])[..66]), Linking::Other);
    }
}
