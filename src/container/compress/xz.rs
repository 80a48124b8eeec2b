//! xz with several threads.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use liblzma::stream::{Check, MtStreamBuilder};
use liblzma::write::XzEncoder;

/// The preset of `xz` and `dpkg-deb`: a dictionary of 8 MiB, which every reader can afford.
const PRESET: u32 = 6;

/// Each thread takes up to 170 MB, so that a machine of many cores would run out of memory; their number changes no byte.
const MAX_THREADS: u32 = 8;

/// liblzma's own choice for the preset. A larger block compresses hardly better, as the dictionary is a third of it.
const MAX_BLOCK_BYTES: u64 = 24 << 20;

/// Compresses what is written to it, about `size` bytes. Nothing is complete before its `finish`.
///
/// liblzma's encoder for threads cuts the content into blocks, its plain one does not, so the former is used even with
/// one thread: then the bytes are the same for any number. The blocks are of equal length, so that no thread works on
/// when the others have ended; a `size` that is too small costs a short block at the end.
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

/// The length of a block: as few as possible for the size, all alike.
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
