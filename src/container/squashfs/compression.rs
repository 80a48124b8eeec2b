//! The compressions of squashfs that are written and read here.

/// How blocks are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Zlib, written by libdeflate at level 9: three times as fast as zlib at that level, and smaller.
    Gzip,
    /// Zstandard at level 15, as mksquashfs has it. Measured against gzip: smaller by a twelfth, which every download
    /// saves; five times the processor time to write, once; a fifth more to read, 3 ms of a start in 15.
    #[default]
    Zstd,
}

const DEFLATE_LEVEL: i32 = 9;
const ZSTD_LEVEL: i32 = 15;
const ZSTD_CHECKSUM_FLAG: u8 = 0x04;

impl Compression {
    /// The superblock's number for it.
    pub(super) fn id(self) -> u16 {
        match self {
            Compression::Gzip => 1,
            Compression::Zstd => 6,
        }
    }

    pub(super) fn from_id(id: u16) -> Option<Self> {
        let all = [Compression::Gzip, Compression::Zstd];
        all.into_iter().find(|c| c.id() == id)
    }
}

/// Compresses one block after another; each thread has its own.
pub(super) enum Compressor {
    Gzip(libdeflater::Compressor),
    Zstd(zstd::bulk::Compressor<'static>),
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
                // As zlib has one: damage is found out rather than run. Four bytes a block.
                let checked = compressor.include_checksum(true);
                checked.expect("each level can have a checksum");
                Compressor::Zstd(compressor)
            }
        }
    }

    /// The compressed bytes; nothing where they would be no fewer.
    pub fn compress(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        // A compressor that runs out of room gives up, which is what is wanted.
        let mut compressed = vec![0; bytes.len().saturating_sub(1)];
        let size = match self {
            Compressor::Gzip(c) => c.zlib_compress(bytes, &mut compressed).ok(),
            Compressor::Zstd(c) => c.compress_to_buffer(bytes, &mut compressed[..]).ok(),
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
            // RFC 8878, section 3.1.1.1.1: the descriptor, and behind all blocks four bytes.
            compressed[4] &= !ZSTD_CHECKSUM_FLAG;
            compressed.truncate(compressed.len() - 4);
        }
        Some(compressed)
    }
}

/// Decompresses one block after another.
pub(super) enum Decompressor {
    Gzip(libdeflater::Decompressor),
    Zstd(zstd::bulk::Decompressor<'static>),
}

impl Decompressor {
    pub fn new(compression: Compression) -> Self {
        match compression {
            Compression::Gzip => Decompressor::Gzip(libdeflater::Decompressor::new()),
            Compression::Zstd => {
                let decompressor = zstd::bulk::Decompressor::new();
                Decompressor::Zstd(decompressor.expect("without a dictionary nothing can be wrong"))
            }
        }
    }

    /// The decompressed bytes; nothing where they are damaged or more than `max_size`.
    pub fn decompress(&mut self, bytes: &[u8], max_size: usize) -> Option<Vec<u8>> {
        let mut plain = vec![0; max_size];
        let size = match self {
            Decompressor::Gzip(d) => d.zlib_decompress(bytes, &mut plain).ok(),
            Decompressor::Zstd(d) => d.decompress_to_buffer(bytes, &mut plain[..]).ok(),
        };
        plain.truncate(size?);
        Some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_checksum_is_read_the_same() {
        for compression in [Compression::Gzip, Compression::Zstd] {
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
            let read = Decompressor::new(compression).decompress(&plain, 8192);
            assert!(read.expect("valid") == [7; 8192]);
        }
    }
}
