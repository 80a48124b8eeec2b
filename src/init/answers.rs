//! The user's answers about a project on the command line.

use crate::model::name::PackageName;
use crate::project::manifest::values::{Line, Maintainer, Summary};

/// Values from the user, in addition to the project's.
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
    /// The person or team responsible for the packages.
    pub maintainer: Option<Maintainer>,
    /// The default if neither the user nor the project names one.
    pub committer: Option<Maintainer>,
}
