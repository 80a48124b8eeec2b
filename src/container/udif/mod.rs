//! UDIF, the format of macOS's disk images (`.dmg`): a volume in compressed chunks, a list of them, and a trailer.
//!
//! Apple has not described it. The layout is what `hdiutil` writes for `-format UDZO -layout NONE`, with numbers in
//! big-endian order: the data, a property list whose `blkx` is the list of chunks, and 512 bytes called `koly`.

mod read;
mod table;
#[cfg(test)]
mod tests;
mod trailer;
mod write;

pub(crate) use read::UdifReader;
pub(crate) use write::{EFFORT, UdifWriter};

/// The size of a sector, in which volumes are counted.
const SECTOR: usize = 512;
/// How many sectors are compressed together, as by `hdiutil`.
const CHUNK_SECTORS: usize = 512;
const CHUNK: usize = CHUNK_SECTORS * SECTOR;
/// The size of the trailer.
const TRAILER: usize = 512;
/// The largest list that is read: that of a volume of 64 GiB has 15 MB.
const MAX_LIST_BYTES: u64 = 32 << 20;
