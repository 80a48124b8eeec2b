//! What can go wrong, in the words that the user sees.

use alloc::vec::Vec;

use crate::sys::{self, Errno};

/// A failure: what was attempted, on which path, and the reason.
#[derive(Debug)]
pub struct Error {
    what: &'static str,
    path: Vec<u8>,
    reason: Reason,
}

/// Why something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A system call's error.
    System(Errno),
    /// The file breaks its format; the text says where.
    Malformed(&'static str),
}

pub type Result<T> = core::result::Result<T, Error>;

impl Reason {
    /// The error number that a file system reports for it.
    pub fn errno(self) -> Errno {
        match self {
            Reason::System(errno) => errno,
            Reason::Malformed(_) => Errno(libc::EIO),
        }
    }
}

impl From<Errno> for Reason {
    fn from(errno: Errno) -> Self {
        Reason::System(errno)
    }
}

/// Adds what was attempted to a bare reason.
pub trait During<T> {
    fn during(self, what: &'static str, path: &[u8]) -> Result<T>;
}

impl<T, R: Into<Reason>> During<T> for core::result::Result<T, R> {
    fn during(self, what: &'static str, path: &[u8]) -> Result<T> {
        self.map_err(|reason| Error {
            what,
            path: path.to_vec(),
            reason: reason.into(),
        })
    }
}

impl Error {
    pub fn errno(&self) -> Errno {
        self.reason.errno()
    }

    /// Writes the error as one line to standard error.
    pub fn report(&self) {
        let reason = match self.reason {
            Reason::System(errno) => errno.text(),
            Reason::Malformed(text) => text.as_bytes(),
        };
        let what = self.what.as_bytes();
        sys::complain(&[b"cannot ", what, b" `", &self.path, b"`: ", reason]);
    }
}
