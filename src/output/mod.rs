//! Files and directories that appear whole or not at all.

mod atomic;
mod directory;
pub mod json;
pub mod path_error;
mod regular_file;
mod scratch;
pub mod unfinished;
mod workspace;

use std::io;
use std::path::PathBuf;

pub use atomic::{AtomicFile, write_file, write_files};
pub use directory::{NewDirectory, NewFile};
pub use regular_file::{NotRegular, describe, open_regular};
pub use scratch::Scratch;
pub use workspace::Workspace;

/// A file or directory that could not be created.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Creating, writing or renaming a file failed.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A directory could not be created or listed.
    #[error("cannot make the directory `{}`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The output directory is not empty.
    #[error("`{}` is not empty; expected a directory that is empty or does not exist", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
}
