//! zip, which Windows opens without further programs.
//!
//! Layout: PKWARE's APPNOTE.TXT 6.3.10, whose sections the comments name. It is written here because the crate `zip`
//! compresses with one thread and as loosely as zlib, and would bring twelve crates.

mod end;
mod read;
mod record;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::read;
pub(crate) use write::ZipWriter;

/// From where on the 64-bit fields are used (section 4.5.3). Tests have lower limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// A file's size. The compressed size, which may be larger by a thousandth, has to fit as well.
    size: u64,
    /// A place in the zip.
    offset: u64,
    /// The number of entries.
    count: u64,
}

impl Limits {
    const FORMAT: Self = Self {
        size: 0xff00_0000,
        offset: 0xffff_ffff,
        count: 0xffff,
    };
}

/// The longest path or link target, in bytes, as in Linux.
const MAX_NAME_BYTES: u64 = 4096;

/// What 16-bit fields hold where a 64-bit field has the number.
const IN_64_BITS_SHORT: u16 = 0xffff;
/// What 32-bit fields hold where a 64-bit field has the number.
const IN_64_BITS: u32 = 0xffff_ffff;

/// The number of a record at the start of some bytes, little-endian as all of zip.
fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_le_bytes([bytes[place], bytes[place + 1]])
}

fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from(u16_at(bytes, place)) | u32::from(u16_at(bytes, place + 2)) << 16
}

fn u64_at(bytes: &[u8], place: usize) -> u64 {
    u64::from(u32_at(bytes, place)) | u64::from(u32_at(bytes, place + 4)) << 32
}
