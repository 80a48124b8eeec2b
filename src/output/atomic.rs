//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::unfinished::{self, List, Unfinished};

/// A file that appears under its name, whole and durable, when it is committed. If it is dropped before, nothing
/// remains.
///
/// Until then it is a hidden file beside its final path, with a name that no other run uses.
#[derive(Debug)]
pub struct AtomicFile {
    file: BufWriter<File>,
    unfinished: Unfinished,
    path: PathBuf,
}

impl AtomicFile {
    /// Starts a file that will be at `path`, whose directory must exist. Its mode is `mode`, regardless of the umask.
    pub fn create(path: &Path, mode: u32) -> Result<Self, OutputError> {
        let fail = |source| OutputError::Write {
            path: path.to_owned(),
            source,
        };
        if path.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        let name = path
            .file_name()
            .ok_or_else(|| fail(io::ErrorKind::InvalidInput.into()))?;
        let (unfinished, file) = Unfinished::file(directory_of(path), name).map_err(fail)?;
        set_mode(&file, mode).map_err(fail)?;
        Ok(Self {
            file: BufWriter::with_capacity(256 * 1024, file),
            unfinished,
            path: path.to_owned(),
        })
    }

    /// Where the file will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Flushes the content and returns it for reading from the start.
    pub fn written(&mut self) -> io::Result<&mut File> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// Makes the file executable for everyone who may read it.
    pub fn make_executable(&self) -> io::Result<()> {
        set_mode(self.file.get_ref(), 0o755)
    }

    /// Gives the file the permissions of another one.
    pub fn set_permissions(&self, permissions: fs::Permissions) -> io::Result<()> {
        self.file.get_ref().set_permissions(permissions)
    }

    /// Makes the content durable.
    pub fn sync(&mut self) -> Result<(), OutputError> {
        let flushed = self.file.flush();
        let synced = flushed.and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(|source| self.error(source))
    }

    /// Makes the content durable and gives it its name, replacing any file of that name.
    pub fn commit(self) -> Result<(), OutputError> {
        Self::commit_all(vec![self])
    }

    /// Makes the contents of several files durable before the first one gets its name. An interruption waits until all
    /// files have their names.
    pub fn commit_all(mut files: Vec<Self>) -> Result<(), OutputError> {
        for file in &mut files {
            file.sync()?;
        }
        let renamed = rename_all(&mut files, &mut unfinished::lock());
        renamed?;
        for file in &files {
            sync_directory(directory_of(&file.path)).map_err(|source| file.error(source))?;
        }
        Ok(())
    }

    fn error(&self, source: io::Error) -> OutputError {
        OutputError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

fn rename_all(files: &mut [AtomicFile], list: &mut List) -> Result<(), OutputError> {
    for file in files {
        let AtomicFile {
            unfinished, path, ..
        } = file;
        let renamed = unfinished.finish(list, |temporary| fs::rename(temporary, path));
        renamed.map_err(|source| file.error(source))?;
    }
    Ok(())
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Writes a whole file atomically, readable by all.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let mut file = AtomicFile::create(path, 0o644)?;
    file.write_all(bytes).map_err(|source| file.error(source))?;
    file.commit()
}

/// Writes several whole files, of which all are durable before the first one appears.
pub fn write_files(files: &[(&Path, &[u8])]) -> Result<(), OutputError> {
    let written = files.iter().map(|(path, bytes)| {
        let mut file = AtomicFile::create(path, 0o644)?;
        file.write_all(bytes).map_err(|source| file.error(source))?;
        Ok(file)
    });
    AtomicFile::commit_all(written.collect::<Result<_, _>>()?)
}

/// The directory that contains a file.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Sets a file's mode, regardless of the umask.
#[cfg(unix)]
pub(super) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(super) fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

/// Makes the names in a directory durable.
#[cfg(unix)]
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    #[test]
    fn a_file_is_hidden_until_it_is_committed() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.deb");
        let mut file = AtomicFile::create(&path, 0o644).expect("writable");
        file.write_all(b"whole").expect("writable");
        assert!(
            names(directory.path())
                .iter()
                .all(|name| name.starts_with('.'))
        );
        file.commit().expect("renamed");
        assert_eq!(names(directory.path()), ["a.deb"]);
        assert_eq!(fs::read(&path).expect("readable"), b"whole");
    }

    #[test]
    fn a_file_that_is_not_committed_leaves_nothing_and_keeps_the_old_one() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.deb");
        write_file(&path, b"old").expect("writable");
        let mut file = AtomicFile::create(&path, 0o644).expect("writable");
        file.write_all(b"new").expect("writable");
        drop(file);
        assert_eq!(names(directory.path()), ["a.deb"]);
        assert_eq!(fs::read(&path).expect("readable"), b"old");
    }

    #[test]
    fn two_writers_of_one_name_do_not_disturb_each_other() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.deb");
        let mut first = AtomicFile::create(&path, 0o644).expect("writable");
        let mut second = AtomicFile::create(&path, 0o644).expect("writable");
        first.write_all(b"first").expect("writable");
        second.write_all(b"second").expect("writable");
        second.commit().expect("renamed");
        first.commit().expect("renamed");
        assert_eq!(fs::read(&path).expect("readable"), b"first");
        assert_eq!(names(directory.path()), ["a.deb"]);
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_does_not_depend_on_the_umask() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("program");
        let file = AtomicFile::create(&path, 0o777).expect("writable");
        file.commit().expect("renamed");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o777);
    }

    #[test]
    fn a_directory_in_the_place_of_the_file_is_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let error = AtomicFile::create(directory.path(), 0o644).expect_err("a directory");
        assert_eq!(
            error.to_string(),
            format!("cannot write `{}`", directory.path().display())
        );
        assert_eq!(names(directory.path()), [""; 0]);
    }
}
