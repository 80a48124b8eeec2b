//! Chooses the packages of a Cargo project to release.

use std::path::{Path, PathBuf};

use super::InitError;
use crate::project::cargo::packages::{CargoPackage, CargoProject, workspace_above};

/// Reads the project in a directory.
pub(super) fn read(directory: &Path) -> Result<CargoProject, InitError> {
    let Some(project) = CargoProject::read(directory)? else {
        return Err(InitError::NoCargoToml {
            directory: directory.to_owned(),
            above: nearest_above(directory),
        });
    };
    if !project.is_workspace
        && let [own] = project.packages.as_slice()
    {
        refuse_member(directory, own)?;
    }
    Ok(project)
}

impl CargoProject {
    /// The packages to release, starting with the one that provides name and version. `wanted` are names, or empty.
    pub fn choose(&self, wanted: &[String]) -> Result<Vec<&CargoPackage>, InitError> {
        if !wanted.is_empty() {
            return wanted.iter().map(|name| self.named(name)).collect();
        }
        let has_program = |package: &&CargoPackage| !package.programs.built.is_empty();
        let mut candidates: Vec<_> = self.packages.iter().filter(has_program).collect();
        if candidates.iter().any(|package| package.is_default) {
            candidates.retain(|package| package.is_default);
        }
        match candidates.as_slice() {
            [] => Err(self.no_program()),
            [first, ..] if first.directory.is_empty() => Ok(vec![first]),
            [_] => Ok(candidates),
            several => Err(InitError::SeveralPackages {
                packages: several.iter().map(|package| package.name.clone()).collect(),
            }),
        }
    }

    fn named(&self, name: &str) -> Result<&CargoPackage, InitError> {
        let found = self.packages.iter().find(|package| package.name == name);
        let package = found.ok_or_else(|| InitError::NoPackage {
            package: name.to_owned(),
            known: self
                .packages
                .iter()
                .map(|package| package.name.clone())
                .collect(),
        })?;
        if package.programs.built.is_empty() {
            Err(InitError::PackageWithoutProgram {
                package: name.to_owned(),
            })
        } else {
            Ok(package)
        }
    }

    fn libraries(&self) -> Vec<(String, Vec<String>)> {
        let with_one = self
            .packages
            .iter()
            .filter(|package| !package.library.is_empty());
        with_one
            .map(|package| (package.name.clone(), package.library.clone()))
            .collect()
    }

    fn no_program(&self) -> InitError {
        let left_out = self
            .packages
            .iter()
            .flat_map(|package| &package.programs.left_out);
        InitError::NoProgram {
            cargo_toml: self.cargo_toml.clone(),
            libraries: match left_out.clone().next() {
                None => self.libraries(),
                Some(_) => Vec::new(),
            },
            features: left_out.cloned().collect(),
        }
    }
}

/// Refuses a single member: lock file and profile belong to the workspace.
fn refuse_member(directory: &Path, own: &CargoPackage) -> Result<(), InitError> {
    match workspace_above(directory)? {
        None => Ok(()),
        Some(workspace) => Err(InitError::Member {
            directory: directory.to_owned(),
            workspace,
            package: own.name.clone(),
        }),
    }
}

fn nearest_above(directory: &Path) -> Option<PathBuf> {
    let mut above = directory.ancestors().skip(1);
    above
        .find(|above| above.join("Cargo.toml").is_file())
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that are chosen in a project with some files; those named `*.rs` are empty programs.
    fn chosen(files: &[(&str, &str)], wanted: &[&str]) -> Result<Vec<String>, String> {
        let root = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
            std::fs::write(path, text).expect("writable");
        }
        let wanted: Vec<_> = wanted.iter().map(ToString::to_string).collect();
        let project = read(root.path()).map_err(|error| error.to_string())?;
        let chosen = project.choose(&wanted).map_err(|error| error.to_string())?;
        Ok(chosen.iter().map(|package| package.name.clone()).collect())
    }

    const A: (&str, &str) = ("a/Cargo.toml", "[package]\nname = 'a'\n");
    const B: (&str, &str) = ("b/Cargo.toml", "[package]\nname = 'b'\n");
    const BOTH: (&str, &str) = ("Cargo.toml", "[workspace]\nmembers = ['*']\n");
    const A_MAIN: (&str, &str) = ("a/src/main.rs", "");
    const B_MAIN: (&str, &str) = ("b/src/main.rs", "");

    fn names(names: &[&str]) -> Result<Vec<String>, String> {
        Ok(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_only_member_with_a_program_is_released() {
        assert_eq!(chosen(&[BOTH, A, B, B_MAIN], &[]), names(&["b"]));
    }

    #[test]
    fn the_package_of_the_directory_goes_before_the_members() {
        let own = (
            "Cargo.toml",
            "[package]\nname = 'own'\n[workspace]\nmembers = ['a']\n",
        );
        assert_eq!(
            chosen(&[own, ("src/main.rs", ""), A, A_MAIN], &[]),
            names(&["own"])
        );
        assert_eq!(
            chosen(&[own, ("src/lib.rs", ""), A, A_MAIN], &[]),
            names(&["a"])
        );
    }

    #[test]
    fn default_members_go_before_the_others() {
        let both = (
            "Cargo.toml",
            "[workspace]\nmembers = ['*']\ndefault-members = ['b']\n",
        );
        assert_eq!(chosen(&[both, A, A_MAIN, B, B_MAIN], &[]), names(&["b"]));
        assert_eq!(chosen(&[both, A, A_MAIN, B, B_MAIN], &["a"]), names(&["a"]));
        assert_eq!(chosen(&[both, A, A_MAIN, B], &[]), names(&["a"]));
    }

    #[test]
    fn a_library_is_refused_with_words() {
        let cdylib = (
            "Cargo.toml",
            "[package]\nname = 'own'\n[lib]\ncrate-type = ['cdylib']\n",
        );
        let message = chosen(&[cdylib, ("src/lib.rs", "")], &[]).expect_err("no program");
        assert!(
            message.ends_with(
                "Cargo.toml` has no program to release: `own` builds a library (cdylib), and Sealift ships programs"
            ),
            "{message}"
        );
        let message = chosen(
            &[BOTH, A, ("a/src/lib.rs", ""), B, ("b/src/lib.rs", "")],
            &[],
        );
        let message = message.expect_err("no program");
        assert!(
            message.ends_with(": `a`, `b` build libraries, and Sealift ships programs"),
            "{message}"
        );
    }

    #[test]
    fn of_several_packages_the_user_chooses() {
        let files = [BOTH, A, A_MAIN, B, B_MAIN];
        let message = chosen(&files, &[]).expect_err("two of them");
        assert!(
            message.starts_with("several packages of the workspace have programs: `a`, `b`"),
            "{message}"
        );
        assert_eq!(chosen(&files, &["b", "a"]), names(&["b", "a"]));
        let message = chosen(&files, &["c"]).expect_err("no such");
        assert_eq!(message, "there is no package `c`; expected one of `a`, `b`");
    }
}
