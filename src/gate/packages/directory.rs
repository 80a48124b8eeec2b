//! Holds the release directory against its record: what is there, and that it is what it should be.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::gate::report::{PAGE, REPORT};
use crate::gate::{GateError, GateFinding};
use crate::model::release::{ARTIFACTS, RECORD, Release, SBOMS, SUMS};
use crate::output::describe;

/// What is in a directory: names with what they are, without following a link.
type Names = BTreeMap<String, FileType>;

/// Judges what is in the release directory and in that of the artifacts.
pub(super) fn judge(release: &Release, directory: &Path) -> Result<Vec<GateFinding>, GateError> {
    let mut findings = Vec::new();
    let has_sboms = !release.sboms.is_empty();
    for (name, found) in list(directory.to_owned())? {
        let expected = match name.as_str() {
            ARTIFACTS if found.is_dir() => continue,
            SBOMS if has_sboms && found.is_dir() => continue,
            SBOMS if has_sboms => "a directory",
            RECORD | SUMS | REPORT | PAGE if found.is_file() => continue,
            ARTIFACTS => "a directory",
            RECORD | SUMS | REPORT | PAGE => "a regular file",
            _ => "nothing besides the release",
        };
        findings.push(GateFinding::new(name, describe(found), expected));
    }
    // What a link leads to is no part of the release.
    let is_directory =
        |name: &str, findings: &[GateFinding]| findings.iter().all(|finding| finding.place != name);
    if is_directory(ARTIFACTS, &findings) {
        let names = release
            .artifacts
            .iter()
            .map(|artifact| artifact.file.as_str());
        findings.extend(judge_files(
            directory,
            ARTIFACTS,
            &names.collect::<Vec<_>>(),
        )?);
    }
    if has_sboms && is_directory(SBOMS, &findings) {
        let names = release.sboms.iter().map(|sbom| sbom.file.as_str());
        findings.extend(judge_files(directory, SBOMS, &names.collect::<Vec<_>>())?);
    }
    Ok(findings)
}

/// Judges what is in one of the directories, which has these files.
fn judge_files(
    directory: &Path,
    below: &str,
    recorded: &[&str],
) -> Result<Vec<GateFinding>, GateError> {
    let place = |name: &str| format!("{below}/{name}");
    let present = &list(directory.join(below))?;
    let is_recorded = |name: &str| recorded.contains(&name);
    let mut findings = Vec::new();
    for (name, found) in present {
        if !is_recorded(name) {
            let found = "a file that is not in release.json";
            findings.push(GateFinding::new(place(name), found, "no such file"));
        } else if !found.is_file() {
            findings.push(GateFinding::new(
                place(name),
                describe(*found),
                "a regular file",
            ));
        }
    }
    let missing = recorded.iter().filter(|name| !present.contains_key(**name));
    findings.extend(missing.map(|name| {
        let expected = match below {
            ARTIFACTS => "the artifact that release.json names",
            _ => "the file that release.json names",
        };
        GateFinding::new(place(name), "nothing", expected)
    }));
    Ok(findings)
}

fn list(path: PathBuf) -> Result<Names, GateError> {
    let entry = |entry: io::Result<DirEntry>| {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        Ok((name, entry.file_type()?))
    };
    let names = fs::read_dir(&path).and_then(|entries| entries.map(entry).collect());
    names.map_err(|source| {
        let source = Arc::new(source);
        GateError::Read { path, source }
    })
}
