//! The files of a directory: what a program is given, and what it leaves.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::output::path_error::PathError;
use crate::output::{describe, open_regular};

/// The most that all files of a directory may hold together, since they are compared in memory.
const MAX_BYTES: u64 = 256 << 20;
/// The most entries that a directory may hold, with everything below it.
const MAX_ENTRIES: usize = 100_000;

/// What is in a directory, by relative path: files, links, and directories that hold nothing.
pub(super) type Files = BTreeMap<PathBuf, Node>;

/// Something in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A regular file.
    File { content: Vec<u8>, executable: bool },
    /// A symbolic link, which is never followed.
    Link(PathBuf),
    /// A directory that holds nothing.
    Directory,
    /// A pipe, socket or device.
    Other,
}

impl Node {
    /// What it is, with an article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "a regular file",
            Self::Link(_) => "a symbolic link",
            Self::Directory => "a directory that holds nothing",
            Self::Other => "a pipe, socket or device",
        }
    }
}

/// Reads a directory. `is_ours` says that a program has filled it, so that what it has made unreadable is made readable.
pub(super) fn read(directory: &Path, is_ours: bool) -> Result<Files, PathError> {
    let mut reading = Reading {
        files: Files::new(),
        root: directory,
        is_ours,
        room: MAX_BYTES,
        entries: 0,
    };
    reading.directory(directory)?;
    Ok(reading.files)
}

struct Reading<'a> {
    files: Files,
    root: &'a Path,
    is_ours: bool,
    room: u64,
    entries: usize,
}

impl Reading<'_> {
    /// Reads what is below a directory; gives how many entries it has itself.
    fn directory(&mut self, directory: &Path) -> Result<usize, PathError> {
        if self.is_ours {
            allow(directory, 0o700).map_err(PathError::reading(directory))?;
        }
        let entries = fs::read_dir(directory).map_err(PathError::reading(directory))?;
        let mut count = 0;
        for entry in entries {
            let path = entry.map_err(PathError::reading(directory))?.path();
            count += 1;
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                let message = format!("more than {MAX_ENTRIES} entries");
                return Err(PathError::reading(self.root)(io::Error::other(message)));
            }
            let metadata = path.symlink_metadata().map_err(PathError::reading(&path))?;
            self.entry(&path, &metadata)?;
        }
        Ok(count)
    }

    fn entry(&mut self, path: &Path, metadata: &Metadata) -> Result<(), PathError> {
        let node = if metadata.is_dir() {
            if self.directory(path)? > 0 {
                return Ok(());
            }
            Node::Directory
        } else if metadata.is_symlink() {
            Node::Link(fs::read_link(path).map_err(PathError::reading(path))?)
        } else if metadata.is_file() {
            self.file(path, metadata)
                .map_err(PathError::reading(path))?
        } else {
            Node::Other
        };
        let relative = path.strip_prefix(self.root);
        let relative = relative.expect("it was found below the root");
        self.files.insert(relative.to_owned(), node);
        Ok(())
    }

    fn file(&mut self, path: &Path, metadata: &Metadata) -> io::Result<Node> {
        if self.is_ours {
            allow(path, 0o400)?;
        }
        let (file, _) = open_regular(path)?;
        let mut content = Vec::new();
        let read = file.take(self.room + 1).read_to_end(&mut content)? as u64;
        if read > self.room {
            return Err(io::Error::other(format!(
                "the files of the directory hold more than {MAX_BYTES} bytes together"
            )));
        }
        self.room -= read;
        Ok(Node::File {
            content,
            executable: is_executable(metadata),
        })
    }
}

/// Writes files into a directory that exists.
pub(super) fn write(directory: &Path, files: &Files) -> Result<(), PathError> {
    for (relative, node) in files {
        let path = directory.join(relative);
        let parent = path.parent().expect("it is below the directory");
        let written = fs::create_dir_all(parent).and_then(|()| write_node(&path, node));
        written.map_err(|source| PathError {
            action: "write",
            path: path.clone(),
            source,
        })?;
    }
    Ok(())
}

fn write_node(path: &Path, node: &Node) -> io::Result<()> {
    match node {
        Node::File {
            content,
            executable,
        } => {
            fs::write(path, content)?;
            set_mode(path, if *executable { 0o755 } else { 0o644 })
        }
        Node::Link(target) => link(path, target),
        Node::Directory => fs::create_dir_all(path),
        Node::Other => Err(io::Error::other(
            "a pipe, socket or device is no file to write",
        )),
    }
}

/// A file of a case, whose size is bounded; `None` if there is none.
pub(super) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, PathError> {
    let read = open_regular(path).and_then(|(file, metadata)| {
        if metadata.len() > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut content = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut content)?;
        Ok(content)
    });
    match read {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PathError::reading(path)(error)),
    }
}

/// The directory at a path, which may be missing but not be anything else.
pub(super) fn read_directory(path: &Path) -> Result<Files, PathError> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Files::new()),
        Err(error) => Err(PathError::reading(path)(error)),
        Ok(found) if found.is_dir() => read(path, false),
        Ok(found) => {
            let message = format!("{}; expected a directory", describe(found.file_type()));
            Err(PathError::reading(path)(io::Error::other(message)))
        }
    }
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Adds permissions.
#[cfg(unix)]
fn allow(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let now = path.symlink_metadata()?.permissions().mode();
    if now & mode == mode {
        return Ok(());
    }
    set_mode(path, now & 0o7777 | mode)
}

#[cfg(not(unix))]
fn allow(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn link(path: &Path, target: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::other("symbolic links are made on Unix only"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn file(content: &str, executable: bool) -> Node {
        Node::File {
            content: content.as_bytes().to_vec(),
            executable,
        }
    }

    #[test]
    fn files_that_are_written_are_read_back() {
        let files = Files::from([
            ("a/b".into(), file("text", false)),
            ("a/run".into(), file("#!", true)),
            ("empty".into(), Node::Directory),
            ("link".into(), Node::Link("/nowhere/at/all".into())),
        ]);
        let directory = tempfile::tempdir().expect("a directory");
        write(directory.path(), &files).expect("writable");
        assert_eq!(read(directory.path(), false).expect("readable"), files);
    }

    #[test]
    fn what_a_program_has_locked_is_read_nevertheless() {
        let directory = tempfile::tempdir().expect("a directory");
        let below = directory.path().join("a");
        fs::create_dir(&below).expect("writable");
        fs::write(below.join("b"), "x").expect("writable");
        for path in [below.join("b"), below] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("its own");
        }
        let files = read(directory.path(), true).expect("readable");
        assert_eq!(files, Files::from([("a/b".into(), file("x", false))]));
    }

    #[test]
    fn a_pipe_is_not_opened() {
        let directory = tempfile::tempdir().expect("a directory");
        let pipe = directory.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo is there").success());
        let files = read(directory.path(), true).expect("readable");
        assert_eq!(files, Files::from([("pipe".into(), Node::Other)]));
        let error = read_file(&pipe).expect_err("no file");
        assert_eq!(
            error.source.to_string(),
            "a pipe, socket or device; expected a regular file"
        );
    }
}
