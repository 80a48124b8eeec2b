//! What the reader needs from its user, because it has neither std nor its own decompressor.

/// Where an image is, and how its blocks are decompressed.
pub trait Backend {
    /// Why bytes could not be read.
    type Error;
    /// Guards the data that threads share while they read an image.
    type Lock<T>: Lock<T>;

    /// Fills the buffer from a position of the image; an end before that is an error.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<(), Self::Error>;

    /// Decompresses a block to the start of `output` and returns the number of bytes; `None` if the block is damaged
    /// or larger than `output`.
    fn decompress(
        &self,
        compression: Compression,
        input: &[u8],
        output: &mut [u8],
    ) -> Option<usize>;
}

/// Mutual exclusion over a value.
pub trait Lock<T> {
    /// Guards a value.
    fn new(value: T) -> Self;
    /// Calls a function with exclusive access to the value. The function must not take another lock.
    fn with<R>(&self, function: impl FnOnce(&mut T) -> R) -> R;
}

/// How an image's blocks are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// zlib (RFC 1950), called gzip.
    Zlib,
    /// Zstandard (RFC 8878).
    Zstd,
    /// The .xz file format, one stream a block.
    Xz,
}

impl Compression {
    /// From the superblock's number.
    pub fn from_id(id: u16) -> Option<Self> {
        match id {
            1 => Some(Compression::Zlib),
            4 => Some(Compression::Xz),
            6 => Some(Compression::Zstd),
            _ => None,
        }
    }
}
