//! A file that could not be used.

use std::io;
use std::path::{Path, PathBuf};

/// The operating system refused to do something with a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", path.display())]
pub struct PathError {
    /// What was to be done, such as `read`.
    pub action: &'static str,
    /// The file or directory.
    pub path: PathBuf,
    /// The operating system's answer.
    pub source: io::Error,
}

impl PathError {
    /// Adds the path to what reading it answered: `fs::read(path).map_err(PathError::reading(path))`.
    pub fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self + Copy + use<'_> {
        move |source| Self {
            action: "read",
            path: path.to_owned(),
            source,
        }
    }
}
