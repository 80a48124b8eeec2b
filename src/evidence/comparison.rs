//! Two releases that were compared.

use crate::model::digest::Sha256Sum;

/// How two releases differ.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The first release, by the sum of its `SHA256SUMS`.
    pub left: Sha256Sum,
    /// The second release, likewise.
    pub right: Sha256Sum,
    /// Where they differ, in the order of the artifacts.
    pub differences: Vec<Difference>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The artifact, the member and the location in it.
    pub place: String,
    /// What is there in the first release.
    pub left: String,
    /// What is there in the second.
    pub right: String,
}
