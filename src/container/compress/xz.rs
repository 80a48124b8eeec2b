//! xz with several threads.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use liblzma::stream::{Check, MtStreamBuilder};
use liblzma::write::XzEncoder;

/// The preset of `xz` and `dpkg-deb`: a dictionary of 8 MiB, small enough for every reader.
const PRESET: u32 = 6;

/// Each thread uses up to 170 MB, so a machine with many cores could run out of memory. The number of threads does not
/// change the output.
const MAX_THREADS: u32 = 8;

/// liblzma's default for the preset. A larger block compresses hardly better, because the dictionary is a third of it.
const MAX_BLOCK_BYTES: u64 = 24 << 20;

/// Compresses the bytes written to it, about `size` bytes. The output is incomplete until `finish`.
///
/// liblzma's multithreaded encoder splits the content into blocks; its plain encoder does not. The former is used even
/// with one thread, so that the bytes are the same for any number. The blocks have equal lengths, so that all threads
/// finish at about the same time; if `size` is too small, the last block is short.
pub fn writer<W: Write>(out: W, size: u64, threads: NonZeroUsize) -> io::Result<XzEncoder<W>> {
    let threads = u32::try_from(threads.get()).map_or(MAX_THREADS, |n| n.min(MAX_THREADS));
    let stream = MtStreamBuilder::new()
        .preset(PRESET)
        .check(Check::Crc64)
        .block_size(block_bytes(size))
        .threads(threads)
        .encoder()?;
    Ok(XzEncoder::new_stream(out, stream))
}

/// The length of a block: as few blocks as possible for the size, all equal.
fn block_bytes(size: u64) -> u64 {
    let blocks = size.div_ceil(MAX_BLOCK_BYTES).max(1);
    size.div_ceil(blocks).max(1 << 20)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::container::compress::decode;

    fn compress(content: &[u8], threads: usize) -> Vec<u8> {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let size = content.len() as u64;
        let mut writer = writer(Vec::new(), size, threads).expect("a valid preset");
        writer.write_all(content).expect("written to memory");
        writer.finish().expect("written to memory")
    }

    #[test]
    fn blocks_are_alike_and_within_the_limit() {
        assert_eq!(block_bytes(0), 1 << 20);
        assert_eq!(block_bytes(MAX_BLOCK_BYTES), MAX_BLOCK_BYTES);
        assert_eq!(block_bytes(MAX_BLOCK_BYTES + 2), MAX_BLOCK_BYTES / 2 + 1);
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        // More than one block, or there would be nothing to share.
        let content = vec![0x5a; 25 << 20];
        let once = compress(&content, 1);
        assert_eq!(once, compress(&content, 2));
        let mut back = Vec::new();
        decode::xz(&once[..])
            .expect("a valid limit")
            .read_to_end(&mut back)
            .expect("is what was compressed");
        assert!(back == content);
    }
}
