//! Makes images to read in tests, also such as no proper writer makes.

use alloc::vec;
use alloc::vec::Vec;

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// Small, so that few bytes are several blocks.
pub const BLOCK_SIZE: usize = 4096;
/// The time of everything in an image, in seconds since the epoch.
pub const DATE: u32 = 1_000_000_000;

const DATA_STORED: u32 = 1 << 24;

/// What a name in a directory stands for.
pub enum Node {
    /// A directory.
    Directory(Vec<(&'static str, Node)>),
    /// A file and its content.
    File(Vec<u8>),
    /// A symbolic link and its target.
    Symlink(&'static str),
    /// A directory that is the root again.
    Root,
}

#[derive(Clone, Copy, Debug)]
/// How data is compressed.
pub enum Compression {
    /// As squashfs' `gzip`.
    Zlib = 1,
    /// As squashfs' `zstd`.
    Zstd = 6,
}

/// Metadata is stored as it is, so that tests can change it; data is compressed.
struct Builder {
    compression: Compression,
    /// The image so far: room for the superblock, then blocks.
    image: Vec<u8>,
    inodes: Vec<u8>,
    listings: Vec<u8>,
    tails: Vec<u8>,
    inode_count: u32,
    /// Where listings hold the offset of an inode that is to be the root's.
    root_offsets: Vec<usize>,
}

/// The bytes of an image.
pub fn build(compression: Compression, root: &[(&'static str, Node)]) -> Vec<u8> {
    let mut builder = Builder {
        compression,
        image: vec![0; 96],
        inodes: Vec::new(),
        listings: Vec::new(),
        tails: Vec::new(),
        inode_count: 0,
        root_offsets: Vec::new(),
    };
    let root_offset = builder.directory(root);
    for place in core::mem::take(&mut builder.root_offsets) {
        builder.listings[place..place + 2].copy_from_slice(&root_offset.to_le_bytes());
    }
    builder.finish(root_offset)
}

impl Builder {
    fn compress(&self, bytes: &[u8]) -> Vec<u8> {
        match self.compression {
            Compression::Zlib => miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6),
            Compression::Zstd => compress_to_vec(bytes, CompressionLevel::Fastest),
        }
    }

    /// Appends a block and returns its size word.
    fn block(&mut self, bytes: &[u8]) -> u32 {
        let compressed = self.compress(bytes);
        if compressed.len() < bytes.len() {
            self.image.extend_from_slice(&compressed);
            return compressed.len() as u32;
        }
        self.image.extend_from_slice(bytes);
        bytes.len() as u32 | DATA_STORED
    }

    /// Writes an inode's common part and returns its offset.
    fn inode(&mut self, kind: u16, mode: u16) -> u16 {
        let offset = self.inodes.len() as u16;
        self.inode_count += 1;
        for value in [kind, mode, 0, 0] {
            self.inodes.extend_from_slice(&value.to_le_bytes());
        }
        self.fields(&[DATE, self.inode_count]);
        offset
    }

    fn fields(&mut self, values: &[u32]) {
        for value in values {
            self.inodes.extend_from_slice(&value.to_le_bytes());
        }
    }

    fn node(&mut self, node: &Node) -> (u16, u16) {
        match node {
            Node::Directory(entries) => (self.directory(entries), 1),
            Node::File(bytes) => (self.file(bytes), 2),
            Node::Symlink(target) => {
                let offset = self.inode(3, 0o777);
                self.fields(&[1, target.len() as u32]);
                self.inodes.extend_from_slice(target.as_bytes());
                (offset, 3)
            }
            Node::Root => (0, 1),
        }
    }

    fn directory(&mut self, entries: &[(&'static str, Node)]) -> u16 {
        let children: Vec<_> = entries.iter().map(|(_, node)| self.node(node)).collect();
        let start = self.listings.len();
        for (run, kinds) in entries.chunks(256).zip(children.chunks(256)) {
            for value in [run.len() as u32 - 1, 0, 1] {
                self.listings.extend_from_slice(&value.to_le_bytes());
            }
            for ((name, node), (offset, kind)) in run.iter().zip(kinds) {
                if matches!(node, Node::Root) {
                    self.root_offsets.push(self.listings.len());
                }
                for value in [*offset, 0, *kind, name.len() as u16 - 1] {
                    self.listings.extend_from_slice(&value.to_le_bytes());
                }
                self.listings.extend_from_slice(name.as_bytes());
            }
        }
        let size = (self.listings.len() - start) as u32 + 3;
        let (block, in_block) = place(start);
        let offset = self.inode(8, 0o755);
        self.fields(&[2, size, block, 0]);
        self.inodes.extend_from_slice(&[0, 0]);
        self.inodes.extend_from_slice(&in_block.to_le_bytes());
        self.fields(&[u32::MAX]);
        offset
    }

    fn file(&mut self, bytes: &[u8]) -> u16 {
        let start = self.image.len() as u32;
        let whole = bytes.len() / BLOCK_SIZE * BLOCK_SIZE;
        let is_zero = |block: &[u8]| block.iter().all(|byte| *byte == 0);
        let words: Vec<_> = (bytes[..whole].chunks(BLOCK_SIZE))
            .map(|block| if is_zero(block) { 0 } else { self.block(block) })
            .collect();
        let (fragment, tail) = match whole < bytes.len() {
            true => (0, self.tails.len() as u32),
            false => (u32::MAX, 0),
        };
        self.tails.extend_from_slice(&bytes[whole..]);
        let offset = self.inode(2, 0o640);
        self.fields(&[start, fragment, tail, bytes.len() as u32]);
        self.fields(&words);
        offset
    }

    fn finish(mut self, root_offset: u16) -> Vec<u8> {
        assert!(
            self.inodes.len() <= 8192,
            "references to later blocks are not made here"
        );
        let tails = core::mem::take(&mut self.tails);
        let fragment_start = self.image.len() as u64;
        let fragment_word = self.block(&tails);
        let inode_table = self.table(&self.inodes.clone());
        let directory_table = self.table(&self.listings.clone());
        let fragments = [
            &fragment_start.to_le_bytes()[..],
            &fragment_word.to_le_bytes(),
            &[0; 4],
        ];
        let fragment_block = self.table(&fragments.concat());
        let fragment_table = self.image.len() as u64;
        self.image.extend_from_slice(&fragment_block.to_le_bytes());
        let id_block = self.table(&[0; 4]);
        let id_table = self.image.len() as u64;
        self.image.extend_from_slice(&id_block.to_le_bytes());
        let tables = [id_table, inode_table, directory_table, fragment_table];
        self.superblock(root_offset, tables);
        self.image
    }

    fn table(&mut self, bytes: &[u8]) -> u64 {
        let position = self.image.len() as u64;
        for block in bytes.chunks(8192) {
            let header = block.len() as u16 | 0x8000;
            self.image.extend_from_slice(&header.to_le_bytes());
            self.image.extend_from_slice(block);
        }
        position
    }

    fn superblock(&mut self, root_offset: u16, [ids, inodes, directories, fragments]: [u64; 4]) {
        let size = self.image.len() as u64;
        let block_log = BLOCK_SIZE.ilog2() as u16;
        let head = &mut self.image[..96];
        head[..4].copy_from_slice(b"hsqs");
        head[4..8].copy_from_slice(&self.inode_count.to_le_bytes());
        head[12..16].copy_from_slice(&(BLOCK_SIZE as u32).to_le_bytes());
        head[16..20].copy_from_slice(&1u32.to_le_bytes());
        head[20..22].copy_from_slice(&(self.compression as u16).to_le_bytes());
        head[22..24].copy_from_slice(&block_log.to_le_bytes());
        head[26] = 1;
        head[28] = 4;
        head[32..40].copy_from_slice(&u64::from(root_offset).to_le_bytes());
        head[40..48].copy_from_slice(&size.to_le_bytes());
        head[48..56].copy_from_slice(&ids.to_le_bytes());
        head[64..72].copy_from_slice(&inodes.to_le_bytes());
        head[72..80].copy_from_slice(&directories.to_le_bytes());
        head[80..88].copy_from_slice(&fragments.to_le_bytes());
    }
}

/// The place of a byte of a table whose blocks are stored.
fn place(offset: usize) -> (u32, u16) {
    ((offset / 8192 * 8194) as u32, (offset % 8192) as u16)
}
