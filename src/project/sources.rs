//! Whether the files of the manifest can be had: from the project, from its build, or from a generated file.
//!
//! It is judged only where the sources of the programs lie beside their `Cargo.toml`. A directory without them, such as
//! the one that packaging reads in Nix, does not tell what a build makes.

use std::path::Path;

use super::cargo::packages::{CargoPackage, CargoProject};
use super::cargo::{CargoError, names};
use super::manifest::located::Located;
use super::manifest::values::Origin;
use super::{FileRule, Project, ProjectError};
use crate::model::hint::{did_you_mean, nearest};
use crate::model::path::RelativePath;
use crate::model::tree::Kind;

/// The folder of a build with the programs.
const PROGRAMS: &str = "bin/";

/// Refuses programs that no package builds, and files that are nowhere.
pub fn check(project: &Project) -> Result<(), ProjectError> {
    let Some(packages) = packages(&project.root)? else {
        return Ok(());
    };
    for rule in &project.files {
        let Origin::File(path) = &rule.origin else {
            continue;
        };
        if exists(&project.root, path) || is_generated(project, path) {
            continue;
        }
        match path.as_str().strip_prefix(PROGRAMS) {
            Some(program) if rule.kind == Kind::Binary => {
                check_program(project, rule, program, &packages)?
            }
            _ => check_file(project, rule, path)?,
        }
    }
    Ok(())
}

/// The packages that are built together with the one in a directory; `None` if their sources are not all there.
fn packages(root: &Path) -> Result<Option<Vec<CargoPackage>>, CargoError> {
    let Some(project) = CargoProject::read_whole(root)? else {
        return Ok(None);
    };
    let packages = project.packages;
    let are_there = packages.iter().all(|package| package.has_sources);
    Ok((are_there && !packages.is_empty()).then_some(packages))
}

fn exists(root: &Path, path: &RelativePath) -> bool {
    root.join(path.as_str()).symlink_metadata().is_ok()
}

fn is_generated(project: &Project, path: &RelativePath) -> bool {
    let mut outputs = project.generate.iter().map(|rule| rule.output.get_ref());
    outputs.any(|output| output == path)
}

fn check_program(
    project: &Project,
    rule: &FileRule,
    program: &str,
    packages: &[CargoPackage],
) -> Result<(), Box<Located>> {
    // Whether the features of a program are enabled is for cargo to say.
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
    if built.iter().any(|package| has(package, program)) {
        return Ok(());
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
        let hint = "a program has a `src/main.rs`, a file in `src/bin/` or a `[[bin]]`";
        return Err(error(message).with_hint(hint));
    }
    let hint = match nearest(program, known.iter().copied()) {
        Some(meant) => format!("did you mean `{PROGRAMS}{meant}`?"),
        None => "add a `[[bin]]` to Cargo.toml, or name one of those".to_owned(),
    };
    let message = format!("{message}; expected one of `{}`", known.join("`, `"));
    Err(error(message).with_hint(hint))
}

/// Refuses a missing file in a directory of the project. One in another directory may come from the build.
fn check_file(project: &Project, rule: &FileRule, path: &RelativePath) -> Result<(), ProjectError> {
    let (above, name) = path
        .as_str()
        .rsplit_once('/')
        .unwrap_or(("", path.as_str()));
    let directory = project.root.join(above);
    if !directory.is_dir() {
        return Ok(());
    }
    let beside = names(&directory).map_err(CargoError::from)?;
    let hint = did_you_mean(name, beside.iter().map(String::as_str))
        .unwrap_or_else(|| "add the file, or remove this entry of `[[files]]`".to_owned());
    let message =
        format!("there is no file `{path}` in the project, and no `[[generate]]` makes it");
    let error = project.manifest.error_at(rule.span.clone(), message);
    Err(error.with_hint(hint).into())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::testing::TestProject;

    const CARGO: &[u8] = b"[package]\nname = 'hello'\n";

    fn project(kind: &str, source: &str) -> TestProject {
        let rule = format!("[[files]]\nkind = '{kind}'\nsource = '{source}'\n");
        TestProject::new(&rule).file("Cargo.toml", CARGO)
    }

    fn error_of(project: &TestProject) -> Option<String> {
        check(&project.project())
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn nothing_is_judged_without_the_sources() {
        assert_eq!(error_of(&project("binary", "bin/helo")), None);
        let unrelated = project("binary", "bin/helo").file("src/themes.txt", b"");
        assert_eq!(error_of(&unrelated), None);
        let sources = project("binary", "bin/helo").file("src/main.rs", b"");
        assert!(error_of(&sources).is_some());
    }

    #[test]
    fn programs_are_those_of_the_whole_workspace() {
        let workspace = |program: &str| {
            project("binary", program)
                .file("Cargo.toml", b"[workspace]\nmembers = ['crates/*']\n")
                .file("crates/hello/Cargo.toml", CARGO)
                .file("crates/hello/src/main.rs", b"")
                .file("crates/hello/src/bin/second.rs", b"")
                .file("crates/hello/src/bin/third/main.rs", b"")
        };
        for program in ["bin/hello", "bin/second", "bin/third"] {
            assert_eq!(error_of(&workspace(program)), None, "{program}");
        }
        let message = error_of(&workspace("bin/fourth")).expect("no such program");
        assert!(
            message.contains("no package builds the program `fourth`; expected one of `hello`, `second`, `third`\n"),
            "{message}"
        );
    }

    #[test]
    fn a_script_of_the_project_can_be_shipped_as_a_program() {
        let script = project("binary", "bin/run").file("bin/run", b"#!/bin/sh\n");
        assert_eq!(error_of(&script.file("src/main.rs", b"")), None);
    }

    #[test]
    fn a_file_of_another_directory_may_come_from_the_build() {
        let page = |source: &str| project("man", source).file("src/main.rs", b"");
        assert_eq!(error_of(&page("share/man/hello.1")), None);
        let message = error_of(&page("hello.1")).expect("no such file");
        assert!(message.contains("there is no file `hello.1`"), "{message}");
        let generate = "[[generate]]\ncommand = ['bin/hello', 'man']\noutput = 'hello.1'\n";
        let rule = format!("[[files]]\nkind = 'man'\nsource = 'hello.1'\n{generate}");
        let generated = TestProject::new(&rule).file("Cargo.toml", CARGO);
        assert_eq!(error_of(&generated.file("src/main.rs", b"")), None);
    }
}
