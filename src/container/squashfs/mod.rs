//! Squashfs 4.0, the compressed read-only file system of Linux.
//!
//! The writer and the reader share nothing, so that each checks the other. The reader is that of the AppImage runtime
//! (`crates/squashfs`). The format is described in Documentation/filesystems/squashfs.rst of Linux, its structures in
//! fs/squashfs/squashfs_fs.h.

mod compression;
mod read;
// A link into `crates/squashfs`, whose README explains it.
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
/// Set in a metadata block's header if its bytes are stored uncompressed.
const METADATA_STORED: u16 = 1 << 15;

/// Set in a data block's size if its bytes are stored uncompressed.
const DATA_STORED: u32 = 1 << 24;

/// The position of a missing table.
const NO_TABLE: u64 = u64::MAX;
/// The fragment index of a file without a fragment.
const NO_FRAGMENT: u32 = u32::MAX;
/// The index of missing extended attributes.
const NO_ATTRIBUTES: u32 = u32::MAX;

/// An inode's listing size is larger than the real listing by this many bytes: `.` and `..` count.
const LISTING_BIAS: u32 = 3;
/// The maximum number of entries after one listing header.
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
