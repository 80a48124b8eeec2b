//! gzip (RFC 1952) with one member, compressed by several threads.
//!
//! For readers that take the first member for the whole file. The pieces' boundaries depend only on the content.

use std::io::{self, Write};

use flate2::Crc;
use libdeflater::{CompressionLvl, Compressor};

use super::deflate::{PIECE, compress};
use super::ordered::{Ordered, Work};
use crate::model::threads::Threads;

/// libdeflate's level, as for disk images.
const LEVEL: i32 = 9;
/// How much longer that takes than level 6.
pub(crate) const EFFORT: u32 = 3;

/// Deflate, without a name, a time or an operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

struct Piece {
    bytes: Vec<u8>,
    is_last: bool,
}

struct Compressed {
    bytes: Vec<u8>,
    crc: Crc,
}

impl Piece {
    fn compress(&self, compressor: &mut Compressor) -> Compressed {
        let mut crc = Crc::new();
        crc.update(&self.bytes);
        let bytes = compress(compressor, &self.bytes, self.is_last);
        Compressed { bytes, crc }
    }
}

/// Compresses the bytes written to it. The output is incomplete until [`GzipMember::finish`].
pub(crate) struct GzipMember<W: Write> {
    out: W,
    buffer: Vec<u8>,
    pieces: Ordered<Compressed, Piece>,
    crc: Crc,
}

impl<W: Write> GzipMember<W> {
    /// Writes the header.
    pub(crate) fn new(mut out: W, threads: &Threads) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        let work = || -> Work<Compressed, Piece> {
            let level = CompressionLvl::new(LEVEL).expect("libdeflate has levels 0 to 12");
            let mut compressor = Compressor::new(level);
            Box::new(move |piece: Piece| piece.compress(&mut compressor))
        };
        Ok(Self {
            out,
            buffer: Vec::with_capacity(PIECE),
            pieces: Ordered::new(threads, work),
            crc: Crc::new(),
        })
    }

    fn push(&mut self, is_last: bool) -> io::Result<()> {
        let next = if is_last { 0 } else { PIECE };
        let bytes = std::mem::replace(&mut self.buffer, Vec::with_capacity(next));
        match self.pieces.push(Piece { bytes, is_last }) {
            Some(piece) => self.write_piece(&piece),
            None => Ok(()),
        }
    }

    fn write_piece(&mut self, piece: &Compressed) -> io::Result<()> {
        self.crc.combine(&piece.crc);
        self.out.write_all(&piece.bytes)
    }

    /// Compresses the remaining bytes and returns the underlying stream.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.push(true)?;
        while let Some(piece) = self.pieces.pop() {
            self.write_piece(&piece)?;
        }
        self.out.write_all(&self.crc.sum().to_le_bytes())?;
        // The size's low 32 bits, which the sum counts, too.
        self.out.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for GzipMember<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits, because it may be the last one.
        if self.buffer.len() == PIECE && !bytes.is_empty() {
            self.push(false)?;
        }
        let n = bytes.len().min(PIECE - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    /// Does not end a piece, because their sizes would then depend on the caller.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::num::NonZeroUsize;

    use super::*;

    fn compressed(content: &[u8], step: usize, threads: usize) -> Vec<u8> {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let compress = |threads: &Threads, ()| {
            let mut gzip = GzipMember::new(Vec::new(), threads).expect("written to memory");
            for part in content.chunks(step) {
                gzip.write_all(part).expect("written to memory");
            }
            gzip.finish().expect("written to memory")
        };
        Threads::each(threads, vec![()], compress).remove(0)
    }

    #[test]
    fn any_content_is_one_member() {
        let large: Vec<u8> = (0..700_000u32)
            .flat_map(|n| (n / 3).to_le_bytes())
            .collect();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, large.len()] {
            let content = &large[..length];
            let gzip = compressed(content, length.max(1), 1);
            assert!(gzip == compressed(content, 77_777, 3), "{length}");
            let mut found = Vec::new();
            let mut member = flate2::bufread::GzDecoder::new(&gzip[..]);
            member.read_to_end(&mut found).expect("valid");
            assert!(found == content, "{length}");
            assert!(member.into_inner().is_empty(), "{length}: one member");
        }
    }
}
