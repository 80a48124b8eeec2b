//! The field for the commit: a section of its own that the linker places and a stamp fills later.
//!
//! It has a fixed size: a magic number, the capacity and the length as 16-bit little-endian numbers, four zero bytes,
//! and [`MAX_DIGITS`] bytes of text, padded with zeros.

use crate::model::commit::{Commit, MAX_DIGITS};

/// The section in ELF programs.
pub const ELF_SECTION: &str = ".sealift.stamp";
/// The section in Windows programs, where names have at most eight bytes.
pub const PE_SECTION: &str = ".slstamp";
/// The segment and the section in macOS programs.
pub const MACHO_SECTION: (&str, &str) = ("__DATA", "__slstamp");

const MAGIC: [u8; 8] = *b"\x89STAMP\r\n";
const TEXT_AT: usize = 16;
/// The size of the field.
pub const FIELD_BYTES: usize = TEXT_AT + MAX_DIGITS;

/// The field of this program itself.
#[used]
#[cfg_attr(target_os = "windows", unsafe(link_section = ".slstamp"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__slstamp"))]
#[cfg_attr(
    not(any(target_os = "windows", target_vendor = "apple")),
    unsafe(link_section = ".sealift.stamp")
)]
static FIELD: [u8; FIELD_BYTES] = empty_field();

/// A field without a commit.
pub const fn empty_field() -> [u8; FIELD_BYTES] {
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

/// An error in the sections with the field's name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// There is more than one field.
    #[error("{count} fields for a commit; expected one")]
    Many {
        /// How many.
        count: usize,
    },
    /// A section does not contain a field.
    #[error("the section at byte {offset} is named as a field for a commit and is none")]
    Malformed {
        /// Where the section is.
        offset: usize,
    },
}

/// The offset of the only field among the sections with its name, which are given by offset and size in the program.
pub fn find(program: &[u8], sections: &[(usize, usize)]) -> Result<Option<usize>, FieldError> {
    let (offset, size) = match sections {
        [] => return Ok(None),
        [section] => *section,
        many => return Err(FieldError::Many { count: many.len() }),
    };
    if !program[offset..offset + size].starts_with(&MAGIC) || size % FIELD_BYTES != 0 {
        return Err(FieldError::Malformed { offset });
    }
    // If two crates each add a field, the fields share the section.
    match size / FIELD_BYTES {
        1 => Ok(Some(offset)),
        count => Err(FieldError::Many { count }),
    }
}

/// Writes a commit into a field.
pub fn fill(field: &mut [u8], commit: &Commit) {
    let digits = commit.as_str().as_bytes();
    let length = u16::try_from(digits.len()).expect("a commit has at most 64 digits");
    field[10..12].copy_from_slice(&length.to_le_bytes());
    field[TEXT_AT..FIELD_BYTES].fill(0);
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

    /// Finds the field in a file of sections, one after the other.
    fn found(sections: &[&[u8]]) -> Result<Option<usize>, FieldError> {
        let mut places = Vec::new();
        let mut file = b"before".to_vec();
        for section in sections {
            places.push((file.len(), section.len()));
            file.extend(*section);
        }
        find(&file, &places)
    }

    #[test]
    fn one_field_is_found_and_none_is_no_error() {
        assert_eq!(found(&[&empty_field()]), Ok(Some(6)));
        assert_eq!(found(&[]), Ok(None));
    }

    #[test]
    fn two_fields_are_refused_in_one_section_or_two() {
        let both = [empty_field(), empty_field()].concat();
        let many = Err(FieldError::Many { count: 2 });
        assert_eq!(found(&[&both]), many);
        assert_eq!(found(&[&empty_field(), &empty_field()]), many);
    }

    #[test]
    fn a_section_that_holds_something_else_is_refused() {
        for section in [&b"other"[..], &empty_field()[..20], &[0; FIELD_BYTES], &[]] {
            assert_eq!(found(&[section]), Err(FieldError::Malformed { offset: 6 }));
        }
    }

    #[test]
    fn a_section_s_name_is_short_enough_for_its_format() {
        assert!(PE_SECTION.len() <= 8);
        assert!(MACHO_SECTION.0.len() <= 16 && MACHO_SECTION.1.len() <= 16);
    }
}
