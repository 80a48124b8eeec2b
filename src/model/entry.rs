//! What an artifact holds, as written and as read back.

use crate::model::digest::Sha256Sum;

/// One member of an artifact.
///
/// Writing yields a list of these and reading the artifact again yields another; the two are equal, which the
/// `packages` gate checks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The path inside the artifact: relative, `/`-separated, without `./`; a directory has no slash at its end.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// What is there.
    pub content: EntryContent,
}

/// What stands at an [`Entry`]'s path.
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
