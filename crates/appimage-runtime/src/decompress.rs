//! Decompression of one block.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::error::Reason;

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

    /// Fills `output` from the start and returns how many bytes came out. More than fit is an error.
    pub fn decompress(self, input: &[u8], output: &mut [u8]) -> Result<usize, Reason> {
        match self {
            Compression::Zlib => inflate(input, output),
            Compression::Zstd => ruzstd::decoding::FrameDecoder::new()
                .decode_all(input, output)
                .map_err(|_| Reason::Malformed("a zstd block is damaged")),
        }
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
