//! Gate `packages`: the release directory is what its record says, down to each file in each package.

mod contents;
mod sums;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;

use super::{Context, Finding, Gate, GateError, Verdict};
use crate::digest::Sha256Sum;
use crate::release::{ARTIFACTS, Release, artifact_path};

/// The table `[gates.packages]`; there is nothing to set.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Packages {}

impl Gate for Packages {
    fn name(&self) -> &'static str {
        "packages"
    }

    fn run(&self, release: &Release, context: &Context<'_>) -> Result<Verdict, GateError> {
        let present = list(context.directory.join(ARTIFACTS))?;
        let mut findings = judge_presence(release, &present);
        findings.extend(sums::judge(release, context)?);
        for artifact in &release.artifacts {
            if !present.contains(artifact.file.as_str()) {
                continue;
            }
            let damage = judge_file(artifact, context)?;
            let is_whole = damage.is_empty();
            findings.extend(damage);
            // What is inside a file that is not the recorded one has nothing to say.
            if is_whole {
                findings.extend(contents::judge(artifact, context)?);
            }
        }
        findings.extend(contents::judge_trees(release));
        Ok(findings.into())
    }
}

fn finding(
    place: impl Into<String>,
    found: impl Into<String>,
    expected: impl Into<String>,
) -> Finding {
    Finding {
        place: place.into(),
        found: found.into(),
        expected: expected.into(),
    }
}

/// The names in a directory.
fn list(path: PathBuf) -> Result<BTreeSet<String>, GateError> {
    let names = fs::read_dir(&path).and_then(|entries| {
        let name = |entry: std::io::Result<fs::DirEntry>| {
            Ok(entry?.file_name().to_string_lossy().into_owned())
        };
        entries.map(name).collect()
    });
    names.map_err(|source| GateError::Read { path, source })
}

fn judge_presence(release: &Release, present: &BTreeSet<String>) -> Vec<Finding> {
    let recorded: BTreeSet<_> = release
        .artifacts
        .iter()
        .map(|a| a.file.to_string())
        .collect();
    let place = |name: &String| format!("{ARTIFACTS}/{name}");
    let extra = present.difference(&recorded).map(|name| {
        finding(
            place(name),
            "a file that is not in release.json",
            "no such file",
        )
    });
    let missing = recorded.difference(present).map(|name| {
        finding(
            place(name),
            "nothing",
            "the artifact that release.json names",
        )
    });
    extra.chain(missing).collect()
}

fn judge_file(
    artifact: &crate::artifact::Artifact,
    context: &Context<'_>,
) -> Result<Vec<Finding>, GateError> {
    let path = artifact_path(context.directory, artifact);
    let measured = File::open(&path).and_then(|mut file| {
        let size = file.metadata()?.len();
        Ok((size, Sha256Sum::of_reader(&mut file)?))
    });
    let (size, sum) = measured.map_err(|source| GateError::Read { path, source })?;
    let place = format!("{ARTIFACTS}/{}", artifact.file);
    let mut findings = Vec::new();
    if size != artifact.size {
        let expected = format!("{} bytes, as in release.json", artifact.size);
        findings.push(finding(place.clone(), format!("{size} bytes"), expected));
    }
    if sum != artifact.sha256 {
        let expected = format!("SHA-256 {}, as in release.json", artifact.sha256);
        findings.push(finding(place, format!("SHA-256 {sum}"), expected));
    }
    Ok(findings)
}
