//! What is known about a project before it has a manifest.

use std::path::Path;

use super::InitError;
use super::answers::Answers;
use super::beside::{self, Beside};
use super::choose;
use super::foreign::{self, Foreign};
use super::metadata::{Metadata, Value, metadata};
use super::platforms::{APPIMAGE, USUAL_FORMATS, USUAL_TARGET};
use super::profile;
use super::tools::{self, Needed};
use crate::model::license::is_third_party;
use crate::model::tree::Kind;

/// The input for the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The triples to release for.
    pub(super) targets: Vec<&'static str>,
    /// Names of the formats to write.
    pub(super) formats: Vec<&'static str>,
    /// Whether there is one program to start: the only one, or that with the package's name.
    pub(super) starts_one: bool,
    /// Metadata.
    pub(super) package: Metadata,
    /// The directory of the package with that metadata, below the project; empty for the project itself.
    pub(super) directory: String,
    /// The cargo profile for releases, if it is another than `release`.
    pub(super) cargo_profile: Option<String>,
    /// Cargo's names of the packages to build; empty if the project is one package.
    pub(super) packages: Vec<String>,
    /// The programs, sorted.
    pub(super) programs: Vec<String>,
    /// Programs that are not built by default.
    pub(super) left_out: Vec<String>,
    /// What build scripts of its crates run.
    pub(super) tools: Needed,
    /// Whether the programs are made of crates of others, whose licenses no file beside the sources has.
    pub(super) has_others: bool,
    /// Files that were found beside the sources, or that other packagers ship.
    pub(super) beside: Vec<Beside>,
    /// What else the tables of other packagers say.
    pub(super) foreign: Foreign,
}

/// Reads the project in a directory, which should be absolute.
pub fn survey(directory: &Path, answers: &Answers) -> Result<Facts, InitError> {
    let project = choose::read(directory)?;
    let chosen = project.choose(&answers.packages)?;
    let main = chosen.first().expect("choosing gives one package at least");
    let mut programs: Vec<_> = chosen
        .iter()
        .flat_map(|package| package.programs.built.clone())
        .collect();
    programs.sort();
    programs.dedup();
    let mut beside = beside::find(directory, &main.directory, &programs)?;
    let name = match &answers.name {
        Some(name) => name.to_string(),
        None => main.name.to_lowercase().replace('_', "-"),
    };
    let mut foreign = foreign::read(foreign::Project {
        root: directory,
        directory: &main.directory,
        name: &name,
        programs: &programs,
        beside: &beside,
    })?;
    beside.append(&mut foreign.files);
    let is_own = main.directory.is_empty();
    let mut package = metadata(
        &directory.join(&main.directory),
        is_own,
        foreign.maintainer.as_deref(),
        answers,
    )?;
    // What was written for a package says more than what was written for a registry.
    if let Some(description) = foreign.description.take() {
        package.description = Some(Value::Written(description));
    }
    let asked = answers.targets.iter().map(|target| target.triple);
    let targets = match foreign.targets.as_slice() {
        [] => or_usual(asked, &[USUAL_TARGET]),
        others => or_usual(asked, others),
    };
    let mut formats = or_usual(answers.formats.iter().copied(), &USUAL_FORMATS);
    let is_started = |program: &String| program == package.name.text();
    let is_one = programs.len() == 1 || programs.iter().any(is_started);
    if !is_one && formats.len() > 1 {
        formats.retain(|format| *format != APPIMAGE);
    }
    let lock = tools::lock(directory);
    let is_of_others =
        |file: &Beside| file.kind == Kind::License && is_third_party(file.source.file_name());
    Ok(Facts {
        targets,
        starts_one: is_one,
        formats,
        foreign,
        cargo_profile: profile::for_releases(&foreign::cargo_toml(directory)?),
        packages: match project.packages.as_slice() {
            [_] => Vec::new(),
            _ => chosen.iter().map(|package| package.name.clone()).collect(),
        },
        left_out: chosen
            .iter()
            .flat_map(|package| package.programs.left_out.clone())
            .collect(),
        directory: main.directory.clone(),
        has_others: lock.packages.len() > project.packages.len()
            && !beside.iter().any(is_of_others),
        tools: tools::of_lock(&lock),
        beside,
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
