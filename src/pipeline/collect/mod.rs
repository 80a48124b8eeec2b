//! Collects artifacts into a release directory, with what is made of them.

#[cfg(test)]
mod tests;
mod whole;

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::event::Reporter;
use crate::format::FormatError;
use crate::model::artifact::{Artifact, record_path};
use crate::model::commit::Commit;
use crate::model::digest::Sha256Sum;
use crate::model::hint::Hint;
use crate::model::release::{ARTIFACTS, RECORD, Release, SBOMS, SUMS, SbomFile};
use crate::model::schema::Schema;
use crate::model::target::Target;
use crate::output::json::{self, JsonError};
use crate::output::path_error::PathError;
use crate::output::{NewDirectory, OutputError};
use crate::program::kind::Magic;
use crate::project::Project;

/// What to collect.
#[derive(Clone)]
pub struct Request<'a> {
    /// The artifacts, each with its record beside it.
    pub artifacts: Vec<PathBuf>,
    /// The lists of what is in the programs, by target.
    pub sboms: Vec<(Target, PathBuf)>,
    /// The commit that is released; by default the one that the artifacts name.
    pub commit: Option<Commit>,
    /// Whether the source had changes that are in no commit.
    pub dirty: bool,
    /// What the release was built with.
    pub built_with: Option<serde_json::Map<String, serde_json::Value>>,
    /// The limits that the gates shall hold it to, as the gates' tables of a manifest.
    pub gates: serde_json::Map<String, serde_json::Value>,
    /// The project whose artifacts they are, which says what is made of them; nothing is made without it.
    pub project: Option<&'a Project>,
}

/// Why artifacts do not make a release.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// There is nothing to collect.
    #[error("no artifact was given; expected at least one")]
    Nothing,
    /// A record could not be read.
    #[error(transparent)]
    Record(#[from] JsonError),
    /// An artifact could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// An artifact is not what its record says.
    #[error("`{}` does not match its record: {what} is `{found}`; expected `{expected}`", path.display())]
    Mismatch {
        /// The artifact.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// In the artifact.
        found: String,
        /// In its record.
        expected: String,
    },
    /// Two artifacts have the same file name, or the same format and target.
    #[error("`{}` and `{}` are both {what}", first.display(), second.display())]
    Duplicate {
        /// One artifact.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// What they both are.
        what: String,
    },
    /// Two artifacts are not of the same release.
    #[error(
        "`{}` has {what} `{first_value}`, `{}` has `{second_value}`; expected one {what} in a release",
        first.display(), second.display()
    )]
    Mixed {
        /// What differs.
        what: &'static str,
        /// One artifact.
        first: PathBuf,
        /// Its value.
        first_value: String,
        /// The other.
        second: PathBuf,
        /// Its value.
        second_value: String,
    },
    /// An artifact was made from another commit than the one that is released.
    #[error("`{}` was made from commit `{found}`; expected `{expected}`", path.display())]
    Commit {
        /// The artifact.
        path: PathBuf,
        /// The artifact's commit.
        found: Commit,
        /// The release's commit.
        expected: Commit,
    },
    /// Something could not be made of the artifacts.
    #[error("cannot make `{}`", path.display())]
    Whole {
        /// What it would have been.
        path: PathBuf,
        /// What went wrong.
        source: FormatError,
    },
    /// The release could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Hint for CollectError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Record(error) if error.is_missing() => Some(
                "`sealift package` writes the record beside the package; keep the two together"
                    .to_owned(),
            ),
            Self::Output(error) => error.hint(),
            _ => None,
        }
    }
}

struct Collected {
    path: PathBuf,
    artifact: Artifact,
}

/// Copies the artifacts into a new release directory and records them. After an error the directory is as it was.
pub fn collect(
    request: Request<'_>,
    out: &Path,
    reporter: &dyn Reporter,
) -> Result<Release, CollectError> {
    let mut collected: Vec<_> = request
        .artifacts
        .into_iter()
        .map(read_record)
        .collect::<Result<_, _>>()?;
    collected.sort_by(|a, b| a.artifact.file.cmp(&b.artifact.file));
    let first = collected.first().ok_or(CollectError::Nothing)?;
    for other in &collected[1..] {
        check_same_release(first, other)?;
    }
    check_duplicates(&collected)?;
    let commit = release_commit(request.commit, &collected)?;

    let mut directory = NewDirectory::create(out)?;
    for Collected { path, artifact } in &collected {
        copy(path, artifact, &mut directory)?;
    }
    let made = match request.project {
        Some(project) => whole::make(
            project,
            commit.as_ref(),
            &collected,
            &mut directory,
            reporter,
        )?,
        None => Vec::new(),
    };
    let sboms = copy_sboms(&request.sboms, &first.artifact, &mut directory)?;
    let (name, version) = (first.artifact.name.clone(), first.artifact.version.clone());
    let date = first.artifact.date;
    let collected = collected.into_iter().map(|collected| collected.artifact);
    let mut artifacts: Vec<_> = collected.chain(made).collect();
    artifacts.sort_by(|a, b| a.file.cmp(&b.file));
    let release = Release {
        schema: Schema::default(),
        name,
        version,
        commit,
        dirty: request.dirty,
        date,
        artifacts,
        sboms,
        built_with: request.built_with,
        gates: request.gates,
    };
    write_bytes(&mut directory, SUMS, release.sums().as_bytes())?;
    write_bytes(&mut directory, RECORD, json::to_text(&release).as_bytes())?;
    directory.keep()?;
    Ok(release)
}

fn write_bytes(directory: &mut NewDirectory, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
    let mut file = directory.file(name, 0o644)?;
    let written = file.write_all(bytes);
    written.map_err(|source| OutputError::Write {
        path: file.path().to_owned(),
        source,
    })?;
    file.finish()
}

fn read_record(path: PathBuf) -> Result<Collected, CollectError> {
    let artifact: Artifact = json::read(&record_path(&path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name != artifact.file.as_str() {
        return Err(CollectError::Mismatch {
            what: "the file name",
            found: name.into_owned(),
            expected: artifact.file.to_string(),
            path,
        });
    }
    Ok(Collected { path, artifact })
}

fn check_same_release(first: &Collected, other: &Collected) -> Result<(), CollectError> {
    let values = |artifact: &Artifact| {
        let commit = artifact.commit.as_ref().map_or("none", Commit::as_str);
        [
            ("name", artifact.name.to_string()),
            ("version", artifact.version.to_string()),
            ("commit", commit.to_owned()),
            ("date", artifact.date.to_string()),
        ]
    };
    let pairs = values(&first.artifact)
        .into_iter()
        .zip(values(&other.artifact));
    for ((what, first_value), (_, second_value)) in pairs {
        if first_value != second_value {
            return Err(CollectError::Mixed {
                what,
                first: first.path.clone(),
                first_value,
                second: other.path.clone(),
                second_value,
            });
        }
    }
    Ok(())
}

fn check_duplicates(collected: &[Collected]) -> Result<(), CollectError> {
    for (index, second) in collected.iter().enumerate() {
        for first in &collected[..index] {
            let (a, b) = (&first.artifact, &second.artifact);
            let what = if a.file == b.file {
                format!("named `{}`", a.file)
            } else if (&a.format, a.target) == (&b.format, b.target) {
                let target = a.target.map_or("all targets", |target| target.triple);
                format!("the `{}` for `{target}`", a.format)
            } else {
                continue;
            };
            return Err(CollectError::Duplicate {
                first: first.path.clone(),
                second: second.path.clone(),
                what,
            });
        }
    }
    Ok(())
}

fn release_commit(
    given: Option<Commit>,
    collected: &[Collected],
) -> Result<Option<Commit>, CollectError> {
    let made_from = |c: &Collected| Some((c.path.clone(), c.artifact.commit.clone()?));
    match (given, collected.iter().find_map(made_from)) {
        (Some(expected), Some((path, found))) if expected != found => Err(CollectError::Commit {
            path,
            found,
            expected,
        }),
        (Some(commit), _) | (None, Some((_, commit))) => Ok(Some(commit)),
        (None, None) => Ok(None),
    }
}

/// Copies the lists of what is in the programs, sorted by name.
fn copy_sboms(
    sboms: &[(Target, PathBuf)],
    of: &Artifact,
    directory: &mut NewDirectory,
) -> Result<Vec<SbomFile>, CollectError> {
    let mut copied: Vec<SbomFile> = Vec::new();
    for (index, (target, path)) in sboms.iter().enumerate() {
        if let Some((_, first)) = sboms[..index].iter().find(|(other, _)| other == target) {
            return Err(CollectError::Duplicate {
                first: first.clone(),
                second: path.clone(),
                what: format!("the SBOM for `{}`", target.triple),
            });
        }
        let bytes = std::fs::read(path).map_err(PathError::reading(path))?;
        let name = format!("{}-{}-{}.cdx.json", of.name, of.version, target.triple);
        let file = name
            .parse()
            .expect("names, versions and triples are made of characters of file names");
        write_bytes(directory, &format!("{SBOMS}/{name}"), &bytes)?;
        copied.push(SbomFile {
            target: *target,
            file,
            size: bytes.len() as u64,
            sha256: Sha256Sum::of(&bytes),
        });
    }
    copied.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(copied)
}

/// Copies an artifact and holds each byte that is copied against the record.
fn copy(
    from: &Path,
    artifact: &Artifact,
    directory: &mut NewDirectory,
) -> Result<(), CollectError> {
    let read_error = PathError::reading(from);
    let mut source = File::open(from).map_err(read_error)?;
    let executable = Magic::read(&mut source).map_err(read_error)? == Some(Magic::Elf);
    source.rewind().map_err(read_error)?;
    let mode = if executable { 0o755 } else { 0o644 };
    let mut file = directory.file(&format!("{ARTIFACTS}/{}", artifact.file), mode)?;
    let to = file.path().to_owned();
    let write_error = |source| OutputError::Write {
        path: to.clone(),
        source,
    };
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let n = source.read(&mut buffer).map_err(read_error)?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
        size += n as u64;
        file.write_all(&buffer[..n]).map_err(write_error)?;
    }
    let sum = Sha256Sum(hash.finalize().into());
    check_match(from, "the size", size, artifact.size)?;
    check_match(from, "the SHA-256", sum, artifact.sha256)?;
    Ok(file.finish()?)
}

fn check_match<T: PartialEq + std::fmt::Display>(
    path: &Path,
    what: &'static str,
    found: T,
    expected: T,
) -> Result<(), CollectError> {
    if found == expected {
        return Ok(());
    }
    Err(CollectError::Mismatch {
        path: path.to_owned(),
        what,
        found: found.to_string(),
        expected: expected.to_string(),
    })
}
