//! Errors in an image.

use core::fmt;

/// An image that violates its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong. The text needs no formatting, because a program of a few kilobytes also prints it.
    pub what: &'static str,
    /// The number that was found, if it adds to the text.
    pub found: Option<u64>,
    /// The offset from the start of the image.
    pub position: u64,
}

/// Why something could not be read.
#[derive(Debug)]
pub enum Error<E> {
    /// The image could not be read.
    Input(E),
    /// The bytes violate the format.
    Malformed(Malformed),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        match self.found {
            Some(found) => write!(f, ", found {found}"),
            None => Ok(()),
        }
    }
}

impl<E> From<Malformed> for Error<E> {
    fn from(malformed: Malformed) -> Self {
        Error::Malformed(malformed)
    }
}

/// An error with a place.
pub(super) fn malformed(what: &'static str, position: u64) -> Malformed {
    Malformed {
        what,
        found: None,
        position,
    }
}

/// The same with the number that was found.
pub(super) fn found(what: &'static str, found: impl Into<u64>, position: u64) -> Malformed {
    Malformed {
        what,
        found: Some(found.into()),
        position,
    }
}
