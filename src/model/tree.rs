//! The files to ship for one target, and how they are read safely.
//!
//! A [`Tree`] is made once and used by every format. Files on disk are opened only when a format reads them. Each read
//! is hashed and compared with the original metadata and with every earlier read, so that all artifacts contain the
//! same bytes or none is written.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::model::digest::Sha256Sum;

/// The purpose of a file. Formats use it to decide where a file goes and how it is treated.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An executable; mode 0755.
    Binary,
    /// A configuration file that a user may edit and an upgrade must keep.
    Config,
    /// Documentation, such as a README.
    Doc,
    /// A manual page, uncompressed, named `<name>.<section>`.
    Man,
    /// A shell completion script.
    Completion,
    /// A license text.
    License,
    /// The list of changes per release.
    Changelog,
    /// A freedesktop.org desktop entry.
    Desktop,
    /// An icon of the program.
    Icon,
    /// An AppStream metainfo file, which software centers show.
    Metainfo,
    /// A systemd unit.
    SystemdUnit,
    /// Anything else that the program needs at run time.
    Data,
}

/// One file of a [`Tree`].
#[derive(Clone, Debug)]
pub struct TreeFile {
    /// The installed path below the root, such as `usr/bin/hello`: relative, `/`-separated, normalized, UTF-8.
    pub path: String,
    /// Permission bits only (at most 0o777).
    pub mode: u32,
    /// Its purpose.
    pub kind: Kind,
    /// The source of its bytes.
    pub content: Content,
}

/// The source of a file's bytes.
#[derive(Clone, Debug)]
pub enum Content {
    /// A regular file on disk.
    File(Arc<SourceFile>),
    /// Bytes in memory.
    Bytes(Arc<[u8]>),
    /// A symbolic link with this target, relative to the link's directory and inside the tree.
    Symlink(String),
}

/// A regular file on disk as it was when the tree was made.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    size: u64,
    modified: Option<std::time::SystemTime>,
    sha256: OnceLock<Sha256Sum>,
}

impl SourceFile {
    /// Records a file's size and modification time without reading it. Fails if it is not a regular file.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        let metadata = std::fs::metadata(&path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        Ok(Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            path,
            sha256: OnceLock::new(),
        })
    }

    /// The path where it was found.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The size in bytes when the tree was made.
    pub fn size(&self) -> u64 {
        self.size
    }

    fn is_unchanged(&self, metadata: &Metadata) -> bool {
        metadata.len() == self.size && metadata.modified().ok() == self.modified
    }
}

/// The files to ship for one target: sorted by path, each path once.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: Vec<TreeFile>,
}

/// How many directories a file can be in, each in the one before. Formats add a few, and readers follow 128.
pub const MAX_DIRECTORIES: usize = 100;

/// Files that cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum Clash {
    /// Both have the same path.
    #[error("`/{path}` would be installed twice")]
    Duplicate {
        /// The path below the root.
        path: String,
    },
    /// A file is in more directories than readers of packages follow.
    #[error("`/{path}` is in more than {MAX_DIRECTORIES} directories, each in the one before")]
    TooDeep {
        /// The path below the root.
        path: String,
    },
    /// One has a path where the other needs a directory.
    #[error("`/{path}` would be a file, and `/{below}` needs a directory there")]
    FileAndDirectory {
        /// The file's path below the root.
        path: String,
        /// The other file's path.
        below: String,
    },
}

impl Tree {
    /// Sorts the files. Fails if two have the same path, or if one has a path below another.
    pub fn new(mut files: Vec<TreeFile>) -> Result<Self, Clash> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let depth = |path: &str| path.matches('/').count();
        if let Some(deep) = files
            .iter()
            .find(|file| depth(&file.path) > MAX_DIRECTORIES)
        {
            let path = deep.path.clone();
            return Err(Clash::TooDeep { path });
        }
        if let Some(pair) = files.windows(2).find(|pair| pair[0].path == pair[1].path) {
            let path = pair[0].path.clone();
            return Err(Clash::Duplicate { path });
        }
        for file in &files {
            let mut parents = file
                .path
                .match_indices('/')
                .map(|(end, _)| &file.path[..end]);
            let is_file = |parent: &&str| {
                let place = files.binary_search_by(|other| other.path.as_str().cmp(parent));
                place.is_ok()
            };
            if let Some(parent) = parents.find(is_file) {
                let (path, below) = (parent.to_owned(), file.path.clone());
                return Err(Clash::FileAndDirectory { path, below });
            }
        }
        Ok(Self { files })
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }

    /// The sum of the files' sizes in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(TreeFile::size).sum()
    }
}

impl TreeFile {
    /// The size of the content in bytes; 0 for a symbolic link.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::File(file) => file.size,
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Symlink(_) => 0,
        }
    }

    /// Opens the content for reading; a symbolic link reads as empty. The reader yields exactly [`TreeFile::size`]
    /// bytes or an error: a file that has changed since the tree was made fails with [`Changed`] inside.
    pub fn open(&self) -> io::Result<TreeReader> {
        match &self.content {
            Content::File(source) => TreeReader::open(source),
            Content::Bytes(bytes) => Ok(TreeReader(Inner::Bytes(io::Cursor::new(bytes.clone())))),
            Content::Symlink(_) => Ok(TreeReader(Inner::Bytes(io::Cursor::new(Arc::from([]))))),
        }
    }

    /// The SHA-256 of the content. Needs one read unless the file has already been read to its end.
    pub fn sha256(&self) -> io::Result<Sha256Sum> {
        if let Content::File(source) = &self.content
            && let Some(sum) = source.sha256.get()
        {
            return Ok(*sum);
        }
        Sha256Sum::of_reader(&mut self.open()?)
    }

    /// Reads the whole content into memory.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A file that changed between two accesses.
#[derive(Debug, thiserror::Error)]
#[error("`{}` changed while it was being packaged", path.display())]
pub struct Changed {
    /// The file.
    pub path: PathBuf,
}

/// Reads a [`TreeFile`]; see [`TreeFile::open`].
#[derive(Debug)]
pub struct TreeReader(Inner);

#[derive(Debug)]
enum Inner {
    Bytes(io::Cursor<Arc<[u8]>>),
    File {
        file: File,
        source: Arc<SourceFile>,
        left: u64,
        hash: Sha256,
        done: bool,
    },
}

impl TreeReader {
    fn open(source: &Arc<SourceFile>) -> io::Result<Self> {
        let file = File::open(&source.path).map_err(|e| {
            io::Error::new(
                e.kind(),
                format!("cannot open `{}`: {e}", source.path.display()),
            )
        })?;
        if !source.is_unchanged(&file.metadata()?) {
            return Err(changed(source));
        }
        let (left, hash) = (source.size, Sha256::new());
        Ok(Self(Inner::File {
            file,
            source: source.clone(),
            left,
            hash,
            done: false,
        }))
    }
}

fn changed(source: &SourceFile) -> io::Error {
    io::Error::other(Changed {
        path: source.path.clone(),
    })
}

impl Read for TreeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (file, source, left, hash, done) = match &mut self.0 {
            Inner::Bytes(cursor) => return cursor.read(buffer),
            Inner::File {
                file,
                source,
                left,
                hash,
                done,
            } => (file, source, left, hash, done),
        };
        if *done || buffer.is_empty() {
            return Ok(0);
        }
        let n = file.read(buffer)?;
        if n as u64 > *left || (n == 0 && *left > 0) {
            return Err(changed(source));
        }
        hash.update(&buffer[..n]);
        *left -= n as u64;
        if n == 0 {
            *done = true;
            let sum = Sha256Sum(hash.finalize_reset().into());
            let same_bytes = *source.sha256.get_or_init(|| sum) == sum;
            if !same_bytes || !source.is_unchanged(&file.metadata()?) {
                return Err(changed(source));
            }
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> TreeFile {
        TreeFile {
            path: path.to_owned(),
            mode: 0o644,
            kind: Kind::Data,
            content: Content::Bytes(Arc::from(*b"content")),
        }
    }

    fn on_disk(path: &std::path::Path) -> TreeFile {
        let source = SourceFile::new(path.to_owned()).expect("a regular file");
        TreeFile {
            content: Content::File(Arc::new(source)),
            ..file("usr/share/x")
        }
    }

    #[test]
    fn a_file_in_too_many_directories_is_refused() {
        let nested = |count| {
            let path = format!("{}x", "d/".repeat(count));
            Tree::new(vec![crate::testing::tree::file(&path, Kind::Data, "x")])
        };
        assert!(nested(MAX_DIRECTORIES).is_ok());
        assert!(matches!(
            nested(MAX_DIRECTORIES + 1),
            Err(Clash::TooDeep { .. })
        ));
    }

    #[test]
    fn files_are_sorted_by_path() {
        let tree = Tree::new(vec![file("b"), file("a/c"), file("a-b")]).expect("no clash");
        let paths: Vec<_> = tree.files().iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a-b", "a/c", "b"]);
        assert_eq!(tree.size(), 21);
    }

    #[test]
    fn one_path_cannot_have_two_files() {
        let clash = Tree::new(vec![file("a"), file("b"), file("a")]).expect_err("twice");
        assert_eq!(clash.to_string(), "`/a` would be installed twice");
    }

    #[test]
    fn a_file_cannot_be_a_directory_too() {
        let files = vec![file("usr/bin"), file("usr/bin-extra"), file("usr/bin/a/b")];
        let clash = Tree::new(files).expect_err("a file and a directory");
        let message = "`/usr/bin` would be a file, and `/usr/bin/a/b` needs a directory there";
        assert_eq!(clash.to_string(), message);
    }

    #[test]
    fn a_file_that_grew_shrank_or_changed_since_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x");
        for changed in ["longer", "s", "sma11"] {
            std::fs::write(&path, "small").expect("writable");
            let file = on_disk(&path);
            std::fs::write(&path, changed).expect("writable");
            let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
            let handle = File::options().append(true).open(&path).expect("there");
            handle.set_modified(later).expect("the owner may");
            let error = file.bytes().expect_err("it changed");
            let expected = format!("`{}` changed while it was being packaged", path.display());
            assert_eq!(error.to_string(), expected, "{changed}");
        }
    }

    #[test]
    fn other_bytes_of_the_same_size_and_time_are_refused_by_the_second_reader() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x");
        std::fs::write(&path, "small").expect("writable");
        let file = on_disk(&path);
        let time = std::fs::metadata(&path)
            .and_then(|m| m.modified())
            .expect("it has a time");
        file.bytes().expect("unchanged");
        std::fs::write(&path, "sma11").expect("writable");
        let handle = File::options().append(true).open(&path).expect("there");
        handle.set_modified(time).expect("the owner may");
        assert!(file.bytes().is_err());
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x");
        std::fs::write(&path, "small").expect("writable");
        let file = on_disk(&path);
        let mut reader = file.open().expect("unchanged");
        reader.read_exact(&mut [0; 2]).expect("unchanged so far");
        std::fs::write(&path, "smaller").expect("writable");
        assert!(reader.read_to_end(&mut Vec::new()).is_err());
    }
}
