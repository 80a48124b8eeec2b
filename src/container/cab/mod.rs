//! Cabinets, in which Windows Installer has its files.
//!
//! Layout: [MS-CAB] 3.0 and, for the compression, [MS-MCI] 4.0, whose sections the comments name. It is written here because
//! the crate `cab` compresses with one thread and keeps each folder in memory.

mod block;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::Cabinet;
pub(crate) use write::{CabFile, CabWriter};

/// What a cabinet starts with (section 2.1).
const MAGIC: &[u8; 4] = b"MSCF";
/// The sizes of the records before the names.
const HEADER: usize = 36;
const FOLDER: usize = 8;
const FILE: usize = 16;
const DATA: usize = 8;

/// Compression methods of a folder (section 2.2).
const MSZIP: u16 = 1;

/// How many bytes a block has before its compression (section 2.4).
const BLOCK: usize = 1 << 15;
/// How many blocks a folder can have.
const MAX_BLOCKS: u64 = u16::MAX as u64;
/// The most bytes of a folder, and so of a file.
pub(crate) const MAX_FILE_BYTES: u64 = MAX_BLOCKS * BLOCK as u64;
/// The most files of a cabinet.
const MAX_FILES: usize = u16::MAX as usize;
/// The longest name in bytes (section 2.3).
const MAX_NAME_BYTES: usize = 255;

/// Attributes of a file (section 2.3): it was changed since its last backup, as every new file.
const ARCHIVE: u16 = 0x20;

/// The sum of a block (section 3.1): its 32-bit numbers joined by exclusive or. What remains is a number, too, with its first
/// byte as the highest.
fn checksum(bytes: &[u8], seed: u32) -> u32 {
    let mut words = bytes.chunks_exact(4);
    let sum = words.by_ref().fold(seed, |sum, word| {
        sum ^ u32::from_le_bytes([word[0], word[1], word[2], word[3]])
    });
    let rest = words.remainder().iter();
    sum ^ rest.fold(0, |rest, byte| rest << 8 | u32::from(*byte))
}
