//! cpio in the "Old Character Format" (cpio(5)), which packages for macOS contain.
//!
//! A header of 76 bytes with octal numbers, the path with a NUL, and the content. Nothing is padded.

mod read;
mod write;

pub(crate) use read::OdcReader;
pub(crate) use write::OdcWriter;

/// The start of each header.
const MAGIC: &[u8] = b"070707";
const HEADER: usize = 76;

/// How many digits the numbers after the magic have.
const WIDTHS: [usize; NUMBERS] = [6, 6, 6, 6, 6, 6, 6, 11, 6, 11];
const NUMBERS: usize = 10;

const INODE: usize = 1;
const MODE: usize = 2;
const LINKS: usize = 5;
const DATE: usize = 7;
const NAME_BYTES: usize = 8;
const SIZE: usize = 9;
