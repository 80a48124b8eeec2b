//! A corpus: a directory of cases, each in a directory of its own.

use std::fs;
use std::path::{Path, PathBuf};

use super::ParityError;
use super::case::{CASE, Case};
use super::settings::{SETTINGS, Settings};
use crate::output::path_error::PathError;

/// A corpus that has been read.
#[derive(Debug)]
pub struct Corpus {
    pub(super) path: PathBuf,
    pub(super) settings: Settings,
    /// Sorted by name.
    pub(super) cases: Vec<Case>,
}

impl Corpus {
    /// Reads a corpus with all of its cases.
    pub fn read(path: &Path) -> Result<Self, ParityError> {
        let settings = Settings::read(path)?;
        let mut cases = Vec::new();
        for directory in directories(path)? {
            let name = case_name(&directory)?;
            cases.push(Case::read(&directory, &name, &settings)?);
        }
        if cases.is_empty() {
            return Err(ParityError::Empty(path.to_owned()));
        }
        Ok(Self {
            path: path.to_owned(),
            settings,
            cases,
        })
    }

    /// The name that records tell.
    pub fn name(&self) -> String {
        let resolved = self.path.canonicalize();
        let path = resolved.as_deref().unwrap_or(&self.path);
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

/// The directories of the cases, sorted. Hidden entries are none; all others are cases, but for the settings and notes.
fn directories(corpus: &Path) -> Result<Vec<PathBuf>, ParityError> {
    let mut found = Vec::new();
    let entries = fs::read_dir(corpus).map_err(PathError::reading(corpus))?;
    for entry in entries {
        let entry = entry.map_err(PathError::reading(corpus))?;
        let (path, name) = (entry.path(), entry.file_name());
        if name.as_encoded_bytes().starts_with(b".") || name == SETTINGS || name == "README.md" {
            continue;
        }
        if !entry
            .file_type()
            .map_err(PathError::reading(&path))?
            .is_dir()
        {
            return Err(ParityError::Unknown {
                path,
                place: "a corpus",
                known: &[SETTINGS, "README.md", "NAME/case.toml"],
            });
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}

fn case_name(directory: &Path) -> Result<String, ParityError> {
    let name = directory.file_name().unwrap_or_default();
    match name.to_str() {
        Some(text) if is_case_name(text) => Ok(text.to_owned()),
        _ => Err(ParityError::Name(name.to_string_lossy().into_owned())),
    }
}

/// Whether a text can name a case on every system.
pub(super) fn is_case_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain) && name != CASE
}
