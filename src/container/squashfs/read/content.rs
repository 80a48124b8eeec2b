//! The content of files, as readers.

use std::io::{self, Read};
use std::sync::Arc;

use super::image::Image;
use super::inode::FilePlace;
use crate::container::ReadError;
use crate::container::squashfs::{DATA_STORED, METADATA_SIZE};

/// The size of a fragment's line in their table.
const FRAGMENT_ENTRY: usize = 16;

/// Reads one file.
pub(super) struct Content<'i, 'a> {
    image: &'i mut Image<'a>,
    place: FilePlace,
    /// The position of the next block.
    position: u64,
    /// Bytes of the file behind the current block.
    left: u64,
    block: Vec<u8>,
    /// How much of the current block has been read.
    read: usize,
}

impl<'i, 'a> Content<'i, 'a> {
    pub fn new(image: &'i mut Image<'a>, place: FilePlace) -> Self {
        Self {
            image,
            position: place.start,
            left: place.size,
            place,
            block: Vec::new(),
            read: 0,
        }
    }

    fn next_block(&mut self) -> Result<(), ReadError> {
        let block_size = self.image.superblock.block_size;
        let length = self.left.min(block_size as u64) as usize;
        self.block = match self.place.fragment {
            Some((index, offset)) if length < block_size => {
                self.image.tail(index, offset as usize, length)?
            }
            _ => self.data_block(length)?,
        };
        self.read = 0;
        self.left -= length as u64;
        Ok(())
    }

    fn data_block(&mut self, length: usize) -> Result<Vec<u8>, ReadError> {
        let word = self.place.sizes.u32(self.image)?;
        if word == 0 {
            return Ok(vec![0; length]);
        }
        let position = self.position;
        let block = self.image.data_block(position, word)?;
        self.position += u64::from(word & !DATA_STORED);
        if block.len() != length {
            let found = block.len();
            let what = format!("squashfs: expected a block of {length} bytes, found {found}");
            return Err(self.image.source.malformed(what, position));
        }
        Ok(block)
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.block.len() && self.left > 0 {
            self.next_block().map_err(into_io)?;
        }
        let n = (&self.block[self.read..]).read(buffer)?;
        self.read += n;
        Ok(n)
    }
}

/// Carries an error through a reader; [`from_io`] takes it out again.
fn into_io(error: ReadError) -> io::Error {
    match error {
        ReadError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

/// The error that a reader of content has met.
pub(super) fn from_io(error: io::Error) -> ReadError {
    error.downcast::<ReadError>().unwrap_or_else(ReadError::Io)
}

impl Image<'_> {
    fn data_block(&mut self, position: u64, word: u32) -> Result<Vec<u8>, ReadError> {
        let block_size = self.superblock.block_size;
        let size = (word & !DATA_STORED) as usize;
        if !(1..=block_size).contains(&size) {
            let what = format!("squashfs: a data block says that it has {size} bytes");
            return Err(self.source.malformed(what, position));
        }
        match word & DATA_STORED {
            0 => self.source.read_compressed(position, size, block_size),
            _ => self.source.read(position, size),
        }
    }

    /// A file's tail: bytes of a fragment.
    fn tail(&mut self, index: u32, offset: usize, length: usize) -> Result<Vec<u8>, ReadError> {
        let fragment = self.fragment(index)?;
        let tail = fragment.get(offset..).and_then(|rest| rest.get(..length));
        let what = format!(
            "squashfs: a tail of {length} bytes at {offset} of fragment {index}, which has {}",
            fragment.len()
        );
        let position = self.superblock.fragments;
        tail.map(<[u8]>::to_vec)
            .ok_or_else(|| self.source.malformed(what, position))
    }

    fn fragment(&mut self, index: u32) -> Result<Arc<[u8]>, ReadError> {
        if let Some((cached, bytes)) = &self.last_fragment
            && *cached == index
        {
            return Ok(bytes.clone());
        }
        let table = self.superblock.fragments;
        if index >= self.superblock.fragment_count {
            let what = format!("squashfs: fragment {index} is not in the fragment table");
            return Err(self.source.malformed(what, table));
        }
        let byte = index as usize * FRAGMENT_ENTRY;
        let pointer = self
            .source
            .read(table + (byte / METADATA_SIZE * 8) as u64, 8)?;
        let block = u64::from_le_bytes(pointer.try_into().expect("eight bytes were read"));
        let mut cursor = self.cursor(block, byte % METADATA_SIZE)?;
        let (start, word) = (cursor.u64(self)?, cursor.u32(self)?);
        let bytes: Arc<[u8]> = self.data_block(start, word)?.into();
        self.last_fragment = Some((index, bytes.clone()));
        Ok(bytes)
    }
}
