//! Holds `SHA256SUMS` against the release's record.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use super::finding;
use crate::gate::{GateError, GateFinding};
use crate::model::release::{ARTIFACTS, Release, SUMS};

/// Judges the file with the sums: one line per artifact, with its sum.
pub(super) fn judge(release: &Release, directory: &Path) -> Result<Vec<GateFinding>, GateError> {
    let path = directory.join(SUMS);
    let text = match fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(vec![finding(
                SUMS,
                "nothing",
                "a file with the artifacts' sums",
            )]);
        }
        Err(source) => {
            let source = Arc::new(source);
            return Err(GateError::Read { path, source });
        }
    };
    Ok(judge_text(release, &text))
}

fn judge_text(release: &Release, text: &str) -> Vec<GateFinding> {
    let mut expected: BTreeMap<_, _> = release
        .artifacts
        .iter()
        .map(|artifact| {
            (
                format!("{ARTIFACTS}/{}", artifact.file),
                artifact.sha256.to_string(),
            )
        })
        .collect();
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let place = format!("{SUMS}, line {}", index + 1);
        let Some((sum, file)) = line.split_once("  ") else {
            findings.push(finding(
                place,
                format!("`{line}`"),
                "a sum, two blanks and a path",
            ));
            continue;
        };
        match expected.remove(file) {
            None => {
                let found = format!("a sum of `{file}`");
                findings.push(finding(place, found, "each artifact of release.json once"));
            }
            Some(recorded) if recorded != sum => {
                let expected = format!("`{recorded}`, as in release.json");
                findings.push(finding(place, format!("`{sum}` for `{file}`"), expected));
            }
            Some(_) => {}
        }
    }
    let missing = expected.into_keys().map(|file| {
        let expected = format!("a line for `{file}`");
        finding(SUMS, "no sum of an artifact", expected)
    });
    findings.extend(missing);
    findings
}
