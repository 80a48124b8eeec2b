//! What differs between two releases: which artifact, which member of it, and where in that.

mod content;
mod members;
mod program;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

pub use crate::evidence::Difference;
use crate::format::{FormatError, Registration};
use crate::model::artifact::Artifact;
use crate::model::digest::Sha256Sum;
use crate::model::release::{RECORD, Release, artifact_path};
use crate::output::OutputError;
use crate::output::json::JsonError;
use crate::output::path_error::PathError;

/// What is said of something that one side does not have.
const MISSING: &str = "missing";

/// Two releases that could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// A release has no record, or one that is not valid.
    #[error(transparent)]
    Record(#[from] JsonError),
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// What differs could not be put aside.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// An artifact could not be opened.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The artifact.
        path: PathBuf,
        /// The format's error.
        source: FormatError,
    },
    /// An artifact is of a format that this program does not know.
    #[error("`{}` has the format `{format}`, which is unknown", path.display())]
    UnknownFormat {
        /// The artifact.
        path: PathBuf,
        /// The format's name.
        format: String,
    },
}

/// One artifact of a side.
#[derive(Clone, Copy)]
struct Side<'a> {
    artifact: &'a Artifact,
    directory: &'a Path,
}

impl Side<'_> {
    fn path(self) -> PathBuf {
        artifact_path(self.directory, self.artifact)
    }

    /// Of the file itself, whatever the record says.
    fn sha256(self) -> Result<Sha256Sum, PathError> {
        let path = self.path();
        let fail = PathError::reading(&path);
        let mut file = File::open(&path).map_err(fail)?;
        Sha256Sum::of_reader(&mut file).map_err(fail)
    }
}

/// Compares two release directories. What differs is put aside in `scratch`, a directory, and removed again.
///
/// Artifacts belong together that have the same format and target, whatever their names. A pair is opened only if its bytes differ.
/// Memory is bounded: contents are compared as streams, and only programs of up to 64 MiB are taken apart.
pub fn differences(
    left: &Path,
    right: &Path,
    formats: &'static [Registration],
    scratch: &Path,
) -> Result<Vec<Difference>, DiffError> {
    let releases = (Release::read(left)?, Release::read(right)?);
    let mut found = record::differences(RECORD, &releases.0, &releases.1);
    let mut pairs: BTreeMap<String, (Option<Side<'_>>, Option<Side<'_>>)> = BTreeMap::new();
    for artifact in &releases.0.artifacts {
        let directory = left;
        pairs.entry(key(artifact)).or_default().0 = Some(Side {
            artifact,
            directory,
        });
    }
    for artifact in &releases.1.artifacts {
        let directory = right;
        pairs.entry(key(artifact)).or_default().1 = Some(Side {
            artifact,
            directory,
        });
    }
    for (key, pair) in pairs {
        match pair {
            (Some(left), Some(right)) => {
                found.extend(artifacts(&key, left, right, formats, scratch)?)
            }
            (left, right) => {
                let name = |side: Option<Side<'_>>| match side {
                    Some(side) => side.artifact.file.to_string(),
                    None => MISSING.to_owned(),
                };
                found.push(Difference {
                    place: key,
                    left: name(left),
                    right: name(right),
                });
            }
        }
    }
    Ok(found)
}

/// By what artifacts of two releases belong together, in words.
fn key(artifact: &Artifact) -> String {
    match artifact.target {
        Some(target) => format!("{} for {}", artifact.format, target.triple),
        None => format!("{} for all targets", artifact.format),
    }
}

fn artifacts(
    key: &str,
    left: Side<'_>,
    right: Side<'_>,
    formats: &'static [Registration],
    scratch: &Path,
) -> Result<Vec<Difference>, DiffError> {
    let mut found = Vec::new();
    if left.artifact.file != right.artifact.file {
        found.push(Difference {
            place: format!("{key}: name"),
            left: left.artifact.file.to_string(),
            right: right.artifact.file.to_string(),
        });
    }
    if left.sha256()? == right.sha256()? {
        return Ok(found);
    }
    let members = members::differences(key, left, right, formats, scratch)?;
    // Equal members in other bytes: compression, padding, or fields that are of no member.
    if members.is_empty() {
        found.push(content::first_byte(
            &format!("{key}: between its members"),
            &left.path(),
            &right.path(),
        )?);
    }
    found.extend(members);
    Ok(found)
}
