//! Compares the contents of packages with what was recorded when they were written.

use std::collections::BTreeSet;

use crate::gate::report::chain;
use crate::gate::subject::Opened;
use crate::gate::{GateError, GateFinding};
use crate::model::artifact::TreeEntry;
use crate::model::entry::{Entry, EntryContent};
use crate::model::path::RelativePath;
use crate::model::release::{ARTIFACTS, Release};
use crate::model::tree::Kind;

/// Judges one artifact that is known to be the recorded file.
pub(super) fn judge(
    opened: &Opened<'_>,
    contents: &Result<Vec<Entry>, GateError>,
) -> Result<Vec<GateFinding>, GateError> {
    let (artifact, place) = (opened.artifact, opened.place());
    let read = match contents {
        Ok(read) => read,
        // The file itself was read without errors, so the package is broken.
        Err(GateError::Open { source, .. }) => {
            let expected = format!("a package of format `{}`", artifact.format);
            return Ok(vec![GateFinding::new(place, chain(source), expected)]);
        }
        Err(error) => return Err(error.clone()),
    };
    let mut findings = compare(&place, read, &artifact.contents);
    findings.extend(judge_paths(&place, read));
    findings.extend(judge_binaries(&place, read, opened));
    Ok(findings)
}

fn compare(place: &str, read: &[Entry], recorded: &[Entry]) -> Vec<GateFinding> {
    let mut findings = Vec::new();
    let longest = read.len().max(recorded.len());
    for index in 0..longest {
        let (found, expected) = (read.get(index), recorded.get(index));
        if found != expected {
            let place = format!("{place}, entry {}", index + 1);
            findings.push(GateFinding::new(place, describe(found), describe(expected)));
        }
    }
    findings
}

fn describe(entry: Option<&Entry>) -> String {
    let Some(Entry {
        path,
        mode,
        content,
    }) = entry
    else {
        return "no entry".to_owned();
    };
    let content = match content {
        EntryContent::Directory => "directory".to_owned(),
        EntryContent::File { size, sha256 } => format!("file of {size} bytes, SHA-256 {sha256},"),
        EntryContent::Symlink(target) => format!("link to `{target}`"),
    };
    format!("{content} `{path}` with mode {mode:04o}")
}

/// No package may write outside of the directory where it is unpacked, or write one file over another.
fn judge_paths(place: &str, read: &[Entry]) -> Vec<GateFinding> {
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for Entry { path, .. } in read {
        if let Err(error) = path.parse::<RelativePath>() {
            let found = format!("a path that {}", error.problem());
            findings.push(GateFinding::new(
                format!("{place}: {}", path.escape_debug()),
                found,
                "a relative path",
            ));
        }
        if !seen.insert(path) {
            findings.push(GateFinding::new(
                format!("{place}: {path}"),
                "two entries",
                "each path once",
            ));
        }
    }
    findings
}

/// The programs have the same bytes in every format but for the signature of one that is signed with its bundle, and are
/// executable.
fn judge_binaries(place: &str, read: &[Entry], opened: &Opened<'_>) -> Vec<GateFinding> {
    let tree = &opened.artifact.tree;
    let is_program = |entry: &&TreeEntry| {
        entry.kind == Kind::Binary && matches!(entry.content, EntryContent::File { .. })
    };
    let missing = tree.iter().filter(is_program).filter(|program| {
        let is_it = |entry: &Entry| entry.content == program.content && entry.mode & 0o111 != 0;
        !read.iter().any(is_it) && !opened.unsealed.contains(&program.content)
    });
    missing
        .map(|program| {
            let found = format!("no executable file with the bytes of `{}`", program.path);
            GateFinding::new(place, found, "every program of the tree")
        })
        .collect()
}

/// All artifacts of one target were written from the same tree.
pub(super) fn judge_trees(release: &Release) -> Vec<GateFinding> {
    let mut findings = Vec::new();
    for (index, artifact) in release.artifacts.iter().enumerate() {
        let mut earlier = release.artifacts[..index].iter();
        let Some(first) =
            earlier.find(|first| first.target.is_some() && first.target == artifact.target)
        else {
            continue;
        };
        if first.tree != artifact.tree {
            findings.push(GateFinding::new(
                format!("{ARTIFACTS}/{}", artifact.file),
                difference(&artifact.tree, &first.tree),
                format!("the files of {ARTIFACTS}/{}", first.file),
            ));
        }
    }
    findings
}

fn difference(tree: &[TreeEntry], other: &[TreeEntry]) -> String {
    let stray = |a: &[TreeEntry], b: &[TreeEntry]| {
        let path = a.iter().find(|entry| !b.contains(entry));
        path.map(|entry| entry.path.clone())
    };
    match stray(tree, other).or_else(|| stray(other, tree)) {
        Some(path) => format!("another tree: `{path}` differs"),
        None => "the files of the tree in another order".to_owned(),
    }
}
