//! The kind of program that a file is, by its own headers.

use std::io::{self, Read};

use super::elf::{ElfError, Header};
use super::macho::{self, MachError, Thin};
use super::pe::{Image, PeError};
use crate::model::hint::Hint;
use crate::model::target::{ProgramKind, Target};

/// How a program's file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magic {
    /// Like an ELF file.
    Elf,
    /// Like a Portable Executable or any DOS program.
    Pe,
    /// Like a Mach-O file, for one processor or several.
    MachO,
}

impl Magic {
    /// How many bytes of a file are needed to recognize it.
    pub const BYTES: usize = 8;

    /// How a file that starts with these bytes begins; `None` if it is not a program.
    pub fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(&object::elf::ELFMAG) {
            Some(Self::Elf)
        } else if start.starts_with(b"MZ") {
            Some(Self::Pe)
        } else if macho::is_macho(start) {
            Some(Self::MachO)
        } else {
            None
        }
    }

    /// The same for the bytes of a reader.
    pub fn read(reader: &mut dyn Read) -> io::Result<Option<Self>> {
        let mut start = Vec::new();
        reader.take(Self::BYTES as u64).read_to_end(&mut start)?;
        Ok(Self::of(&start))
    }
}

/// A file whose kind cannot be determined.
#[derive(Debug, thiserror::Error)]
pub enum KindError {
    /// It begins as something else.
    #[error("not a program; expected an ELF, PE or Mach-O file")]
    NotAProgram,
    /// It begins as an ELF file.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// It begins as a Portable Executable.
    #[error(transparent)]
    Pe(#[from] PeError),
    /// It begins as a Mach-O file.
    #[error(transparent)]
    MachO(#[from] MachError),
}

/// A program that is for another platform than it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found}; expected {}, as `{target}` has", target.program)]
pub struct OtherTarget {
    /// What it is.
    pub found: ProgramKind,
    /// The platform that it should be for.
    pub target: Target,
}

impl Hint for OtherTarget {
    fn hint(&self) -> Option<String> {
        let has_it = |target: &Target| *target.program == self.found;
        let triples: Vec<_> = Target::all().filter(has_it).map(|t| t.triple).collect();
        let triples = (!triples.is_empty()).then(|| triples.join("` or `"))?;
        Some(format!("a program of that kind is for `{triples}`"))
    }
}

/// Refuses a kind that programs for a target do not have.
pub fn expect(found: ProgramKind, target: Target) -> Result<ProgramKind, OtherTarget> {
    if found == *target.program {
        Ok(found)
    } else {
        Err(OtherTarget { found, target })
    }
}

/// Reads the kind of a program.
pub fn read(bytes: &[u8]) -> Result<ProgramKind, KindError> {
    match Magic::of(bytes).ok_or(KindError::NotAProgram)? {
        Magic::Elf => Ok(Header::read(bytes)?.program_kind()),
        Magic::Pe => Ok(ProgramKind::Pe {
            machine: Image::read(bytes)?.machine,
        }),
        Magic::MachO => {
            let part = |slice| Ok(Thin::read(&bytes[slice])?.cpu.0);
            let cpus: Result<_, MachError> = macho::slices(bytes)?.into_iter().map(part).collect();
            Ok(ProgramKind::macho(cpus?))
        }
    }
}

/// Whether an ELF program is started by the machine's loader, as one with shared libraries is.
pub fn needs_loader(bytes: &[u8]) -> bool {
    Header::read(bytes).is_ok_and(|header| header.has_segment(object::elf::PT_INTERP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        for (start, expected) in [
            (&b"\x7fELF\x02\x01\x01\0"[..], Some(Magic::Elf)),
            (b"MZ", Some(Magic::Pe)),
            (b"\xcf\xfa\xed\xfe\x07\0\0\x01", Some(Magic::MachO)),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", Some(Magic::MachO)),
            // A class of Java.
            (b"\xca\xfe\xba\xbe\0\0\0\x34", None),
            (b"#!/bin/sh", None),
            (b"", None),
        ] {
            assert_eq!(Magic::of(start), expected, "{start:?}");
            assert_eq!(Magic::read(&mut &start[..]).expect("in memory"), expected);
        }
    }

    #[test]
    fn what_is_no_program_has_no_kind() {
        let error = read(b"text").expect_err("not a program").to_string();
        assert_eq!(error, "not a program; expected an ELF, PE or Mach-O file");
    }
}
