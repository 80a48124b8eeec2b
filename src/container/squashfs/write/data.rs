//! The files' content: consecutive full blocks, and fragments with the tails of several files.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};

use super::hierarchy::Leaf;
use super::image::Options;
use super::pages::{MAX_GROWTH, keep_checksum_with_content};
use super::sink::Sink;
use crate::container::compress::ordered::Ordered;
use crate::container::squashfs::DATA_STORED;
use crate::container::squashfs::compression::{Compression, Compressor};
use crate::model::digest::Sha256Sum;
use crate::model::tree::{Content, TreeFile};

/// The size of uncompressed data blocks, the usual one.
pub const BLOCK_SIZE: usize = 128 * 1024;

/// The location of a file's content.
#[derive(Clone, Debug, Default)]
pub struct FilePlace {
    /// The position of the first block.
    pub start: u64,
    /// The stored size of each block; 0 for one that is all zeros and not stored.
    pub blocks: Vec<u32>,
    /// The index of the fragment with the tail, and the tail's offset in it.
    pub fragment: Option<(u32, u32)>,
    /// Bytes in blocks that are not stored.
    pub hole_bytes: u64,
}

/// The location and stored size of a fragment.
#[derive(Clone, Copy, Debug)]
pub struct FragmentPlace {
    pub start: u64,
    pub size: u32,
}

/// The location of all content.
pub struct Data {
    /// By inode number.
    pub files: HashMap<u32, FilePlace>,
    pub fragments: Vec<FragmentPlace>,
}

/// A stored block.
struct Block {
    bytes: Vec<u8>,
    is_compressed: bool,
    /// Whether it was all zeros.
    is_zero: bool,
}

impl Block {
    fn new(plain: Vec<u8>, compressor: &mut Compressor) -> Self {
        // A hole has the length of a block.
        let is_zero = plain.len() == BLOCK_SIZE && plain.iter().all(|byte| *byte == 0);
        let compressed = compressor.compress(&plain);
        let compressed = compressed.filter(|bytes| bytes.len() + MAX_GROWTH < plain.len());
        Self {
            is_zero,
            is_compressed: compressed.is_some(),
            bytes: compressed.unwrap_or(plain),
        }
    }
}

/// The purpose of a block in flight.
enum Tag {
    /// The next block of the file with this inode number.
    File(u32),
    Fragment,
}

/// Writes the content of files.
pub struct DataWriter<'a, 'o> {
    sink: &'a mut Sink<'o>,
    compression: Compression,
    has_fragments: bool,
    compressing: Ordered<Block>,
    /// The blocks in compression, in order.
    tags: VecDeque<Tag>,
    data: Data,
    /// The tails of the current fragment.
    tails: Vec<u8>,
    fragments_begun: u32,
}

impl<'a, 'o> DataWriter<'a, 'o> {
    pub fn new(sink: &'a mut Sink<'o>, options: &Options) -> Self {
        let compression = options.compression;
        let compressing = Ordered::new(&options.threads, move || {
            let mut compressor = Compressor::new(compression);
            Box::new(move |plain| Block::new(plain, &mut compressor))
        });
        Self {
            sink,
            compression,
            has_fragments: options.has_fragments,
            compressing,
            tags: VecDeque::new(),
            data: Data {
                files: HashMap::new(),
                fragments: Vec::new(),
            },
            tails: Vec::with_capacity(BLOCK_SIZE),
            fragments_begun: 0,
        }
    }

    /// Writes each file's content once, however many files have it.
    pub fn write(mut self, leaves: &[&Leaf<'_>]) -> io::Result<Data> {
        let mut originals = Originals::new(leaves);
        let mut copies = Vec::new();
        for leaf in leaves.iter().filter(|leaf| has_content(leaf.file)) {
            match originals.find(leaf)? {
                Some(original) => copies.push((leaf.number, original)),
                None => self.file(leaf)?,
            }
        }
        self.flush_fragment()?;
        while let Some(block) = self.compressing.pop() {
            self.store(block)?;
        }
        for (copy, original) in copies {
            let place = self.data.files[&original].clone();
            self.data.files.insert(copy, place);
        }
        Ok(self.data)
    }

    fn file(&mut self, leaf: &Leaf<'_>) -> io::Result<()> {
        self.data.files.insert(leaf.number, FilePlace::default());
        let mut reader = leaf.file.open()?;
        loop {
            let mut bytes = Vec::with_capacity(BLOCK_SIZE);
            (&mut reader)
                .take(BLOCK_SIZE as u64)
                .read_to_end(&mut bytes)?;
            if bytes.len() < BLOCK_SIZE {
                // The reader has reached the end, and so has verified that the file did not change.
                return self.tail(leaf.number, &bytes);
            }
            self.push(Tag::File(leaf.number), bytes)?;
        }
    }

    fn push(&mut self, tag: Tag, bytes: Vec<u8>) -> io::Result<()> {
        self.tags.push_back(tag);
        match self.compressing.push(bytes) {
            Some(block) => self.store(block),
            None => Ok(()),
        }
    }

    fn tail(&mut self, number: u32, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if !self.has_fragments {
            return self.push(Tag::File(number), bytes.to_vec());
        }
        if self.tails.len() + bytes.len() > BLOCK_SIZE {
            self.flush_fragment()?;
        }
        let offset = self.tails.len() as u32;
        let place = self.data.files.entry(number).or_default();
        place.fragment = Some((self.fragments_begun, offset));
        self.tails.extend_from_slice(bytes);
        Ok(())
    }

    fn flush_fragment(&mut self) -> io::Result<()> {
        if self.tails.is_empty() {
            return Ok(());
        }
        self.fragments_begun += 1;
        let tails = std::mem::replace(&mut self.tails, Vec::with_capacity(BLOCK_SIZE));
        self.push(Tag::Fragment, tails)
    }

    /// Writes the oldest block in flight.
    fn store(&mut self, block: Block) -> io::Result<()> {
        let tag = self
            .tags
            .pop_front()
            .expect("each block was pushed with a tag");
        let start = self.sink.position();
        let size = match &tag {
            Tag::File(_) if block.is_zero => 0,
            _ => self.append(block)?,
        };
        match tag {
            Tag::Fragment => self.data.fragments.push(FragmentPlace { start, size }),
            Tag::File(number) => {
                let place = self.data.files.entry(number).or_default();
                if place.blocks.is_empty() {
                    place.start = start;
                }
                if size == 0 {
                    place.hole_bytes += BLOCK_SIZE as u64;
                }
                place.blocks.push(size);
            }
        }
        Ok(())
    }

    /// Writes a block and returns its size word.
    fn append(&mut self, mut block: Block) -> io::Result<u32> {
        if block.is_compressed && self.compression == Compression::Zstd {
            keep_checksum_with_content(&mut block.bytes, self.sink.position());
        }
        self.sink.append(&block.bytes)?;
        let stored = if block.is_compressed { 0 } else { DATA_STORED };
        Ok(block.bytes.len() as u32 | stored)
    }
}

fn has_content(file: &TreeFile) -> bool {
    !matches!(file.content, Content::Symlink(_)) && file.size() > 0
}

/// Finds files that have the same content.
struct Originals {
    /// The number of files of each size. A file with a unique size need not be hashed in advance.
    sizes: HashMap<u64, usize>,
    seen: HashMap<(u64, Sha256Sum), u32>,
}

impl Originals {
    fn new(leaves: &[&Leaf<'_>]) -> Self {
        let mut sizes = HashMap::new();
        for leaf in leaves.iter().filter(|leaf| has_content(leaf.file)) {
            *sizes.entry(leaf.file.size()).or_default() += 1;
        }
        Self {
            sizes,
            seen: HashMap::new(),
        }
    }

    /// The inode number of an earlier file with the same content.
    fn find(&mut self, leaf: &Leaf<'_>) -> io::Result<Option<u32>> {
        let size = leaf.file.size();
        if self.sizes[&size] < 2 {
            return Ok(None);
        }
        let key = (size, leaf.file.sha256()?);
        let first = *self.seen.entry(key).or_insert(leaf.number);
        Ok((first != leaf.number).then_some(first))
    }
}
