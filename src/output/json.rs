//! How Sealift writes and reads its own JSON files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::open_regular;
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
        source: InvalidJson,
    },
}

/// What is wrong with a JSON text, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidJson(String);

impl From<serde_json::Error> for InvalidJson {
    fn from(error: serde_json::Error) -> Self {
        // Advice in further lines is for files that people write, and nobody writes these.
        let place = format!(" at line {} column {}", error.line(), error.column());
        let text = error.to_string();
        let message = text.strip_suffix(&place);
        match message.and_then(|message| message.split_once('\n')) {
            Some((first, _)) => Self(format!("{first}{place}")),
            None => Self(text),
        }
    }
}

/// A value as indented JSON with a line break at its end.
pub fn to_text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("the library's own types have text as keys and never fail to serialize");
    text.push('\n');
    text
}

/// Reads a value from a file.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, JsonError> {
    parse(path, std::fs::read(path))
}

/// The largest file that is read where somebody else made it: a record of a million files fits.
const MAX_FOREIGN_BYTES: u64 = 256 << 20;

/// Reads a value from a file that somebody else made: a regular file, and no endless one.
pub fn read_foreign<T: DeserializeOwned>(path: &Path) -> Result<T, JsonError> {
    let read = open_regular(path).and_then(|(file, metadata)| {
        if metadata.len() > MAX_FOREIGN_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut text = Vec::new();
        file.take(MAX_FOREIGN_BYTES).read_to_end(&mut text)?;
        Ok(text)
    });
    parse(path, read)
}

fn parse<T: DeserializeOwned>(path: &Path, text: io::Result<Vec<u8>>) -> Result<T, JsonError> {
    let text = text.map_err(PathError::reading(path))?;
    serde_json::from_slice(&text).map_err(|error| JsonError::Invalid {
        path: path.to_owned(),
        source: error.into(),
    })
}

impl JsonError {
    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Read(error) if error.source.kind() == io::ErrorKind::NotFound)
    }
}
