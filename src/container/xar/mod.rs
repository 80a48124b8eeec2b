//! xar, the archive of installer packages for macOS: a header, a compressed table of contents in XML, and a heap with what
//! the members hold.
//!
//! The table has sums of all members and comes first, so that its place is left free until they are written. Spaces at its
//! end fill what it does not need. The sums are SHA-1, as those of Apple's `productbuild`: they find damage and are no
//! signature.

mod read;
#[cfg(test)]
mod tests;
mod toc;
mod write;

use std::io;

use sha1::{Digest, Sha1};

pub(crate) use read::XarReader;
pub(crate) use write::XarWriter;

/// The start of the header.
const MAGIC: &[u8] = b"xar!";
const HEADER: usize = 28;
/// The number of SHA-1 in the header.
const SHA1: u32 = 1;
/// The length of a sum in bytes.
const SUM: usize = 20;

/// The sum of some bytes.
type Sum = [u8; SUM];

/// How a member is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it is.
    Stored,
    /// With zlib, which the format calls `application/x-gzip`.
    Zlib,
}

/// Hashes and counts bytes that pass.
struct Summed<S> {
    inner: S,
    hash: Sha1,
    size: u64,
}

impl<S> Summed<S> {
    fn new(inner: S) -> Self {
        let hash = Sha1::new();
        Self {
            inner,
            hash,
            size: 0,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
    }

    fn finish(self) -> (Sum, u64) {
        (self.hash.finalize().into(), self.size)
    }
}

impl<S: io::Write> io::Write for Summed<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.add(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<S: io::Read> io::Read for Summed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.add(&buffer[..n]);
        Ok(n)
    }
}

fn sum_of(bytes: &[u8]) -> Sum {
    Sha1::digest(bytes).into()
}
