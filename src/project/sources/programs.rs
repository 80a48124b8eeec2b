//! Whether the packages build the programs of the manifest.

use super::super::cargo::features::enabled;
use super::super::cargo::packages::CargoPackage;
use super::super::manifest::located::Located;
use super::super::manifest::values::Origin;
use super::super::{FileRule, Project};
use super::{PROGRAMS, exists};
use crate::model::hint::nearest;
use crate::model::target::Target;

/// What a program is to cargo.
const PROGRAM: &str = "a program has a `src/main.rs`, a file in `src/bin/` or a `[[bin]]`";

/// Refuses a rule for programs of the build where the packages have libraries alone.
pub(super) fn check_library(
    project: &Project,
    rule: &FileRule,
    packages: &[CargoPackage],
) -> Result<(), Box<Located>> {
    let is_of_build = match &rule.origin {
        Origin::File(path) => path.starts_with(PROGRAMS) && !exists(&project.root, path),
        Origin::Directory(path) => &**path == "bin" && !exists(&project.root, path),
        Origin::Glob(glob) => {
            let is_there = glob
                .files(&project.root)
                .is_ok_and(|files| !files.is_empty());
            glob.to_string().starts_with(PROGRAMS) && !is_there
        }
    };
    let has_program = |package: &CargoPackage| {
        !package.programs.built.is_empty() || !package.programs.left_out.is_empty()
    };
    let libraries: Vec<_> = packages.iter().filter_map(library).collect();
    if !is_of_build || libraries.is_empty() || packages.iter().any(has_program) {
        return Ok(());
    }
    let message = format!(
        "no package builds a program: {}, and Sealift ships programs",
        libraries.join(", ")
    );
    let error = project.manifest.error_at(rule.span.clone(), message);
    Err(error.with_hint(PROGRAM))
}

/// Says what a package without programs builds.
fn library(package: &CargoPackage) -> Option<String> {
    let kinds = package.library.join(", ");
    (!kinds.is_empty()).then(|| format!("`{}` builds a library ({kinds})", package.name))
}

/// Refuses a program that no package builds, or that needs features that are off for one of its targets.
pub(super) fn check(
    project: &Project,
    rule: &FileRule,
    program: &str,
    packages: &[CargoPackage],
) -> Result<(), Box<Located>> {
    let has = |package: &&CargoPackage, name: &str| {
        let programs = &package.programs;
        let mut all = programs.built.iter().chain(&programs.left_out);
        all.any(|program| program == name)
    };
    let wanted = &project.build.packages;
    let is_built = |package: &&CargoPackage| {
        wanted.is_empty() || wanted.iter().any(|name| name.to_string() == package.name)
    };
    let (built, others): (Vec<&CargoPackage>, Vec<_>) = packages.iter().partition(is_built);
    if let Some(package) = built.iter().find(|package| has(package, program)) {
        return check_features(project, rule, program, package, packages);
    }
    let message = format!("no package builds the program `{program}`");
    let error = |message| project.manifest.error_at(rule.span.clone(), message);
    if let Some(package) = others.iter().find(|package| has(package, program)) {
        let message = format!(
            "{message}: `packages` of `[build]` leaves `{}` out",
            package.name
        );
        return Err(error(message).with_hint(format!("add `{}` to `packages`", package.name)));
    }
    let mut known: Vec<_> = built
        .iter()
        .flat_map(|package| {
            package
                .programs
                .built
                .iter()
                .chain(&package.programs.left_out)
        })
        .map(String::as_str)
        .collect();
    known.sort_unstable();
    known.dedup();
    if known.is_empty() {
        return Err(error(message).with_hint(PROGRAM));
    }
    let hint = match nearest(program, known.iter().copied()) {
        Some(meant) => format!("did you mean `{PROGRAMS}{meant}`?"),
        None => "add a `[[bin]]` to Cargo.toml, or name one of those".to_owned(),
    };
    let message = format!("{message}; expected one of `{}`", known.join("`, `"));
    Err(error(message).with_hint(hint))
}

/// cargo leaves a program out without a word where its features are off.
fn check_features(
    project: &Project,
    rule: &FileRule,
    program: &str,
    package: &CargoPackage,
    packages: &[CargoPackage],
) -> Result<(), Box<Located>> {
    let Some(required) = package.programs.required.get(program) else {
        return Ok(());
    };
    let depends = |other: &CargoPackage| other.dependencies.contains(&package.name);
    if packages.iter().any(depends) {
        // Others may enable features of the package, too.
        return Ok(());
    }
    for target in rule.targets.iter().copied().flat_map(compiled) {
        let default = project.build.has_default_features(target);
        let asked = project.build.features_for(target);
        let asked = asked.iter().map(|feature| feature.as_str());
        let on = enabled(
            &package.name,
            &package.features,
            asked.chain(default.then_some("default")),
        );
        // One of a dependency is not judged.
        let is_off = |name: &&String| !name.contains('/') && !on.contains(name.as_str());
        if let Some(missing) = required.iter().find(is_off) {
            let message = format!(
                "the program `{program}` needs the cargo feature `{missing}`, which is off for `{target}`"
            );
            let error = project.manifest.error_at(rule.span.clone(), message);
            let hint = format!(
                "write `features = [\"{missing}\"]` below `[build]`, or name in `targets` those that have the program"
            );
            return Err(error.with_hint(hint));
        }
    }
    Ok(())
}

/// The targets that are compiled for one.
fn compiled(target: Target) -> Vec<Target> {
    let members = target.members.iter().map(|triple| triple.parse());
    let members: Result<Vec<_>, _> = members.collect();
    match members.expect("members are targets").as_slice() {
        [] => vec![target],
        members => members.to_vec(),
    }
}
