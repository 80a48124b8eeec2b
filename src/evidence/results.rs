//! How checks of the source ended.

use crate::model::commit::Commit;

/// The end of one check: tests, lints, documentation, or another command of the project.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// The check's name.
    pub check: String,
    /// The command that was run.
    pub command: Vec<String>,
    /// The commit that was checked, if it is known.
    pub commit: Option<Commit>,
    /// Whether the source had changes that are in no commit.
    pub dirty: bool,
    /// How many parts of it passed, if it tells.
    pub passed: Option<u64>,
    /// What it found.
    pub findings: Vec<CheckFinding>,
}

/// One problem that a check has found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFinding {
    /// Where.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}
