//! gzip (RFC 1952) in members of 1 MiB, compressed by several threads.
//!
//! A gzip file may have any number of members; decoders concatenate their contents. The members' boundaries depend only
//! on the content, so the bytes are the same for any number of threads. No header contains a file name or a time.

use std::io::{self, Write};

use libdeflater::{CompressionLvl, Compressor};

use super::deflate;
use super::ordered::{Ordered, Work};
use crate::model::threads::Threads;

/// How much longer the highest level takes than the default one, measured.
pub const BEST_EFFORT: u32 = 6;

/// The size of a member's content. Measured: smaller members compress worse, larger ones leave threads idle.
const MEMBER: usize = 1 << 20;

/// The compression level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The usual trade-off between time and size.
    Default,
    /// Nearly the smallest output, in six times the time. The header says so, which `lintian` checks.
    Best,
}

impl Level {
    fn compressor(self) -> Compressor {
        let level = match self {
            Self::Default => 6,
            Self::Best => deflate::BEST,
        };
        Compressor::new(CompressionLvl::new(level).expect("libdeflate has levels 0 to 12"))
    }
}

/// Compresses bytes to one member.
pub fn compress(bytes: &[u8], level: Level) -> Vec<u8> {
    member(&mut level.compressor(), bytes)
}

fn member(compressor: &mut Compressor, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let length = compressor
        .gzip_compress(bytes, &mut out)
        .expect("the buffer has the size that is never exceeded");
    out.truncate(length);
    out
}

/// Compresses the bytes written to it. The output is incomplete until [`GzipWriter::finish`].
pub struct GzipWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    members: Ordered<Vec<u8>>,
    is_empty: bool,
}

impl<W: Write> GzipWriter<W> {
    /// Starts with nothing written.
    pub fn new(out: W, level: Level, threads: &Threads) -> Self {
        let work = move || -> Work<Vec<u8>> {
            let mut compressor = level.compressor();
            Box::new(move |bytes| member(&mut compressor, &bytes))
        };
        Self {
            out,
            buffer: Vec::with_capacity(MEMBER),
            members: Ordered::new(threads, work),
            is_empty: true,
        }
    }

    fn push(&mut self) -> io::Result<()> {
        self.is_empty = false;
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(MEMBER));
        match self.members.push(full) {
            Some(member) => self.out.write_all(&member),
            None => Ok(()),
        }
    }

    /// Compresses the remaining bytes and returns the underlying stream.
    pub fn finish(mut self) -> io::Result<W> {
        // Empty content becomes one empty member, because an empty file is not gzip.
        if self.is_empty || !self.buffer.is_empty() {
            self.push()?;
        }
        while let Some(member) = self.members.pop() {
            self.out.write_all(&member)?;
        }
        Ok(self.out)
    }
}

impl<W: Write> Write for GzipWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(MEMBER - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..n]);
        if self.buffer.len() == MEMBER {
            self.push()?;
        }
        Ok(n)
    }

    /// Does not end a member, because member sizes would then depend on the caller.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::num::NonZeroUsize;

    use super::*;
    use crate::container::compress::decode;

    fn compress_in_pieces(bytes: &[u8], piece: usize, threads: usize) -> Vec<u8> {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let compress = |threads: &Threads, ()| {
            let mut writer = GzipWriter::new(Vec::new(), Level::Default, threads);
            for piece in bytes.chunks(piece) {
                writer.write_all(piece).expect("written to memory");
            }
            writer.finish().expect("written to memory")
        };
        Threads::each(threads, vec![()], compress).remove(0)
    }

    fn decompress(bytes: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        decode::gzip(bytes)
            .read_to_end(&mut content)
            .expect("is what was compressed");
        content
    }

    fn numbers(count: u32) -> Vec<u8> {
        (0..count).flat_map(|n| (n / 3).to_le_bytes()).collect()
    }

    #[test]
    fn the_bytes_depend_on_the_content_alone() {
        let content = numbers(1_000_000);
        let once = compress_in_pieces(&content, content.len(), 1);
        assert_eq!(decompress(&once), content);
        assert_eq!(once, compress_in_pieces(&content, 77_777, 2));
        assert_eq!(once, compress_in_pieces(&content, 1 << 20, 5));
    }

    #[test]
    fn no_content_is_still_a_gzip_file() {
        let empty = compress_in_pieces(&[], 1, 2);
        assert!(!empty.is_empty());
        assert_eq!(decompress(&empty), b"");
    }

    #[test]
    fn a_content_of_whole_members_ends_without_an_empty_one() {
        let content = vec![7; 2 * MEMBER];
        let compressed = compress_in_pieces(&content, MEMBER, 2);
        assert_eq!(
            compressed.windows(3).filter(|w| *w == [31, 139, 8]).count(),
            2
        );
        assert_eq!(decompress(&compressed), content);
    }

    #[test]
    fn the_header_holds_no_time_and_says_when_it_is_best() {
        let header = &compress(b"text", Level::Best)[..10];
        assert_eq!(header, [31, 139, 8, 0, 0, 0, 0, 0, 2, 255]);
    }
}
