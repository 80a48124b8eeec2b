//! The kind of a finished program, with the machine that it runs on.

use std::borrow::Cow;
use std::fmt;

/// The kind of a program, as expected for a platform or found in the header of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProgramKind {
    /// An ELF file (System V gABI, chapter 4).
    Elf {
        /// `e_machine`.
        machine: u16,
        /// 32 or 64, by `EI_CLASS`.
        bits: u8,
    },
    /// A Portable Executable (Microsoft PE and COFF specification).
    Pe {
        /// `Machine` of the COFF header.
        machine: u16,
    },
    /// A Mach-O file; universal if it is for several processors.
    MachO {
        /// `cputype` of each part (`mach/machine.h`), ascending.
        cpus: Cow<'static, [u32]>,
    },
}

impl ProgramKind {
    /// A Mach-O file for some processors, in any order.
    pub fn macho(mut cpus: Vec<u32>) -> Self {
        cpus.sort_unstable();
        Self::MachO { cpus: cpus.into() }
    }

    /// The `e_machine` of an ELF file.
    pub fn elf_machine(&self) -> Option<u16> {
        match self {
            Self::Elf { machine, .. } => Some(*machine),
            Self::Pe { .. } | Self::MachO { .. } => None,
        }
    }
}

impl fmt::Display for ProgramKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf { machine, bits } => {
                write!(f, "an ELF program of {bits} bits for machine {machine}")
            }
            Self::Pe { machine } => write!(f, "a Windows program for machine {machine:#x}"),
            Self::MachO { cpus } => {
                let cpus: Vec<_> = cpus.iter().map(|cpu| format!("{cpu:#x}")).collect();
                write!(f, "a macOS program for CPU type {}", cpus.join(" and "))
            }
        }
    }
}
