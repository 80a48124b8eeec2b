//! Files and directories that are being written and do not have their final names yet.
//!
//! Each has a recognizable hidden name, is locked by the process that writes it, and is in a list of that process. An
//! interrupted process removes everything in its list ([`abandon`]). Leftovers of a killed process are recognized by
//! their name and by the lock that nobody holds, and are removed when the next process writes something beside them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The suffix of the names of unfinished files and directories.
const SUFFIX: &str = ".sealift-tmp";

/// The unfinished files of this process.
#[derive(Debug)]
pub(super) struct List {
    paths: BTreeSet<PathBuf>,
    /// Directories without leftovers of killed processes.
    swept: BTreeSet<PathBuf>,
    /// Distinguishes the names within one process. Names of two processes differ by the process ID, or else are tried
    /// in turn.
    next: u64,
}

static LIST: Mutex<List> = Mutex::new(List {
    paths: BTreeSet::new(),
    swept: BTreeSet::new(),
    next: 0,
});

/// Waits until nothing else is being started, finished or removed.
pub(super) fn lock() -> MutexGuard<'static, List> {
    LIST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes everything that this process has not finished writing, because the program is being interrupted. The program
/// must then exit: a thread that starts or finishes a file afterwards waits forever.
pub fn abandon() {
    let list = lock();
    for path in &list.paths {
        remove(path);
    }
    std::mem::forget(list);
}

/// Whether a name is that of an unfinished file, which no package may contain.
pub fn is_unfinished(name: &OsStr) -> bool {
    name.as_encoded_bytes().ends_with(SUFFIX.as_bytes())
}

/// An unfinished file or directory. It is removed if it is dropped before it is finished.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    is_finished: bool,
    /// Keeps a directory locked; a file is locked by its writer.
    _lock: Option<File>,
}

impl Unfinished {
    /// Starts a readable and writable file in a directory.
    pub fn file(directory: &Path, name: &OsStr) -> io::Result<(Self, File)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let mut list = lock();
        loop {
            let path = list.next_path(directory, name);
            match options.open(&path) {
                Ok(file) if list.claim(&path, &file) => return Ok((Self::new(path, None), file)),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts a directory in another one.
    pub fn directory(directory: &Path, name: &OsStr) -> io::Result<Self> {
        let mut list = lock();
        loop {
            let path = list.next_path(directory, name);
            match fs::create_dir(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            let Some(handle) = open_directory(&path) else {
                // Leftovers of a killed process then remain.
                list.paths.insert(path.clone());
                return Ok(Self::new(path, None));
            };
            if list.claim(&path, &handle) {
                return Ok(Self::new(path, Some(handle)));
            }
        }
    }

    fn new(path: PathBuf, lock: Option<File>) -> Self {
        Self {
            path,
            is_finished: false,
            _lock: lock,
        }
    }

    /// Its path until it is finished.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name with an action that interruptions wait for. The list parameter shows that it is locked.
    pub fn finish(
        &mut self,
        list: &mut List,
        action: impl FnOnce(&Path) -> io::Result<()>,
    ) -> io::Result<()> {
        action(&self.path)?;
        list.paths.remove(&self.path);
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            let mut list = lock();
            remove(&self.path);
            list.paths.remove(&self.path);
        }
    }
}

impl List {
    fn next_path(&mut self, directory: &Path, name: &OsStr) -> PathBuf {
        if self.swept.insert(directory.to_owned()) {
            self.sweep(directory);
        }
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{}{SUFFIX}", std::process::id(), self.next));
        self.next += 1;
        directory.join(hidden)
    }

    /// Marks something as this process's own. A sweep of another process may have removed it just before.
    fn claim(&mut self, path: &Path, handle: &File) -> bool {
        // If locks are not supported, nothing is ever considered stale.
        let _ = handle.lock();
        let is_there = path.symlink_metadata().is_ok();
        if is_there {
            self.paths.insert(path.to_owned());
        }
        is_there
    }

    /// Removes leftovers of killed processes from a directory.
    fn sweep(&self, directory: &Path) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_ours = self.paths.contains(&path);
            if is_unfinished(&entry.file_name()) && !is_ours && is_stale(&path) {
                remove(&path);
            }
        }
    }
}

/// Whether no process holds the lock of something unfinished.
fn is_stale(path: &Path) -> bool {
    let Ok(metadata) = path.symlink_metadata() else {
        return false;
    };
    let handle = if metadata.is_dir() {
        open_directory(path)
    } else if metadata.is_file() {
        File::open(path).ok()
    } else {
        None
    };
    handle.is_some_and(|handle| handle.try_lock().is_ok())
}

/// A handle that can be locked.
#[cfg(unix)]
fn open_directory(path: &Path) -> Option<File> {
    File::open(path).ok()
}

/// Windows does not rename a directory that is open.
#[cfg(not(unix))]
fn open_directory(_: &Path) -> Option<File> {
    None
}

/// Ignores the error: nobody can be told, and the error that led here matters more.
fn remove(path: &Path) {
    let is_directory = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let _ = if is_directory {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    #[test]
    fn what_a_killed_process_left_is_swept() {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join(".a.deb.1-0.sealift-tmp"), "stale").expect("writable");
        fs::create_dir_all(root.path().join(".tree.1-0.sealift-tmp/bin")).expect("writable");
        fs::write(root.path().join(".mine.tmp"), "precious").expect("writable");
        let begun = Unfinished::file(root.path(), OsStr::new("b.deb")).expect("writable");
        let begun_name = begun.0.path().file_name().map(OsStr::to_owned);
        let begun_name = begun_name.expect("it has a name").into_string();
        let expected = [begun_name.expect("ASCII"), ".mine.tmp".to_owned()];
        let mut found = names(root.path());
        found.sort_by_key(|name| name.starts_with(".mine"));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_a_living_process_writes_is_not_stale() {
        let root = tempfile::tempdir().expect("a directory");
        let (file, _handle) = Unfinished::file(root.path(), OsStr::new("a.deb")).expect("writable");
        let directory = Unfinished::directory(root.path(), OsStr::new("t")).expect("writable");
        assert!(!is_stale(file.path()));
        assert!(!is_stale(directory.path()));
        let paths = [file.path().to_owned(), directory.path().to_owned()];
        drop((file, directory));
        assert!(paths.iter().all(|path| !path.exists()));
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over() {
        let root = tempfile::tempdir().expect("a directory");
        let next = lock().next;
        for number in next..next + 100 {
            let taken = format!(".a.deb.{}-{number}{SUFFIX}", std::process::id());
            // Sealift never creates a link, so a link is not swept.
            std::os::unix::fs::symlink("nowhere", root.path().join(taken)).expect("writable");
        }
        Unfinished::file(root.path(), OsStr::new("a.deb")).expect("another name is found");
    }
}
