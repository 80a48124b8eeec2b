//! cpio in the "New ASCII Format" (cpio(5)), which an rpm contains.
//!
//! A header of 110 bytes with hexadecimal numbers, the path with a NUL, and the content; the latter two are padded to
//! four bytes. The content of a symbolic link is its target.

pub(crate) mod odc;
mod read;
mod write;

pub(crate) use read::CpioReader;
pub(crate) use write::{CpioWriter, MAX_FILE_BYTES, size_of};

/// The start of each header.
const MAGIC: &[u8] = b"070701";
/// Magic, and thirteen numbers of eight digits.
const HEADER: usize = 110;
/// The path of the last member.
const LAST: &str = "TRAILER!!!";

// The numbers of a header.
const INODE: usize = 0;
const MODE: usize = 1;
const LINKS: usize = 4;
const DATE: usize = 5;
const SIZE: usize = 6;
const NAME_BYTES: usize = 11;
const NUMBERS: usize = 13;

// The kinds of members, in the mode (inode(7)).
const KIND: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;

/// How many bytes follow a part of this length.
fn padding(length: u64) -> usize {
    (length.next_multiple_of(4) - length) as usize
}
