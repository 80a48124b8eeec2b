//! A program as a release ships it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::format::{FormatError, Registration};
use crate::model::artifact::{Artifact, TreeEntry};
use crate::model::digest::Sha256Sum;
use crate::model::entry::EntryContent;
use crate::model::hint::Hint;
use crate::model::release::{Release, artifact_path};
use crate::model::target::Target;
use crate::model::tree::Kind;
use crate::output::json::JsonError;
use crate::output::path_error::PathError;

/// A program in a release: its file name, its platform, and the sum of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// Its file name.
    pub name: String,
    /// The platform that it is for.
    pub target: Target,
    /// The sum of its bytes.
    pub sha256: Sha256Sum,
}

/// Why a release's program could not be taken out of it.
#[derive(Debug, thiserror::Error)]
pub enum ShippedError {
    /// There is no release.
    #[error(transparent)]
    Record(#[from] JsonError),
    /// The release has no such program.
    #[error("no program {}in the release{}; it has {}", name_for_message(.wanted), target_for_message(.target), list(.known))]
    NoProgram {
        /// The name that was asked for.
        wanted: Option<String>,
        /// The platform that was asked for.
        target: Option<Target>,
        /// The programs that there are.
        known: Vec<Shipped>,
    },
    /// None of its packages holds the program with the recorded bytes.
    #[error(
        "no package of the release holds `{name}` for {target} with the bytes that release.json names"
    )]
    NotFound {
        /// The program's name.
        name: String,
        /// Its platform.
        target: Target,
    },
    /// A package cannot be opened.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The package.
        path: PathBuf,
        /// The format's error.
        source: FormatError,
    },
    /// The program cannot be written to where it is to be run.
    #[error(transparent)]
    Write(#[from] PathError),
}

impl Hint for ShippedError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoProgram { known, .. } if !known.is_empty() => {
                Some("choose one with `--program NAME` and `--target TRIPLE`".to_owned())
            }
            Self::Record(error) if error.is_missing() => {
                Some("name a directory that `sealift release` has filled".to_owned())
            }
            _ => None,
        }
    }
}

fn name_for_message(name: &Option<String>) -> String {
    name.as_ref()
        .map(|name| format!("`{name}` "))
        .unwrap_or_default()
}

fn target_for_message(target: &Option<Target>) -> String {
    target
        .map(|target| format!(" for {target}"))
        .unwrap_or_default()
}

fn list(known: &[Shipped]) -> String {
    let names: Vec<_> = known
        .iter()
        .map(|each| format!("`{}` for {}", each.name, each.target))
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// The programs of a release, each once, in the order of its record.
pub fn programs(release: &Release) -> Vec<Shipped> {
    let mut found = Vec::new();
    for artifact in &release.artifacts {
        for entry in &artifact.tree {
            let shipped = shipped(artifact, entry).filter(|shipped| !found.contains(shipped));
            found.extend(shipped);
        }
    }
    found
}

fn shipped(artifact: &Artifact, entry: &TreeEntry) -> Option<Shipped> {
    let EntryContent::File { sha256, .. } = entry.content else {
        return None;
    };
    let (_, name) = entry.path.rsplit_once('/')?;
    (entry.kind == Kind::Binary).then_some(Shipped {
        name: name.to_owned(),
        target: artifact.target?,
        sha256,
    })
}

/// Chooses the program to run: the one of a name, or the one that is called as the package, or the first; for a platform, or for
/// the first one that this machine runs.
pub fn choose(
    release: &Release,
    name: Option<&str>,
    target: Option<Target>,
    runs_here: &dyn Fn(Target) -> bool,
) -> Result<Shipped, ShippedError> {
    let known = programs(release);
    let is_wanted = |each: &&Shipped| match target {
        Some(target) => each.target == target,
        None => runs_here(each.target),
    };
    let is_called = |each: &&Shipped, name: &str| {
        let suffix = each.target.os.program_suffix();
        each.name == name || each.name.strip_suffix(suffix) == Some(name)
    };
    let mut wanted = known.iter().filter(is_wanted);
    let found = match name {
        Some(name) => wanted.find(|each| is_called(each, name)),
        None => {
            let mut all: Vec<_> = wanted.collect();
            // The order of the record, but for the one that is called as the package.
            all.sort_by_key(|each| !is_called(each, &release.name));
            all.first().copied()
        }
    };
    found.cloned().ok_or_else(|| ShippedError::NoProgram {
        wanted: name.map(str::to_owned),
        target,
        known: known.clone(),
    })
}

/// Writes a program of a release into a directory, byte for byte, and gives its path.
pub fn extract(
    release: &Release,
    directory: &Path,
    program: &Shipped,
    formats: &[Registration],
    out: &Path,
) -> Result<PathBuf, ShippedError> {
    let path = out.join(&program.name);
    let mut artifacts: Vec<_> = release.artifacts.iter().collect();
    // Archives open fastest.
    artifacts.sort_by_key(|artifact| artifact.format != "archive");
    for artifact in artifacts {
        let places = places(artifact, program);
        let format = formats.iter().find(|format| format.name == artifact.format);
        let Some(format) = format.filter(|_| !places.is_empty()) else {
            continue;
        };
        let from = artifact_path(directory, artifact);
        if extract_from(&from, format, &places, (program.sha256, &path))? {
            make_executable(&path)?;
            return Ok(path);
        }
    }
    Err(ShippedError::NotFound {
        name: program.name.clone(),
        target: program.target,
    })
}

/// Where a package has a program.
fn places<'a>(artifact: &'a Artifact, program: &Shipped) -> Vec<&'a str> {
    let is_it = |content: &EntryContent| matches!(content, EntryContent::File { sha256, .. } if *sha256 == program.sha256);
    let entries = artifact
        .contents
        .iter()
        .filter(|entry| is_it(&entry.content));
    entries.map(|entry| entry.path.as_str()).collect()
}

/// Whether the program was there, which is only known when it was written.
fn extract_from(
    artifact: &Path,
    format: &Registration,
    places: &[&str],
    (sum, path): (Sha256Sum, &Path),
) -> Result<bool, ShippedError> {
    let mut is_found = false;
    let read = (format.read)(artifact, &mut |entry, content| {
        if !is_found && places.contains(&entry.path.as_str()) {
            io::copy(content, &mut File::create(path)?)?;
            is_found = Sha256Sum::of_reader(&mut File::open(path)?)? == sum;
        }
        Ok(())
    });
    read.map_err(|source| ShippedError::Open {
        path: artifact.to_owned(),
        source,
    })?;
    Ok(is_found)
}

fn make_executable(path: &Path) -> Result<(), PathError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .map_err(PathError::reading(path))
    }
    #[cfg(not(unix))]
    {
        fs::metadata(path)
            .map(drop)
            .map_err(PathError::reading(path))
    }
}
