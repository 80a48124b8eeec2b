//! What the gates need to know about programs of every kind, read independently of the code that writes into programs.

pub(super) mod macho;
pub(super) mod pe;
pub(super) mod signature;

use crate::model::target::ProgramKind;
use crate::program::elf::{self, ElfError};
use crate::program::kind::Magic;

/// A program, by its kind.
pub(super) enum Executable {
    /// For Linux.
    Elf(elf::Facts),
    /// For Windows.
    Pe(pe::Facts),
    /// For macOS: a part for each processor.
    MachO(Vec<macho::Facts>),
}

/// A program that could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// For Linux.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// For Windows.
    #[error("malformed PE file")]
    Pe(#[source] object::Error),
    /// For macOS.
    #[error("malformed Mach-O file")]
    MachO(#[from] macho::Malformed),
}

impl Executable {
    /// Reads a program; `None` if the file is something else.
    pub(super) fn read(bytes: &[u8]) -> Option<Result<Self, Broken>> {
        match Magic::of(bytes)? {
            Magic::Elf => Some(elf::Facts::read(bytes).map(Self::Elf).map_err(Broken::Elf)),
            // The magic number is shared with DOS programs, which are not Windows programs.
            Magic::Pe if !pe::is_pe(bytes) => None,
            Magic::Pe => Some(pe::facts(bytes).map(Self::Pe).map_err(Broken::Pe)),
            Magic::MachO => Some(macho::facts(bytes).map(Self::MachO).map_err(Broken::MachO)),
        }
    }

    /// The kind of the program.
    pub(super) fn kind(&self) -> ProgramKind {
        match self {
            Self::Elf(facts) => facts.header.program_kind(),
            Self::Pe(facts) => ProgramKind::Pe {
                machine: facts.machine,
            },
            Self::MachO(parts) => ProgramKind::macho(parts.iter().map(|part| part.cpu).collect()),
        }
    }

    /// Where the program ends; what follows, such as an AppImage's file system, is not part of it.
    pub(super) fn end(&self, bytes: &[u8]) -> usize {
        match self {
            Self::Elf(facts) => facts.end,
            Self::Pe(_) | Self::MachO(_) => bytes.len(),
        }
    }
}
