//! The metadata tables: byte streams cut into blocks of 8 KiB, each compressed by itself.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::image::Image;
use crate::elf::{le16, le32, le64};
use crate::error::Reason;

pub const METADATA_SIZE: usize = 8192;
/// Set in a block's header where its bytes are stored as they are.
const STORED: u16 = 0x8000;

/// A decompressed metadata block.
#[derive(Clone)]
pub struct MetadataBlock {
    bytes: Arc<Vec<u8>>,
    /// The position of the block behind it.
    next: u64,
}

/// Reads onwards from a place in a metadata table.
#[derive(Clone)]
pub struct Cursor<'a> {
    image: &'a Image,
    block: MetadataBlock,
    /// Where the block is.
    position: u64,
    offset: usize,
}

impl Image {
    fn metadata_block(&self, position: u64) -> Result<MetadataBlock, Reason> {
        if let Some(block) = self.metadata.lock().get(position) {
            return Ok(block);
        }
        let mut header = [0; 2];
        self.read_at(&mut header, position)?;
        let header = le16(&header, 0);
        let stored_size = usize::from(header & !STORED);
        if stored_size == 0 || stored_size > METADATA_SIZE {
            return Err(Reason::Malformed("a metadata block's size is out of range"));
        }
        let mut bytes = alloc::vec![0; stored_size];
        self.read_at(&mut bytes, position + 2)?;
        if header & STORED == 0 {
            let mut plain = alloc::vec![0; METADATA_SIZE];
            let size = self.decompressor.decompress(&bytes, &mut plain)?;
            plain.truncate(size);
            bytes = plain;
        }
        let block = MetadataBlock {
            bytes: Arc::new(bytes),
            next: position + 2 + stored_size as u64,
        };
        self.metadata.lock().insert(position, block.clone());
        Ok(block)
    }

    /// A cursor at an offset of the decompressed block at a position.
    pub(super) fn cursor(&self, position: u64, offset: usize) -> Result<Cursor<'_>, Reason> {
        let block = self.metadata_block(position)?;
        if offset > block.bytes.len() {
            return Err(Reason::Malformed(
                "a metadata offset lies outside its block",
            ));
        }
        Ok(Cursor {
            image: self,
            block,
            position,
            offset,
        })
    }
}

impl Cursor<'_> {
    pub fn read(&mut self, mut buffer: &mut [u8]) -> Result<(), Reason> {
        while !buffer.is_empty() {
            let left = &self.block.bytes[self.offset..];
            if left.is_empty() {
                self.position = self.block.next;
                self.block = self.image.metadata_block(self.position)?;
                self.offset = 0;
                if self.block.bytes.is_empty() {
                    return Err(Reason::Malformed("a metadata block is empty"));
                }
                continue;
            }
            let n = left.len().min(buffer.len());
            buffer[..n].copy_from_slice(&left[..n]);
            buffer = &mut buffer[n..];
            self.offset += n;
        }
        Ok(())
    }

    /// Where it stands: the position of its block, and the offset in that.
    pub fn place(&self) -> (u64, usize) {
        (self.position, self.offset)
    }

    /// Reads so many numbers and adds them up, without the bits that are masked.
    pub fn sum(&mut self, mut count: u64, mask: u32) -> Result<u64, Reason> {
        let mut sum: u64 = 0;
        while count > 0 {
            let words = self.block.bytes[self.offset..].chunks_exact(4);
            let words = words.take(usize::try_from(count).unwrap_or(usize::MAX));
            let in_block = words.len();
            // At most 2048 numbers of 32 bits.
            let word = |bytes| u64::from(le32(bytes, 0) & mask);
            let mut total = words.map(word).sum::<u64>();
            self.offset += in_block * 4;
            count -= in_block as u64;
            if in_block == 0 {
                // One that the block's end cuts, or the first of the next block.
                total = u64::from(self.u32()? & mask);
                count -= 1;
            }
            sum = (sum.checked_add(total)).ok_or(Reason::Malformed("a file is too large"))?;
        }
        Ok(sum)
    }

    pub fn u16(&mut self) -> Result<u16, Reason> {
        let mut bytes = [0; 2];
        self.read(&mut bytes)?;
        Ok(le16(&bytes, 0))
    }

    pub fn u32(&mut self) -> Result<u32, Reason> {
        let mut bytes = [0; 4];
        self.read(&mut bytes)?;
        Ok(le32(&bytes, 0))
    }

    pub fn u64(&mut self) -> Result<u64, Reason> {
        let mut bytes = [0; 8];
        self.read(&mut bytes)?;
        Ok(le64(&bytes, 0))
    }

    pub fn bytes(&mut self, count: usize) -> Result<Vec<u8>, Reason> {
        let mut bytes = alloc::vec![0; count];
        self.read(&mut bytes)?;
        Ok(bytes)
    }
}
