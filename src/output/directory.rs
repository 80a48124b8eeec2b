//! Directories that appear whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};

use super::OutputError;
use super::atomic::{directory_of, set_mode, sync_directory};
use super::unfinished::{self, Unfinished};

/// A directory that is being filled. Its content appears when it is kept. If it is dropped before, nothing remains.
///
/// Until then the content is in a hidden directory: beside the final path, or inside it if that is already an empty
/// directory, which may be a mount or have its own permissions.
#[derive(Debug)]
pub struct NewDirectory {
    unfinished: Unfinished,
    path: PathBuf,
    existed: bool,
    /// The entries at the top, in the order of creation.
    top: Vec<OsString>,
    /// All directories that were created in it.
    directories: Vec<PathBuf>,
}

impl NewDirectory {
    /// Takes an empty directory or a path that does not exist yet.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let (unfinished, existed) = begin(path)?;
        Ok(Self {
            unfinished,
            path: path.to_owned(),
            existed,
            top: Vec::new(),
            directories: Vec::new(),
        })
    }

    /// The location of the content until it is kept.
    pub fn staged(&self) -> &Path {
        self.unfinished.path()
    }

    /// Whether a file was created at a relative path.
    pub fn holds(&self, relative: &str) -> bool {
        self.staged().join(relative).exists()
    }

    /// Creates a file at a relative path, with its parent directories. Its mode is `mode`, regardless of the umask.
    pub fn file(&mut self, relative: &str, mode: u32) -> Result<NewFile, OutputError> {
        let path = self.path.join(relative);
        let made = self.make_file(relative, mode);
        match made {
            Ok(file) => Ok(NewFile { file, path }),
            Err(source) => Err(OutputError::Write { path, source }),
        }
    }

    fn make_file(&mut self, relative: &str, mode: u32) -> io::Result<BufWriter<File>> {
        let relative = Path::new(relative);
        if let Some(Component::Normal(first)) = relative.components().next()
            && !self.top.iter().any(|name| name == first)
        {
            self.top.push(first.to_owned());
        }
        // An interruption removes all of it, and nothing may be added after that.
        let _list = unfinished::lock();
        let parents = relative.ancestors().skip(1);
        let parents = parents.filter(|parent| *parent != Path::new(""));
        for parent in parents.collect::<Vec<_>>().into_iter().rev() {
            let parent = self.unfinished.path().join(parent);
            if !self.directories.contains(&parent) {
                fs::create_dir(&parent)?;
                self.directories.push(parent);
            }
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(self.unfinished.path().join(relative))?;
        set_mode(&file, mode)?;
        Ok(BufWriter::with_capacity(256 * 1024, file))
    }

    /// Moves the content to its final path.
    pub fn keep(mut self) -> Result<(), OutputError> {
        let kept = self.place();
        kept.map_err(|source| OutputError::Directory {
            path: self.path.clone(),
            source,
        })
    }

    fn place(&mut self) -> io::Result<()> {
        for directory in &self.directories {
            sync_directory(directory)?;
        }
        sync_directory(self.unfinished.path())?;
        let Self {
            unfinished,
            path,
            existed,
            top,
            ..
        } = self;
        unfinished.finish(&mut unfinished::lock(), |staged| {
            if !*existed {
                return fs::rename(staged, &*path);
            }
            for name in top {
                fs::rename(staged.join(&*name), path.join(&*name))?;
            }
            fs::remove_dir(staged)
        })?;
        sync_directory(if *existed { path } else { directory_of(path) })
    }
}

/// Starts the hidden directory for an empty directory or a path that does not exist yet; gives whether it existed.
pub(super) fn begin(path: &Path) -> Result<(Unfinished, bool), OutputError> {
    let fail = |source| OutputError::Directory {
        path: path.to_owned(),
        source,
    };
    if path.is_dir() {
        // Sweeps first, so that only the remaining entries count.
        let unfinished = Unfinished::directory(path, OsStr::new("new")).map_err(fail)?;
        refuse_content(path, &unfinished)?;
        return Ok((unfinished, true));
    }
    let name = path
        .file_name()
        .ok_or_else(|| fail(io::ErrorKind::InvalidInput.into()))?;
    let parent = directory_of(path);
    make_parents(parent).map_err(fail)?;
    let unfinished = Unfinished::directory(parent, name).map_err(fail)?;
    Ok((unfinished, false))
}

/// They may be in a directory that an interruption removes, and nothing may be added there after that.
fn make_parents(directory: &Path) -> io::Result<()> {
    let _list = unfinished::lock();
    fs::create_dir_all(directory)
}

/// Refuses a directory that contains anything other than the new hidden directory.
fn refuse_content(path: &Path, begun: &Unfinished) -> Result<(), OutputError> {
    let fail = |source| OutputError::Directory {
        path: path.to_owned(),
        source,
    };
    for entry in fs::read_dir(path).map_err(fail)? {
        if Some(entry.map_err(fail)?.file_name().as_os_str()) != begun.path().file_name() {
            return Err(OutputError::NotEmpty {
                path: path.to_owned(),
            });
        }
    }
    Ok(())
}

/// A file in a [`NewDirectory`].
#[derive(Debug)]
pub struct NewFile {
    file: BufWriter<File>,
    path: PathBuf,
}

impl NewFile {
    /// Its final path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the content durable.
    pub fn finish(mut self) -> Result<(), OutputError> {
        let flushed = self.file.flush();
        let synced = flushed.and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(|source| OutputError::Write {
            path: self.path,
            source,
        })
    }
}

impl Seek for NewFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::names;

    fn fill(directory: &mut NewDirectory) {
        for path in ["artifacts/deep/file", "record"] {
            let mut file = directory.file(path, 0o644).expect("writable");
            file.write_all(b"x").expect("writable");
            file.finish().expect("writable");
        }
    }

    #[test]
    fn nothing_is_at_the_place_of_a_new_directory_until_it_is_kept() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("release");
        let mut directory = NewDirectory::create(&path).expect("makable");
        fill(&mut directory);
        assert!(!path.exists());
        directory.keep().expect("renamed");
        assert_eq!(names(root.path()), ["release"]);
        assert_eq!(names(&path), ["artifacts", "record"]);
    }

    #[test]
    fn a_directory_that_is_not_kept_leaves_nothing() {
        let root = tempfile::tempdir().expect("a directory");
        let mut directory = NewDirectory::create(&root.path().join("release")).expect("makable");
        fill(&mut directory);
        drop(directory);
        assert_eq!(names(root.path()), [""; 0]);
    }

    #[test]
    fn an_existing_directory_stays_the_same_one() {
        let root = tempfile::tempdir().expect("a directory");
        let opened = File::open(root.path()).expect("readable");
        let mut directory = NewDirectory::create(root.path()).expect("empty");
        fill(&mut directory);
        drop(directory);
        assert_eq!(names(root.path()), [""; 0]);
        let mut directory = NewDirectory::create(root.path()).expect("empty");
        fill(&mut directory);
        assert!(!root.path().join("record").exists());
        directory.keep().expect("renamed");
        assert_eq!(names(root.path()), ["artifacts", "record"]);
        use std::os::unix::fs::MetadataExt;
        let inode = fs::metadata(root.path()).expect("there").ino();
        assert_eq!(opened.metadata().expect("open").ino(), inode);
    }

    #[test]
    fn nothing_is_made_above_it_after_an_interruption() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("above/release");
        // An interruption never gives the lock back.
        let interrupted = unfinished::lock();
        let creation = std::thread::spawn(move || NewDirectory::create(&path).map(drop));
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(names(root.path()), [""; 0]);
        drop(interrupted);
        let created = creation.join().expect("it does not panic");
        created.expect("makable");
        assert_eq!(names(root.path()), ["above"]);
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
