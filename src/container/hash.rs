//! Hashes data while it is written or read.

use std::io::{self, Read, Write};

use sha2::Sha256;

use crate::model::digest::Sha256Sum;

/// Counts and hashes the bytes that are written.
pub(crate) struct HashWriter<W> {
    out: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> HashWriter<W> {
    /// Hashes what goes to `out`.
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            hash: sha2::Digest::new(),
            size: 0,
        }
    }

    /// The underlying stream, the hash and the number of bytes.
    pub(crate) fn finish(self) -> (W, Sha256Sum, u64) {
        let sum = Sha256Sum(sha2::Digest::finalize(self.hash).into());
        (self.out, sum, self.size)
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
pub(crate) struct HashReader<R> {
    input: R,
    hash: Sha256,
}

impl<R: Read> HashReader<R> {
    /// Hashes what comes from `input`.
    pub(crate) fn new(input: R) -> Self {
        let hash = Sha256::default();
        Self { input, hash }
    }

    /// The hash of all bytes read so far.
    pub(crate) fn finish(self) -> Sha256Sum {
        Sha256Sum(sha2::Digest::finalize(self.hash).into())
    }
}

impl<R: Read> Read for HashReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        sha2::Digest::update(&mut self.hash, &buffer[..n]);
        Ok(n)
    }
}
