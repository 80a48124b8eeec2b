//! Writes the files of a draft: all of them, where none of them was.

use std::io::Write;
use std::path::Path;

use super::{Draft, InitError, NewFile};
use crate::output::{AtomicFile, OutputError};

pub(super) const MANIFEST: &str = "sealift.toml";
pub(super) const FLAKE: &str = "flake.nix";
pub(super) const WRAPPER: &str = "nixw";
pub(super) const ENVRC: &str = ".envrc";

/// The files that can be written, in the order in which they are named to people.
pub const FILES: [&str; 4] = [MANIFEST, FLAKE, WRAPPER, ENVRC];

/// A manifest there would not be read any more.
const OTHER_MANIFEST: &str = "packaging/sealift.toml";

/// Which of [`FILES`] are written.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Their names; empty means all.
    pub only: Vec<String>,
    /// Whether files that are there already are replaced.
    pub force: bool,
}

impl Scope {
    /// Whether a file is to be written.
    pub fn includes(&self, name: &str) -> bool {
        self.only.is_empty() || self.is_named(name)
    }

    fn is_named(&self, name: &str) -> bool {
        self.only.iter().any(|only| only == name)
    }

    /// Refuses a directory that has a manifest, or one of the files that are asked for by name.
    pub(super) fn refuse_existing(&self, directory: &Path) -> Result<(), InitError> {
        let is_in_the_way = |name: &&str| match *name {
            OTHER_MANIFEST => self.includes(MANIFEST),
            MANIFEST => self.includes(MANIFEST) && !self.force,
            name => self.is_named(name) && !self.force,
        };
        let names = FILES.into_iter().chain([OTHER_MANIFEST]);
        let in_the_way = names.filter(is_in_the_way);
        refuse(directory, in_the_way)
    }

    /// Whether a file that is there already stays as it is.
    pub(super) fn keeps(&self, directory: &Path, name: &str) -> bool {
        !self.force && is_there(directory, name)
    }
}

fn refuse(directory: &Path, names: impl Iterator<Item = &'static str>) -> Result<(), InitError> {
    let files: Vec<_> = names.filter(|name| is_there(directory, name)).collect();
    if files.is_empty() {
        Ok(())
    } else {
        Err(InitError::Exists { files })
    }
}

/// A link that leads nowhere is there, too.
fn is_there(directory: &Path, name: &str) -> bool {
    directory.join(name).symlink_metadata().is_ok()
}

impl Draft {
    /// Writes the files into a directory: all or, after an error, none.
    pub fn write(&self, directory: &Path) -> Result<(), InitError> {
        let stage = |file| stage(directory, file);
        let staged: Vec<_> = self.files.iter().map(stage).collect::<Result<_, _>>()?;
        // Nothing may have appeared meanwhile.
        let new = self.files.iter().filter(|file| !file.replaces);
        refuse(directory, new.map(|file| file.name))?;
        Ok(AtomicFile::commit_all(staged)?)
    }
}

/// Writes a file beside its final place.
fn stage(directory: &Path, new: &NewFile) -> Result<AtomicFile, OutputError> {
    let path = directory.join(new.name);
    let mut file = AtomicFile::create(&path, new.mode)?;
    file.write_all(new.text.as_bytes())
        .map_err(|source| OutputError::Write { path, source })?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    fn draft() -> Draft {
        let file = |name| NewFile {
            name,
            text: name.to_owned(),
            mode: 0o644,
            replaces: false,
        };
        Draft {
            files: vec![file(MANIFEST), file(FLAKE)],
            ..Draft::default()
        }
    }

    #[test]
    fn all_files_are_written() {
        let directory = tempfile::tempdir().expect("a directory");
        draft().write(directory.path()).expect("writable");
        assert_eq!(names(directory.path()), [FLAKE, MANIFEST]);
    }

    #[test]
    fn where_one_file_is_there_none_is_written() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join(FLAKE), "mine").expect("writable");
        let error = draft().write(directory.path()).expect_err("it is there");
        assert!(
            error
                .to_string()
                .starts_with("already there: `flake.nix`; nothing was written"),
            "{error}"
        );
        assert_eq!(names(directory.path()), [FLAKE]);
        assert_eq!(
            std::fs::read(directory.path().join(FLAKE)).expect("readable"),
            b"mine"
        );
    }
}
