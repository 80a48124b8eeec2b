//! The content of files.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::backend::{Backend, Lock};
use super::bytes::{le32, le64};
use super::error::{Error, found, malformed};
use super::image::Image;
use super::inode::{FilePlace, Inode, Kind};
use super::metadata::METADATA_SIZE;

/// Set in a data block's size if its bytes are stored uncompressed.
const STORED: u32 = 1 << 24;
const FRAGMENT_ENTRY: usize = 16;

/// Reads a file's blocks one after another.
pub struct FileReader<'a, B: Backend> {
    image: &'a Image<B>,
    place: FilePlace,
    /// Where the next block is.
    position: u64,
    /// Bytes of the file that have not been read.
    left: u64,
}

/// One block of a file.
pub enum Block {
    /// The decompressed bytes, and the range of them that belongs to the file.
    Bytes(Arc<Vec<u8>>, core::ops::Range<usize>),
    /// This many zero bytes.
    Hole(usize),
}

impl Block {
    /// How many bytes of the file it covers; at least one.
    #[expect(clippy::len_without_is_empty, reason = "no block is empty")]
    pub fn len(&self) -> usize {
        match self {
            Block::Bytes(_, range) => range.len(),
            Block::Hole(size) => *size,
        }
    }

    /// Skips the bytes before an offset and keeps at most a given number.
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

    /// The bytes; `None` for a hole.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Block::Bytes(bytes, range) => Some(&bytes[range.clone()]),
            Block::Hole(_) => None,
        }
    }
}

impl<'a, B: Backend> FileReader<'a, B> {
    /// A reader from the start of a file; `None` if it is not a regular file.
    pub fn new(image: &'a Image<B>, inode: &Inode) -> Option<Self> {
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

    /// The next block; `None` at the end.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator of results would go on after an error"
    )]
    pub fn next(&mut self) -> Result<Option<Block>, Error<B::Error>> {
        if self.left == 0 {
            return Ok(None);
        }
        let length = self.next_length();
        let block = match self.place.fragment {
            Some(place) if length < self.block_size() => self.tail(place, length)?,
            _ => self.block(length)?,
        };
        self.left -= length as u64;
        Ok(Some(block))
    }

    /// Skips the blocks before an offset without decompressing them, and returns the offset inside the next block.
    pub fn skip_to(&mut self, offset: u64) -> Result<usize, Error<B::Error>> {
        if offset >= self.left {
            self.left = 0;
            return Ok(0);
        }
        let block_size = self.block_size() as u64;
        let blocks = offset / block_size;
        let stored_size = self.place.sizes.sum(self.image, blocks, !STORED)?;
        self.advance(stored_size)?;
        self.left -= blocks * block_size;
        Ok((offset % block_size) as usize)
    }

    fn block_size(&self) -> usize {
        self.image.superblock().block_size
    }

    fn next_length(&self) -> usize {
        self.left.min(self.block_size() as u64) as usize
    }

    fn advance(&mut self, stored_size: u64) -> Result<(), Error<B::Error>> {
        let position = self.position.checked_add(stored_size);
        let what = "a data block lies outside the image";
        self.position = position.ok_or_else(|| malformed(what, self.position))?;
        Ok(())
    }

    fn block(&mut self, length: usize) -> Result<Block, Error<B::Error>> {
        let word = self.place.sizes.u32(self.image)?;
        if word == 0 {
            return Ok(Block::Hole(length));
        }
        let position = self.position;
        let bytes = self.image.data_block(position, word)?;
        self.advance(u64::from(word & !STORED))?;
        if bytes.len() != length {
            let what = "a data block has the wrong size";
            return Err(found(what, bytes.len() as u64, position).into());
        }
        Ok(Block::Bytes(bytes, 0..length))
    }

    fn tail(&self, (index, offset): (u32, u32), length: usize) -> Result<Block, Error<B::Error>> {
        let (position, word) = self.image.fragment(index)?;
        let bytes = self.image.data_block(position, word)?;
        let start = offset as usize;
        if start > bytes.len() || bytes.len() - start < length {
            let what = "a file's tail lies outside its fragment";
            return Err(found(what, offset, position).into());
        }
        Ok(Block::Bytes(bytes, start..start + length))
    }
}

impl<B: Backend> Image<B> {
    /// The position and the size word of a fragment block.
    fn fragment(&self, index: u32) -> Result<(u64, u32), Error<B::Error>> {
        let superblock = self.superblock();
        if index >= superblock.fragment_count {
            let what = "a fragment's number is out of range";
            return Err(found(what, index, superblock.fragments).into());
        }
        // In 64 bits, because the product with a damaged index can overflow 32 bits.
        let byte = u64::from(index) * FRAGMENT_ENTRY as u64;
        let mut pointer = [0; 8];
        let pointer_position = byte / METADATA_SIZE as u64 * 8;
        self.read_at(
            &mut pointer,
            superblock.fragments.saturating_add(pointer_position),
        )?;
        let mut cursor = self.cursor(le64(&pointer, 0), (byte % METADATA_SIZE as u64) as usize)?;
        let mut entry = [0; FRAGMENT_ENTRY];
        cursor.read(self, &mut entry)?;
        Ok((le64(&entry, 0), le32(&entry, 8)))
    }

    /// Decompresses the block at a position.
    fn data_block(&self, position: u64, word: u32) -> Result<Arc<Vec<u8>>, Error<B::Error>> {
        if let Some(block) = self.blocks.with(|cache| cache.get(position)) {
            return Ok(block);
        }
        let stored_size = (word & !STORED) as usize;
        if !(1..=self.superblock().block_size).contains(&stored_size) {
            let what = "a data block's size is out of range";
            return Err(found(what, stored_size as u64, position).into());
        }
        let mut bytes = self.buffers.take();
        self.read_at(&mut bytes[..stored_size], position)?;
        let size = if word & STORED == 0 {
            let mut plain = self.buffers.take();
            let size = self.decompress(&bytes[..stored_size], &mut plain, position)?;
            self.buffers
                .give_back(core::mem::replace(&mut bytes, plain));
            size
        } else {
            stored_size
        };
        bytes.truncate(size);
        let block = Arc::new(bytes);
        let kept = block.clone();
        let dropped = self.blocks.with(|cache| cache.insert(position, kept));
        if let Some(unused) = dropped.and_then(|block| Arc::try_unwrap(block).ok()) {
            self.buffers.give_back(unused);
        }
        Ok(block)
    }
}
