//! What can be wrong with a Mach-O program.

use crate::model::hint::Hint;

/// A file that is no Mach-O program, or one that cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum MachError {
    /// The magic number is another one.
    #[error("not a Mach-O program")]
    NotMachO,
    /// The program holds several machines' code where one is expected.
    #[error("a universal program; expected one for a single machine")]
    Universal,
    /// The program is for a machine that Sealift does not know.
    #[error("CPU type {found:#x}; expected {:#x} (x86_64) or {:#x} (arm64)", object::macho::CPU_TYPE_X86_64.0, object::macho::CPU_TYPE_ARM64.0)]
    Cpu {
        /// `cputype`.
        found: u32,
    },
    /// A structure in it is wrong.
    #[error("malformed Mach-O program")]
    Malformed(#[from] object::Error),
    /// A structure lies beyond the file.
    #[error("malformed Mach-O program: {what} ends at byte {end} of {size}")]
    Beyond {
        /// The structure.
        what: &'static str,
        /// Where it ends.
        end: u64,
        /// How large the file is.
        size: u64,
    },
    /// The table of imports breaks off, or has something unknown.
    #[error("malformed Mach-O program: the table of imports is damaged")]
    Imports,
    /// What every linked program has is missing.
    #[error("no segment `{name}`; expected a linked program")]
    NoSegment {
        /// Its name.
        name: &'static str,
    },
    /// The data of the linker is not at the end, where a signature can follow.
    #[error(
        "the segment `__LINKEDIT` ends at byte {end} of {size}; expected it to be the last in file and memory"
    )]
    LinkeditNotLast {
        /// Where it ends.
        end: u64,
        /// How large the file is.
        size: u64,
    },
    /// The signature is not the last thing in the file.
    #[error("the signature ends at byte {end} of {size}; expected it to be the last in the file")]
    SignatureNotLast {
        /// Where it ends.
        end: u64,
        /// How large the file is.
        size: u64,
    },
    /// The signature says more than an ad-hoc one can.
    #[error("signed with {what}, which an ad-hoc signature cannot hold")]
    Signed {
        /// What would be lost.
        what: &'static str,
    },
    /// A load command does not fit.
    #[error("{room} bytes of room for load commands; expected {needed} for a signature")]
    NoRoom {
        /// How many unused bytes follow the load commands.
        room: u64,
        /// How many are needed.
        needed: u64,
    },
    /// The file is too large for 32-bit offsets.
    #[error("{size} bytes; expected less than 4 GiB, which is as far as its numbers reach")]
    TooLarge {
        /// How large it is.
        size: u64,
    },
}

impl Hint for MachError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Signed { .. } => "sign after Sealift's last change to the file",
            Self::NoRoom { .. } => "link with `-Wl,-headerpad,0x100`",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
