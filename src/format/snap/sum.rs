//! The sum at the end of a snap. Squashfs has none for what it stores as it is, and snapd looks for sums in the store's
//! assertions, which a file does not have yet.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};

use crate::container::{Malformed, Output, ReadError};

/// What the last bytes begin with: our own mark, then the sum.
const MAGIC: &[u8; 16] = b"sealift-sha256\0\0";
const SUM: usize = 32;
/// A multiple of it is what devices hold.
const PAGE: u64 = 4096;
/// snapd makes smaller snaps this large, since loop devices of some versions of Linux did not show them (`MinimumSnapSize`).
const LEAST: u64 = 16384;
/// The superblock, which is written last.
const HEAD: usize = 96;

/// Passes an image on, and adds up what it is: everything behind the superblock, then the superblock.
pub(super) struct Summing<'a> {
    out: &'a mut dyn Output,
    head: [u8; HEAD],
    hash: Sha256,
    position: u64,
    size: u64,
}

impl<'a> Summing<'a> {
    pub(super) fn new(out: &'a mut dyn Output) -> Self {
        Self {
            out,
            head: [0; HEAD],
            hash: Sha256::new(),
            position: 0,
            size: 0,
        }
    }

    /// Writes zeros and the sum, so that the file has whole pages.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.seek(SeekFrom::Start(self.size))?;
        let trailer = MAGIC.len() + SUM;
        let end = (self.size + trailer as u64)
            .next_multiple_of(PAGE)
            .max(LEAST);
        self.write_all(&vec![0; (end - self.size) as usize - trailer])?;
        self.write_all(MAGIC)?;
        self.hash.update(self.head);
        let sum = self.hash.finalize();
        self.out.write_all(&sum)?;
        self.out.flush()
    }
}

impl Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let head = HEAD.saturating_sub(self.position as usize).min(bytes.len());
        if self.position != self.size && head < bytes.len() {
            return Err(io::Error::other(
                "only an image's superblock can be replaced",
            ));
        }
        let n = self.out.write(bytes)?;
        let head = head.min(n);
        if head > 0 {
            let start = self.position as usize;
            self.head[start..start + head].copy_from_slice(&bytes[..head]);
        }
        self.hash.update(&bytes[head..n]);
        self.position += n as u64;
        self.size = self.size.max(self.position);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Seek for Summing<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.out.seek(to)?;
        Ok(self.position)
    }
}

/// Compares the sum of a file that has one; those of other packers have none.
pub(super) fn check(file: &mut File) -> Result<(), ReadError> {
    let length = file.seek(SeekFrom::End(0))?;
    let trailer = (MAGIC.len() + SUM) as u64;
    if length < HEAD as u64 + trailer {
        return Ok(());
    }
    let mut last = [0; MAGIC.len() + SUM];
    file.seek(SeekFrom::Start(length - trailer))?;
    file.read_exact(&mut last)?;
    if !last.starts_with(MAGIC) {
        return Ok(());
    }
    file.rewind()?;
    let mut head = [0; HEAD];
    file.read_exact(&mut head)?;
    let mut hash = Sha256::new();
    let mut rest = file.take(length - HEAD as u64 - SUM as u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = rest.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
    }
    hash.update(head);
    if hash.finalize()[..] == last[MAGIC.len()..] {
        return Ok(());
    }
    let what = "the snap's content does not have the sum that is at its end".to_owned();
    let offset = length - SUM as u64;
    Err(Malformed { what, offset }.into())
}
