//! Writes the files of a draft: all of them, where none of them was.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Draft, InitError, NewFile};
use crate::output::{AtomicFile, OutputError};

pub(super) const MANIFEST: &str = "sealift.toml";
pub(super) const FLAKE: &str = "flake.nix";
pub(super) const WRAPPER: &str = "nixw";

/// What must not be there; a manifest in `packaging/` would not be read any more.
const TAKEN: [&str; 4] = [MANIFEST, "packaging/sealift.toml", FLAKE, WRAPPER];

/// Refuses a directory that has one of the files.
pub(super) fn refuse_existing(directory: &Path) -> Result<(), InitError> {
    // A link that leads nowhere is there, too.
    let is_there = |name: &&str| directory.join(name).symlink_metadata().is_ok();
    let files: Vec<_> = TAKEN.into_iter().filter(|name| is_there(name)).collect();
    if files.is_empty() {
        Ok(())
    } else {
        Err(InitError::Exists { files })
    }
}

/// Files that have got their names; they go away again unless all have.
struct Placed(Vec<PathBuf>);

impl Drop for Placed {
    fn drop(&mut self) {
        for path in &self.0 {
            // There is nobody to tell, and the error that led here is the one that matters.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Draft {
    /// Writes the files into a directory. Nothing is overwritten, and after an error nothing stays.
    pub fn write(&self, directory: &Path) -> Result<(), InitError> {
        let stage = |file| stage(directory, file);
        let staged: Vec<_> = self.files.iter().map(stage).collect::<Result<_, _>>()?;
        refuse_existing(directory)?;
        let mut placed = Placed(Vec::new());
        for file in staged {
            let path = file.path().to_owned();
            file.commit()?;
            placed.0.push(path);
        }
        placed.0.clear();
        Ok(())
    }
}

/// Writes a file beside its final place.
fn stage(directory: &Path, new: &NewFile) -> Result<AtomicFile, OutputError> {
    let path = directory.join(new.name);
    let mut file = AtomicFile::create(&path, new.mode)?;
    file.write_all(new.text.as_bytes())
        .map_err(|source| OutputError::Write { path, source })?;
    file.sync()?;
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
        };
        Draft {
            files: vec![file(MANIFEST), file(FLAKE)],
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

    #[test]
    fn a_file_that_cannot_get_its_name_takes_the_others_away_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let placed = Placed(vec![directory.path().join(MANIFEST)]);
        std::fs::write(directory.path().join(MANIFEST), "placed").expect("writable");
        drop(placed);
        assert_eq!(names(directory.path()), [""; 0]);
    }
}
