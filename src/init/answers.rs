//! What the user says about a project on the command line.

use crate::model::name::PackageName;
use crate::project::manifest::values::{Line, Maintainer, Summary};

/// What the user says besides the project.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The packages to release, by Cargo's names.
    pub packages: Vec<String>,
    /// The package's name.
    pub name: Option<PackageName>,
    /// One line about the program.
    pub summary: Option<Summary>,
    /// An SPDX license expression.
    pub license: Option<Line>,
    /// Who answers for the packages.
    pub maintainer: Option<Maintainer>,
    /// Who it is where neither the user nor the project says so.
    pub committer: Option<Maintainer>,
}
