//! Zstandard (RFC 8878) with several threads.

use std::io::{self, Write};

use zstd::Encoder;
use zstd::stream::raw::CParameter;

use super::even_pieces;
use crate::model::threads::Threads;

/// How much longer it takes than gzip at its default level, measured.
pub const EFFORT: u32 = 30;

/// The highest level whose window, 8 MiB, every reader accepts.
const LEVEL: i32 = 19;

/// Each thread uses up to 200 MB, so a machine with many cores could run out of memory. The number of threads does not
/// change the output.
const MAX_THREADS: u32 = 8;

/// The library's default for the level. It splits the content into jobs of this size, each of which begins with what is in
/// the window before it.
const MAX_JOB_BYTES: u64 = 32 << 20;

/// Compresses the bytes written to it, about `size` bytes, to one frame with a checksum. The output is incomplete until
/// `finish`.
///
/// The library's own threads compress equal jobs. One thread is used even where none would do, so that the bytes are the same
/// for any number.
pub fn writer<W: Write>(out: W, size: u64, threads: &Threads) -> io::Result<Encoder<'static, W>> {
    let threads = u32::try_from(threads.count().get()).map_or(MAX_THREADS, |n| n.min(MAX_THREADS));
    let mut encoder = Encoder::new(out, LEVEL)?;
    encoder.include_checksum(true)?;
    encoder.multithread(threads)?;
    let job = even_pieces(size, MAX_JOB_BYTES) as u32;
    encoder.set_parameter(CParameter::JobSize(job))?;
    Ok(encoder)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::num::NonZeroUsize;

    use super::*;
    use crate::container::compress::decode;

    fn compress(content: &[u8], piece: usize, threads: usize) -> Vec<u8> {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let compress = |threads: &Threads, ()| {
            let mut writer =
                writer(Vec::new(), content.len() as u64, threads).expect("a valid level");
            for piece in content.chunks(piece) {
                writer.write_all(piece).expect("written to memory");
            }
            writer.finish().expect("written to memory")
        };
        Threads::each(threads, vec![()], compress).remove(0)
    }

    fn decompress(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        decode::zstd(bytes)?.read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn the_bytes_depend_on_the_content_alone() {
        // More than one job, or there would be nothing to share.
        let content = b"more than one job".repeat(34 << 16);
        let once = compress(&content, content.len(), 1);
        assert_eq!(once, compress(&content, 77_777, 2));
        assert_eq!(once, compress(&content, 1 << 20, 3));
        assert!(decompress(&once).expect("is what was compressed") == content);
    }

    #[test]
    fn no_content_is_still_a_frame() {
        let empty = compress(b"", 1, 1);
        assert!(!empty.is_empty());
        assert_eq!(decompress(&empty).expect("a frame"), b"");
    }

    #[test]
    fn a_changed_byte_is_found_by_the_checksum() {
        // Random bytes are stored, where no decoder would notice a change.
        let content: Vec<u8> = (1..20_000u32)
            .flat_map(|n| n.wrapping_mul(n).wrapping_mul(0x9e37_79b9).to_be_bytes())
            .collect();
        let mut compressed = compress(&content, content.len(), 1);
        let middle = compressed.len() / 2;
        compressed[middle] ^= 1;
        assert!(decompress(&compressed).is_err());
    }
}
