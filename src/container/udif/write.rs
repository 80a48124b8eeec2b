//! Writing an image whose bytes depend only on the volume.

use std::io::{self, Write};

use flate2::Crc;
use libdeflater::{CompressionLvl, Compressor};

use super::table::{Kind, Run, Table};
use super::trailer::trailer;
use super::{CHUNK, SECTOR};
use crate::container::compress::ordered::{Ordered, Work};
use crate::model::threads::Threads;

/// libdeflate's level. Measured on shared libraries, in squashfs: the highest one gains 2.7 % and takes five times as long.
const LEVEL: i32 = 9;
/// How much longer that takes than level 6.
pub(crate) const EFFORT: u32 = 3;

/// A chunk as it is written.
struct Chunk {
    kind: Kind,
    bytes: Vec<u8>,
    sectors: u64,
    crc: Crc,
}

/// Compresses the volume that is written to it. The image is incomplete until [`UdifWriter::finish`].
pub(crate) struct UdifWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    chunks: Ordered<Chunk>,
    runs: Vec<Run>,
    /// The sums of the volume and of the data.
    crc: Crc,
    data_crc: Crc,
}

impl<W: Write> UdifWriter<W> {
    /// Starts an image whose chunks the threads compress.
    pub(crate) fn new(out: W, threads: &Threads) -> Self {
        let work = || -> Work<Chunk> {
            let level = CompressionLvl::new(LEVEL).expect("libdeflate has levels 0 to 12");
            let mut compressor = Compressor::new(level);
            Box::new(move |bytes| compress(&mut compressor, bytes))
        };
        Self {
            out,
            buffer: Vec::with_capacity(CHUNK),
            chunks: Ordered::new(threads, work),
            runs: Vec::new(),
            crc: Crc::new(),
            data_crc: Crc::new(),
        }
    }

    fn push(&mut self) -> io::Result<()> {
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        match self.chunks.push(full) {
            Some(chunk) => self.write_chunk(&chunk),
            None => Ok(()),
        }
    }

    fn write_chunk(&mut self, chunk: &Chunk) -> io::Result<()> {
        self.crc.combine(&chunk.crc);
        self.data_crc.update(&chunk.bytes);
        self.out.write_all(&chunk.bytes)?;
        match self.runs.last_mut() {
            Some(last) if last.kind == Kind::Zero && chunk.kind == Kind::Zero => {
                last.sectors += chunk.sectors;
            }
            _ => self.runs.push(Run {
                kind: chunk.kind,
                sectors: chunk.sectors,
                held: chunk.bytes.len() as u64,
            }),
        }
        Ok(())
    }

    /// Ends the image. The volume has to be whole sectors.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.push()?;
        }
        while let Some(chunk) = self.chunks.pop() {
            self.write_chunk(&chunk)?;
        }
        let table = Table {
            runs: self.runs,
            crc: self.crc.sum(),
        };
        let xml = table.to_xml();
        self.out.write_all(xml.as_bytes())?;
        let trailer = trailer(&table, self.data_crc.sum(), &xml);
        self.out.write_all(&trailer)?;
        self.out.flush()
    }
}

fn compress(compressor: &mut Compressor, bytes: Vec<u8>) -> Chunk {
    debug_assert!(bytes.len().is_multiple_of(SECTOR));
    let mut crc = Crc::new();
    crc.update(&bytes);
    let sectors = (bytes.len() / SECTOR) as u64;
    let chunk = |kind, bytes| Chunk {
        kind,
        bytes,
        sectors,
        crc,
    };
    if bytes.iter().all(|byte| *byte == 0) {
        return chunk(Kind::Zero, Vec::new());
    }
    let mut out = vec![0; compressor.zlib_compress_bound(bytes.len())];
    let length = compressor
        .zlib_compress(&bytes, &mut out)
        .expect("the buffer has the size that is never exceeded");
    if length >= bytes.len() {
        return chunk(Kind::Stored, bytes);
    }
    out.truncate(length);
    chunk(Kind::Zlib, out)
}

impl<W: Write> Write for UdifWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(CHUNK - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..n]);
        if self.buffer.len() == CHUNK {
            self.push()?;
        }
        Ok(n)
    }

    /// Does not end a chunk, because their sizes would then depend on the caller.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
