//! The content of files.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::image::Image;
use super::inode::{FilePlace, Inode, Kind};
use super::metadata::METADATA_SIZE;
use crate::elf::{le32, le64};
use crate::error::Reason;

/// Set in a data block's size where its bytes are stored as they are.
const STORED: u32 = 1 << 24;
const FRAGMENT_ENTRY: usize = 16;

/// Reads a file's blocks one after another.
pub struct FileReader<'a> {
    image: &'a Image,
    place: FilePlace<'a>,
    /// Where the next block is.
    position: u64,
    /// Bytes of the file that have not been read.
    left: u64,
}

/// One block of a file.
pub enum Block {
    /// The decompressed bytes, and the range of them that belongs to the file.
    Bytes(Arc<Vec<u8>>, core::ops::Range<usize>),
    /// So many zero bytes.
    Hole(usize),
}

impl Block {
    pub fn len(&self) -> usize {
        match self {
            Block::Bytes(_, range) => range.len(),
            Block::Hole(size) => *size,
        }
    }

    /// Leaves out what comes before a place in it, and all but so many bytes.
    pub fn narrow(&mut self, start: usize, max_size: usize) {
        let size = (self.len() - start).min(max_size);
        match self {
            Block::Bytes(_, range) => {
                range.start += start;
                range.end = range.start + size;
            }
            Block::Hole(hole) => *hole = size,
        }
    }

    /// The bytes; nothing for a hole.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Block::Bytes(bytes, range) => Some(&bytes[range.clone()]),
            Block::Hole(_) => None,
        }
    }
}

impl<'a> FileReader<'a> {
    /// A reader from the start of a file; nothing for what is not a regular file.
    pub fn new(image: &'a Image, inode: &Inode<'a>) -> Option<Self> {
        let Kind::File(place) = &inode.kind else {
            return None;
        };
        Some(Self {
            image,
            position: place.start,
            place: place.clone(),
            left: inode.size,
        })
    }

    /// The next block; nothing at the end.
    pub fn next(&mut self) -> Result<Option<Block>, Reason> {
        if self.left == 0 {
            return Ok(None);
        }
        let length = self.next_length();
        let block = match self.place.fragment {
            Some(place) if length < self.image.block_size => self.tail(place, length)?,
            _ => self.block(length)?,
        };
        self.left -= length as u64;
        Ok(Some(block))
    }

    /// Steps over the blocks before an offset without decompressing them, and returns the offset inside the next.
    pub fn skip_to(&mut self, offset: u64) -> Result<usize, Reason> {
        if offset >= self.left {
            self.left = 0;
            return Ok(0);
        }
        let block_size = self.image.block_size as u64;
        let blocks = offset / block_size;
        let stored_size = self.place.sizes.sum(blocks, !STORED)?;
        self.advance(stored_size)?;
        self.left -= blocks * block_size;
        Ok((offset % block_size) as usize)
    }

    fn next_length(&self) -> usize {
        self.left.min(self.image.block_size as u64) as usize
    }

    fn advance(&mut self, stored_size: u64) -> Result<(), Reason> {
        self.position = (self.position.checked_add(stored_size))
            .ok_or(Reason::Malformed("a data block lies outside the image"))?;
        Ok(())
    }

    fn block(&mut self, length: usize) -> Result<Block, Reason> {
        let word = self.place.sizes.u32()?;
        if word == 0 {
            return Ok(Block::Hole(length));
        }
        let bytes = self.image.data_block(self.position, word)?;
        self.advance(u64::from(word & !STORED))?;
        if bytes.len() != length {
            return Err(Reason::Malformed("a data block has the wrong size"));
        }
        Ok(Block::Bytes(bytes, 0..length))
    }

    fn tail(&self, (index, offset): (u32, u32), length: usize) -> Result<Block, Reason> {
        let (position, word) = self.image.fragment(index)?;
        let bytes = self.image.data_block(position, word)?;
        let start = offset as usize;
        if start > bytes.len() || bytes.len() - start < length {
            return Err(Reason::Malformed("a file's tail lies outside its fragment"));
        }
        Ok(Block::Bytes(bytes, start..start + length))
    }
}

impl Image {
    /// The position and the size word of a fragment block.
    fn fragment(&self, index: u32) -> Result<(u64, u32), Reason> {
        if index >= self.fragment_count {
            return Err(Reason::Malformed("a fragment's number is out of range"));
        }
        // In 64 bits: the product of a damaged index overflows 32.
        let byte = u64::from(index) * FRAGMENT_ENTRY as u64;
        let mut pointer = [0; 8];
        let pointer_position = byte / METADATA_SIZE as u64 * 8;
        let pointer_position = (self.fragment_table.checked_add(pointer_position)).ok_or(
            Reason::Malformed("the fragment table lies outside the image"),
        )?;
        self.read_at(&mut pointer, pointer_position)?;
        let mut cursor = self.cursor(le64(&pointer, 0), (byte % METADATA_SIZE as u64) as usize)?;
        let mut entry = [0; FRAGMENT_ENTRY];
        cursor.read(&mut entry)?;
        Ok((le64(&entry, 0), le32(&entry, 8)))
    }

    /// Decompresses the block at a position.
    fn data_block(&self, position: u64, word: u32) -> Result<Arc<Vec<u8>>, Reason> {
        if let Some(block) = self.blocks.lock().get(position) {
            return Ok(block);
        }
        let stored_size = (word & !STORED) as usize;
        if stored_size == 0 || stored_size > self.block_size {
            return Err(Reason::Malformed("a data block's size is out of range"));
        }
        let mut bytes = self.buffers.take();
        self.read_at(&mut bytes[..stored_size], position)?;
        let size = if word & STORED == 0 {
            let mut plain = self.buffers.take();
            let size = self
                .decompressor
                .decompress(&bytes[..stored_size], &mut plain)?;
            self.buffers
                .give_back(core::mem::replace(&mut bytes, plain));
            size
        } else {
            stored_size
        };
        bytes.truncate(size);
        let block = Arc::new(bytes);
        let dropped = self.blocks.lock().insert(position, block.clone());
        if let Some(unused) = dropped.and_then(|block| Arc::try_unwrap(block).ok()) {
            self.buffers.give_back(unused);
        }
        Ok(block)
    }
}
