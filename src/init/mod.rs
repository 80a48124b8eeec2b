//! The first files of a project that is to be released: its manifest, its flake, the Nix wrapper, and a file for direnv.
//!
//! [`survey::survey`] reads what a Cargo project says of itself, the texts are pure functions of that, and
//! [`Draft::write`] puts them there whole or not at all. A manifest that could not be planned is never written.

pub mod address;
pub mod answers;
mod beside;
mod choose;
mod envrc;
mod flake;
mod foreign;
mod ignore;
mod manifest;
mod metadata;
pub mod platforms;
mod profile;
pub mod survey;
mod tools;
mod write;

use std::path::{Path, PathBuf};

use crate::format::{FORMATS, Resources};
use crate::model::hint::{Hint, did_you_mean};
use crate::model::text::InvalidText;
use crate::output::OutputError;
use crate::output::path_error::PathError;
use crate::pipeline::plan::{PlanError, Selection, plan};
use crate::project::cargo::CargoError;
use crate::project::manifest::located::{Located, ReadError, Source};
use crate::project::manifest::{Manifest, ManifestError};
use crate::project::{Project, ProjectError, sources};
use address::Address;
use answers::Answers;
pub use foreign::Note;
pub use metadata::Unknown;
pub use write::{FILES, Scope};

/// The Nix wrapper, as this program was built with it.
pub const NIXW: &str = include_str!("../../nixw");

/// The SHA-256 of the crate of this version, where it was known when this program was built.
const CRATE_SHA256: Option<&str> = option_env!("SEALIFT_CRATE_SHA256");

/// The files of a project, ready to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// In the order in which they are named to people.
    pub files: Vec<NewFile>,
    /// Files that are there already and stay as they are.
    pub kept: Vec<KeptFile>,
    /// What became of the tables of other packagers.
    pub notes: Vec<Note>,
}

/// A file that stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// Its name in the project's directory.
    pub name: &'static str,
    /// Lines that it should have; empty if they depend on what it is for.
    pub to_merge: String,
}

/// A file that will be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its name in the project's directory.
    pub name: &'static str,
    /// Its content.
    pub text: String,
    /// Permission bits.
    pub mode: u32,
    /// Whether it may take the place of a file that is there.
    pub replaces: bool,
}

/// Why a project does not get its files.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is nothing to release in the directory.
    #[error("no `Cargo.toml` in `{}`", directory.display())]
    NoCargoToml {
        /// The directory.
        directory: PathBuf,
        /// The nearest directory above with one.
        above: Option<PathBuf>,
    },
    /// The directory is a part of a workspace only.
    #[error(
        "`{}` belongs to the workspace in `{}`, which is built as a whole",
        directory.display(), workspace.display()
    )]
    Member {
        /// The directory.
        directory: PathBuf,
        /// The directory of the workspace.
        workspace: PathBuf,
        /// The package in the directory.
        package: String,
    },
    /// No package makes a program.
    #[error("`{}` has no program to release{}{}", cargo_toml.display(), left_out(features), only(libraries))]
    NoProgram {
        /// The file that was read.
        cargo_toml: PathBuf,
        /// Programs that are only built with features.
        features: Vec<String>,
        /// The libraries, with their kinds, such as `cdylib`.
        libraries: Vec<(String, Vec<String>)>,
    },
    /// Several packages of a workspace make programs.
    #[error("several packages of the workspace have programs: `{}`", packages.join("`, `"))]
    SeveralPackages {
        /// Their names.
        packages: Vec<String>,
    },
    /// A package was asked for that is not there.
    #[error("there is no package `{package}`; expected one of `{}`", known.join("`, `"))]
    NoPackage {
        /// What was asked for.
        package: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A package was asked for that makes no program.
    #[error("package `{package}` has no program to release")]
    PackageWithoutProgram {
        /// What was asked for.
        package: String,
    },
    /// The package's name is none that packages can have.
    #[error(transparent)]
    Name(InvalidText),
    /// Things that every package needs are nowhere.
    #[error("`{}` does not give {}", cargo_toml.display(), listed(unknown))]
    Unknown {
        /// The file that was read.
        cargo_toml: PathBuf,
        /// What is missing.
        unknown: Vec<Unknown>,
    },
    /// Files that would be written are there already.
    #[error("already there: `{}`; nothing was written", files.join("`, `"))]
    Exists {
        /// Their names.
        files: Vec<&'static str>,
    },
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A directory could not be listed.
    #[error(transparent)]
    List(#[from] PathError),
    /// The packages could not be read.
    #[error(transparent)]
    Cargo(#[from] CargoError),
    /// Something in a `Cargo.toml` is wrong.
    #[error(transparent)]
    Invalid(#[from] Box<Located>),
    /// The project cannot be resolved.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The project cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl From<ManifestError> for InitError {
    fn from(error: ManifestError) -> Self {
        Self::Project(error.into())
    }
}

impl Hint for InitError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoCargoToml {
                above: Some(above), ..
            } => {
                format!("there is one above: give `--directory {}`", above.display())
            }
            Self::NoCargoToml { above: None, .. } => "`cargo init` starts a project".to_owned(),
            Self::Member {
                workspace, package, ..
            } => format!(
                "run `sealift init --directory {} --package {package}`",
                workspace.display()
            ),
            Self::NoProgram { .. } => {
                "a program has a `src/main.rs`, a file in `src/bin/` or a `[[bin]]`".to_owned()
            }
            Self::SeveralPackages { .. } => {
                "name with `--package` those to release; the first gives the release its name and version".to_owned()
            }
            Self::NoPackage { package, known } => {
                did_you_mean(package, known.iter().map(String::as_str))?
            }
            Self::Name(_) => "give another one with `--name`".to_owned(),
            Self::Unknown { unknown, .. } => advice(unknown),
            Self::Exists { .. } => {
                "`--force` replaces existing files; `--only` writes some of the files".to_owned()
            }
            Self::Invalid(located) => located.hint()?,
            Self::Cargo(error) => error.hint()?,
            Self::Project(error) => error.hint()?,
            Self::Plan(error) => error.hint()?,
            Self::PackageWithoutProgram { .. }
            | Self::Read(_)
            | Self::List(_)
            | Self::Output(_) => return None,
        })
    }
}

fn left_out(features: &[String]) -> String {
    match features {
        [] => String::new(),
        names => format!(
            "; `{}` is built with certain features alone",
            names.join("`, `")
        ),
    }
}

/// Says of a project what it builds instead of programs.
fn only(libraries: &[(String, Vec<String>)]) -> String {
    match libraries {
        [] => String::new(),
        [(name, kinds)] => format!(
            ": `{name}` builds a library ({}), and Sealift ships programs",
            kinds.join(", ")
        ),
        several => {
            let names: Vec<_> = several.iter().map(|(name, _)| name.as_str()).collect();
            format!(
                ": `{}` build libraries, and Sealift ships programs",
                names.join("`, `")
            )
        }
    }
}

fn listed(unknown: &[Unknown]) -> String {
    let keys: Vec<_> = unknown
        .iter()
        .map(|unknown| format!("`{}`", unknown.key))
        .collect();
    match keys.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => keys.concat(),
    }
}

fn advice(unknown: &[Unknown]) -> String {
    let lines = unknown
        .iter()
        .map(|unknown| format!("\n    {}", unknown.example));
    let lines: String = lines.collect();
    let options = unknown.iter().filter_map(|unknown| unknown.option);
    let options: Vec<_> = options.map(|option| format!("`{option}`")).collect();
    let instead = match options.as_slice() {
        [] => String::new(),
        options => format!(", or give {}", options.join(", ")),
    };
    format!("add to its `[package]`{instead}:{lines}")
}

/// Writes the texts of the files for the project in a directory, which should be absolute. Without the address of Sealift
/// there is no flake among them.
pub fn draft(
    directory: &Path,
    answers: &Answers,
    sealift: Option<&Address>,
    scope: &Scope,
) -> Result<Draft, InitError> {
    scope.refuse_existing(directory)?;
    let facts = survey::survey(directory, answers)?;
    let mut drafting = Drafting {
        directory,
        scope,
        draft: Draft::default(),
    };
    if scope.includes(write::MANIFEST) {
        let manifest = manifest::text(&facts);
        prove(directory, &manifest)?;
        drafting.draft.notes.clone_from(&facts.foreign.notes);
        drafting.add(write::MANIFEST, manifest, 0o644, "");
    }
    if let Some(sealift) = sealift {
        let text = flake::text(&facts, sealift);
        drafting.add(write::FLAKE, text, 0o644, &flake::to_merge(sealift));
    }
    if scope.includes(write::WRAPPER) {
        drafting.add(write::WRAPPER, wrapper(CRATE_SHA256), 0o755, "");
    }
    if scope.includes(write::ENVRC) {
        drafting.add(write::ENVRC, envrc::text(), 0o644, "");
    }
    Ok(drafting.draft)
}

struct Drafting<'a> {
    directory: &'a Path,
    scope: &'a Scope,
    draft: Draft,
}

impl Drafting<'_> {
    fn add(&mut self, name: &'static str, text: String, mode: u32, to_merge: &str) {
        if !self.scope.keeps(self.directory, name) {
            self.draft.files.push(NewFile {
                name,
                text,
                mode,
                replaces: self.scope.force,
            });
        } else if self.reads(name).is_none_or(|existing| existing != text) {
            self.draft.kept.push(KeptFile {
                name,
                to_merge: to_merge.to_owned(),
            });
        }
    }

    /// The text of a file; nothing where there is none, or something else than a text file.
    fn reads(&self, name: &str) -> Option<String> {
        let path = self.directory.join(name);
        let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
        is_file.then(|| std::fs::read_to_string(path).ok())?
    }
}

/// The wrapper as a project's own copy, which runs no other crate than the one of this hash, and none without a hash.
fn wrapper(crate_sha256: Option<&str>) -> String {
    let named = format!("\nsealift_crate={}\n", crate_sha256.unwrap_or_default());
    NIXW.replacen("\nsealift_crate=\n", &named, 1)
}

/// What is written must be a beginning that works: it is planned before.
fn prove(directory: &Path, manifest: &str) -> Result<(), InitError> {
    let source = Source {
        path: directory.join(write::MANIFEST),
        text: manifest.to_owned(),
    };
    let manifest = Manifest::parse(source, FORMATS)?;
    let project = Project::resolve(
        manifest,
        directory.to_owned(),
        FORMATS,
        &Resources::default(),
    )?;
    plan(&project, &Selection::default())?;
    Ok(sources::check(&project)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_wrapper_names_the_crate_that_it_may_run() {
        assert_eq!(wrapper(None), NIXW);
        let named = wrapper(Some("0123"));
        assert!(named.contains("\nsealift_crate=0123\n"));
        assert_eq!(named.lines().count(), NIXW.lines().count());
    }
}
