//! Holds `SHA256SUMS` against the release's record.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use crate::gate::{GateError, GateFinding};
use crate::model::release::{Release, SUMS};
use crate::output::{NotRegular, open_regular};

/// How much more than the sums is read of the file.
const MAX_EXTRA_BYTES: u64 = 4096;

/// Judges the file with the sums: one line per artifact, with its sum.
pub(super) fn judge(release: &Release, directory: &Path) -> Result<Vec<GateFinding>, GateError> {
    let path = directory.join(SUMS);
    let expected = release.sums();
    match read(&path, expected.len() as u64 + MAX_EXTRA_BYTES) {
        Ok(text) => Ok(judge_text(release, &text)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let expected = "a file with the artifacts' sums";
            Ok(vec![GateFinding::new(SUMS, "nothing", expected)])
        }
        // Found in the directory.
        Err(error)
            if error
                .get_ref()
                .is_some_and(|inner| inner.is::<NotRegular>()) =>
        {
            Ok(Vec::new())
        }
        Err(source) => {
            let source = Arc::new(source);
            Err(GateError::Read { path, source })
        }
    }
}

/// The text up to a size, which shows whether it is too long as well as the rest would.
fn read(path: &Path, size: u64) -> io::Result<String> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(size).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn judge_text(release: &Release, text: &str) -> Vec<GateFinding> {
    let files = release.files().into_iter();
    let mut expected: BTreeMap<_, _> = files.map(|(path, sum)| (path, sum.to_string())).collect();
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let place = format!("{SUMS}, line {}", index + 1);
        let Some((sum, file)) = line.split_once("  ") else {
            findings.push(GateFinding::new(
                place,
                format!("`{line}`"),
                "a sum, two blanks and a path",
            ));
            continue;
        };
        match expected.remove(file) {
            None => {
                let found = format!("a sum of `{file}`");
                findings.push(GateFinding::new(
                    place,
                    found,
                    "each artifact of release.json once",
                ));
            }
            Some(recorded) if recorded != sum => {
                let expected = format!("`{recorded}`, as in release.json");
                findings.push(GateFinding::new(
                    place,
                    format!("`{sum}` for `{file}`"),
                    expected,
                ));
            }
            Some(_) => {}
        }
    }
    let missing = expected.into_keys().map(|file| {
        let expected = format!("a line for `{file}`");
        GateFinding::new(SUMS, "no sum of an artifact", expected)
    });
    findings.extend(missing);
    findings
}
