//! What a deb says of its programs: which are static, which `lintian` reports as errors, and which glibc they need.

use std::io;

use object::elf::{PT_DYNAMIC, PT_INTERP};

use crate::format::installed;
use crate::model::glibc::GlibcVersion;
use crate::model::tree::Tree;
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

/// glibc's package with the newest version whose symbols any program needs; `None` if none needs glibc.
pub(super) fn glibc_dependency(tree: &Tree) -> io::Result<Option<String>> {
    let mut newest = None;
    let mut is_needed = false;
    for facts in installed::elf_facts(tree)? {
        is_needed |= facts.needed.iter().any(|library| library == "libc.so.6");
        let versions = facts.versions.iter();
        newest = newest.max(
            versions
                .filter_map(|v| GlibcVersion::of_symbol(&v.name))
                .max(),
        );
    }
    Ok(match newest {
        Some(version) => Some(format!("libc6 (>= {version})")),
        None => is_needed.then(|| "libc6".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_on_the_newest_symbols_of_all_programs() {
        use crate::format::testing::{file, full_tree, tree};
        use crate::model::tree::Kind;
        use crate::program::elf::testing::Shape;

        let dependency = |programs: &[Shape<'_>]| {
            let files = programs.iter().enumerate().map(|(index, program)| {
                file(&format!("usr/bin/{index}"), Kind::Binary, program.bytes())
            });
            glibc_dependency(&tree(files.collect())).expect("it is in memory")
        };
        let newer = Shape {
            needed: &[
                ("libm.so.6", &["GLIBC_2.29"]),
                ("libc.so.6", &["GLIBC_2.4"]),
            ],
            ..Shape::good()
        };
        let of_any = Shape {
            needed: &[("libc.so.6", &[])],
            ..Shape::good()
        };
        assert_eq!(glibc_dependency(&full_tree()).expect("readable"), None);
        assert_eq!(
            dependency(&[Shape::good(), newer]).as_deref(),
            Some("libc6 (>= 2.29)")
        );
        assert_eq!(
            dependency(&[of_any.clone(), Shape::good()]).as_deref(),
            Some("libc6 (>= 2.28)")
        );
        assert_eq!(dependency(&[of_any]).as_deref(), Some("libc6"));
    }

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
