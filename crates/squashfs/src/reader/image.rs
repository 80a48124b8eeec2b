//! The superblock, and reads that stay inside the image.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::backend::{Backend, Compression, Lock};
use super::buffers::Buffers;
use super::bytes::{le16, le32, le64};
use super::cache::Cache;
use super::error::{Error, Malformed, found, malformed};
use super::inode::InodeReference;
use super::metadata::MetadataBlock;

const SUPERBLOCK_SIZE: usize = 96;
const MAGIC: &[u8; 4] = b"hsqs";
/// The position of a missing table.
const NO_TABLE: u64 = u64::MAX;

/// Metadata blocks have 8 KiB. This many are enough for the tables of a program with thousands of files.
const METADATA_BLOCKS: usize = 128;
/// Data blocks have 128 KiB by default. Several readers use a few files at a time.
const DATA_BLOCKS: usize = 16;

/// Properties of the whole image.
#[derive(Clone, Copy, Debug)]
pub struct Superblock {
    /// The number of inodes; they are numbered from 1 to this.
    pub inode_count: u32,
    /// The size of a data block in bytes, 4 KiB to 1 MiB.
    pub block_size: usize,
    /// How the blocks are compressed.
    pub compression: Compression,
    /// The root directory.
    pub root: InodeReference,
    /// The image's size in bytes; all positions lie below it.
    pub size: u64,
    pub(super) fragment_count: u32,
    pub(super) id_count: u16,
    pub(super) ids: u64,
    pub(super) inodes: u64,
    pub(super) directories: u64,
    pub(super) fragments: u64,
}

/// An open image.
pub struct Image<B: Backend> {
    pub(super) backend: B,
    superblock: Superblock,
    pub(super) metadata: B::Lock<Cache<u64, MetadataBlock>>,
    pub(super) blocks: B::Lock<Cache<u64, Arc<Vec<u8>>>>,
    pub(super) buffers: Buffers<B>,
}

impl<B: Backend> Image<B> {
    /// Reads the superblock.
    pub fn open(backend: B) -> Result<Self, Error<B::Error>> {
        let mut bytes = [0; SUPERBLOCK_SIZE];
        backend.read_at(&mut bytes, 0).map_err(Error::Input)?;
        let superblock = Superblock::parse(&bytes)?;
        superblock.check_tables()?;
        // A truncated file is refused immediately, not only when something is missing.
        (backend.read_at(&mut bytes[..1], superblock.size - 1)).map_err(Error::Input)?;
        Ok(Self {
            backend,
            superblock,
            metadata: Lock::new(Cache::new(METADATA_BLOCKS)),
            blocks: Lock::new(Cache::new(DATA_BLOCKS)),
            buffers: Buffers::new(superblock.block_size),
        })
    }

    /// Properties of the whole image.
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// Where the image's bytes come from.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// Bytes at a position of the image.
    pub(super) fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<(), Error<B::Error>> {
        let end = position.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.superblock.size) {
            let what = "a position lies outside the image";
            return Err(found(what, position, self.superblock.size).into());
        }
        (self.backend.read_at(buffer, position)).map_err(Error::Input)
    }
}

impl Superblock {
    /// The position of the directory table.
    pub fn directory_table(&self) -> u64 {
        self.directories
    }

    fn parse(bytes: &[u8; SUPERBLOCK_SIZE]) -> Result<Self, Malformed> {
        if !bytes.starts_with(MAGIC) {
            return Err(malformed("expected the magic `hsqs`", 0));
        }
        if (le16(bytes, 28), le16(bytes, 30)) != (4, 0) {
            return Err(found("expected version 4.0", le16(bytes, 28), 28));
        }
        let compression = le16(bytes, 20);
        let compression = Compression::from_id(compression).ok_or(found(
            "expected compression 1 (gzip), 4 (xz) or 6 (zstd)",
            compression,
            20,
        ))?;
        let (block_size, block_log) = (le32(bytes, 12), le16(bytes, 22));
        if !(12..=20).contains(&block_log) || block_size != 1 << block_log {
            let what = "expected a block size that is a power of 2 within 4 KiB to 1 MiB";
            return Err(found(what, block_size, 12));
        }
        Ok(Self {
            inode_count: le32(bytes, 4),
            block_size: block_size as usize,
            fragment_count: le32(bytes, 16),
            compression,
            id_count: le16(bytes, 26),
            root: InodeReference(le64(bytes, 32)),
            size: le64(bytes, 40),
            ids: le64(bytes, 48),
            inodes: le64(bytes, 64),
            directories: le64(bytes, 72),
            fragments: le64(bytes, 80),
        })
    }

    /// Tables follow each other in a fixed order, which Linux requires for mounting.
    fn check_tables(&self) -> Result<(), Malformed> {
        let fragments = match self.fragment_count {
            0 => self.ids,
            _ => self.fragments,
        };
        let order = [
            SUPERBLOCK_SIZE as u64,
            self.inodes,
            self.directories,
            fragments,
            self.ids,
            self.size,
        ];
        if !order.is_sorted() || self.inodes == self.directories {
            return Err(malformed("the tables are not in order", 48));
        }
        if self.id_count == 0 {
            return Err(malformed("there is no owner", 26));
        }
        if self.fragment_count > 0 && self.fragments == NO_TABLE {
            return Err(malformed("the fragment table is missing", 80));
        }
        Ok(())
    }
}
