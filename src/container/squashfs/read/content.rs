//! The content of files, as readers.

use std::io::{self, Read};

use super::input::InputBackend;
use crate::container::ReadError;
use crate::container::squashfs::reader::{Block, FileReader, Image, Inode};

/// Reads one file.
pub(super) struct Content<'i, 'a> {
    image: &'i Image<InputBackend<'a>>,
    /// `None` if it is not a file and has no content.
    reader: Option<FileReader<'i, InputBackend<'a>>>,
    block: Option<Block>,
    /// How much of the current block has been read.
    read: usize,
}

impl<'i, 'a> Content<'i, 'a> {
    pub(super) fn new(image: &'i Image<InputBackend<'a>>, inode: &Inode) -> Self {
        Self {
            image,
            reader: FileReader::new(image, inode),
            block: None,
            read: 0,
        }
    }

    /// The rest of the current block, or the next one.
    fn left(&mut self) -> Result<usize, ReadError> {
        let size = self.block.as_ref().map_or(0, Block::len);
        if self.read < size {
            return Ok(size - self.read);
        }
        let next = match &mut self.reader {
            Some(reader) => reader.next(),
            None => Ok(None),
        };
        self.block = next.map_err(|error| self.image.backend().explain(error))?;
        self.read = 0;
        Ok(self.block.as_ref().map_or(0, Block::len))
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.left().map_err(into_io)?.min(buffer.len());
        match self.block.as_ref().and_then(Block::bytes) {
            Some(bytes) => buffer[..n].copy_from_slice(&bytes[self.read..][..n]),
            None => buffer[..n].fill(0),
        }
        self.read += n;
        Ok(n)
    }
}

/// Wraps an error for a reader; [`from_io`] unwraps it.
fn into_io(error: ReadError) -> io::Error {
    match error {
        ReadError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

/// The error inside an error of a content reader.
pub(super) fn from_io(error: io::Error) -> ReadError {
    error.downcast::<ReadError>().unwrap_or_else(ReadError::Io)
}
