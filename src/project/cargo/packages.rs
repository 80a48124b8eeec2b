//! The packages of a project, as its `Cargo.toml` files name them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::CargoError;
use super::binaries::{Bin, Configured, Programs, programs};
use super::dependencies::Tables;
use super::features::Features;
use super::members::Workspace;
use crate::project::manifest::located::{ReadError, Source};

/// The parts of a `Cargo.toml` that determine what is built.
#[derive(Debug)]
pub struct CargoFile {
    parts: Parts,
    dependencies: Vec<Tables>,
}

#[derive(Debug, Deserialize)]
struct Parts {
    package: Option<PackageTable>,
    workspace: Option<Workspace>,
    lib: Option<Lib>,
    #[serde(default)]
    bin: Vec<Bin>,
    #[serde(default)]
    features: Features,
    #[serde(default)]
    profile: BTreeMap<String, toml::Value>,
    #[serde(default)]
    target: BTreeMap<String, Tables>,
}

#[derive(Debug, Deserialize)]
struct PackageTable {
    name: String,
    #[serde(default = "on")]
    autobins: bool,
    build: Option<toml::Value>,
    version: Option<toml::Value>,
    #[serde(rename = "rust-version")]
    rust_version: Option<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Lib {
    path: Option<String>,
    #[serde(default)]
    proc_macro: bool,
    crate_type: Option<Vec<String>>,
}

impl Lib {
    fn kinds(&self) -> Vec<String> {
        match &self.crate_type {
            _ if self.proc_macro => vec!["proc-macro".to_owned()],
            Some(kinds) => kinds.clone(),
            None => vec!["lib".to_owned()],
        }
    }
}

fn on() -> bool {
    true
}

/// A package of a project.
#[derive(Debug)]
pub struct CargoPackage {
    /// Below the project's directory; empty for the package there.
    pub directory: String,
    /// Its name.
    pub name: String,
    /// Its programs.
    pub programs: Programs,
    /// The kinds of its library, such as `cdylib`; empty if it has none.
    pub library: Vec<String>,
    /// `[features]`
    pub features: Features,
    /// Whether it has a build script.
    pub has_build_script: bool,
    /// Whether the root of its library or of a program is there. Its programs are known only then.
    pub has_sources: bool,
    /// Whether `cargo build` builds it by default, as far as the workspace defines that.
    pub is_default: bool,
    /// Its version.
    pub version: Option<String>,
    /// The oldest Rust that compiles it, as it says.
    pub rust_version: Option<String>,
    /// The names of the packages that it depends on.
    pub dependencies: Vec<String>,
}

/// All packages of a project.
#[derive(Debug)]
pub struct CargoProject {
    /// The project's own first, then the members of its workspace.
    pub packages: Vec<CargoPackage>,
    /// The `Cargo.toml` of the project's directory.
    pub cargo_toml: PathBuf,
    /// Whether that has a `[workspace]`.
    pub is_workspace: bool,
    /// The profiles that it defines, sorted.
    pub profiles: Vec<String>,
}

impl CargoProject {
    /// Reads the workspace that a directory belongs to, or else the project in it; `None` if there is no `Cargo.toml`.
    pub fn read_whole(directory: &Path) -> Result<Option<Self>, CargoError> {
        let own = Self::read(directory)?;
        match &own {
            Some(project) if !project.is_workspace => match workspace_above(directory)? {
                Some(workspace) => Self::read(&workspace),
                None => Ok(own),
            },
            _ => Ok(own),
        }
    }

    /// Reads the project in a directory; `None` if there is no `Cargo.toml`.
    pub fn read(directory: &Path) -> Result<Option<Self>, CargoError> {
        let cargo_toml = directory.join("Cargo.toml");
        let Some(file) = CargoFile::read(&cargo_toml)? else {
            return Ok(None);
        };
        let none = Workspace::default();
        let workspace = file.parts.workspace.as_ref().unwrap_or(&none);
        let mut packages = Vec::new();
        packages.extend(file.package(directory, String::new(), workspace)?);
        if let Some(workspace) = &file.parts.workspace {
            packages.extend(members(directory, workspace, &file)?);
            let default = workspace.default_members(directory)?;
            for package in &mut packages {
                package.is_default = default.contains(&package.directory);
            }
        }
        Ok(Some(Self {
            packages,
            cargo_toml,
            is_workspace: file.parts.workspace.is_some(),
            profiles: file.parts.profile.into_keys().collect(),
        }))
    }
}

impl CargoFile {
    /// Reads a `Cargo.toml`, if it is there.
    fn read(path: &Path) -> Result<Option<Self>, CargoError> {
        let source = match Source::read(path) {
            Ok(source) => source,
            Err(ReadError::Io(error)) if error.source.kind() == std::io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let located =
            |error: toml::de::Error| source.error_at(error.span().unwrap_or(0..0), error.message());
        let mut parts: Parts = toml::from_str(&source.text).map_err(located)?;
        let own = toml::from_str(&source.text).map_err(located)?;
        let of_targets = std::mem::take(&mut parts.target).into_values();
        Ok(Some(Self {
            parts,
            dependencies: of_targets.chain([own]).collect(),
        }))
    }

    /// The package of the file, if it has one.
    fn package(
        &self,
        root: &Path,
        below: String,
        workspace: &Workspace,
    ) -> Result<Option<CargoPackage>, CargoError> {
        let Some(table) = &self.parts.package else {
            return Ok(None);
        };
        let directory = root.join(&below);
        let configured = Configured {
            package: &table.name,
            autobins: table.autobins,
            bins: &self.parts.bin,
            features: &self.parts.features,
        };
        let written = self.parts.lib.as_ref();
        let lib = written.and_then(|lib| lib.path.as_deref());
        let lib = directory.join(lib.unwrap_or("src/lib.rs"));
        let kinds = written.map_or_else(|| vec!["lib".to_owned()], Lib::kinds);
        Ok(Some(CargoPackage {
            library: if lib.is_file() { kinds } else { Vec::new() },
            features: self.parts.features.clone(),
            has_build_script: match &table.build {
                None => directory.join("build.rs").is_file(),
                Some(written) => written.as_bool() != Some(false),
            },
            has_sources: lib.is_file() || configured.has_sources(&directory)?,
            programs: programs(&directory, &configured)?,
            name: table.name.clone(),
            directory: below,
            is_default: false,
            version: own_or_shared(&table.version, &workspace.package.version),
            rust_version: own_or_shared(&table.rust_version, &workspace.package.rust_version),
            dependencies: self
                .dependencies
                .iter()
                .flat_map(|table| table.packages(&workspace.dependencies))
                .collect(),
        }))
    }

    /// The directories of the path dependencies of the package in a directory.
    fn path_dependencies(&self, directory: &str, workspace: &Workspace) -> Vec<String> {
        let tables = self.dependencies.iter();
        tables
            .flat_map(|table| table.directories(directory, &workspace.dependencies))
            .collect()
    }
}

/// A field that is text, or `workspace = true`.
fn own_or_shared(own: &Option<toml::Value>, shared: &Option<String>) -> Option<String> {
    match own.as_ref()?.as_str() {
        Some(text) => Some(text.to_owned()),
        None => shared.clone(),
    }
}

/// The members besides the workspace's own package, sorted: those that it names, and the path dependencies of all members.
fn members(
    root: &Path,
    workspace: &Workspace,
    own: &CargoFile,
) -> Result<Vec<CargoPackage>, CargoError> {
    let mut packages = BTreeMap::new();
    let mut seen = BTreeSet::from([String::new()]);
    let mut waiting = workspace.members(root)?;
    waiting.extend(own.path_dependencies("", workspace));
    while let Some(member) = waiting.pop() {
        if workspace.excludes(&member) || !seen.insert(member.clone()) {
            continue;
        }
        if let Some(file) = CargoFile::read(&root.join(&member).join("Cargo.toml"))? {
            waiting.extend(file.path_dependencies(&member, workspace));
            if let Some(package) = file.package(root, member.clone(), workspace)? {
                packages.insert(member, package);
            }
        }
    }
    Ok(packages.into_values().collect())
}

/// The directory of the workspace that the package in a directory belongs to, if that is one above.
pub fn workspace_above(directory: &Path) -> Result<Option<PathBuf>, CargoError> {
    for above in directory.ancestors().skip(1) {
        let file = CargoFile::read(&above.join("Cargo.toml"))?;
        let Some(workspace) = file.and_then(|file| file.parts.workspace) else {
            continue;
        };
        let below = directory
            .strip_prefix(above)
            .expect("it is one of its ancestors");
        let below = below
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        return Ok((!workspace.excludes(&below)).then(|| above.to_owned()));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_dependencies_are_members() {
        let root = tempfile::tempdir().expect("a directory");
        let file = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
            std::fs::write(path, text).expect("writable");
        };
        file(
            "Cargo.toml",
            "[package]\nname = 'own'\n[workspace]\nexclude = ['c']\n[dependencies]\na = { path = 'a' }\n",
        );
        file(
            "a/Cargo.toml",
            "[package]\nname = 'a'\n[target.'cfg(unix)'.dependencies]\nb = { path = '../b' }\nc = { path = '../c' }\n",
        );
        file(
            "b/Cargo.toml",
            "[package]\nname = 'b'\n[dependencies]\na = { path = '../a' }\n",
        );
        file("b/src/main.rs", "");
        file("c/Cargo.toml", "[package]\nname = 'c'\n");
        let project = CargoProject::read(root.path()).expect("readable");
        let packages = project.expect("it is there").packages;
        let found: Vec<_> = packages
            .iter()
            .map(|package| (package.name.as_str(), package.has_sources))
            .collect();
        assert_eq!(found, [("own", false), ("a", false), ("b", true)]);
    }
}
