//! How checks of the source ended.

use crate::model::commit::Commit;

/// The end of one check: tests, lints, documentation, or another one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// The check's name.
    pub check: String,
    /// The commit that was checked, if it is known.
    pub commit: Option<Commit>,
    /// Whether the source had changes that are in no commit.
    pub dirty: bool,
    /// How many parts of it passed: of tests, how many.
    pub passed: u64,
    /// The names of the parts that failed.
    pub failed: Vec<String>,
}
