//! Recognizes static programs, which `lintian` reports as errors.

use object::elf::{PT_DYNAMIC, PT_INTERP};

use crate::program::elf::Header;

/// How much of a file to read: the program headers follow the file header.
pub(super) const HEAD_BYTES: usize = 4096;

/// How a program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linking {
    /// Not an ELF program, or one that needs an interpreter.
    Other,
    /// Static and position independent.
    Static,
    /// Static at a fixed address, without a dynamic section.
    FixedStatic,
}

/// Determines from the first bytes of a file how it is linked.
pub(super) fn linking(head: &[u8]) -> Linking {
    let Ok(header) = Header::read(head) else {
        return Linking::Other;
    };
    let is_movable = header.is_position_independent() || header.has_segment(PT_DYNAMIC);
    match (header.has_segment(PT_INTERP), is_movable) {
        (true, _) => Linking::Other,
        (false, true) => Linking::Static,
        (false, false) => Linking::FixedStatic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(kind: u8, segments: &[u8]) -> Vec<u8> {
        let mut elf = vec![0; 64 + 56 * segments.len()];
        elf[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        elf[16] = kind;
        elf[32] = 64;
        elf[20] = 1;
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
