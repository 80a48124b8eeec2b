//! Symbols apart from the program: a program without them to ship, and a file with them for whoever has to find out
//! where it went wrong. Debuggers find the file by the program's build id.

mod debug;
mod encode;
mod strip;
#[cfg(test)]
pub(crate) mod testing;
mod windows;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::model::hint::Hint;
use crate::output::path_error::PathError;
use crate::output::{OutputError, write_file};
use crate::program::elf::{ElfError, Layout};
use crate::program::file::Program;
use crate::program::kind::Magic;
use crate::program::pe::PeError;

/// A number that belongs to the bytes of one program, whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildId(Vec<u8>);

impl BuildId {
    /// Where debuggers look for the symbols, below a directory that they are told of: the first byte is a directory.
    pub fn path(&self) -> PathBuf {
        let digits = self.to_string();
        let (first, rest) = digits.split_at(2);
        [".build-id", first, &format!("{rest}.debug")]
            .iter()
            .collect()
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A program and its symbols.
#[derive(Debug)]
pub struct Split {
    /// The program without them.
    pub program: Vec<u8>,
    /// The file with them.
    pub debug: Vec<u8>,
    /// What ties the two together.
    pub build_id: BuildId,
}

/// Why a program and its symbols could not be split.
#[derive(Debug, thiserror::Error)]
pub enum SymbolsError {
    /// The program could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// The program cannot be split.
    #[error("cannot split `{}`", path.display())]
    Program {
        /// The program.
        path: PathBuf,
        /// What is wrong with it.
        source: SplitError,
    },
    /// A result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What is wrong with a program that is to be split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The file is of another kind.
    #[error("not a program for Linux or Windows; only these have their symbols in themselves")]
    NotAProgram,
    /// An ELF program is malformed.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// A structure of a Windows program lies beyond the file.
    #[error("malformed Windows program: {what} ends at byte {end} of {size}")]
    Beyond {
        /// The structure.
        what: String,
        /// Where it ends.
        end: u64,
        /// How large the file is.
        size: u64,
    },
    /// A Windows program is malformed, or signed.
    #[error(transparent)]
    Pe(#[from] PeError),
    /// Nothing would tie program and symbols together.
    #[error("no build id")]
    NoBuildId,
    /// The symbols are gone already.
    #[error("no debug sections and no symbol table")]
    NoSymbols,
    /// Something is behind the program.
    #[error("{bytes} bytes behind the program, which would be lost")]
    Appended {
        /// How many.
        bytes: u64,
    },
    /// The sections are in an order that no linker makes.
    #[error("the section `{name}` precedes sections that are loaded; expected it after them")]
    Order {
        /// The section that would be taken out.
        name: String,
    },
}

impl Hint for SplitError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Pe(error) => return error.hint(),
            Self::NoBuildId => "link with `-Wl,--build-id=sha1`",
            Self::NoSymbols => {
                "build with `strip = false` and `debug = \"line-tables-only\"` or more"
            }
            Self::Appended { .. } => "split the program before anything is appended to it",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// Splits the symbols from a program: the program goes to `out`, its symbols below `directory`. Gives the path of these.
pub fn symbols(program: &Path, out: &Path, directory: &Path) -> Result<PathBuf, SymbolsError> {
    let program = Program::read(program)?;
    let Split {
        program: stripped,
        debug,
        build_id,
    } = split(&program.bytes).map_err(|source| SymbolsError::Program {
        path: program.path.clone(),
        source,
    })?;
    let path = directory.join(build_id.path());
    let parent = path.parent().expect("it is below a directory");
    std::fs::create_dir_all(parent).map_err(|source| OutputError::Directory {
        path: parent.to_owned(),
        source,
    })?;
    // The symbols first: a program without its symbols is the worse half to be left with.
    write_file(&path, &debug)?;
    program.write(&stripped, out)?;
    Ok(path)
}

/// Splits the symbols from a program.
pub fn split(program: &[u8]) -> Result<Split, SplitError> {
    match Magic::of(program) {
        Some(Magic::Elf) => split_elf(program),
        Some(Magic::Pe) => windows::split(program),
        Some(Magic::MachO) | None => Err(SplitError::NotAProgram),
    }
}

fn split_elf(program: &[u8]) -> Result<Split, SplitError> {
    let layout = Layout::read(program)?;
    let end = layout.end();
    if end < program.len() as u64 {
        let bytes = program.len() as u64 - end;
        return Err(SplitError::Appended { bytes });
    }
    if !layout
        .sections
        .iter()
        .any(|section| section.is_for_debuggers())
    {
        return Err(SplitError::NoSymbols);
    }
    // The path needs a directory of one byte and a name.
    let build_id = layout.build_id()?.filter(|id| id.len() >= 2);
    let build_id = build_id.ok_or(SplitError::NoBuildId)?;
    Ok(Split {
        program: strip::strip(&layout)?,
        debug: debug::debug(&layout),
        build_id: BuildId(build_id.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::symbols::testing::{Elf, SECTIONS};

    fn error_of(program: &[u8]) -> String {
        split(program).expect_err("it cannot be split").to_string()
    }

    #[test]
    fn the_symbols_are_where_debuggers_look_for_them() {
        let id = BuildId(vec![0xab, 0xcd, 0x01]);
        assert_eq!(id.path(), Path::new(".build-id/ab/cd01.debug"));
    }

    #[test]
    fn program_and_symbols_are_written_under_their_names() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("hello");
        std::fs::write(&path, Elf::usual(64).bytes()).expect("writable");
        let debug = directory.path().join("debug");
        let written = symbols(&path, &path, &debug).expect("it can be split");
        assert_eq!(written, debug.join(".build-id/01/0203.debug"));
        assert_eq!(
            std::fs::read(&path).expect("written"),
            split(&Elf::usual(64).bytes()).expect("split").program
        );
        let error = symbols(&path, &path, &debug)
            .expect_err("there are none left")
            .to_string();
        assert_eq!(error, format!("cannot split `{}`", path.display()));
    }

    #[test]
    fn a_program_without_a_build_id_is_refused() {
        let without: Vec<_> = SECTIONS
            .iter()
            .copied()
            .filter(|section| section.name != ".note.gnu.build-id")
            .collect();
        let elf = Elf {
            bits: 64,
            sections: &without,
        };
        assert_eq!(error_of(&elf.bytes()), "no build id");
    }

    #[test]
    fn a_program_without_symbols_is_refused() {
        for bits in [32, 64] {
            let stripped = split(&Elf::usual(bits).bytes())
                .expect("it can be split")
                .program;
            let message = error_of(&stripped);
            assert_eq!(message, "no debug sections and no symbol table");
        }
    }

    #[test]
    fn what_is_behind_the_program_is_not_lost() {
        let mut program = Elf::usual(64).bytes();
        program.extend(b"archive");
        let message = error_of(&program);
        assert_eq!(message, "7 bytes behind the program, which would be lost");
    }

    #[test]
    fn symbols_among_what_is_loaded_are_refused() {
        let mut sections = SECTIONS.to_vec();
        let last = sections
            .iter()
            .position(|section| section.name == ".debug_info")
            .expect("there is one");
        sections.swap(1, last);
        let message = error_of(
            &Elf {
                bits: 64,
                sections: &sections,
            }
            .bytes(),
        );
        assert_eq!(
            message,
            "the section `.debug_info` precedes sections that are loaded; expected it after them"
        );
    }

    #[test]
    fn a_program_of_another_system_is_refused() {
        let expected =
            "not a program for Linux or Windows; only these have their symbols in themselves";
        assert_eq!(error_of(b"\xcf\xfa\xed\xfe"), expected);
    }

    #[test]
    fn no_cut_off_or_changed_program_makes_it_panic() {
        for bits in [32, 64] {
            let program = Elf::usual(bits).bytes();
            for length in 0..program.len() {
                assert!(split(&program[..length]).is_err(), "{length}");
            }
            for at in 0..program.len() {
                for value in [0, 1, 0x7f, 0xff] {
                    let mut changed = program.clone();
                    changed[at] = value;
                    let _ = split(&changed);
                }
            }
        }
    }
}
