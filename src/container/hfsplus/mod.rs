//! HFS+, the file system of macOS's disk images: a volume that is written once and only read from then on.
//!
//! Layout: Apple's Technical Note TN1150, "HFS Plus Volume Format"; all numbers are big-endian. A volume is written from its
//! first byte to its last: header, bitmap, the empty tree of further extents, the catalog, the files in the order of their
//! numbers with one extent each, and the second header. Nothing is free. The reader expects that order, so that it needs one
//! pass; it shares nothing with the writer but names and numbers.

mod fold;
mod name;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use name::decomposed;
pub(crate) use read::VolumeReader;
pub(crate) use write::{EPOCH, Options, Volume};

/// The size of allocation blocks, and of the one node of the tree of extents.
const BLOCK: usize = 4096;
/// Where the volume header is, and how far before the end the second one.
const HEADER_AT: usize = 1024;
const HEADER_SIZE: usize = 512;

const SIGNATURE: [u8; 2] = *b"H+";
const VERSION: u16 = 4;
/// The attribute of a volume that was unmounted properly.
const UNMOUNTED: u32 = 1 << 8;

/// The number of the root directory, and of the one that it is in.
const ROOT: u32 = 2;
const ROOT_PARENT: u32 = 1;
/// The first number of a file or directory. They are numbered in the order in which they are written.
const FIRST: u32 = 16;

/// The size of a node's descriptor.
const DESCRIPTOR: usize = 14;
/// Kinds of nodes.
const LEAF: u8 = 0xff;
const INDEX: u8 = 0;
const HEADER_NODE: u8 = 1;
/// Sizes of the records in a header node: the header, space for others, and the map, which has the rest.
const TREE_HEADER: usize = 106;
const TREE_RESERVED: usize = 128;
/// The longest key of the catalog.
const MAX_KEY: u16 = 516;

/// Kinds of records, and their sizes.
const FOLDER: u16 = 1;
const FILE: u16 = 2;
const FOLDER_THREAD: u16 = 3;
const FILE_THREAD: u16 = 4;
const FOLDER_SIZE: usize = 88;
const FILE_SIZE: usize = 248;

/// Kinds of files in `st_mode`.
const MODE_DIRECTORY: u16 = 0o040_000;
const MODE_FILE: u16 = 0o100_000;
const MODE_SYMLINK: u16 = 0o120_000;
/// Type and creator of symbolic links.
const SYMLINK_TYPE: [u8; 8] = *b"slnkrhap";

/// The largest volume that is written or read; holes take no space in an image, so that its size is no bound.
const MAX_BYTES: u64 = 64 << 30;
/// The longest target of a symbolic link, as in Linux.
const MAX_TARGET: u64 = 4096;
