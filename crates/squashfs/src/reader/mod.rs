//! Reads squashfs 4.0: the program at the head of an AppImage, where there is no std, and Sealift, which judges images.
//!
//! The format: Documentation/filesystems/squashfs.rst of Linux, and fs/squashfs/squashfs_fs.h for the structures.
//! Nothing in an image is believed: every position, size and name is checked before it is used, and the memory that
//! reading takes does not depend on what an image claims.
//!
//! The modules name each other by `super`, since they are also compiled as a part of the crate `sealift`.

mod backend;
mod buffers;
mod bytes;
mod cache;
mod data;
mod directory;
mod error;
mod image;
mod inode;
mod metadata;
mod sums;

pub use backend::{Backend, Compression, Lock};
pub use bytes::{le16, le32, le64};
pub use cache::Cache;
pub use data::{Block, FileReader};
pub use directory::{Entries, Entry, Position};
pub use error::{Error, Malformed};
pub use image::{Image, Superblock};
pub use inode::{DirectoryPlace, FilePlace, Inode, InodeReference, Kind};
pub use sums::{CHUNK, DIGEST, Summary, digest};
