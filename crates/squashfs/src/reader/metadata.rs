//! The metadata tables: byte streams split into blocks of 8 KiB, each compressed separately.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::backend::{Backend, Lock};
use super::bytes::{le16, le32, le64};
use super::error::{Error, found, malformed};
use super::image::Image;

pub(super) const METADATA_SIZE: usize = 8192;
/// Set in a block's header if its bytes are stored uncompressed.
const STORED: u16 = 0x8000;

/// A decompressed metadata block.
#[derive(Clone)]
pub(super) struct MetadataBlock {
    /// Never empty.
    bytes: Arc<Vec<u8>>,
    /// The position of the next block.
    next: u64,
}

/// A position in a metadata table, which advances with each read.
#[derive(Clone)]
pub(super) struct Cursor {
    block: MetadataBlock,
    /// The location of the block.
    position: u64,
    offset: usize,
}

impl<B: Backend> Image<B> {
    fn metadata_block(&self, position: u64) -> Result<MetadataBlock, Error<B::Error>> {
        if let Some(block) = self.metadata.with(|cache| cache.get(position)) {
            return Ok(block);
        }
        let mut header = [0; 2];
        self.read_at(&mut header, position)?;
        let header = le16(&header, 0);
        let stored_size = usize::from(header & !STORED);
        if !(1..=METADATA_SIZE).contains(&stored_size) {
            let what = "a metadata block's size is out of range";
            return Err(found(what, stored_size as u64, position).into());
        }
        let mut bytes = alloc::vec![0; stored_size];
        self.read_at(&mut bytes, position + 2)?;
        if header & STORED == 0 {
            let mut plain = alloc::vec![0; METADATA_SIZE];
            let size = self.decompress(&bytes, &mut plain, position)?;
            plain.truncate(size);
            bytes = plain;
        }
        if bytes.is_empty() {
            return Err(malformed("a metadata block is empty", position).into());
        }
        let block = MetadataBlock {
            bytes: Arc::new(bytes),
            next: position + 2 + stored_size as u64,
        };
        let kept = block.clone();
        self.metadata.with(|cache| cache.insert(position, kept));
        Ok(block)
    }

    /// Decompresses the block at a position and returns its size.
    pub(super) fn decompress(
        &self,
        input: &[u8],
        output: &mut [u8],
        position: u64,
    ) -> Result<usize, Error<B::Error>> {
        let compression = self.superblock().compression;
        let size = self.backend.decompress(compression, input, output);
        let what = "a compressed block is damaged or larger than its table allows";
        size.ok_or_else(|| malformed(what, position).into())
    }

    /// A cursor at an offset of the decompressed block at a position.
    pub(super) fn cursor(&self, position: u64, offset: usize) -> Result<Cursor, Error<B::Error>> {
        let block = self.metadata_block(position)?;
        if offset > block.bytes.len() {
            let what = "an offset lies outside its metadata block";
            return Err(found(what, offset as u64, position).into());
        }
        Ok(Cursor {
            block,
            position,
            offset,
        })
    }
}

impl Cursor {
    /// The position of the current block, for errors.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Its position: that of the block, and the offset in the block.
    pub(super) fn place(&self) -> (u64, usize) {
        (self.position, self.offset)
    }

    pub(super) fn read<B: Backend>(
        &mut self,
        image: &Image<B>,
        mut buffer: &mut [u8],
    ) -> Result<(), Error<B::Error>> {
        while !buffer.is_empty() {
            let left = &self.block.bytes[self.offset..];
            if left.is_empty() {
                self.position = self.block.next;
                self.block = image.metadata_block(self.position)?;
                self.offset = 0;
                continue;
            }
            let n = left.len().min(buffer.len());
            buffer[..n].copy_from_slice(&left[..n]);
            buffer = &mut buffer[n..];
            self.offset += n;
        }
        Ok(())
    }

    /// Reads a given number of integers and adds them up, without the masked bits.
    pub(super) fn sum<B: Backend>(
        &mut self,
        image: &Image<B>,
        mut count: u64,
        mask: u32,
    ) -> Result<u64, Error<B::Error>> {
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
                // One that crosses the end of the block, or the first of the next block.
                total = u64::from(self.u32(image)? & mask);
                count -= 1;
            }
            sum = (sum.checked_add(total))
                .ok_or_else(|| malformed("a file is too large", self.position))?;
        }
        Ok(sum)
    }

    pub(super) fn u16<B: Backend>(&mut self, image: &Image<B>) -> Result<u16, Error<B::Error>> {
        let mut bytes = [0; 2];
        self.read(image, &mut bytes)?;
        Ok(le16(&bytes, 0))
    }

    pub(super) fn u32<B: Backend>(&mut self, image: &Image<B>) -> Result<u32, Error<B::Error>> {
        let mut bytes = [0; 4];
        self.read(image, &mut bytes)?;
        Ok(le32(&bytes, 0))
    }

    pub(super) fn u64<B: Backend>(&mut self, image: &Image<B>) -> Result<u64, Error<B::Error>> {
        let mut bytes = [0; 8];
        self.read(image, &mut bytes)?;
        Ok(le64(&bytes, 0))
    }

    pub(super) fn bytes<B: Backend>(
        &mut self,
        image: &Image<B>,
        count: usize,
    ) -> Result<Vec<u8>, Error<B::Error>> {
        let mut bytes = alloc::vec![0; count];
        self.read(image, &mut bytes)?;
        Ok(bytes)
    }
}
