//! Whether the files of the manifest can be had: from the project, from its build, or from a generated file.
//!
//! It is judged only where the sources of the programs lie beside their `Cargo.toml`. A directory without them, such as
//! the one that packaging reads in Nix, does not tell what a build makes.

mod programs;

use std::collections::BTreeSet;
use std::path::Path;

use super::cargo::packages::{CargoPackage, CargoProject};
use super::cargo::{CargoError, names};
use super::manifest::build::{CargoPackage as CargoPackageName, CargoProfile};
use super::manifest::located::Located;
use super::manifest::values::Origin;
use super::{FileRule, Project, ProjectError};
use crate::model::hint::did_you_mean;
use crate::model::path::RelativePath;
use crate::model::tree::Kind;

/// The folder of a build with the programs.
pub const PROGRAMS: &str = "bin/";

/// Refuses programs that no package builds, files that are nowhere, and a cargo profile that is not defined.
pub fn check(project: &Project) -> Result<(), ProjectError> {
    let Some(cargo) = CargoProject::read_whole(&project.root)? else {
        return Ok(());
    };
    check_profile(project, &cargo)?;
    let packages = cargo.packages;
    // What a build makes is known only where all sources are.
    if packages.is_empty() || !packages.iter().all(|package| package.has_sources) {
        return Ok(());
    }
    for rule in &project.files {
        if let Some((package, _)) = rule.origin.out_dir() {
            check_out_dir(project, rule, &package, &packages)?;
            continue;
        }
        if rule.kind == Kind::Binary {
            programs::check_library(project, rule, &packages)?;
        }
        let Origin::File(path) = &rule.origin else {
            continue;
        };
        if is_there(project, path) {
            continue;
        }
        match path.as_str().strip_prefix(PROGRAMS) {
            Some(program) if rule.kind == Kind::Binary => {
                programs::check(project, rule, program, &packages)?
            }
            _ => check_file(project, rule, path)?,
        }
    }
    Ok(())
}

/// Refuses a profile that the `Cargo.toml` of the workspace does not define.
fn check_profile(project: &Project, cargo: &CargoProject) -> Result<(), Box<Located>> {
    let written = &project.build.cargo_profile;
    let profile = written.get_ref().as_str();
    let known = cargo.profiles.iter().map(String::as_str);
    // Those of cargo that are for development cannot be chosen.
    let known = known.filter(|name| name.parse::<CargoProfile>().is_ok());
    let mut known: BTreeSet<_> = known.collect();
    known.insert("release");
    if known.contains(profile) {
        return Ok(());
    }
    let list = known.iter().copied().collect::<Vec<_>>().join("`, `");
    let message = format!("`Cargo.toml` has no profile `{profile}`; expected one of `{list}`");
    let error = project.manifest.error_at(written.span(), message);
    let hint = did_you_mean(profile, known).unwrap_or_else(|| {
        format!("define `[profile.{profile}]` in the Cargo.toml of the workspace")
    });
    Err(error.with_hint(hint))
}

/// Refuses a member of the workspace that has no build script. What dependencies have, only cargo knows.
fn check_out_dir(
    project: &Project,
    rule: &FileRule,
    name: &CargoPackageName,
    packages: &[CargoPackage],
) -> Result<(), Box<Located>> {
    let package = packages
        .iter()
        .find(|package| package.name == name.as_str());
    if package.is_none_or(|package| package.has_build_script) {
        return Ok(());
    }
    let message = format!("package `{name}` has no build script");
    let error = project.manifest.error_at(rule.span.clone(), message);
    let others = packages.iter().filter(|package| package.has_build_script);
    let others: Vec<_> = others.map(|package| package.name.as_str()).collect();
    Err(match others.as_slice() {
        [] => error.with_hint("a build script is `build.rs` beside Cargo.toml, or `build` in it"),
        others => error.with_hint(format!("`{}` has one", others.join("`, `"))),
    })
}

/// Whether a file is there without a build: in the project, or because it is generated.
pub fn is_there(project: &Project, path: &RelativePath) -> bool {
    exists(&project.root, path) || is_generated(project, path)
}

fn exists(root: &Path, path: &RelativePath) -> bool {
    root.join(path.as_str()).symlink_metadata().is_ok()
}

fn is_generated(project: &Project, path: &RelativePath) -> bool {
    let mut outputs = project.generate.iter().map(|rule| rule.output.get_ref());
    outputs.any(|output| output.makes(path))
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
    fn a_profile_is_one_of_the_workspaces_cargo_toml() {
        let with = |profile: &str| {
            let build = format!("[build]\ncargo-profile = '{profile}'\n");
            let rule = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";
            let cargo = "[package]\nname = 'hello'\n[profile.release-lto]\ninherits = 'release'\n[profile.dev]\n";
            error_of(
                &TestProject::new(&format!("{rule}{build}")).file("Cargo.toml", cargo.as_bytes()),
            )
        };
        assert_eq!(with("release-lto"), None);
        assert_eq!(with("release"), None);
        let message = with("release-lot").expect("no such profile");
        assert!(
            message.starts_with(
                "sealift.toml:7:17: `Cargo.toml` has no profile `release-lot`; expected one of `release`, `release-lto`\n"
            ),
            "{message}"
        );
    }

    #[test]
    fn an_out_dir_is_that_of_a_build_script() {
        let page = project("man", "{out_dir:hello}/hello.1").file("src/main.rs", b"");
        let message = error_of(&page).expect("there is none");
        assert!(
            message.contains("sealift.toml:5:10: package `hello` has no build script\n"),
            "{message}"
        );
        assert_eq!(error_of(&page.file("build.rs", b"")), None);
        let dependency = project("man", "{out_dir:other}/other.1").file("src/main.rs", b"");
        assert_eq!(error_of(&dependency), None);
    }

    #[test]
    fn a_library_is_not_shipped() {
        for source in ["bin/hello", "bin/", "bin/*"] {
            let library = project("binary", source).file("src/lib.rs", b"");
            let cargo = b"[package]\nname = 'hello'\n[lib]\ncrate-type = ['cdylib', 'staticlib']\n";
            let message = error_of(&library.file("Cargo.toml", cargo)).expect("no program");
            assert!(
                message.contains(
                    "5:10: no package builds a program: `hello` builds a library (cdylib, staticlib), and Sealift ships programs\n"
                ),
                "{message}"
            );
        }
        let script = project("binary", "bin/run")
            .file("src/lib.rs", b"")
            .file("bin/run", b"");
        assert_eq!(error_of(&script), None);
    }

    #[test]
    fn a_program_whose_features_are_off_is_refused() {
        let with = |build: &str| {
            let rule = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";
            let cargo = "[package]\nname = 'hello'\n[features]\ncli = ['args']\nargs = []\n[[bin]]\nname = 'hello'\npath = 'src/main.rs'\n\
                         required-features = ['args']\n";
            let project = TestProject::new(&format!("{rule}{build}"))
                .targets(&["x86_64-unknown-linux-musl", "x86_64-pc-windows-gnullvm"]);
            error_of(
                &project
                    .file("Cargo.toml", cargo.as_bytes())
                    .file("src/main.rs", b""),
            )
        };
        let message = with("").expect("it is off");
        assert!(
            message.contains("the program `hello` needs the cargo feature `args`, which is off for `x86_64-unknown-linux-musl`\n"),
            "{message}"
        );
        assert_eq!(with("[build]\nfeatures = ['cli']\n"), None);
        assert_eq!(with("[build]\nfeatures = ['hello/args']\n"), None);
        let message =
            with("[build.targets.linux]\nfeatures = ['args']\n").expect("off for Windows");
        assert!(
            message.contains("which is off for `x86_64-pc-windows-gnullvm`\n"),
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
