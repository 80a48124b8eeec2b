//! What is known about a project before it has a manifest.

use std::path::Path;

use super::InitError;
use super::answers::Answers;
use super::beside::{self, Beside};
use super::choose;
use super::metadata::{Metadata, metadata};
use super::platforms::{USUAL_FORMATS, USUAL_TARGET};

/// The input for the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The triples to release for.
    pub(super) targets: Vec<&'static str>,
    /// Names of the formats to write.
    pub(super) formats: Vec<&'static str>,
    /// Metadata.
    pub(super) package: Metadata,
    /// The directory of the package with that metadata, below the project; empty for the project itself.
    pub(super) directory: String,
    /// Cargo's names of the packages to build; empty if the project is one package.
    pub(super) packages: Vec<String>,
    /// The programs, sorted.
    pub(super) programs: Vec<String>,
    /// Programs that are not built by default.
    pub(super) left_out: Vec<String>,
    /// Files that were found beside the sources.
    pub(super) beside: Vec<Beside>,
}

/// Reads the project in a directory, which should be absolute.
pub fn survey(directory: &Path, answers: &Answers) -> Result<Facts, InitError> {
    let project = choose::read(directory)?;
    let chosen = project.choose(&answers.packages)?;
    let main = chosen.first().expect("choosing gives one package at least");
    let is_own = main.directory.is_empty();
    let package = metadata(&directory.join(&main.directory), is_own, answers)?;
    let mut programs: Vec<_> = chosen
        .iter()
        .flat_map(|package| package.programs.built.clone())
        .collect();
    programs.sort();
    programs.dedup();
    Ok(Facts {
        targets: or_usual(
            answers.targets.iter().map(|target| target.triple),
            &[USUAL_TARGET],
        ),
        formats: or_usual(answers.formats.iter().copied(), &USUAL_FORMATS),
        beside: beside::find(directory, &main.directory, &programs)?,
        packages: match project.packages.as_slice() {
            [_] => Vec::new(),
            _ => chosen.iter().map(|package| package.name.clone()).collect(),
        },
        left_out: chosen
            .iter()
            .flat_map(|package| package.programs.left_out.clone())
            .collect(),
        directory: main.directory.clone(),
        package,
        programs,
    })
}

/// What was asked for, each once and in that order, or else what is usual.
fn or_usual(
    asked: impl Iterator<Item = &'static str>,
    usual: &[&'static str],
) -> Vec<&'static str> {
    let mut chosen = Vec::new();
    for name in asked {
        if !chosen.contains(&name) {
            chosen.push(name);
        }
    }
    if chosen.is_empty() {
        usual.to_vec()
    } else {
        chosen
    }
}
