//! Bills of materials: the list of files that an installer package for macOS puts down (bom(5)).
//!
//! A file is a list of blocks, which refer to each other by their numbers, and of names for some of them. All numbers are
//! big-endian. Files are in a tree by parent and name; three more trees, of hard links, patterns and sizes above 4 GiB, are
//! empty here. Apple has not published the layout: it is the one that its tools and the free `bomutils` write and read.

mod cksum;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use cksum::{Cksum, cksum};
pub(crate) use read::read;
pub(crate) use write::write;

/// The start of a file, and the length of its header.
const MAGIC: &[u8] = b"BOMStore";
const HEADER: usize = 512;
/// How many entries a node of the tree of paths has.
const NODE: usize = 256;
/// The path of the top directory.
const TOP: &str = ".";

/// A file, directory or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// Relative to the top directory, whose path is empty.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// What is there.
    pub kind: Kind,
}

/// What a path has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A directory.
    Directory,
    /// A file with its size and POSIX sum.
    File {
        /// Bytes.
        size: u32,
        /// The sum that cksum(1) computes.
        sum: u32,
    },
    /// A symbolic link and its target.
    Symlink(String),
}

impl Kind {
    /// The number of the kind, and its bits in a mode.
    fn numbers(&self) -> (u8, u32) {
        match self {
            Self::File { .. } => (1, 0o100_000),
            Self::Directory => (2, 0o040_000),
            Self::Symlink(_) => (3, 0o120_000),
        }
    }
}
