//! The crates that are linked into programs, as cargo resolves them.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use serde::Deserialize;

use crate::model::hint::Hint;
use crate::model::target::Target;
use crate::project::Project;

use super::make::builds::parts;
use super::make::compilation::selection;

const TREE: &str = "tree";
const METADATA: &str = "metadata";

/// Why the crates are not known.
#[derive(Debug, thiserror::Error)]
pub enum CratesError {
    /// cargo could not be started.
    #[error("cannot run `cargo {command}`, which knows the crates that are linked")]
    Start {
        /// Its command.
        command: &'static str,
        /// The operating system's answer.
        source: io::Error,
    },
    /// cargo failed.
    #[error("`cargo {command}` failed ({status}) and said:\n{}", stderr.trim_end())]
    Failed {
        /// Its command.
        command: &'static str,
        /// Its exit status.
        status: ExitStatus,
        /// Its standard error.
        stderr: String,
    },
    /// cargo printed something else than expected.
    #[error("cannot read what `cargo {command}` printed: {problem}")]
    Unexpected {
        /// Its command.
        command: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl Hint for CratesError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Start { .. } => Some("install Rust".to_owned()),
            _ => None,
        }
    }
}

/// A name and a version. No two crates of a program share both, but for copies from different sources, which count as one.
pub(super) type Key = (String, String);

/// What is linked into the programs for a target.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Linked {
    /// The crates, sorted, each once.
    pub crates: Vec<Crate>,
    /// Pairs of a crate and one that it uses.
    pub uses: BTreeSet<(Key, Key)>,
    /// The packages that are selected.
    pub roots: BTreeSet<Key>,
    /// The workspace's directory.
    pub workspace: PathBuf,
}

/// A crate.
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
    /// Where it comes from, as `Cargo.lock` writes it; nothing for a directory.
    pub source: Option<String>,
    /// Whether it is of the workspace.
    pub is_own: bool,
}

impl Crate {
    pub(super) fn key(&self) -> Key {
        (self.name.clone(), self.version.clone())
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    workspace_root: PathBuf,
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
    source: Option<String>,
}

/// What is linked into the programs for a target, with the features of the manifest. What build scripts and procedural macros
/// are made of stays on the machine that compiles.
pub(super) fn linked(project: &Project, target: Target) -> Result<Linked, CratesError> {
    let mut all = Linked::default();
    for part in parts(target) {
        let selection = selection(project, Some(part));
        linked_for(&project.root, part.triple, &selection, &mut all)?;
    }
    all.crates.sort();
    all.crates.dedup();
    Ok(all)
}

fn linked_for(
    root: &Path,
    triple: &str,
    selection: &[String],
    all: &mut Linked,
) -> Result<(), CratesError> {
    let target = format!("--target={triple}");
    let fixed = [
        "--locked",
        &target,
        "--edges=normal,no-proc-macro",
        "--prefix=depth",
        "--format= {p}",
    ];
    let tree = ask(root, TREE, fixed.into_iter().chain(strings(selection)))?;
    let mut names = BTreeSet::new();
    read_tree(&tree, &mut names, all);

    // With more features than chosen there are more packages than needed, but never fewer.
    let platform = format!("--filter-platform={triple}");
    let fixed = [
        "--locked",
        "--format-version=1",
        "--all-features",
        &platform,
    ];
    let json = ask(root, METADATA, fixed.into_iter())?;
    let unexpected = |problem| CratesError::Unexpected {
        command: METADATA,
        problem,
    };
    let metadata: Metadata =
        serde_json::from_str(&json).map_err(|error| unexpected(error.to_string()))?;
    let known: BTreeSet<_> = metadata.packages.iter().map(Package::key).collect();
    if let Some((name, version)) = names.difference(&known).next() {
        return Err(unexpected(format!("`{name} {version}` is missing")));
    }
    let packages = metadata.packages.iter();
    let packages = packages.filter(|package| names.contains(&package.key()));
    all.crates.extend(
        packages.map(|package| package.to_crate(metadata.workspace_members.contains(&package.id))),
    );
    all.workspace = metadata.workspace_root;
    Ok(())
}

/// Reads lines such as `2 name v1.2.3 (proc-macro) (/where/it/is) (*)`, which begin with the depth. A crate that stands in the
/// tree again is marked, and what it uses is left out.
fn read_tree(tree: &str, names: &mut BTreeSet<Key>, all: &mut Linked) {
    let mut above: Vec<Key> = Vec::new();
    for (depth, key) in tree.lines().filter_map(depth_and_key) {
        above.truncate(depth);
        match above.last() {
            Some(user) => drop(all.uses.insert((user.clone(), key.clone()))),
            None => drop(all.roots.insert(key.clone())),
        }
        names.insert(key.clone());
        above.push(key);
    }
}

fn depth_and_key(line: &str) -> Option<(usize, Key)> {
    let mut words = line.split(' ');
    let depth = words.next()?.parse().ok()?;
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    Some((depth, (name, version)))
}

impl Package {
    fn key(&self) -> Key {
        (self.name.clone(), self.version.clone())
    }

    fn to_crate(&self, is_own: bool) -> Crate {
        let directory = self.manifest_path.parent().unwrap_or(Path::new(""));
        Crate {
            name: self.name.clone(),
            version: self.version.clone(),
            license: self.license.clone(),
            authors: self.authors.clone(),
            repository: self.repository.clone(),
            license_file: self.license_file.clone(),
            directory: directory.to_owned(),
            source: self.source.clone(),
            is_own,
        }
    }
}

fn strings(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().map(String::as_str)
}

/// What cargo prints.
fn ask<'a>(
    root: &Path,
    command: &'static str,
    arguments: impl Iterator<Item = &'a str>,
) -> Result<String, CratesError> {
    let output = Command::new("cargo")
        .arg(command)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| CratesError::Start { command, source })?;
    if !output.status.success() {
        return Err(CratesError::Failed {
            command,
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    String::from_utf8(output.stdout).map_err(|_| CratesError::Unexpected {
        command,
        problem: "it is not UTF-8".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        (name.to_owned(), "1.2.3".to_owned())
    }

    #[test]
    fn a_tree_says_who_uses_whom() {
        let tree = "\
0 hello v1.2.3 (/home/me/hello core)
1 a v1.2.3
2 c v1.2.3 (https://example.org/x.git#0123abcd)
1 b v1.2.3 (proc-macro)
2 c v1.2.3 (*)

0 other v1.2.3 (/home/me/other)
1 b v1.2.3 (*)
";
        let (mut names, mut all) = (BTreeSet::new(), Linked::default());
        read_tree(tree, &mut names, &mut all);
        assert_eq!(names, ["a", "b", "c", "hello", "other"].map(key).into());
        assert_eq!(all.roots, ["hello", "other"].map(key).into());
        let uses = [
            ("hello", "a"),
            ("hello", "b"),
            ("a", "c"),
            ("b", "c"),
            ("other", "b"),
        ];
        let uses = uses.map(|(user, used)| (key(user), key(used)));
        assert_eq!(all.uses, uses.into());
    }
}
