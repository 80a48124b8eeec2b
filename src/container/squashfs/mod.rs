//! Squashfs 4.0, the compressed read-only file system of Linux.
//!
//! Written and read by two halves that share nothing, so that each checks the other; the reader itself is that of the
//! AppImage runtime (`crates/squashfs`). The format is described in Documentation/filesystems/squashfs.rst of Linux, its structures in fs/squashfs/squashfs_fs.h.

mod compression;
mod read;
// A link to `crates/squashfs`, which says why.
pub mod reader;
mod write;

pub use compression::Compression;
pub use read::{Image, Input, Limits};
pub use write::{Options, write};

const MAGIC: [u8; 4] = *b"hsqs";
const VERSION: (u16, u16) = (4, 0);
const SUPERBLOCK_SIZE: usize = 96;

/// Images are padded to a multiple of this, so that they can be mounted from block devices.
const PADDING: u64 = 4096;

/// The size of uncompressed metadata blocks.
const METADATA_SIZE: usize = 8192;
/// Set in a metadata block's header where its bytes are stored as they are.
const METADATA_STORED: u16 = 1 << 15;

/// Set in a data block's size where its bytes are stored as they are.
const DATA_STORED: u32 = 1 << 24;

/// In place of the position of a table that is not there.
const NO_TABLE: u64 = u64::MAX;
/// In place of a fragment's index where a file has none.
const NO_FRAGMENT: u32 = u32::MAX;
/// In place of an index of extended attributes where there are none.
const NO_ATTRIBUTES: u32 = u32::MAX;

/// An inode says that its listing has this many bytes more than it has: `.` and `..` count.
const LISTING_BIAS: u32 = 3;
/// Entries that one header of a listing can stand for.
const MAX_RUN: usize = 256;
/// The longest name, in bytes.
const MAX_NAME: usize = 255;

/// The numbers of inode kinds; the extended form of a kind is 7 more.
mod kind {
    pub const DIRECTORY: u16 = 1;
    pub const FILE: u16 = 2;
    pub const SYMLINK: u16 = 3;
    pub const EXTENDED: u16 = 7;
}

#[cfg(test)]
mod tests;
