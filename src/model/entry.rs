//! The contents of an artifact, as written and as read back.

use crate::model::digest::Sha256Sum;

/// One member of an artifact.
///
/// Writing yields a list of entries, and reading the artifact back yields another. The gate `packages` checks that the
/// two are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The path inside the artifact: relative, `/`-separated, without `./`; a directory has no trailing slash.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// Its content.
    pub content: EntryContent,
}

/// The content of an [`Entry`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryContent {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Bytes.
        size: u64,
        /// The sum of the content.
        sha256: Sha256Sum,
    },
    /// A symbolic link and its target.
    Symlink(String),
}
