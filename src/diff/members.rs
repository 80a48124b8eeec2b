//! The members of two artifacts of one format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{DiffError, Difference, MISSING, Side, content};
use crate::format::Registration;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::output::Scratch;

/// How many files are looked into; of the others only the sums are told.
const MAX_EXAMINED: usize = 100;

/// A path, and how many members before had the same.
type Key = (String, usize);

/// The members in their order.
struct Members {
    order: Vec<Key>,
    entries: BTreeMap<Key, Entry>,
}

/// What differs in the members of two artifacts.
pub(super) fn differences(
    key: &str,
    left: Side<'_>,
    right: Side<'_>,
    formats: &'static [Registration],
    scratch: &Path,
) -> Result<Vec<Difference>, DiffError> {
    let (a, b) = (list(left, formats)?, list(right, formats)?);
    let mut found = Vec::new();
    let mut examined = BTreeSet::new();
    let keys: BTreeSet<_> = a.entries.keys().chain(b.entries.keys()).cloned().collect();
    for member in keys {
        let place = format!("{key}: {}", member.0);
        let (one, other) = (a.entries.get(&member), b.entries.get(&member));
        fields(&place, one, other, &mut found);
        let both_files = [one, other].iter().all(|entry| entry.is_some_and(is_file));
        if both_files && one.map(|e| &e.content) != other.map(|e| &e.content) {
            if examined.len() < MAX_EXAMINED {
                examined.insert(member);
            } else {
                found.push(sums(&place, one, other));
            }
        }
    }
    if found.is_empty() && examined.is_empty() && a.order != b.order {
        let at = a
            .order
            .iter()
            .zip(&b.order)
            .position(|(one, other)| one != other);
        let at = at.unwrap_or_default();
        found.push(Difference {
            place: format!("{key}: order of the members, from number {}", at + 1),
            left: a.order[at].0.clone(),
            right: b.order[at].0.clone(),
        });
    }
    if !examined.is_empty() {
        let scratch = Scratch::create(scratch)?;
        let ours = put_aside(left, formats, &examined, &scratch.path().join("left"))?;
        let theirs = put_aside(right, formats, &examined, &scratch.path().join("right"))?;
        for (member, path) in &ours {
            let place = format!("{key}: {}", member.0);
            if let Some(other) = theirs.get(member) {
                found.extend(content::differences(&place, path, other)?);
            }
        }
    }
    Ok(found)
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.content, EntryContent::File { .. })
}

/// What is not content: whether it is there, what it is, its mode, and where a link goes.
fn fields(place: &str, left: Option<&Entry>, right: Option<&Entry>, found: &mut Vec<Difference>) {
    let mut add = |what: &str, left: String, right: String| {
        if left != right {
            found.push(Difference {
                place: format!("{place}{what}"),
                left,
                right,
            });
        }
    };
    let kind = |entry: Option<&Entry>| match entry.map(|entry| &entry.content) {
        None => MISSING.to_owned(),
        Some(EntryContent::Directory) => "a directory".to_owned(),
        Some(EntryContent::File { .. }) => "a file".to_owned(),
        Some(EntryContent::Symlink(target)) => format!("a link to `{target}`"),
    };
    add("", kind(left), kind(right));
    if let (Some(left), Some(right)) = (left, right) {
        let mode = |entry: &Entry| format!("{:04o}", entry.mode);
        add(": mode", mode(left), mode(right));
    }
}

fn sums(place: &str, left: Option<&Entry>, right: Option<&Entry>) -> Difference {
    let sum = |entry: Option<&Entry>| match entry.map(|entry| &entry.content) {
        Some(EntryContent::File { size, sha256 }) => format!("{size} bytes, SHA-256 {sha256}"),
        _ => MISSING.to_owned(),
    };
    Difference {
        place: place.to_owned(),
        left: sum(left),
        right: sum(right),
    }
}

fn list(side: Side<'_>, formats: &'static [Registration]) -> Result<Members, DiffError> {
    let mut members = Members {
        order: Vec::new(),
        entries: BTreeMap::new(),
    };
    visit(side, formats, &mut |key, entry, content| {
        let mut entry = entry.clone();
        if let EntryContent::File { size, sha256 } = &mut entry.content {
            let mut counted = Counted { content, bytes: 0 };
            *sha256 = Sha256Sum::of_reader(&mut counted)?;
            *size = counted.bytes;
        }
        members.order.push(key.clone());
        members.entries.insert(key, entry);
        Ok(())
    })?;
    Ok(members)
}

struct Counted<'a> {
    content: &'a mut dyn Read,
    bytes: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Writes the content of these members to files in a directory that it makes.
fn put_aside(
    side: Side<'_>,
    formats: &'static [Registration],
    wanted: &BTreeSet<Key>,
    directory: &Path,
) -> Result<BTreeMap<Key, PathBuf>, DiffError> {
    let mut made = BTreeMap::new();
    visit(side, formats, &mut |key, _, content| {
        if wanted.contains(&key) {
            std::fs::create_dir_all(directory)?;
            let path = directory.join(made.len().to_string());
            io::copy(content, &mut File::create(&path)?)?;
            made.insert(key, path);
        }
        Ok(())
    })?;
    Ok(made)
}

fn visit(
    side: Side<'_>,
    formats: &'static [Registration],
    each: &mut dyn FnMut(Key, &Entry, &mut dyn Read) -> io::Result<()>,
) -> Result<(), DiffError> {
    let path = side.path();
    let name = &side.artifact.format;
    let Some(format) = formats.iter().find(|format| format.name == name) else {
        let format = name.clone();
        return Err(DiffError::UnknownFormat { path, format });
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let read = (format.read)(&path, &mut |entry, content| {
        let count = seen.entry(entry.path.clone()).or_default();
        let key = (entry.path.clone(), *count);
        *count += 1;
        each(key, entry, content)
    });
    read.map_err(|source| DiffError::Open { path, source })
}
