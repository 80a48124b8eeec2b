//! Why nothing was installed or removed, with the exit code that says the same.

use std::fmt;
use std::io;
use std::path::Path;

/// A reason, in words for the user.
#[derive(Debug)]
pub struct Problem {
    pub code: Code,
    pub text: String,
}

/// The exit codes. 0 is for what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The user said no.
    Canceled = 1,
    /// Something could not be written, read or found.
    Failed = 2,
    /// The setup is damaged.
    Damaged = 3,
    /// A newer version is installed.
    Newer = 4,
    /// An administrator is needed.
    Administrator = 5,
    /// The program is running.
    InUse = 6,
    /// The command line is wrong, or the directory is not fit.
    Usage = 7,
}

impl Problem {
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code, text }
    }

    /// Something that the system refused to do.
    pub fn of(what: impl fmt::Display, path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        Self::new(
            Code::Failed,
            format!("The setup cannot {what} {path}: {error}"),
        )
    }
}
