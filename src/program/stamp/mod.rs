//! Stamping: what differs from commit to commit and from release to release is written into a finished program, so that
//! none of it compiles anything.
//!
//! - Every program that has a field for it gets the commit.
//! - Windows programs get a build id where their linker wrote none, a version resource, and an icon where there is one.
//! - macOS programs are signed again, since any changed byte makes a signature invalid.

mod field;
mod windows;

use std::path::{Path, PathBuf};

use crate::model::commit::Commit;
use crate::model::hint::Hint;
use crate::model::package::Package;
use crate::model::target::{ProgramKind, Target};
use crate::output::OutputError;
use crate::output::path_error::PathError;
use crate::program::elf::{ElfError, Layout};
use crate::program::file::Program;
use crate::program::kind::{self, KindError, OtherTarget};
use crate::program::macho::{self, MachError, Thin, file_name};
use crate::program::pe::{
    Icon, IconError, Image, PeError, VersionError, add_build_id, renew_checksum,
};

pub(crate) use windows::version as windows_version;

pub use field::{ELF_SECTION, FieldError, MACHO_SECTION, PE_SECTION, own_commit};

/// What is to be written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stamp<'a> {
    /// The commit that the program was built from.
    pub commit: Option<&'a Commit>,
    /// Whether a program without a field for the commit is refused.
    pub needs_field: bool,
    /// The platform that the program has to be for.
    pub target: Option<Target>,
    /// What a Windows program says of itself.
    pub package: Option<&'a Package>,
    /// The icon of a Windows program, an .ico or .png file.
    pub icon: Option<&'a Path>,
}

/// Why a program could not be stamped.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The program or the icon could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// The program cannot be stamped.
    #[error("cannot stamp `{}`", path.display())]
    Program {
        /// The program.
        path: PathBuf,
        /// What is wrong with it.
        source: Fault,
    },
    /// The icon is not one.
    #[error("cannot use the icon `{}`", path.display())]
    Icon {
        /// The picture.
        path: PathBuf,
        /// What is wrong with it.
        source: IconError,
    },
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What is wrong with a program that is to be stamped.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file is no program, or a malformed one.
    #[error(transparent)]
    Kind(#[from] KindError),
    /// The program is for something else.
    #[error(transparent)]
    OtherTarget(#[from] OtherTarget),
    /// The program has no field.
    #[error("no field for a commit; expected one section `{section}`")]
    NoField {
        /// The section that holds fields in programs of this kind.
        section: &'static str,
    },
    /// The field is wrong.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// An ELF program is malformed.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// A Windows program is malformed, or cannot hold what it should.
    #[error(transparent)]
    Pe(#[from] PeError),
    /// The package's metadata does not fit into a version resource.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A macOS program is malformed, or cannot be signed.
    #[error(transparent)]
    MachO(#[from] MachError),
}

impl Hint for Fault {
    fn hint(&self) -> Option<String> {
        match self {
            Self::OtherTarget(error) => error.hint(),
            Self::Pe(error) => error.hint(),
            Self::MachO(error) => error.hint(),
            _ => None,
        }
    }
}

/// Stamps a program; `out` may be the same file. Doing it again changes nothing.
///
/// The program is named after `out` in its signature and its version resource.
pub fn stamp(program: &Path, stamp: &Stamp<'_>, out: &Path) -> Result<(), StampError> {
    let program = Program::read(program)?;
    let fail = |source| StampError::Program {
        path: program.path.clone(),
        source,
    };
    let found = stamp.identify(&program.bytes).map_err(fail)?;
    // Only programs for Windows hold an icon, so for others the picture need not even be there.
    let icon = match found {
        ProgramKind::Pe { .. } => stamp.icon.map(windows::read_icon).transpose()?,
        ProgramKind::Elf { .. } | ProgramKind::MachO { .. } => None,
    };
    let stamped = stamp.apply(&program.bytes, &found, icon, &file_name(out));
    Ok(program.write(&stamped.map_err(fail)?, out)?)
}

impl Stamp<'_> {
    /// What the program is, once it is known to be for the right target.
    fn identify(&self, bytes: &[u8]) -> Result<ProgramKind, Fault> {
        let found = kind::read(bytes)?;
        match self.target {
            Some(target) => Ok(kind::expect(found, target)?),
            None => Ok(found),
        }
    }

    fn apply(
        &self,
        bytes: &[u8],
        found: &ProgramKind,
        icon: Option<Icon>,
        name: &str,
    ) -> Result<Vec<u8>, Fault> {
        match found {
            ProgramKind::Elf { .. } => self.elf(bytes.to_vec()),
            ProgramKind::Pe { .. } => {
                let resources = windows::resources(self, icon, name);
                // Before the rest, so that neither commit nor version is part of what the build is known by.
                resources.add(self.pe(add_build_id(bytes.to_vec())?)?)
            }
            ProgramKind::MachO { .. } => self.macho(bytes, name),
        }
    }

    fn elf(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let places = Layout::read(&bytes)?.sections_named(ELF_SECTION);
        self.fill(&mut bytes, &places, ELF_SECTION)?;
        Ok(bytes)
    }

    fn pe(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let image = Image::read(&bytes)?;
        image.check_unsigned()?;
        self.fill(&mut bytes, &image.sections_named(PE_SECTION), PE_SECTION)?;
        renew_checksum(&mut bytes, &image);
        Ok(bytes)
    }

    fn macho(&self, bytes: &[u8], name: &str) -> Result<Vec<u8>, Fault> {
        let (segment, section) = MACHO_SECTION;
        macho::map_slices(bytes, |mut slice| {
            let places = Thin::read(&slice)?.sections_named(segment, section);
            self.fill(&mut slice, &places, section)?;
            Ok(macho::sign(slice, name)?)
        })
    }

    /// Writes the commit into the field among some sections, offset and size each.
    fn fill(
        &self,
        bytes: &mut [u8],
        sections: &[(usize, usize)],
        section: &'static str,
    ) -> Result<(), Fault> {
        let Some(commit) = self.commit else {
            return Ok(());
        };
        match field::find(bytes, sections)? {
            Some(place) => field::fill(&mut bytes[place..], commit),
            None if self.needs_field => return Err(Fault::NoField { section }),
            None => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::macho::testing::{ARM64, Shape, X86_64, verify};
    use crate::program::pe::testing::program;
    use crate::program::stamp::field::{FIELD_BYTES, empty_field};

    const COMMIT: &str = "0123abcd";

    fn commit() -> Commit {
        COMMIT.parse().expect("hexadecimal")
    }

    fn fat() -> Vec<u8> {
        let field = empty_field();
        let thin = [X86_64, ARM64].map(|cpu| {
            let shape = Shape {
                field: Some(&field),
                ..Shape::program(cpu)
            };
            shape.bytes()
        });
        macho::merge(&thin).expect("merged")
    }

    /// Stamps a program with the commit and some more.
    fn stamped(bytes: &[u8], stamp: &Stamp<'_>) -> Result<Vec<u8>, String> {
        let commit = commit();
        let stamp = Stamp {
            commit: Some(&commit),
            ..*stamp
        };
        let found = stamp.identify(bytes);
        let result = found.and_then(|found| stamp.apply(bytes, &found, None, "hello"));
        result.map_err(|error| error.to_string())
    }

    fn commits(bytes: &[u8]) -> usize {
        bytes
            .windows(COMMIT.len())
            .filter(|part| *part == COMMIT.as_bytes())
            .count()
    }

    #[test]
    fn every_slice_of_a_universal_program_has_the_commit_and_a_valid_signature() {
        let once = stamped(&fat(), &Stamp::default()).expect("stamped");
        assert_eq!(commits(&once), 2);
        for slice in macho::slices(&once).expect("valid") {
            assert_eq!(verify(&once[slice]).identifier, "hello");
        }
        assert!(stamped(&once, &Stamp::default()).expect("stamped") == once);
    }

    #[test]
    fn a_windows_program_gets_commit_and_build_id_and_nothing_moves() {
        let field = empty_field();
        let plain = program(
            &[(".text", 0x1000, b"code"), (PE_SECTION, 0x2000, &field)],
            b"",
        );
        let once = stamped(&plain, &Stamp::default()).expect("stamped");
        assert_eq!((commits(&once), &once[0x400..0x404]), (1, &b"code"[..]));
        assert!(
            once[plain.len()..].starts_with(&[0; 4]),
            "a debug directory"
        );
        assert!(stamped(&once, &Stamp::default()).expect("stamped") == once);
    }

    #[test]
    fn a_windows_program_s_checksum_is_that_of_the_stamped_one() {
        let mut plain = program(&[(PE_SECTION, 0x1000, &empty_field())], b"");
        let field = 0x80 + 24 + 64;
        plain[field] = 1;
        let stamped = stamped(&plain, &Stamp::default()).expect("stamped");
        let mut again = stamped.clone();
        again[field + 1] ^= 1;
        renew_checksum(&mut again, &Image::read(&stamped).expect("valid"));
        assert!(again == stamped);
    }

    #[test]
    fn a_program_without_a_field_has_no_commit_unless_it_needs_one() {
        let windows = program(&[(".text", 0x1000, b"code")], b"");
        assert_eq!(
            commits(&stamped(&windows, &Stamp::default()).expect("stamped")),
            0
        );
        let needs = Stamp {
            needs_field: true,
            ..Stamp::default()
        };
        let error = stamped(&windows, &needs).expect_err("no field");
        assert_eq!(
            error,
            "no field for a commit; expected one section `.slstamp`"
        );
        let mac = Shape::program(ARM64).bytes();
        assert_eq!(
            commits(&stamped(&mac, &Stamp::default()).expect("stamped")),
            0
        );
        let error = stamped(&mac, &needs).expect_err("no field");
        assert_eq!(
            error,
            "no field for a commit; expected one section `__slstamp`"
        );
    }

    #[test]
    fn two_fields_are_refused() {
        let fields = [empty_field(), empty_field()].concat();
        let windows = program(&[(PE_SECTION, 0x1000, &fields)], b"");
        let error = stamped(&windows, &Stamp::default()).expect_err("two fields");
        assert_eq!(error, "2 fields for a commit; expected one");
    }

    #[test]
    fn a_program_for_another_target_is_refused() {
        let with = |triple: &str| Stamp {
            target: Some(triple.parse().expect("it is in the table")),
            ..Stamp::default()
        };
        let error = |bytes: &[u8], triple| stamped(bytes, &with(triple)).expect_err("another");
        let windows = program(&[], b"");
        let arm = Shape::program(ARM64).bytes();
        assert_eq!(
            error(&windows, "aarch64-pc-windows-gnullvm"),
            "a Windows program for machine 0x8664; expected a Windows program for machine 0xaa64, \
             as `aarch64-pc-windows-gnullvm` has"
        );
        assert_eq!(
            error(&arm, "universal2-apple-darwin"),
            "a macOS program for CPU type 0x100000c; expected a macOS program for CPU type 0x1000007 and 0x100000c, \
             as `universal2-apple-darwin` has"
        );
        assert_eq!(
            error(&arm, "armv7-unknown-linux-musleabihf"),
            "a macOS program for CPU type 0x100000c; expected an ELF program of 32 bits for machine 40, \
             as `armv7-unknown-linux-musleabihf` has"
        );
        stamped(&windows, &with("x86_64-pc-windows-gnullvm")).expect("the same");
        stamped(&arm, &with("aarch64-apple-darwin")).expect("the same");
        stamped(&fat(), &with("universal2-apple-darwin")).expect("the same");
    }

    #[test]
    fn this_program_has_exactly_one_empty_field() {
        let this = std::env::current_exe().expect("Linux knows it");
        let bytes = std::fs::read(&this).expect("readable");
        let sections = Layout::read(&bytes)
            .expect("valid")
            .sections_named(ELF_SECTION);
        let [(offset, size)] = sections[..] else {
            panic!("{sections:?}")
        };
        assert_eq!(size, FIELD_BYTES);
        assert_eq!(bytes[offset..offset + size], empty_field());
    }

    #[test]
    fn a_picture_that_is_no_icon_is_named_for_windows_and_not_looked_at_for_others() {
        let directory = tempfile::tempdir().expect("a directory");
        let picture = directory.path().join("icon.svg");
        std::fs::write(&picture, "<svg/>").expect("writable");
        let stamped = |bytes: &[u8]| {
            let path = directory.path().join("program");
            std::fs::write(&path, bytes).expect("writable");
            let with_icon = Stamp {
                icon: Some(&picture),
                ..Stamp::default()
            };
            stamp(&path, &with_icon, &path)
        };
        let error = stamped(&program(&[], b"")).expect_err("no icon");
        let expected = format!("cannot use the icon `{}`", picture.display());
        assert_eq!(error.to_string(), expected);
        stamped(&Shape::program(ARM64).bytes()).expect("it needs no icon");
    }

    #[test]
    fn a_script_is_no_program() {
        let error = stamped(b"#!/bin/sh\n", &Stamp::default()).expect_err("a script");
        assert_eq!(error, "not a program; expected an ELF, PE or Mach-O file");
    }
}
