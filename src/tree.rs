//! The files to ship for one target, and reading them safely.
//!
//! A [`Tree`] is made once and seen by every format. Files on disk are only opened when a format asks for them;
//! each read is hashed and held against the metadata of the first look and against every earlier read, so that all
//! artifacts hold the same bytes or none is written.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::digest::Sha256Sum;

/// What a file is for. Formats decide by it where a file goes and how it is treated.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
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
    /// A licence text.
    Licence,
    /// The list of changes per release.
    Changelog,
    /// A freedesktop.org desktop entry.
    Desktop,
    /// An icon of the program.
    Icon,
    /// A systemd unit.
    SystemdUnit,
    /// Anything else that the program needs at run time.
    Data,
}

/// One file of a [`Tree`].
#[derive(Clone, Debug)]
pub struct TreeFile {
    /// The installed path below the root, such as `usr/bin/hello`: relative, `/`-separated, normalised, UTF-8.
    pub path: String,
    /// Permission bits only (at most 0o777).
    pub mode: u32,
    /// What it is for.
    pub kind: Kind,
    /// Where its bytes come from.
    pub content: Content,
}

/// Where a file's bytes come from.
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
    /// Notes a file's size and time of change without reading it. Fails where it is not a regular file.
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

    /// The path it was found at.
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

/// Two files that claim the same installed path.
#[derive(Debug, thiserror::Error)]
#[error("`/{path}` would be installed twice")]
pub struct DuplicatePath {
    /// The path below the root.
    pub path: String,
}

impl Tree {
    /// Sorts the files. Fails where two have the same path.
    pub fn new(mut files: Vec<TreeFile>) -> Result<Self, DuplicatePath> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        match files.windows(2).find(|pair| pair[0].path == pair[1].path) {
            Some(pair) => Err(DuplicatePath {
                path: pair[0].path.clone(),
            }),
            None => Ok(Self { files }),
        }
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

    /// The SHA-256 of the content. Costs one read unless the file has been read to its end before.
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

/// A file that changed between two looks at it.
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
