//! Hashes data while it is written or read.

use std::io::{self, Read, Write};

use sha2::Sha256;

use super::document::Digest;
use crate::model::digest::Sha256Sum;

/// Counts and hashes the bytes that are written.
pub(super) struct HashWriter<W> {
    out: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> HashWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            hash: sha2::Digest::new(),
            size: 0,
        }
    }

    /// The underlying stream, the hash and the number of bytes.
    pub(super) fn finish(self) -> (W, Digest, u64) {
        let sum = Sha256Sum(sha2::Digest::finalize(self.hash).into());
        (self.out, Digest(sum), self.size)
    }
}

impl<W: Write> Write for HashWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        sha2::Digest::update(&mut self.hash, &bytes[..n]);
        self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Hashes the bytes that are read.
pub(super) struct HashReader<R> {
    input: R,
    hash: Sha256,
}

impl<R: Read> HashReader<R> {
    pub(super) fn new(input: R) -> Self {
        let hash = Sha256::default();
        Self { input, hash }
    }

    /// The hash of all bytes read so far.
    pub(super) fn finish(self) -> Digest {
        Digest(Sha256Sum(sha2::Digest::finalize(self.hash).into()))
    }
}

impl<R: Read> Read for HashReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        sha2::Digest::update(&mut self.hash, &buffer[..n]);
        Ok(n)
    }
}
