//! Metadata tables: byte streams split into blocks of 8 KiB, each compressed separately.

use std::io;

use super::sink::Sink;
use crate::container::squashfs::compression::{Compression, Compressor};
use crate::container::squashfs::{METADATA_SIZE, METADATA_STORED};

/// A location in a table: the position of the compressed block, and the offset in the uncompressed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub block: u32,
    pub offset: u16,
}

impl Place {
    /// In the encoding of inode references.
    pub fn reference(self) -> u64 {
        u64::from(self.block) << 16 | u64::from(self.offset)
    }
}

/// A metadata table under construction.
pub struct Table {
    compressor: Compressor,
    /// The finished blocks, with their headers.
    blocks: Vec<u8>,
    /// The start of each finished block.
    starts: Vec<u64>,
    /// The content of the current block.
    current: Vec<u8>,
}

impl Table {
    pub fn new(compression: Compression) -> Self {
        Self {
            compressor: Compressor::new(compression),
            blocks: Vec::new(),
            starts: Vec::new(),
            current: Vec::with_capacity(METADATA_SIZE),
        }
    }

    /// Where the next bytes go.
    pub fn place(&self) -> io::Result<Place> {
        let block = u32::try_from(self.blocks.len())
            .map_err(|_| io::Error::other("a squashfs table is larger than 4 GiB"))?;
        // A full block is finished immediately, so the offset is below 8192.
        let offset = self.current.len() as u16;
        Ok(Place { block, offset })
    }

    pub fn append(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = METADATA_SIZE - self.current.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.current.extend_from_slice(now);
            bytes = later;
            if self.current.len() == METADATA_SIZE {
                self.finish_block();
            }
        }
    }

    fn finish_block(&mut self) {
        if self.current.is_empty() {
            return;
        }
        self.starts.push(self.blocks.len() as u64);
        // The position of the table is not known yet, so a piece may end anywhere in a full block (see `pages`). In a
        // shorter block, Linux has space left after the content and goes on to read the checksum.
        let compressed = match self.current.len() {
            METADATA_SIZE => self.compressor.compress_without_checksum(&self.current),
            _ => self.compressor.compress(&self.current),
        };
        let (bytes, flag) = match &compressed {
            Some(bytes) => (bytes, 0),
            None => (&self.current, METADATA_STORED),
        };
        let header = bytes.len() as u16 | flag;
        self.blocks.extend_from_slice(&header.to_le_bytes());
        self.blocks.extend_from_slice(bytes);
        self.current.clear();
    }

    /// Writes the table and returns its position.
    pub fn write(mut self, sink: &mut Sink<'_>) -> io::Result<u64> {
        self.finish_block();
        let position = sink.position();
        sink.append(&self.blocks)?;
        Ok(position)
    }

    /// Writes the table, then the positions of its blocks, and returns where those positions are.
    pub fn write_indexed(mut self, sink: &mut Sink<'_>) -> io::Result<u64> {
        self.finish_block();
        let table = sink.position();
        sink.append(&self.blocks)?;
        let index = sink.position();
        for start in &self.starts {
            sink.append(&(table + start).to_le_bytes())?;
        }
        Ok(index)
    }
}
