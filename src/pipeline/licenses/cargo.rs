//! The crates that are linked into programs, as cargo resolves them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::LicensesError;

const TREE: &str = "tree";
const METADATA: &str = "metadata";

/// A crate of somebody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The license expression of its `Cargo.toml`.
    pub license: Option<String>,
    /// Who has written it, as its `Cargo.toml` says.
    pub authors: Vec<String>,
    /// Where it is developed.
    pub repository: Option<String>,
    /// The file that its `Cargo.toml` names, relative to the directory.
    pub license_file: Option<PathBuf>,
    /// Where it lies.
    pub directory: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<PathBuf>,
    authors: Vec<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
}

/// The crates that cargo links into the selected packages for a triple, without the workspace's own. What build scripts and
/// procedural macros are made of stays on the machine that compiles.
pub(super) fn linked(
    root: &Path,
    triple: &str,
    selection: &[String],
) -> Result<Vec<Crate>, LicensesError> {
    let target = format!("--target={triple}");
    let fixed = [
        "--locked",
        &target,
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--format={p}",
    ];
    let tree = ask(root, TREE, fixed.into_iter().chain(strings(selection)))?;
    let names: BTreeSet<_> = tree.lines().filter_map(name_and_version).collect();

    // With more features than chosen there are more packages than needed, but never fewer.
    let platform = format!("--filter-platform={triple}");
    let fixed = [
        "--locked",
        "--format-version=1",
        "--all-features",
        &platform,
    ];
    let json = ask(root, METADATA, fixed.into_iter())?;
    let unexpected = |problem| LicensesError::Unexpected {
        command: METADATA,
        problem,
    };
    let metadata: Metadata =
        serde_json::from_str(&json).map_err(|error| unexpected(error.to_string()))?;
    let found = |(name, version): &(&str, &str)| {
        let mut packages = metadata.packages.iter();
        packages.any(|package| package.name == *name && package.version == *version)
    };
    if let Some((name, version)) = names.iter().find(|linked| !found(linked)) {
        return Err(unexpected(format!("`{name} {version}` is missing")));
    }
    let is_linked = |package: &Package| {
        names.contains(&(package.name.as_str(), package.version.as_str()))
            && !metadata.workspace_members.contains(&package.id)
    };
    let packages = metadata
        .packages
        .iter()
        .filter(|package| is_linked(package));
    Ok(packages.map(Package::to_crate).collect())
}

impl Package {
    fn to_crate(&self) -> Crate {
        let directory = self.manifest_path.parent().unwrap_or(Path::new(""));
        Crate {
            name: self.name.clone(),
            version: self.version.clone(),
            license: self.license.clone(),
            authors: self.authors.clone(),
            repository: self.repository.clone(),
            license_file: self.license_file.clone(),
            directory: directory.to_owned(),
        }
    }
}

fn strings(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().map(String::as_str)
}

/// A line such as `name v1.2.3 (proc-macro) (/where/it/is) (*)`.
fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?.strip_prefix('v')?))
}

/// What cargo prints.
fn ask<'a>(
    root: &Path,
    command: &'static str,
    arguments: impl Iterator<Item = &'a str>,
) -> Result<String, LicensesError> {
    let output = Command::new("cargo")
        .arg(command)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| LicensesError::Start { command, source })?;
    if !output.status.success() {
        return Err(LicensesError::Failed {
            command,
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    String::from_utf8(output.stdout).map_err(|_| LicensesError::Unexpected {
        command,
        problem: "it is not UTF-8".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_begins_with_the_name_and_the_version() {
        for line in [
            "hello-core v1.2.3",
            "hello-core v1.2.3 (*)",
            "hello-core v1.2.3 (/home/me/hello core) (*)",
            "hello-core v1.2.3 (proc-macro) (https://example.org/x.git#0123abcd)",
        ] {
            assert_eq!(name_and_version(line), Some(("hello-core", "1.2.3")));
        }
        // Between the trees of several packages.
        assert_eq!(name_and_version(""), None);
    }
}
