//! How Sealift writes and reads its own JSON files.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::output::path_error::PathError;

/// A JSON file that could not be used.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// The file does not hold what was expected; the source says what and where.
    #[error("`{}` is not valid", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
}

/// A value as indented JSON with a line break at its end.
pub fn to_text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("the library's own types have text as keys and never fail to serialise");
    text.push('\n');
    text
}

/// Reads a value from a file.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, JsonError> {
    let text = std::fs::read(path).map_err(PathError::reading(path))?;
    serde_json::from_slice(&text).map_err(|source| JsonError::Invalid {
        path: path.to_owned(),
        source,
    })
}
