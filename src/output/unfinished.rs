//! Files and directories that are being written and do not have their names yet.
//!
//! Each has a hidden name that tells what it is, is locked by the process that writes it, and is in a list of that process.
//! A process that is interrupted removes what is in its list ([`abandon`]). What a killed process left is recognized by
//! its name and by the lock that nobody holds, and goes when the next process writes something beside it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How the names of unfinished files and directories end.
const SUFFIX: &str = ".sealift-tmp";

/// What this process has begun.
#[derive(Debug)]
pub(super) struct List {
    paths: BTreeSet<PathBuf>,
    /// Directories in which nothing of a killed process is left.
    swept: BTreeSet<PathBuf>,
    /// Tells apart the names that one process gives; those of two differ by the process id, or else by being tried in turn.
    next: u64,
}

static LIST: Mutex<List> = Mutex::new(List {
    paths: BTreeSet::new(),
    swept: BTreeSet::new(),
    next: 0,
});

/// Waits until nothing else is begun, finished or removed.
pub(super) fn lock() -> MutexGuard<'static, List> {
    LIST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes everything that this process has begun to write, for a program that is being interrupted. The program has to
/// end then: whoever begins or finishes a file afterwards waits forever.
pub fn abandon() {
    let list = lock();
    for path in &list.paths {
        remove(path);
    }
    std::mem::forget(list);
}

/// Whether a name is that of something unfinished, which no package may have.
pub fn is_unfinished(name: &OsStr) -> bool {
    name.as_encoded_bytes().ends_with(SUFFIX.as_bytes())
}

/// An unfinished file or directory. Dropped before it is finished, it is removed.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    is_finished: bool,
    /// Keeps a directory locked; a file is locked by whoever writes it.
    _lock: Option<File>,
}

impl Unfinished {
    /// Begins a file in a directory, which can be read and written.
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

    /// Begins a directory in another one.
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
                // What a killed process leaves then stays.
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

    /// Where it is until it is finished.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, by an action that an interruption waits for. The list shows that it is locked.
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

    /// Marks something as this process's own. A sweep of another process may have taken it away just before.
    fn claim(&mut self, path: &Path, handle: &File) -> bool {
        // Where nothing can be locked, nothing is ever taken for stale.
        let _ = handle.lock();
        let is_there = path.symlink_metadata().is_ok();
        if is_there {
            self.paths.insert(path.to_owned());
        }
        is_there
    }

    /// Removes what killed processes have left in a directory.
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

/// There is nobody to tell, and what led here is what matters.
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
            // A link is nothing that Sealift made, so it is not swept.
            std::os::unix::fs::symlink("nowhere", root.path().join(taken)).expect("writable");
        }
        Unfinished::file(root.path(), OsStr::new("a.deb")).expect("another name is found");
    }
}
