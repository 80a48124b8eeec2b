//! A directory for the steps towards an output directory. It vanishes with what is in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::OutputError;
use super::atomic::{directory_of, sync_directory};
use super::directory::begin;
use super::unfinished::{self, Unfinished};

/// A hidden directory on the file system of an output directory: beside its path, or in it if it exists already. It is
/// removed when it is dropped, or when the program is interrupted.
#[derive(Debug)]
pub struct Workspace {
    unfinished: Unfinished,
    out: PathBuf,
    existed: bool,
}

impl Workspace {
    /// Takes the path of the output directory, which is empty or does not exist yet.
    pub fn create(out: &Path) -> Result<Self, OutputError> {
        let (unfinished, existed) = begin(out)?;
        Ok(Self {
            unfinished,
            out: out.to_owned(),
            existed,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.unfinished.path()
    }

    /// Creates a directory at a relative path, with those above it; it may exist already.
    pub fn directory(&self, relative: &str) -> Result<PathBuf, OutputError> {
        let path = self.path().join(relative);
        // An interruption removes all of it, and nothing may be added after that.
        let _list = unfinished::lock();
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(path),
            Err(source) => Err(OutputError::Directory { path, source }),
        }
    }

    /// Moves a directory of it to the output path, whole, and removes the rest.
    pub fn keep(self, relative: &str) -> Result<(), OutputError> {
        let moved = self.place(&self.path().join(relative));
        moved.map_err(|source| OutputError::Directory {
            path: self.out.clone(),
            source,
        })
    }

    fn place(&self, from: &Path) -> io::Result<()> {
        {
            let _list = unfinished::lock();
            if self.existed {
                for entry in fs::read_dir(from)? {
                    let name = entry?.file_name();
                    fs::rename(from.join(&name), self.out.join(&name))?;
                }
            } else {
                fs::rename(from, &self.out)?;
            }
        }
        let parent = directory_of(&self.out);
        sync_directory(if self.existed { &self.out } else { parent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    fn fill(workspace: &Workspace) {
        let directory = workspace.directory("release/artifacts").expect("writable");
        fs::write(directory.join("a.deb"), "a").expect("writable");
        fs::write(workspace.path().join("release/record"), "r").expect("writable");
        workspace.directory("trees/one").expect("writable");
    }

    #[test]
    fn only_what_is_kept_stays() {
        let root = tempfile::tempdir().expect("a directory");
        let out = root.path().join("out");
        let workspace = Workspace::create(&out).expect("makable");
        fill(&workspace);
        assert!(!out.exists());
        workspace.keep("release").expect("renamed");
        assert_eq!(names(root.path()), ["out"]);
        assert_eq!(names(&out), ["artifacts", "record"]);
    }

    #[test]
    fn an_existing_directory_is_filled() {
        let root = tempfile::tempdir().expect("a directory");
        let workspace = Workspace::create(root.path()).expect("empty");
        fill(&workspace);
        workspace.keep("release").expect("renamed");
        assert_eq!(names(root.path()), ["artifacts", "record"]);
    }

    #[test]
    fn without_that_nothing_stays() {
        let root = tempfile::tempdir().expect("a directory");
        let workspace = Workspace::create(&root.path().join("out")).expect("makable");
        fill(&workspace);
        drop(workspace);
        assert_eq!(names(root.path()), [""; 0]);
    }

    #[test]
    fn a_directory_with_something_in_it_is_refused() {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("precious"), "x").expect("writable");
        let error = Workspace::create(root.path()).expect_err("not empty");
        assert!(matches!(error, OutputError::NotEmpty { .. }));
        assert_eq!(names(root.path()), ["precious"]);
    }
}
