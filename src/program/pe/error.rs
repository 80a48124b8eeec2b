//! What can be wrong with a Windows program.

use crate::model::hint::Hint;

/// A file that is no Windows program, or one that cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum PeError {
    /// The file starts as old DOS programs do and goes on as something else.
    #[error("not a Windows program: no `PE` header")]
    NotPe,
    /// A structure lies beyond the file.
    #[error("malformed Windows program: {what} ends at byte {end} of {size}")]
    Beyond {
        /// The structure.
        what: &'static str,
        /// Where it ends.
        end: u64,
        /// How large the file is.
        size: u64,
    },
    /// A number in a header cannot be.
    #[error("malformed Windows program: {what} is {found:#x}; expected {expected}")]
    Header {
        /// Which number.
        what: &'static str,
        /// What it is.
        found: u64,
        /// What it can be.
        expected: &'static str,
    },
    /// The resources are wrong.
    #[error("malformed resources")]
    Resources(#[from] object::Error),
    /// The resources are no tree of three levels.
    #[error("malformed resources; expected a tree of type, name and language")]
    WrongDepth,
    /// The program is signed.
    #[error("signed, and a changed byte would make the signature invalid")]
    Signed,
    /// There is no place for another section.
    #[error("{room} bytes of room for section headers; expected {needed} for another section")]
    NoRoom {
        /// How many unused bytes follow the section headers.
        room: u64,
        /// How many are needed.
        needed: u64,
    },
    /// The file is too large for 32-bit offsets.
    #[error("{size} bytes without what is to be added; expected less than 4 GiB with it")]
    TooLarge {
        /// How large it is without.
        size: u64,
    },
}

impl Hint for PeError {
    fn hint(&self) -> Option<String> {
        let is_signed = matches!(self, Self::Signed);
        is_signed.then(|| "sign after Sealift's last change to the file".to_owned())
    }
}
