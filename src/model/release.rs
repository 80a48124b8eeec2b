//! A release: a directory with the artifacts of one version and what is recorded of them.
//!
//! ```text
//! artifacts/<file>   the packages
//! sbom/<file>        what is in their programs, for each target
//! SHA256SUMS         the sums of both; `sha256sum -c SHA256SUMS` checks them in the release directory
//! release.json       a [`Release`]; written last, so that a directory that has it is complete
//! ```

use std::path::{Path, PathBuf};

use crate::model::artifact::Artifact;
use crate::model::commit::Commit;
use crate::model::digest::Sha256Sum;
use crate::model::name::PackageName;
use crate::model::path::FileName;
use crate::model::schema::Schema;
use crate::model::target::Target;
use crate::output::json::{self, JsonError};

/// The directory of the artifacts in a release directory.
pub const ARTIFACTS: &str = "artifacts";
/// The directory of the SBOMs in a release directory.
pub const SBOMS: &str = "sbom";
/// The file with the sums.
pub const SUMS: &str = "SHA256SUMS";
/// The file with the [`Release`].
pub const RECORD: &str = "release.json";

/// What is recorded of a release.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The version of this record's schema.
    #[serde(default)]
    pub schema: Schema,
    /// The package's name.
    pub name: PackageName,
    /// The package's version.
    pub version: semver::Version,
    /// The commit that was released, if it is known.
    pub commit: Option<Commit>,
    /// Whether the source had changes that are in no commit, so that nobody can make the release again.
    #[serde(default)]
    pub dirty: bool,
    /// The time that the release claims to be from, in seconds since the epoch.
    pub date: i64,
    /// The packages, sorted by file name.
    pub artifacts: Vec<Artifact>,
    /// The lists of what is in their programs, sorted by file name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sboms: Vec<SbomFile>,
    /// What the release was built with, as the builder tells it.
    pub built_with: Option<serde_json::Map<String, serde_json::Value>>,
    /// The limits that the gates hold it to, as the gates' tables of a manifest.
    pub gates: serde_json::Map<String, serde_json::Value>,
}

/// A list of what is in the programs for a target.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SbomFile {
    /// The target.
    pub target: Target,
    /// The file's name.
    pub file: FileName,
    /// The file's size in bytes.
    pub size: u64,
    /// The file's SHA-256.
    pub sha256: Sha256Sum,
}

impl Release {
    /// Reads the record in a release directory.
    pub fn read(directory: &Path) -> Result<Self, JsonError> {
        json::read_foreign(&directory.join(RECORD))
    }

    /// The content of the file with the sums: lines as `sha256sum` writes them, with paths from the release directory.
    pub fn sums(&self) -> String {
        let files = self.files().into_iter();
        files
            .map(|(path, sum)| format!("{sum}  {path}\n"))
            .collect()
    }

    /// The files of the release with their sums: paths from the release directory.
    pub fn files(&self) -> Vec<(String, Sha256Sum)> {
        let artifacts = self.artifacts.iter();
        let artifacts = artifacts.map(|each| (format!("{ARTIFACTS}/{}", each.file), each.sha256));
        let sboms = self.sboms.iter();
        let sboms = sboms.map(|each| (format!("{SBOMS}/{}", each.file), each.sha256));
        artifacts.chain(sboms).collect()
    }

    /// The sum of the file with the sums, which tells releases with other packages apart.
    pub fn sum(&self) -> Sha256Sum {
        Sha256Sum::of(self.sums().as_bytes())
    }
}

/// The path of an artifact in a release directory.
pub fn artifact_path(directory: &Path, artifact: &Artifact) -> PathBuf {
    directory.join(ARTIFACTS).join(artifact.file.as_str())
}
