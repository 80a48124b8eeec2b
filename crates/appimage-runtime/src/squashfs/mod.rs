//! Reading a squashfs 4.0 image, piece by piece as it is asked for.
//!
//! The format: Documentation/filesystems/squashfs.rst of Linux, and fs/squashfs/squashfs_fs.h for the structures.
//! Nothing in an image is believed: every position, size and name is checked before it is used.

mod buffers;
pub mod cache;
mod data;
mod directory;
mod image;
mod inode;
mod metadata;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

pub use data::{Block, FileReader};
pub use directory::{Entries, Entry, Position};
pub use image::Image;
pub use inode::{DirectoryPlace, Inode, InodeReference, Kind};
