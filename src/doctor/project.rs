//! The project that the caller is in.

use std::path::PathBuf;

use super::{Host, Verdict};

/// What the caller knows about its project.
#[derive(Clone, Debug, Default)]
pub struct ProjectFacts {
    /// The directory with its flake and its lock, absolute.
    pub directory: PathBuf,
    /// The packages of its workspace.
    pub packages: Vec<PackageFacts>,
    /// The files and directories that a build needs, below the directory.
    pub files: Vec<String>,
    /// Whether the user has named a Sealift for `nixw`, which takes precedence over the flake's.
    pub names_sealift: bool,
}

/// What a `Cargo.toml` says about a package.
#[derive(Clone, Debug, Default)]
pub struct PackageFacts {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// The oldest Rust that compiles it.
    pub rust_version: Option<String>,
    /// The names of the packages that it depends on.
    pub dependencies: Vec<String>,
}

/// The verdict on a project that is not there.
pub(super) fn none() -> Verdict {
    Verdict::NotApplicable("the current directory is in no project".to_owned())
}

impl Host<'_> {
    pub(super) fn project(&self) -> Option<&ProjectFacts> {
        self.surroundings.project.as_ref()
    }
}
