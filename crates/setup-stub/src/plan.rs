//! What becomes of each file, decided before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use semver::Version;
use sha2::{Digest, Sha256};

use crate::payload::{File, Kind};
use crate::problem::{Code, Problem};
use crate::record::{Record, folded};

/// What an installation does with files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Whether each new file is written. What is not was edited by the user, and stays.
    pub writes: Vec<bool>,
    /// What was installed before and is not part of this version.
    pub removes: Vec<File>,
}

impl Plan {
    /// Decides for a directory. `installed` is what the setup knows to have put there.
    pub fn new(
        directory: &Path,
        files: &[File],
        installed: Option<&Record>,
    ) -> Result<Self, Problem> {
        let mut known: BTreeMap<String, Vec<&File>> = BTreeMap::new();
        for file in installed.iter().flat_map(|record| &record.files) {
            known.entry(folded(&file.path)).or_default().push(file);
        }
        let mut plan = Self::default();
        let mut seen = BTreeSet::new();
        for file in files {
            let path = folded(&file.path);
            let place = directory.join(&file.path);
            let before = known.get(&path).map_or(&[][..], Vec::as_slice);
            seen.insert(path);
            plan.writes.push(is_written(&place, file, before)?);
        }
        for (path, before) in known {
            if !seen.contains(&path) {
                plan.removes.extend(before.into_iter().cloned());
            }
        }
        Ok(plan)
    }
}

/// Whether a new file is written to its place.
fn is_written(place: &Path, file: &File, before: &[&File]) -> Result<bool, Problem> {
    let Ok(there) = fs::symlink_metadata(place) else {
        return Ok(true);
    };
    let unreadable = |error: io::Error| Problem::of("read", place, &error);
    let is_foreign = before.is_empty() && file.kind != Kind::Config;
    if there.is_dir() || (is_foreign && sum(place).map_err(unreadable)? != file.sum) {
        let place = place.display();
        return Err(Problem::new(
            Code::Usage,
            format!(
                "{place} is there already and was not installed by this setup. Choose another directory, or move it away."
            ),
        ));
    }
    if file.kind != Kind::Config {
        return Ok(true);
    }
    Ok(!is_edited(place, before).map_err(unreadable)?)
}

/// Whether a file has another content than each that it was installed with.
pub fn is_edited(place: &Path, installed: &[&File]) -> io::Result<bool> {
    let found = sum(place)?;
    Ok(installed.iter().all(|file| file.sum != found))
}

/// The SHA-256 of a file.
pub fn sum(path: &Path) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut file = fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            n => hash.update(&buffer[..n]),
        }
    }
}

/// Refuses to replace a newer version.
pub fn check_version(new: &str, installed: &str, downgrade: bool) -> Result<(), Problem> {
    if downgrade {
        return Ok(());
    }
    match (Version::parse(new), Version::parse(installed)) {
        (Ok(version), Ok(other)) if version.cmp_precedence(&other).is_lt() => Err(Problem::new(
            Code::Newer,
            format!(
                "Version {installed} is installed already, which is newer than {new}. With the option /DOWNGRADE it is replaced."
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, kind: Kind, content: &str) -> File {
        File {
            sum: Sha256::digest(content).into(),
            size: content.len() as u64,
            kind,
            path: path.to_owned(),
        }
    }

    fn record(files: Vec<File>) -> Record {
        Record {
            files,
            ..Record::default()
        }
    }

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (path, content) in files {
            fs::write(directory.path().join(path), content).expect("written");
        }
        directory
    }

    #[test]
    fn an_edited_configuration_file_stays_and_another_is_replaced() {
        let old = record(vec![
            file("edited", Kind::Config, "old"),
            file("same", Kind::Config, "old"),
            file("program", Kind::Program, "old"),
        ]);
        let new = [
            file("edited", Kind::Config, "new"),
            file("same", Kind::Config, "new"),
            file("program", Kind::Program, "new"),
            file("missing", Kind::Config, "new"),
        ];
        let place = directory(&[("edited", "mine"), ("same", "old"), ("program", "patched")]);
        let plan = Plan::new(place.path(), &new, Some(&old)).expect("nothing foreign");
        assert_eq!(plan.writes, [false, true, true, true]);
        assert_eq!(plan.removes, []);
    }

    #[test]
    fn what_was_interrupted_is_no_edit() {
        let interrupted = record(vec![
            file("c", Kind::Config, "new"),
            file("c", Kind::Config, "old"),
        ]);
        let new = [file("c", Kind::Config, "new")];
        for (content, is_written) in [("old", true), ("new", true), ("mine", false)] {
            let place = directory(&[("c", content)]);
            let plan = Plan::new(place.path(), &new, Some(&interrupted)).expect("nothing foreign");
            assert_eq!(plan.writes, [is_written], "{content}");
        }
    }

    #[test]
    fn what_is_gone_is_removed_unless_only_its_letters_changed() {
        let old = record(vec![
            file("Readme", Kind::Other, "old"),
            file("gone", Kind::Other, "old"),
        ]);
        let new = [file("README", Kind::Other, "new")];
        let place = directory(&[("gone", "old")]);
        let plan = Plan::new(place.path(), &new, Some(&old)).expect("nothing foreign");
        assert_eq!(plan.removes, [file("gone", Kind::Other, "old")]);
    }

    #[test]
    fn a_foreign_file_is_not_replaced_unless_it_is_the_same() {
        let new = [file("program", Kind::Program, "new")];
        let refused = directory(&[("program", "foreign")]);
        let problem = Plan::new(refused.path(), &new, None).expect_err("foreign");
        assert_eq!(problem.code, Code::Usage);
        let same = directory(&[("program", "new")]);
        assert!(Plan::new(same.path(), &new, None).is_ok());
        // One that a removed version has left.
        let kept = directory(&[("c", "mine")]);
        let plan = Plan::new(kept.path(), &[file("c", Kind::Config, "new")], None);
        assert_eq!(plan.expect("its own").writes, [false]);
    }

    #[test]
    fn versions_have_the_order_of_semantic_versioning() {
        let is_refused = |new: &str, installed: &str| check_version(new, installed, false).is_err();
        assert!(is_refused("1.9.0", "1.10.0"));
        assert!(is_refused("1.0.0-beta.1", "1.0.0"));
        assert!(is_refused("1.0.0-beta.2", "1.0.0-beta.11"));
        assert!(!is_refused("1.0.0", "1.0.0"));
        assert!(!is_refused("1.0.0+b", "1.0.0+c"));
        assert!(!is_refused("1.0.1", "1.0.0"));
        assert!(check_version("1.0.0", "2.0.0", true).is_ok());
    }
}
