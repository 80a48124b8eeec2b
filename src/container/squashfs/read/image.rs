//! The superblock.

use std::sync::Arc;

use super::metadata::MetadataCache;
use super::source::{Input, Source};
use crate::container::ReadError;
use crate::container::squashfs::{Compression, MAGIC, NO_TABLE, PADDING, SUPERBLOCK_SIZE, VERSION};

/// What reading an image may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The sum of the files' sizes in bytes; holes take no place in an image, so its size is no bound.
    pub max_content_bytes: u64,
    /// How deep directories may be nested.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_content_bytes: 64 << 30,
            max_depth: 128,
        }
    }
}

/// An open image.
pub struct Image<'a> {
    pub(super) source: Source<'a>,
    pub(super) superblock: Superblock,
    pub(super) metadata: MetadataCache,
    pub(super) limits: Limits,
    /// The fragment that was read last: files next to each other have their tails in the same one.
    pub(super) last_fragment: Option<(u32, Arc<[u8]>)>,
}

/// What is said of the whole image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Superblock {
    pub inode_count: u32,
    pub block_size: usize,
    pub fragment_count: u32,
    pub compression: Compression,
    pub id_count: u16,
    pub root: u64,
    pub size: u64,
    pub ids: u64,
    pub inodes: u64,
    pub directories: u64,
    pub fragments: u64,
}

impl<'a> Image<'a> {
    /// Opens the image at a position of a file.
    pub fn open(input: &'a mut dyn Input, start: u64, limits: Limits) -> Result<Self, ReadError> {
        let mut source = Source::new(input, start)?;
        let bytes = source.read(0, SUPERBLOCK_SIZE)?;
        let superblock = Superblock::parse(&bytes, &source)?;
        source.set(superblock.size, superblock.compression);
        superblock.check_tables(&source)?;
        Ok(Self {
            source,
            superblock,
            metadata: MetadataCache::default(),
            limits,
            last_fragment: None,
        })
    }

    /// Fails unless the image is padded with zeros to whole pages up to `end`, the size of the file that it is in.
    pub fn check_end(&mut self, end: u64) -> Result<(), ReadError> {
        let size = self.superblock.size;
        let padded = size.next_multiple_of(PADDING);
        let expected = self.source.start().saturating_add(padded);
        if end != expected {
            let what = format!("squashfs: expected the file to end at {expected}, found {end}");
            return Err(self.source.malformed(what, size));
        }
        let padding = self.source.read_behind((padded - size) as usize)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(self
                .source
                .malformed("squashfs: the padding is not zero", size));
        }
        Ok(())
    }

    /// How the image's blocks are compressed.
    pub fn compression(&self) -> Compression {
        self.superblock.compression
    }
}

impl Superblock {
    fn parse(bytes: &[u8], source: &Source<'_>) -> Result<Self, ReadError> {
        let u16 = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let u32 = |at: usize| u32::from(u16(at)) | u32::from(u16(at + 2)) << 16;
        let u64 = |at: usize| u64::from(u32(at)) | u64::from(u32(at + 4)) << 32;
        let fail = |what: String, at| Err(source.malformed(format!("squashfs: {what}"), at));

        if bytes[..4] != MAGIC {
            let found = bytes[..4].escape_ascii();
            return fail(format!("expected magic `hsqs`, found `{found}`"), 0);
        }
        if (u16(28), u16(30)) != VERSION {
            return fail(
                format!("expected version 4.0, found {}.{}", u16(28), u16(30)),
                28,
            );
        }
        let Some(compression) = Compression::from_id(u16(20)) else {
            let found = u16(20);
            return fail(
                format!("expected compression 1 (gzip) or 6 (zstd), found {found}"),
                20,
            );
        };
        let (block_size, block_log) = (u32(12), u16(22));
        if !(12..=20).contains(&block_log) || block_size != 1 << block_log {
            let what =
                format!("block size {block_size} is not 2^{block_log} within 4 KiB to 1 MiB");
            return fail(what, 12);
        }
        if !(SUPERBLOCK_SIZE as u64..=source.size()).contains(&u64(40)) {
            let (said, found) = (u64(40), source.size());
            return fail(format!("the image has {found} bytes and says {said}"), 40);
        }
        Ok(Self {
            inode_count: u32(4),
            block_size: block_size as usize,
            fragment_count: u32(16),
            compression,
            id_count: u16(26),
            root: u64(32),
            size: u64(40),
            ids: u64(48),
            inodes: u64(64),
            directories: u64(72),
            fragments: u64(80),
        })
    }

    /// Tables follow each other in a fixed order, as Linux demands when it mounts.
    fn check_tables(&self, source: &Source<'_>) -> Result<(), ReadError> {
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
            return Err(source.malformed("squashfs: the tables are not in order", 48));
        }
        if self.id_count == 0 {
            return Err(source.malformed("squashfs: there is no owner", 26));
        }
        if self.fragment_count > 0 && self.fragments == NO_TABLE {
            return Err(source.malformed("squashfs: the fragment table is missing", 80));
        }
        Ok(())
    }
}
