//! Reading metadata tables.

use std::collections::HashMap;
use std::sync::Arc;

use super::image::Image;
use crate::container::ReadError;
use crate::container::squashfs::{METADATA_SIZE, METADATA_STORED};

/// Blocks that are kept decompressed: 2 MiB.
const MAX_CACHED: usize = 256;

/// Decompressed blocks by position.
#[derive(Default)]
pub(super) struct MetadataCache(HashMap<u64, MetadataBlock>);

#[derive(Clone)]
pub(super) struct MetadataBlock {
    bytes: Arc<[u8]>,
    /// The position of the block behind.
    next: u64,
}

/// A place in a metadata table, moving onwards as it is read.
#[derive(Clone)]
pub(super) struct Cursor {
    block: MetadataBlock,
    /// The position of the block.
    position: u64,
    offset: usize,
}

impl Image<'_> {
    fn metadata_block(&mut self, position: u64) -> Result<MetadataBlock, ReadError> {
        if let Some(block) = self.metadata.0.get(&position) {
            return Ok(block.clone());
        }
        let header = self.source.read(position, 2)?;
        let header = u16::from_le_bytes([header[0], header[1]]);
        let size = usize::from(header & !METADATA_STORED);
        if !(1..=METADATA_SIZE).contains(&size) {
            let what = format!("squashfs: a metadata block says that it has {size} bytes");
            return Err(self.source.malformed(what, position));
        }
        let bytes = match header & METADATA_STORED {
            0 => self
                .source
                .read_compressed(position + 2, size, METADATA_SIZE)?,
            _ => self.source.read(position + 2, size)?,
        };
        if bytes.is_empty() {
            return Err(self
                .source
                .malformed("squashfs: a metadata block is empty", position));
        }
        let block = MetadataBlock {
            bytes: bytes.into(),
            next: position + 2 + size as u64,
        };
        if self.metadata.0.len() == MAX_CACHED {
            self.metadata.0.clear();
        }
        self.metadata.0.insert(position, block.clone());
        Ok(block)
    }

    /// A cursor at an offset of the block at a position.
    pub(super) fn cursor(&mut self, position: u64, offset: usize) -> Result<Cursor, ReadError> {
        let block = self.metadata_block(position)?;
        let size = block.bytes.len();
        if offset >= size {
            let what = format!("squashfs: offset {offset} in a metadata block of {size} bytes");
            return Err(self.source.malformed(what, position));
        }
        Ok(Cursor {
            block,
            position,
            offset,
        })
    }
}

impl Cursor {
    /// The position of the block that is being read, for messages.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub fn bytes(&mut self, image: &mut Image<'_>, count: usize) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::with_capacity(count);
        while bytes.len() < count {
            if self.offset == self.block.bytes.len() {
                self.position = self.block.next;
                self.block = image.metadata_block(self.position)?;
                self.offset = 0;
            }
            let left = &self.block.bytes[self.offset..];
            let n = left.len().min(count - bytes.len());
            bytes.extend_from_slice(&left[..n]);
            self.offset += n;
        }
        Ok(bytes)
    }

    pub fn u16(&mut self, image: &mut Image<'_>) -> Result<u16, ReadError> {
        let bytes = self.bytes(image, 2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    pub fn u32(&mut self, image: &mut Image<'_>) -> Result<u32, ReadError> {
        let low = self.u16(image)?;
        Ok(u32::from(low) | u32::from(self.u16(image)?) << 16)
    }

    pub fn u64(&mut self, image: &mut Image<'_>) -> Result<u64, ReadError> {
        let low = self.u32(image)?;
        Ok(u64::from(low) | u64::from(self.u32(image)?) << 32)
    }
}
