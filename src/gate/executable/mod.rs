//! What the gates want to know of programs of every kind, read apart from what Sealift writes into them.

pub(super) mod macho;
pub(super) mod pe;
pub(super) mod signature;

use crate::program::elf::{self, ElfError};
use crate::program::macho as writer;

/// How many bytes of a file tell its kind.
pub(super) const START: usize = 8;

/// A program, by its kind.
pub(super) enum Executable {
    /// Of Linux.
    Elf(elf::Facts),
    /// Of Windows.
    Pe(pe::Facts),
    /// Of macOS: a part for each processor.
    MachO(Vec<macho::Facts>),
}

/// A program that could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// Of Linux.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// Of Windows.
    #[error("malformed PE file")]
    Pe(#[source] object::Error),
    /// Of macOS.
    #[error("malformed Mach-O file")]
    MachO(#[from] macho::Malformed),
}

/// Whether a file that starts like this may be a program.
pub(super) fn may_be_program(start: &[u8]) -> bool {
    start.starts_with(b"\x7fELF") || start.starts_with(b"MZ") || writer::is_macho(start)
}

impl Executable {
    /// Reads a program; nothing where the file is something else.
    pub(super) fn read(bytes: &[u8]) -> Option<Result<Self, Broken>> {
        if bytes.starts_with(b"\x7fELF") {
            return Some(elf::facts(bytes).map(Self::Elf).map_err(Broken::Elf));
        }
        if pe::is_pe(bytes) {
            return Some(pe::facts(bytes).map(Self::Pe).map_err(Broken::Pe));
        }
        if writer::is_macho(bytes) {
            return Some(macho::facts(bytes).map(Self::MachO).map_err(Broken::MachO));
        }
        None
    }

    /// Where the program ends; what follows, such as an AppImage's file system, is no part of it.
    pub(super) fn end(&self, bytes: &[u8]) -> usize {
        match self {
            Self::Elf(facts) => facts.end,
            Self::Pe(_) | Self::MachO(_) => bytes.len(),
        }
    }
}
