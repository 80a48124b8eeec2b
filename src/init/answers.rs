//! The user's answers about a project on the command line.

use crate::model::license::License;
use crate::model::line::Summary;
use crate::model::name::PackageName;
use crate::model::person::Person;
use crate::model::target::Target;

/// Values from the user, in addition to the project's.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The targets to release for; empty for the usual one.
    pub targets: Vec<Target>,
    /// Names of the formats to write; empty for the usual ones.
    pub formats: Vec<&'static str>,
    /// The packages to release, by Cargo's names.
    pub packages: Vec<String>,
    /// The package's name.
    pub name: Option<PackageName>,
    /// One line about the program.
    pub summary: Option<Summary>,
    /// An SPDX license expression.
    pub license: Option<License>,
    /// Who answers for the packages.
    pub maintainer: Option<Person>,
    /// Who it is where neither the user nor the project says so.
    pub committer: Option<Person>,
}
