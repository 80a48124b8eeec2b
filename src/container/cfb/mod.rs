//! Compound files: streams with names in one file, as Windows Installer and old Office have them.
//!
//! Layout: [MS-CFB] 11.0, whose sections the comments name. Only what such databases need: version 3, one level of streams.
//! It is written here because the crate `cfb` reads back what it writes, so that a package would have to be in memory.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::Cfb;
pub(crate) use write::CfbWriter;

/// What a compound file starts with (section 2.2).
const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// The size of a sector as a power of two.
const SECTOR_SHIFT: u16 = 9;
const SECTOR: usize = 1 << SECTOR_SHIFT;
/// The size of a sector of the mini stream as a power of two.
const MINI_SHIFT: u16 = 6;
const MINI_SECTOR: usize = 1 << MINI_SHIFT;
/// Shorter streams are in the mini stream.
pub(crate) const MINI_CUTOFF: u64 = 4096;

/// Marks of the allocation table (section 2.1).
const FREE: u32 = 0xffff_ffff;
const END_OF_CHAIN: u32 = 0xffff_fffe;
const FAT_SECTOR: u32 = 0xffff_fffd;
const DIFAT_SECTOR: u32 = 0xffff_fffc;
/// No entry of the directory.
const NO_STREAM: u32 = 0xffff_ffff;

/// How many sectors of the allocation table the header names.
const DIFAT_IN_HEADER: usize = 109;
/// How many numbers a sector has.
const NUMBERS: usize = SECTOR / 4;

/// The size of an entry of the directory (section 2.6).
const ENTRY: usize = 128;
/// The longest name, in UTF-16 and without the zero at its end.
const MAX_NAME: usize = 31;
/// Kinds of entries.
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// The largest compound file of version 3.
pub(crate) const MAX_BYTES: u64 = 1 << 31;
