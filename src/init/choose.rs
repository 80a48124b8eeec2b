//! Chooses the packages of a Cargo project to release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::InitError;
use super::binaries::{Bin, Configured, Programs, programs};
use super::members::Workspace;
use crate::project::manifest::located::{ReadError, Source};

/// The parts of a `Cargo.toml` that determine what is built.
#[derive(Debug, Deserialize)]
pub(super) struct CargoFile {
    package: Option<PackageTable>,
    workspace: Option<Workspace>,
    #[serde(default)]
    bin: Vec<Bin>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct PackageTable {
    name: String,
    #[serde(default = "on")]
    autobins: bool,
}

fn on() -> bool {
    true
}

/// A package of the project.
#[derive(Debug)]
pub(super) struct CargoPackage {
    /// Below the project's directory; empty for the package there.
    pub directory: String,
    /// Its name.
    pub name: String,
    /// Its programs.
    pub programs: Programs,
    /// Whether `cargo build` builds it by default, as far as the workspace defines that.
    is_default: bool,
}

/// All packages of a project.
#[derive(Debug)]
pub(super) struct CargoProject {
    /// The project's own first, then the members of its workspace.
    pub packages: Vec<CargoPackage>,
    /// The `Cargo.toml` of the project's directory.
    pub cargo_toml: PathBuf,
}

impl CargoProject {
    /// Reads the project in a directory.
    pub fn read(directory: &Path) -> Result<Self, InitError> {
        let cargo_toml = directory.join("Cargo.toml");
        let Some(file) = read(&cargo_toml)? else {
            return Err(InitError::NoCargoToml {
                directory: directory.to_owned(),
                above: nearest_above(directory),
            });
        };
        let mut packages = Vec::new();
        packages.extend(package(directory, String::new(), &file)?);
        match &file.workspace {
            None => refuse_member(directory, &file)?,
            Some(workspace) => {
                packages.extend(members(directory, workspace)?);
                let default = workspace.default_members(directory)?;
                for package in &mut packages {
                    package.is_default = default.contains(&package.directory);
                }
            }
        }
        Ok(Self {
            packages,
            cargo_toml,
        })
    }

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

    fn no_program(&self) -> InitError {
        let left_out = self
            .packages
            .iter()
            .flat_map(|package| &package.programs.left_out);
        InitError::NoProgram {
            cargo_toml: self.cargo_toml.clone(),
            features: left_out.cloned().collect(),
        }
    }
}

fn read(path: &Path) -> Result<Option<CargoFile>, InitError> {
    let source = match Source::read(path) {
        Ok(source) => source,
        Err(ReadError::Io(error)) if error.source.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let parsed = toml::from_str(&source.text);
    let file = parsed.map_err(|error: toml::de::Error| {
        source.error_at(error.span().unwrap_or(0..0), error.message())
    })?;
    Ok(Some(file))
}

fn package(
    directory: &Path,
    below: String,
    file: &CargoFile,
) -> Result<Option<CargoPackage>, InitError> {
    let Some(table) = &file.package else {
        return Ok(None);
    };
    let configured = Configured {
        package: &table.name,
        autobins: table.autobins,
        bins: &file.bin,
        features: &file.features,
    };
    Ok(Some(CargoPackage {
        programs: programs(&directory.join(&below), &configured)?,
        name: table.name.clone(),
        directory: below,
        is_default: false,
    }))
}

/// The members besides the workspace's own package.
fn members(root: &Path, workspace: &Workspace) -> Result<Vec<CargoPackage>, InitError> {
    let mut packages = Vec::new();
    for member in workspace.members(root)? {
        if let Some(file) = read(&root.join(&member).join("Cargo.toml"))?
            && !member.is_empty()
        {
            packages.extend(package(root, member, &file)?);
        }
    }
    Ok(packages)
}

/// Refuses a single member: lock file and profile belong to the workspace.
fn refuse_member(directory: &Path, file: &CargoFile) -> Result<(), InitError> {
    let Some(own) = &file.package else {
        return Ok(());
    };
    for above in directory.ancestors().skip(1) {
        let Some(workspace) = read(&above.join("Cargo.toml"))?.and_then(|file| file.workspace)
        else {
            continue;
        };
        let below = directory
            .strip_prefix(above)
            .expect("it is one of its ancestors");
        let below = below
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        return if workspace.excludes(&below) {
            Ok(())
        } else {
            Err(InitError::Member {
                directory: directory.to_owned(),
                workspace: above.to_owned(),
                package: own.name.clone(),
            })
        };
    }
    Ok(())
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
        let project = CargoProject::read(root.path()).map_err(|error| error.to_string())?;
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
