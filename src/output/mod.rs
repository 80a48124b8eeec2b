//! Files and directories that appear whole or not at all.

mod directory;
pub mod json;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

pub use directory::NewDirectory;

/// Something on disk that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Making, filling or renaming a file failed.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file that was to appear.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A directory could not be made or listed.
    #[error("cannot make the directory `{}`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A directory that was to be filled holds something already.
    #[error("`{}` is not empty; expected a directory that is empty or does not exist", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
}

/// A file that appears under its name, whole and on disk, when it is committed. Dropped before that, nothing stays.
///
/// Until then it is a hidden file beside its final place whose name no other run uses.
#[derive(Debug)]
pub struct AtomicFile {
    file: BufWriter<File>,
    temporary: Temporary,
    path: PathBuf,
}

/// Removes its file unless that has been renamed.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // There is nobody to tell, and the error that led here is the one that matters.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Tells apart the files of one process; those of two differ by the process id, or else by being tried in turn.
static COUNTER: AtomicU64 = AtomicU64::new(0);

impl AtomicFile {
    /// Starts a file that will be at `path`, whose directory must exist. Its mode is `mode` whatever the umask is.
    pub fn create(path: &Path, mode: u32) -> Result<Self, OutputError> {
        let fail = |source| OutputError::Write {
            path: path.to_owned(),
            source,
        };
        if path.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        let (file, temporary) = open_temporary(path).map_err(fail)?;
        let temporary = Temporary {
            path: temporary,
            renamed: false,
        };
        set_mode(&file, mode).map_err(fail)?;
        Ok(Self {
            file: BufWriter::with_capacity(256 * 1024, file),
            temporary,
            path: path.to_owned(),
        })
    }

    /// Where the file will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Flushes what was written and gives it back for reading, from the start.
    pub fn written(&mut self) -> io::Result<&mut File> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// Gives everybody who may read the file the right to start it.
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

    /// Makes the content durable and gives it its name, in place of what had that name before.
    pub fn commit(mut self) -> Result<(), OutputError> {
        self.sync()?;
        let renamed = self.rename();
        renamed.map_err(|source| self.error(source))
    }

    fn error(&self, source: io::Error) -> OutputError {
        OutputError::Write {
            path: self.path.clone(),
            source,
        }
    }

    fn rename(&mut self) -> io::Result<()> {
        fs::rename(&self.temporary.path, &self.path)?;
        self.temporary.renamed = true;
        sync_directory(directory_of(&self.path))
    }
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
    file.write_all(bytes).map_err(|source| OutputError::Write {
        path: path.to_owned(),
        source,
    })?;
    file.commit()
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn open_temporary(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{number}.tmp", std::process::id()));
        let temporary = directory_of(path).join(hidden);
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&temporary);
        match open {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

/// A rename is durable only when its directory is.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
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

    #[test]
    fn a_temporary_file_of_a_killed_run_is_in_nobody_s_way() {
        let directory = tempfile::tempdir().expect("a directory");
        let next = COUNTER.load(Ordering::Relaxed);
        for number in next..next + 100 {
            let stale = format!(".a.deb.{}-{number}.tmp", std::process::id());
            fs::write(directory.path().join(stale), "stale").expect("writable");
        }
        let path = directory.path().join("a.deb");
        write_file(&path, b"new").expect("another name is found");
        assert_eq!(fs::read(&path).expect("readable"), b"new");
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
