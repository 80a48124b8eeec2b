//! The supported squashfs compressions.

use super::reader;
use super::write::BLOCK_SIZE;
use crate::container::compress::xz;

/// How blocks are compressed.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Deserialize,
    schemars::JsonSchema,
    serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Zlib, written by libdeflate at level 9: three times as fast as zlib at that level, and smaller.
    Gzip,
    /// Zstandard at level 15, the default of mksquashfs. Measured against gzip: a twelfth smaller for every download;
    /// five times the processor time for writing, once; a fifth more for reading, which is 3 of the 15 ms of a start.
    #[default]
    Zstd,
    /// xz with preset 6 and a dictionary of the size of a block, as mksquashfs has it. Not for AppImages, whose runtime does not
    /// read it.
    #[serde(skip)]
    #[schemars(skip)]
    Xz,
}

const DEFLATE_LEVEL: i32 = 9;
const ZSTD_LEVEL: i32 = 15;
const ZSTD_CHECKSUM_FLAG: u8 = 0x04;

impl Compression {
    /// The superblock's number for it.
    pub(super) fn id(self) -> u16 {
        match self {
            Compression::Gzip => 1,
            Compression::Xz => 4,
            Compression::Zstd => 6,
        }
    }
}

impl From<reader::Compression> for Compression {
    fn from(compression: reader::Compression) -> Self {
        match compression {
            reader::Compression::Zlib => Compression::Gzip,
            reader::Compression::Xz => Compression::Xz,
            reader::Compression::Zstd => Compression::Zstd,
        }
    }
}

/// Compresses blocks; each thread has its own compressor.
pub(super) enum Compressor {
    Gzip(libdeflater::Compressor),
    Zstd(zstd::bulk::Compressor<'static>),
    Xz,
}

impl Compressor {
    pub fn new(compression: Compression) -> Self {
        match compression {
            Compression::Gzip => {
                let level = libdeflater::CompressionLvl::new(DEFLATE_LEVEL);
                let level = level.expect("libdeflate has levels 0 to 12");
                Compressor::Gzip(libdeflater::Compressor::new(level))
            }
            Compression::Zstd => {
                let compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL);
                let mut compressor = compressor.expect("zstd has levels to 22");
                // A checksum, as zlib has one, so that damaged code does not run. Four bytes per block.
                let checked = compressor.include_checksum(true);
                checked.expect("each level can have a checksum");
                Compressor::Zstd(compressor)
            }
            Compression::Xz => Compressor::Xz,
        }
    }

    /// The compressed bytes; `None` if they would not be smaller.
    pub fn compress(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if let Compressor::Xz = self {
            let compressed = xz::compress_small(bytes, BLOCK_SIZE as u32).ok();
            return compressed.filter(|compressed| compressed.len() < bytes.len());
        }
        // A compressor that runs out of space gives up, which is intended.
        let mut compressed = vec![0; bytes.len().saturating_sub(1)];
        let size = match self {
            Compressor::Gzip(c) => c.zlib_compress(bytes, &mut compressed).ok(),
            Compressor::Zstd(c) => c.compress_to_buffer(bytes, &mut compressed[..]).ok(),
            Compressor::Xz => None,
        };
        compressed.truncate(size?);
        Some(compressed)
    }
}

impl Compressor {
    /// The same without what [`compress`](Self::compress) adds to zstd.
    pub fn compress_without_checksum(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut compressed = self.compress(bytes)?;
        if let Compressor::Zstd(_) = self {
            // RFC 8878, section 3.1.1.1.1: the descriptor, and four bytes after all blocks.
            compressed[4] &= !ZSTD_CHECKSUM_FLAG;
            compressed.truncate(compressed.len() - 4);
        }
        Some(compressed)
    }
}

/// Decompresses blocks; each decoder is created on first use.
#[derive(Default)]
pub(super) struct Decompressor {
    gzip: Option<libdeflater::Decompressor>,
    zstd: Option<zstd::bulk::Decompressor<'static>>,
}

impl Decompressor {
    /// Fills `output` from the start and returns the number of bytes; `None` if the block is damaged or does not fit.
    pub fn decompress(
        &mut self,
        compression: Compression,
        input: &[u8],
        output: &mut [u8],
    ) -> Option<usize> {
        match compression {
            Compression::Gzip => {
                let decoder = self.gzip.get_or_insert_with(libdeflater::Decompressor::new);
                decoder.zlib_decompress(input, output).ok()
            }
            Compression::Zstd => {
                let make = || {
                    zstd::bulk::Decompressor::new()
                        .expect("nothing can be wrong without a dictionary")
                };
                let decoder = self.zstd.get_or_insert_with(make);
                decoder.decompress_to_buffer(input, output).ok()
            }
            Compression::Xz => xz::decompress_small(input, output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_checksum_is_read_the_same() {
        for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz] {
            let mut compressor = Compressor::new(compression);
            let checked = compressor.compress(&[7; 8192]).expect("smaller");
            let plain = compressor
                .compress_without_checksum(&[7; 8192])
                .expect("smaller");
            let saved = if compression == Compression::Zstd {
                4
            } else {
                0
            };
            assert_eq!(plain.len(), checked.len() - saved);
            let mut read = [0; 8192];
            let size = Decompressor::default().decompress(compression, &plain, &mut read);
            assert_eq!((size, read), (Some(8192), [7; 8192]));
        }
    }
}
