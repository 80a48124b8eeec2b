//! The commit in a finished program: a field that the linker placed and that is filled afterwards, so that a new
//! commit compiles nothing.
//!
//! The field is a section of its own, [`SECTION`], and has a fixed size: a magic number, the capacity and the length
//! as 16-bit little-endian numbers, four zero bytes, and [`MAX_DIGITS`] bytes of text, padded with zeros.

use std::path::{Path, PathBuf};

use crate::commit::{Commit, MAX_DIGITS};
use crate::elf::{self, ElfError, Section};
use crate::output::{AtomicFile, OutputError};

/// The name of the section that holds the field.
pub const SECTION: &str = ".sealift.stamp";

const MAGIC: [u8; 8] = *b"\x89STAMP\r\n";
const TEXT_AT: usize = 16;
const FIELD_BYTES: usize = TEXT_AT + MAX_DIGITS;

/// The field of this very program.
#[used]
#[unsafe(link_section = ".sealift.stamp")]
static FIELD: [u8; FIELD_BYTES] = empty_field();

const fn empty_field() -> [u8; FIELD_BYTES] {
    let mut field = [0; FIELD_BYTES];
    let mut index = 0;
    while index < MAGIC.len() {
        field[index] = MAGIC[index];
        index += 1;
    }
    let capacity = (MAX_DIGITS as u16).to_le_bytes();
    field[MAGIC.len()] = capacity[0];
    field[MAGIC.len() + 1] = capacity[1];
    field
}

/// The commit that this program was stamped with.
pub fn own_commit() -> Option<Commit> {
    // SAFETY: the pointer comes from a reference to a static. A plain read could be folded to the empty field that
    // the compiler sees, which is not what the file holds after stamping.
    let field = unsafe { std::ptr::read_volatile(&raw const FIELD) };
    commit_in(&field)
}

fn commit_in(field: &[u8; FIELD_BYTES]) -> Option<Commit> {
    let length = usize::from(u16::from_le_bytes([field[10], field[11]]));
    let text = field.get(TEXT_AT..TEXT_AT + length)?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Why a program could not be stamped.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// The file is not one that can have a field.
    #[error("cannot stamp `{}`", path.display())]
    Elf {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ElfError,
    },
    /// The file has no field.
    #[error("`{}` has no field for a commit; expected one section `{SECTION}`", path.display())]
    NoField {
        /// The file.
        path: PathBuf,
    },
    /// The file has more than one field.
    #[error("`{}` has {count} fields for a commit; expected one", path.display())]
    ManyFields {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// The section does not hold what it should.
    #[error("`{}` has a section `{SECTION}` at byte {offset} that is no field for a commit", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where the section is.
        offset: usize,
    },
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Writes a commit into the field of a program; `out` may be the same file. Doing it again changes nothing.
pub fn stamp(program: &Path, commit: &Commit, out: &Path) -> Result<(), StampError> {
    let fail = |source| StampError::Read {
        path: program.to_owned(),
        source,
    };
    let mut bytes = std::fs::read(program).map_err(fail)?;
    let metadata = std::fs::metadata(program).map_err(fail)?;
    let field = find_field(program, &bytes)?;
    fill(&mut bytes[field..field + FIELD_BYTES], commit);
    let mut file = AtomicFile::create(out, 0o644)?;
    std::io::Write::write_all(&mut file, &bytes)
        .and_then(|()| file.set_permissions(metadata.permissions()))
        .map_err(|source| OutputError::Write {
            path: out.to_owned(),
            source,
        })?;
    Ok(file.commit()?)
}

/// The offset of the one field.
fn find_field(program: &Path, bytes: &[u8]) -> Result<usize, StampError> {
    let path = || program.to_owned();
    let sections = elf::sections_named(bytes, SECTION).map_err(|source| StampError::Elf {
        path: path(),
        source,
    })?;
    let Section { offset, size } = match sections.as_slice() {
        [] => return Err(StampError::NoField { path: path() }),
        [section] => section.clone(),
        many => {
            let count = many.len();
            return Err(StampError::ManyFields {
                path: path(),
                count,
            });
        }
    };
    let section = &bytes[offset..offset + size];
    if !section.starts_with(&MAGIC) || size % FIELD_BYTES != 0 {
        return Err(StampError::Malformed {
            path: path(),
            offset,
        });
    }
    // Two crates that each bring a field share the section.
    match size / FIELD_BYTES {
        1 => Ok(offset),
        count => Err(StampError::ManyFields {
            path: path(),
            count,
        }),
    }
}

fn fill(field: &mut [u8], commit: &Commit) {
    let digits = commit.as_str().as_bytes();
    let length = u16::try_from(digits.len()).expect("a commit has at most 64 digits");
    field[10..12].copy_from_slice(&length.to_le_bytes());
    field[TEXT_AT..].fill(0);
    field[TEXT_AT..TEXT_AT + digits.len()].copy_from_slice(digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_holds_no_commit() {
        assert_eq!(commit_in(&empty_field()), None);
    }

    #[test]
    fn a_shorter_commit_leaves_nothing_of_a_longer_one() {
        let commit = |text: &str| text.parse::<Commit>().expect("hexadecimal");
        let (mut once, mut twice) = (empty_field(), empty_field());
        fill(&mut once, &commit("abc"));
        fill(&mut twice, &commit(&"1".repeat(64)));
        assert_eq!(commit_in(&twice), Some(commit(&"1".repeat(64))));
        fill(&mut twice, &commit("abc"));
        assert_eq!(once, twice);
        assert_eq!(commit_in(&once), Some(commit("abc")));
    }

    /// A 64-bit ELF file with sections of the field's name, each with some bytes.
    fn elf(sections: &[&[u8]]) -> Vec<u8> {
        let names = format!("\0{SECTION}\0.shstrtab\0").into_bytes();
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        file.resize(64, 0);
        // A section header is: name, type, flags, address, offset, size, link, info, alignment, entry size.
        let mut headers = vec![0; 64];
        let mut add = |file: &mut Vec<u8>, name: u32, kind: u32, bytes: &[u8]| {
            headers.extend(name.to_le_bytes());
            headers.extend(kind.to_le_bytes());
            for value in [0, 0, file.len() as u64, bytes.len() as u64, 0, 1, 0] {
                headers.extend(value.to_le_bytes());
            }
            file.extend(bytes);
        };
        for bytes in sections {
            add(&mut file, 1, 1, bytes);
        }
        let strings_name = u32::try_from(SECTION.len() + 2).expect("short");
        add(&mut file, strings_name, 3, &names);
        let count = u16::try_from(headers.len() / 64).expect("few");
        let table = file.len() as u64;
        file.extend(&headers);
        file[16..20].copy_from_slice(&[2, 0, 62, 0]);
        file[40..48].copy_from_slice(&table.to_le_bytes());
        file[58..60].copy_from_slice(&64u16.to_le_bytes());
        file[60..62].copy_from_slice(&count.to_le_bytes());
        file[62..64].copy_from_slice(&(count - 1).to_le_bytes());
        file
    }

    fn error_of(sections: &[&[u8]]) -> String {
        let error = find_field(Path::new("program"), &elf(sections));
        error.expect_err("not exactly one field").to_string()
    }

    #[test]
    fn one_field_is_found_where_it_is() {
        let file = elf(&[&empty_field()]);
        let field = find_field(Path::new("program"), &file).expect("one field");
        assert_eq!(file[field..field + FIELD_BYTES], empty_field());
    }

    #[test]
    fn no_field_and_two_fields_are_refused() {
        let two = [empty_field(), empty_field()].concat();
        let expected = "`program` has no field for a commit; expected one section `.sealift.stamp`";
        assert_eq!(error_of(&[]), expected);
        let expected = "`program` has 2 fields for a commit; expected one";
        assert_eq!(error_of(&[&empty_field(), &empty_field()]), expected);
        assert_eq!(error_of(&[&two]), expected);
    }

    #[test]
    fn a_section_that_holds_something_else_is_refused() {
        for section in [&b"other"[..], &empty_field()[..20], &[0; FIELD_BYTES], &[]] {
            let error = error_of(&[section]);
            assert!(error.ends_with("that is no field for a commit"), "{error}");
        }
    }

    #[test]
    fn this_program_has_exactly_one_field() {
        let program = std::env::current_exe().expect("Linux knows it");
        let bytes = std::fs::read(&program).expect("readable");
        let field = find_field(&program, &bytes).expect("one field");
        assert_eq!(bytes[field..field + FIELD_BYTES], empty_field());
    }
}
