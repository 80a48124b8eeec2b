//! Decompression of one block, in Rust.

use alloc::vec::Vec;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use ruzstd::decoding::FrameDecoder;

// By `super`: Sealift's fuzzing compiles this file as well.
use super::reader::{Backend, Compression, Lock};

/// The largest block of an image, and so the farthest that a frame can have to look back: 1 MiB. A decoder takes as much
/// memory as a frame asks for.
const MAX_WINDOW: u64 = 1 << 20;

/// Decompresses blocks, on any number of threads.
pub struct Decompressor<B: Backend> {
    /// Decoders that no thread is using: each holds memory that is worth keeping.
    idle: B::Lock<Vec<FrameDecoder>>,
}

impl<B: Backend> Decompressor<B> {
    /// Without any decoder yet.
    pub fn new() -> Self {
        Self {
            idle: Lock::new(Vec::new()),
        }
    }

    /// Fills `output` from the start and returns how many bytes came out; `None` if the block is damaged or does not fit.
    pub fn decompress(
        &self,
        compression: Compression,
        input: &[u8],
        output: &mut [u8],
    ) -> Option<usize> {
        match compression {
            Compression::Zlib => inflate(input, output),
            Compression::Zstd => self.decode(input, output),
            // AppImages are not written with it.
            Compression::Xz => None,
        }
    }

    fn decode(&self, input: &[u8], output: &mut [u8]) -> Option<usize> {
        let mut decoder = self.idle.with(Vec::pop).unwrap_or_else(|| {
            let mut decoder = FrameDecoder::new();
            decoder.set_max_window_size(MAX_WINDOW);
            decoder
        });
        // A decoder that has failed may be in any state, and is not used again.
        let size = decoder.decode_all(input, output).ok()?;
        self.idle.with(|idle| idle.push(decoder));
        Some(size)
    }
}

impl<B: Backend> Default for Decompressor<B> {
    fn default() -> Self {
        Self::new()
    }
}

fn inflate(input: &[u8], output: &mut [u8]) -> Option<usize> {
    let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
        | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = DecompressorOxide::new();
    match decompress(&mut state, input, output, 0, flags) {
        (TINFLStatus::Done, _, size) => Some(size),
        _ => None,
    }
}
