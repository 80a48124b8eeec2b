//! The packages of a Cargo workspace and their programs, found as cargo finds them.

pub mod binaries;
pub mod dependencies;
pub mod features;
pub mod members;
pub mod packages;

use std::fs;
use std::path::Path;

use super::manifest::located::{Located, ReadError};
use crate::model::hint::Hint;
use crate::output::path_error::PathError;

/// Why the packages could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CargoError {
    /// A `Cargo.toml` could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A directory could not be listed.
    #[error(transparent)]
    List(#[from] PathError),
    /// Something in a `Cargo.toml` is wrong.
    #[error(transparent)]
    Invalid(#[from] Box<Located>),
}

impl Hint for CargoError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid(located) => located.hint(),
            Self::Read(_) | Self::List(_) => None,
        }
    }
}

/// The UTF-8 names in a directory, sorted; empty if there is no such directory.
pub fn names(directory: &Path) -> Result<Vec<String>, PathError> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let fail = PathError::reading(directory);
    let entries = fs::read_dir(directory).map_err(fail)?;
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(fail)?.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}
