//! Holds the release directory against its record: what is there, and that it is what it should be.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::finding;
use crate::gate::report::{PAGE, REPORT};
use crate::gate::{GateError, GateFinding};
use crate::model::release::{ARTIFACTS, RECORD, Release, SUMS};
use crate::output::describe;

/// What is in a directory: names with what they are, without following a link.
type Names = BTreeMap<String, FileType>;

/// Judges what is in the release directory and in that of the artifacts.
pub(super) fn judge(release: &Release, directory: &Path) -> Result<Vec<GateFinding>, GateError> {
    let mut findings = Vec::new();
    for (name, found) in list(directory.to_owned())? {
        let expected = match name.as_str() {
            ARTIFACTS if found.is_dir() => continue,
            RECORD | SUMS | REPORT | PAGE if found.is_file() => continue,
            ARTIFACTS => "a directory",
            RECORD | SUMS | REPORT | PAGE => "a regular file",
            _ => "nothing besides the release",
        };
        findings.push(finding(name, describe(found), expected));
    }
    // What a link leads to is no part of the release.
    if findings.iter().all(|finding| finding.place != ARTIFACTS) {
        let present = list(directory.join(ARTIFACTS))?;
        findings.extend(judge_artifacts(release, &present));
    }
    Ok(findings)
}

fn judge_artifacts(release: &Release, present: &Names) -> Vec<GateFinding> {
    let place = |name: &str| format!("{ARTIFACTS}/{name}");
    let is_recorded = |name: &str| release.artifacts.iter().any(|a| a.file.as_str() == name);
    let mut findings = Vec::new();
    for (name, found) in present {
        if !is_recorded(name) {
            let found = "a file that is not in release.json";
            findings.push(finding(place(name), found, "no such file"));
        } else if !found.is_file() {
            findings.push(finding(place(name), describe(*found), "a regular file"));
        }
    }
    let names = release.artifacts.iter().map(|a| a.file.as_str());
    let missing = names.filter(|name| !present.contains_key(*name));
    findings.extend(missing.map(|name| {
        let expected = "the artifact that release.json names";
        finding(place(name), "nothing", expected)
    }));
    findings
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
