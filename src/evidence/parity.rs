//! How a program compares with recorded cases, and how much of what it was made after it covers.

use super::ObservedProgram;
use crate::model::commit::Commit;

/// The replay of a corpus.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parity {
    /// The program that was run.
    pub program: ObservedProgram,
    /// The name of the corpus' directory.
    pub corpus: String,
    /// The programs that the cases were recorded from, sorted.
    pub references: Vec<ObservedProgram>,
    /// How many cases there are.
    pub cases: u64,
    /// Those that differ, sorted by name.
    pub differing: Vec<DifferingCase>,
    /// The normalizations that changed something, sorted by name.
    pub normalizations: Vec<NormalizationUse>,
}

/// A case that differs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DifferingCase {
    /// Its name.
    pub case: String,
    /// Where; at least one.
    pub differences: Vec<CaseDifference>,
}

/// The first difference in one of the things that are compared.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseDifference {
    /// Such as `stdout, line 2, column 5`.
    pub place: String,
    /// What the program did.
    pub found: String,
    /// What was recorded.
    pub expected: String,
}

/// What a normalization changed in what the program wrote.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormalizationUse {
    /// Its name.
    pub name: String,
    /// In how many cases.
    pub cases: u64,
    /// How many times.
    pub replacements: u64,
}

/// Which files of a reference have a counterpart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The name of the file that maps one to the other.
    pub map: String,
    /// The commit of the tree, if it is known.
    pub commit: Option<Commit>,
    /// Whether the tree had changes that are in no commit.
    pub dirty: bool,
    /// How many files of the reference are mapped.
    pub mapped: u64,
    /// How many are left out, for a reason.
    pub omitted: u64,
    /// Those that are neither, sorted.
    pub unmapped: Vec<String>,
    /// Paths of the map that lead nowhere, in its order.
    pub dangling: Vec<DanglingPath>,
}

/// A path of the map that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DanglingPath {
    /// The path, as the map has it.
    pub path: String,
    /// The line of the map, from 1.
    pub line: u64,
    /// Whether it should be in the reference; otherwise, in the tree.
    pub in_reference: bool,
}
