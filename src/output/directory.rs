//! Directories that are filled whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use super::OutputError;

/// A directory that is being filled. Dropped before it is kept, all that was made in it goes away again.
#[derive(Debug)]
pub struct NewDirectory {
    path: PathBuf,
    existed: bool,
    kept: bool,
}

impl NewDirectory {
    /// Takes an empty directory, or makes one.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let fail = |source| OutputError::Directory {
            path: path.to_owned(),
            source,
        };
        let existed = path.is_dir();
        if existed {
            if fs::read_dir(path).map_err(fail)?.next().is_some() {
                return Err(OutputError::NotEmpty {
                    path: path.to_owned(),
                });
            }
        } else {
            fs::create_dir_all(path).map_err(fail)?;
        }
        Ok(Self {
            path: path.to_owned(),
            existed,
            kept: false,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a directory in it, with those above.
    pub fn subdirectory(&self, relative: &str) -> Result<PathBuf, OutputError> {
        let path = self.path.join(relative);
        fs::create_dir_all(&path).map_err(|source| OutputError::Directory {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    /// Leaves the directory and what is in it.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for NewDirectory {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        // As with a file, the error that led here is the one that matters.
        if !self.existed {
            let _ = fs::remove_dir_all(&self.path);
        } else if let Ok(entries) = fs::read_dir(&self.path) {
            for entry in entries.flatten() {
                let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
                let _ = if is_directory {
                    fs::remove_dir_all(entry.path())
                } else {
                    fs::remove_file(entry.path())
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    #[test]
    fn a_new_directory_that_is_not_kept_goes_away() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("release");
        let directory = NewDirectory::create(&path).expect("makable");
        let below = directory.subdirectory("artifacts/deep").expect("makable");
        fs::write(below.join("file"), "x").expect("writable");
        drop(directory);
        assert_eq!(names(root.path()), [""; 0]);
    }

    #[test]
    fn an_existing_directory_is_emptied_but_not_removed() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = NewDirectory::create(root.path()).expect("empty");
        fs::write(root.path().join("file"), "x").expect("writable");
        directory.subdirectory("artifacts").expect("makable");
        drop(directory);
        assert_eq!(names(root.path()), [""; 0]);
    }

    #[test]
    fn a_directory_with_something_in_it_is_left_alone() {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("precious"), "x").expect("writable");
        let error = NewDirectory::create(root.path()).expect_err("not empty");
        assert!(matches!(error, OutputError::NotEmpty { .. }));
        assert_eq!(names(root.path()), ["precious"]);
    }
}
