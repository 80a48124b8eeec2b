//! What a program is for, as its own header says it.

use std::fmt;

use super::Fault;
use crate::model::target::Executable;
use crate::program::elf;
use crate::program::macho::{self, Thin};
use crate::program::pe::Image;

/// The kind of a program, with its machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An ELF program.
    Elf {
        /// `e_machine`.
        machine: u16,
        /// 32 or 64.
        bits: u8,
    },
    /// A Portable Executable.
    Pe {
        /// `Machine` of the COFF header.
        machine: u16,
    },
    /// A Mach-O program.
    MachO {
        /// `cputype` of each machine's part, ascending.
        cpus: Vec<u32>,
    },
}

impl Identity {
    /// Reads a program's header.
    pub fn of(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.starts_with(&object::elf::ELFMAG) {
            let machine = elf::facts(bytes)?.machine;
            let bits = match bytes[4] {
                1 => 32,
                _ => 64,
            };
            Ok(Self::Elf { machine, bits })
        } else if bytes.starts_with(b"MZ") {
            let machine = Image::read(bytes)?.machine;
            Ok(Self::Pe { machine })
        } else if macho::is_macho(bytes) {
            let mut cpus = Vec::new();
            for slice in macho::slices(bytes)? {
                cpus.push(Thin::read(&bytes[slice])?.cpu.0);
            }
            cpus.sort_unstable();
            Ok(Self::MachO { cpus })
        } else {
            Err(Fault::NotAProgram)
        }
    }

    /// Whether programs of a platform are like this.
    pub fn is(&self, executable: Executable) -> bool {
        *self == Self::from(executable)
    }
}

impl From<Executable> for Identity {
    fn from(executable: Executable) -> Self {
        match executable {
            Executable::Elf { machine, bits } => Self::Elf { machine, bits },
            Executable::Pe { machine } => Self::Pe { machine },
            Executable::MachO { cpus } => Self::MachO {
                cpus: cpus.to_vec(),
            },
        }
    }
}

impl fmt::Display for Identity {
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
