//! A whole image: data, tables, and the superblock with their positions.

use super::data::{BLOCK_SIZE, DataWriter, FragmentPlace};
use super::hierarchy::Hierarchy;
use super::inode::{Fields, Inodes};
use super::metadata::Table;
use super::sink::Sink;
use crate::container::squashfs::{Compression, MAGIC, NO_TABLE, PADDING, SUPERBLOCK_SIZE, VERSION};
use crate::container::{Output, WriteError};
use crate::model::entry::Entry;
use crate::model::threads::Threads;
use crate::model::tree::TreeFile;

/// Superblock flags: duplicates were removed; there are no extended attributes.
const FLAGS: u16 = 0x40 | 0x200;
/// Superblock flag: the ends of files are in blocks of their own.
const NO_FRAGMENTS: u16 = 0x10;

/// The inode number of the root's parent is one above all others.
const BEYOND: u32 = 1;

/// Options for writing an image.
#[derive(Clone, Debug)]
pub struct Options {
    /// How blocks are compressed.
    pub compression: Compression,
    /// Whether the ends of several files share a block, which is smaller.
    pub has_fragments: bool,
    /// The time of all files and of the image: seconds since the epoch.
    pub date: u32,
    /// What compresses the blocks. The number of threads does not change the output.
    pub threads: Threads,
}

struct Superblock {
    inode_count: u32,
    fragment_count: u32,
    root: u64,
    size: u64,
    ids: u64,
    inodes: u64,
    directories: u64,
    fragments: u64,
}

/// Writes an image of files at the current position of the output, owned by root, with the directories that the paths
/// imply.
///
/// Returns everything in the image except the root directory: each directory before its entries, sorted by the bytes of
/// the names.
pub fn write<'a>(
    files: impl IntoIterator<Item = &'a TreeFile>,
    options: &Options,
    out: &mut dyn Output,
) -> Result<Vec<Entry>, WriteError> {
    let hierarchy = Hierarchy::new(files)?;
    let mut sink = Sink::new(out)?;
    // The superblock is written last, when the positions are known.
    sink.append(&[0; SUPERBLOCK_SIZE])?;
    let writer = DataWriter::new(&mut sink, options);
    let data = writer.write(&hierarchy.root.leaves())?;

    let mut tables = Inodes::new(options.compression, &data.files, options.date);
    let root = tables.directory(&hierarchy.root, hierarchy.inode_count.wrapping_add(BEYOND))?;
    let inodes = tables.inodes.write(&mut sink)?;
    let directories = tables.listings.table.write(&mut sink)?;
    let superblock = Superblock {
        inode_count: hierarchy.inode_count,
        fragment_count: data.fragments.len() as u32,
        root: root.reference(),
        inodes,
        directories,
        fragments: write_fragments(&data.fragments, options.compression, &mut sink)?,
        ids: write_ids(options.compression, &mut sink)?,
        size: sink.position(),
    };
    let padding = sink.position().next_multiple_of(PADDING) - sink.position();
    sink.append(&vec![0; padding as usize])?;
    sink.overwrite_start(&superblock.encode(options))?;
    hierarchy.root.entries()
}

fn write_fragments(
    fragments: &[FragmentPlace],
    compression: Compression,
    sink: &mut Sink<'_>,
) -> std::io::Result<u64> {
    if fragments.is_empty() {
        return Ok(NO_TABLE);
    }
    let mut table = Table::new(compression);
    for fragment in fragments {
        let mut entry = Fields::default();
        entry.u64(fragment.start).u32(fragment.size).u32(0);
        table.append(&entry.0);
    }
    table.write_indexed(sink)
}

/// The table of owners and groups: only root.
fn write_ids(compression: Compression, sink: &mut Sink<'_>) -> std::io::Result<u64> {
    let mut table = Table::new(compression);
    table.append(&0u32.to_le_bytes());
    table.write_indexed(sink)
}

impl Superblock {
    fn encode(&self, options: &Options) -> Vec<u8> {
        let flags = match options.has_fragments {
            true => FLAGS,
            false => FLAGS | NO_FRAGMENTS,
        };
        let mut fields = Fields::default();
        fields.bytes(&MAGIC);
        fields.u32(self.inode_count).u32(options.date);
        fields.u32(BLOCK_SIZE as u32).u32(self.fragment_count);
        fields.u16(options.compression.id());
        fields.u16(BLOCK_SIZE.ilog2() as u16).u16(flags);
        // One ID.
        fields.u16(1).u16(VERSION.0).u16(VERSION.1);
        fields.u64(self.root).u64(self.size);
        fields.u64(self.ids).u64(NO_TABLE);
        fields.u64(self.inodes).u64(self.directories);
        fields.u64(self.fragments).u64(NO_TABLE);
        fields.0
    }
}
