//! The file that an image is in, read by positions that are checked.

use std::io::{self, Read, Seek, SeekFrom};

use crate::container::squashfs::compression::{Compression, Decompressor};
use crate::container::{Malformed, ReadError};

/// Anything that an image can be read from.
pub trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

/// An image's bytes. Positions count from the image's start, errors from the file's.
pub struct Source<'a> {
    input: &'a mut dyn Input,
    start: u64,
    /// The image's size, which no position may exceed.
    size: u64,
    decompressor: Option<Decompressor>,
}

impl<'a> Source<'a> {
    pub fn new(input: &'a mut dyn Input, start: u64) -> io::Result<Self> {
        let end = input.seek(SeekFrom::End(0))?;
        Ok(Self {
            input,
            start,
            size: end.saturating_sub(start),
            decompressor: None,
        })
    }

    pub fn start(&self) -> u64 {
        self.start
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Narrows the image to the size that its superblock says, and notes how its blocks are compressed.
    pub fn set(&mut self, size: u64, compression: Compression) {
        self.size = size;
        self.decompressor = Some(Decompressor::new(compression));
    }

    /// An error that tells a place.
    pub fn malformed(&self, what: impl Into<String>, position: u64) -> ReadError {
        let malformed = Malformed {
            what: what.into(),
            // A position that lies outside is one that the image claims, and the text then tells it.
            offset: self.start + position.min(self.size),
        };
        malformed.into()
    }

    pub fn read(&mut self, position: u64, size: usize) -> Result<Vec<u8>, ReadError> {
        let inside = position
            .checked_add(size as u64)
            .is_some_and(|end| end <= self.size);
        if !inside {
            let limit = self.size;
            let what =
                format!("squashfs: {size} bytes at {position} of an image that has {limit} bytes");
            return Err(self.malformed(what, position));
        }
        Ok(self.read_anywhere(position, size)?)
    }

    /// Reads what follows the image.
    pub fn read_behind(&mut self, size: usize) -> io::Result<Vec<u8>> {
        self.read_anywhere(self.size, size)
    }

    fn read_anywhere(&mut self, position: u64, size: usize) -> io::Result<Vec<u8>> {
        self.input.seek(SeekFrom::Start(self.start + position))?;
        let mut bytes = vec![0; size];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a block and decompresses it, to at most `max_size` bytes.
    pub fn read_compressed(
        &mut self,
        position: u64,
        size: usize,
        max_size: usize,
    ) -> Result<Vec<u8>, ReadError> {
        let bytes = self.read(position, size)?;
        let plain = self
            .decompressor
            .as_mut()
            .and_then(|decompressor| decompressor.decompress(&bytes, max_size));
        let what = "squashfs: a compressed block is damaged or larger than its table allows";
        plain.ok_or_else(|| self.malformed(what, position))
    }
}
