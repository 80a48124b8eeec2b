//! A directory for something that is read again at once.

use std::ffi::OsStr;
use std::path::Path;

use super::OutputError;
use super::unfinished::Unfinished;

/// A hidden directory that is removed when it is dropped, or when the program is interrupted.
#[derive(Debug)]
pub struct Scratch(Unfinished);

impl Scratch {
    /// Creates it in another directory.
    pub fn create(directory: &Path) -> Result<Self, OutputError> {
        let made = Unfinished::directory(directory, OsStr::new("scratch"));
        made.map(Self).map_err(|source| OutputError::Directory {
            path: directory.to_owned(),
            source,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    #[test]
    fn nothing_stays() {
        let root = tempfile::tempdir().expect("a directory");
        let scratch = Scratch::create(root.path()).expect("makable");
        std::fs::write(scratch.path().join("a"), "a").expect("writable");
        assert_eq!(names(scratch.path()), ["a"]);
        drop(scratch);
        assert_eq!(names(root.path()), [""; 0]);
    }
}
