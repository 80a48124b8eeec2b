//! The input of a format besides the tree: the package's metadata and the parameters of the run.

use crate::model::commit::Commit;
use crate::model::license::License;
use crate::model::line::{Line, Paragraphs, Summary};
use crate::model::name::PackageName;
use crate::model::person::Person;
use crate::model::systemd::Systemd;
use crate::model::target::Target;
use crate::model::threads::Threads;
use crate::model::tree::Tree;

/// A package's metadata, resolved: every value is valid and defaults are filled in.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Package {
    /// The name.
    pub name: PackageName,
    /// The version, as Semantic Versioning 2.0.0 writes it.
    pub version: semver::Version,
    /// One line, without a trailing period.
    pub summary: Summary,
    /// Paragraphs separated by blank lines; may be empty.
    pub description: Paragraphs,
    /// An SPDX license expression.
    pub license: License,
    /// Who answers for it.
    pub maintainer: Person,
    /// The project's page.
    pub homepage: Option<Line>,
    /// The source repository's address.
    pub repository: Option<Line>,
    /// The commit that the files were built from.
    pub commit: Option<Commit>,
    /// What becomes of its systemd units.
    pub systemd: Systemd,
}

/// The parameters of one write.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The platform that the files are for.
    pub target: Target,
    /// The files.
    pub tree: &'a Tree,
    /// The only clock: seconds since the epoch (`SOURCE_DATE_EPOCH`), not negative.
    pub date: i64,
    /// What compresses the content. The number of threads must not change the output.
    pub threads: &'a Threads,
}
