//! The superblock, and reads that stay inside the image.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::buffers::Buffers;
use super::cache::Cache;
use super::inode::InodeReference;
use super::metadata::MetadataBlock;
use crate::decompress::{Compression, Decompressor};
use crate::elf::{le16, le32, le64};
use crate::error::Reason;
use crate::sync::Mutex;
use crate::sys::File;

const SUPERBLOCK_SIZE: usize = 96;
const MAGIC: u32 = u32::from_le_bytes(*b"hsqs");

/// Metadata blocks have 8 KiB: this many keep the tables of a program with thousands of files.
const METADATA_BLOCKS: usize = 128;
/// Data blocks have 128 KiB by default; several readers work on a few files at a time.
const DATA_BLOCKS: usize = 16;

/// An open image.
pub struct Image {
    file: File,
    /// Where the image begins in the file.
    start: u64,
    pub(super) decompressor: Decompressor,
    pub(super) block_size: usize,
    /// The image's size; all positions lie below it.
    pub(super) size: u64,
    pub(super) inode_table: u64,
    pub(super) directory_table: u64,
    pub(super) fragment_table: u64,
    pub(super) fragment_count: u32,
    pub inode_count: u32,
    pub root: InodeReference,
    pub(super) metadata: Mutex<Cache<u64, MetadataBlock>>,
    pub(super) blocks: Mutex<Cache<u64, Arc<Vec<u8>>>>,
    pub(super) buffers: Buffers,
}

impl Image {
    /// Reads the superblock of the image at a position of a file.
    pub fn open(file: File, start: u64) -> Result<Self, Reason> {
        let mut bytes = [0; SUPERBLOCK_SIZE];
        file.read_at(&mut bytes, start)
            .map_err(|_| Reason::Malformed("there is no squashfs image behind the program"))?;
        if le32(&bytes, 0) != MAGIC {
            return Err(Reason::Malformed(
                "there is no squashfs image behind the program",
            ));
        }
        if (le16(&bytes, 28), le16(&bytes, 30)) != (4, 0) {
            return Err(Reason::Malformed("the squashfs version is not 4.0"));
        }
        let block_log = le16(&bytes, 22);
        let block_size = le32(&bytes, 12);
        if !(12..=20).contains(&block_log) || block_size != 1 << block_log {
            return Err(Reason::Malformed("the squashfs block size is out of range"));
        }
        let compression = Compression::from_id(le16(&bytes, 20)).ok_or(Reason::Malformed(
            "the squashfs compression is neither gzip nor zstd",
        ))?;
        Ok(Self {
            decompressor: Decompressor::new(compression),
            block_size: block_size as usize,
            size: le64(&bytes, 40),
            inode_table: le64(&bytes, 64),
            directory_table: le64(&bytes, 72),
            fragment_table: le64(&bytes, 80),
            fragment_count: le32(&bytes, 16),
            inode_count: le32(&bytes, 4),
            root: InodeReference(le64(&bytes, 32)),
            metadata: Mutex::new(Cache::new(METADATA_BLOCKS)),
            blocks: Mutex::new(Cache::new(DATA_BLOCKS)),
            buffers: Buffers::new(block_size as usize),
            file,
            start,
        })
    }

    /// The file that the image is part of.
    pub fn file(&self) -> &File {
        &self.file
    }

    pub fn block_size(&self) -> u32 {
        self.block_size as u32
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes at a position of the image.
    pub(super) fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<(), Reason> {
        let end = position.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.size) {
            return Err(Reason::Malformed(
                "a squashfs position lies outside the image",
            ));
        }
        let position = self.start.checked_add(position).ok_or(Reason::Malformed(
            "a squashfs position lies outside the image",
        ))?;
        Ok(self.file.read_at(buffer, position)?)
    }
}
