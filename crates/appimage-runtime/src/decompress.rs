//! Decompression of one block.

use alloc::vec::Vec;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use ruzstd::decoding::FrameDecoder;

use crate::error::Reason;
use crate::sync::Mutex;

/// How an image's blocks are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Zlib,
    Zstd,
}

impl Compression {
    /// From the superblock's number.
    pub fn from_id(id: u16) -> Option<Self> {
        match id {
            1 => Some(Compression::Zlib),
            6 => Some(Compression::Zstd),
            _ => None,
        }
    }
}

/// Decompresses blocks, on any number of threads.
pub struct Decompressor {
    compression: Compression,
    /// Decoders that no thread is using: each holds memory that is worth keeping.
    idle: Mutex<Vec<FrameDecoder>>,
}

impl Decompressor {
    pub fn new(compression: Compression) -> Self {
        Self {
            compression,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Fills `output` from the start and returns how many bytes came out. More than fit is an error.
    pub fn decompress(&self, input: &[u8], output: &mut [u8]) -> Result<usize, Reason> {
        match self.compression {
            Compression::Zlib => inflate(input, output),
            Compression::Zstd => self.decode(input, output),
        }
    }

    fn decode(&self, input: &[u8], output: &mut [u8]) -> Result<usize, Reason> {
        let idle = self.idle.lock().pop();
        let mut decoder = idle.unwrap_or_default();
        let size = decoder.decode_all(input, output);
        // A decoder that has failed may be in any state.
        let size = size.map_err(|_| Reason::Malformed("a zstd block is damaged"))?;
        self.idle.lock().push(decoder);
        Ok(size)
    }
}

fn inflate(input: &[u8], output: &mut [u8]) -> Result<usize, Reason> {
    let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
        | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = DecompressorOxide::new();
    match decompress(&mut state, input, output, 0, flags) {
        (TINFLStatus::Done, _, size) => Ok(size),
        _ => Err(Reason::Malformed("a zlib block is damaged")),
    }
}
