//! One package file and its record.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::model::commit::Commit;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::name::PackageName;
use crate::model::path::FileName;
use crate::model::target::Target;
use crate::model::tree::{Content, Kind, TreeFile};

/// One package file. Its JSON is beside it as `<file>.artifact.json` until a release collects it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// The package's name.
    pub name: PackageName,
    /// The package's version.
    pub version: semver::Version,
    /// The platform that it is for; `None` for what was made of the artifacts for several.
    pub target: Option<Target>,
    /// The format's name.
    pub format: String,
    /// The file's name.
    pub file: FileName,
    /// The file's size in bytes.
    pub size: u64,
    /// The file's SHA-256.
    pub sha256: Sha256Sum,
    /// The commit that was packaged, if it is known.
    pub commit: Option<Commit>,
    /// The date of the file's content, in seconds since the epoch.
    pub date: i64,
    /// Its contents, in its own order.
    pub contents: Vec<Entry>,
    /// The tree that it was written from, sorted by path; empty where it is for no target.
    pub tree: Vec<TreeEntry>,
}

/// The record of one file of a tree.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeEntry {
    /// The path below the root of the user's machine.
    pub path: String,
    /// Its kind.
    pub kind: Kind,
    /// Permission bits.
    pub mode: u32,
    /// Its content.
    pub content: EntryContent,
}

impl TreeEntry {
    /// Records a file; reads it if it has not been read before.
    pub fn of(file: &TreeFile) -> std::io::Result<Self> {
        let content = match &file.content {
            Content::Symlink(target) => EntryContent::Symlink(target.clone()),
            Content::File(_) | Content::Bytes(_) => EntryContent::File {
                size: file.size(),
                sha256: file.sha256()?,
            },
        };
        Ok(Self {
            path: file.path.clone(),
            kind: file.kind,
            mode: file.mode,
            content,
        })
    }
}

/// The path of the record beside an artifact.
pub fn record_path(artifact: &Path) -> PathBuf {
    let mut path = OsString::from(artifact);
    path.push(".artifact.json");
    path.into()
}
