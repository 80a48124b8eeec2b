//! What can be wrong with an image.

use core::fmt;

/// An image that breaks its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong. A text that needs no formatting, because a program of few kilobytes prints it, too.
    pub what: &'static str,
    /// The number that was found, where one says more than the text.
    pub found: Option<u64>,
    /// Where, from the start of the image.
    pub position: u64,
}

/// Why something could not be read.
#[derive(Debug)]
pub enum Error<E> {
    /// The image's bytes could not be had.
    Input(E),
    /// They are not what the format says.
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

/// An error that tells a place.
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
