//! Reads the paths of a bill of materials without trusting it.

use std::collections::BTreeMap;

use super::{HEADER, Kind, MAGIC, Path, TOP};
use crate::container::members::{MAX_MEMBERS, MAX_NAMES_BYTES};
use crate::container::{Malformed, ReadError};

/// How many levels a tree has at most.
const MAX_LEVELS: usize = 8;

/// The paths, each behind its directory, as they are in the tree. Their owner has to be root.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Path>, ReadError> {
    let file = Bom::open(bytes)?;
    let tree = file.block(file.named("Paths")?)?;
    if !tree.bytes.starts_with(b"tree") {
        return Err(tree.malformed("no tree"));
    }
    let (root, count) = (tree.u32(8)?, tree.u32(16)?);
    let mut node = file.block(root)?;
    let mut levels = 0;
    while node.u16(0)? == 0 {
        levels += 1;
        if levels > MAX_LEVELS {
            return Err(node.malformed("a tree of too many levels"));
        }
        node = file.block(node.u32(12)?)?;
    }
    let mut paths = Paths::default();
    // No node counts twice.
    for _ in 0..file.count() {
        for index in 0..usize::from(node.u16(2)?) {
            let number = file.block(node.u32(12 + 8 * index)?)?;
            let name = file.block(node.u32(16 + 8 * index)?)?;
            let description = file.block(number.u32(4)?)?;
            paths.add(number.u32(0)?, &name, &description)?;
        }
        let next = node.u32(4)?;
        if next == 0 {
            if paths.found.len() != count as usize {
                let what = format!("{} paths; expected {count}", paths.found.len());
                return Err(tree.malformed(what));
            }
            return Ok(paths.found);
        }
        node = file.block(next)?;
    }
    Err(tree.malformed("nodes that lead in a circle"))
}

/// The paths so far, and those of directories by their numbers.
#[derive(Default)]
struct Paths {
    found: Vec<Path>,
    directories: BTreeMap<u32, String>,
    name_bytes: usize,
}

impl Paths {
    fn add(
        &mut self,
        number: u32,
        name: &Block<'_>,
        description: &Block<'_>,
    ) -> Result<(), ReadError> {
        let parent = name.u32(0)?;
        let text = name.text(4)?;
        let path = match self.directories.get(&parent) {
            None if parent == 0 && self.found.is_empty() && text == TOP => String::new(),
            Some(_) if matches!(text, "" | "." | "..") || text.contains('/') => {
                return Err(name.malformed("a name that no file has"));
            }
            Some(directory) if directory.is_empty() => text.to_owned(),
            Some(directory) => format!("{directory}/{text}"),
            None => return Err(name.malformed("a name in no directory that is before it")),
        };
        let (mode, kind) = description.kind()?;
        self.name_bytes += path.len();
        if let Kind::Symlink(target) = &kind {
            self.name_bytes += target.len();
        }
        if self.name_bytes > MAX_NAMES_BYTES || self.found.len() > MAX_MEMBERS {
            return Err(name.malformed("more paths than a package has"));
        }
        if kind == Kind::Directory && self.directories.insert(number, path.clone()).is_some() {
            return Err(name.malformed("a number that another directory has"));
        }
        self.found.push(Path { path, mode, kind });
        Ok(())
    }
}

/// A file whose table of blocks is inside of it.
struct Bom<'a> {
    bytes: &'a [u8],
    names: Block<'a>,
    table: Block<'a>,
}

impl<'a> Bom<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let header = Block {
            bytes: bytes.get(..HEADER).unwrap_or_default(),
            place: 0,
        };
        if !header.bytes.starts_with(MAGIC) || header.u32(8)? != 1 {
            return Err(header.malformed("no header `BOMStore` of version 1"));
        }
        let part = |place: usize| {
            let (start, length) = (header.u32(place)?, header.u32(place + 4)?);
            Block::of(bytes, start, length, &header)
        };
        Ok(Self {
            bytes,
            table: part(16)?,
            names: part(24)?,
        })
    }

    /// How many blocks there are.
    fn count(&self) -> usize {
        self.table.bytes.len() / 8
    }

    fn block(&self, number: u32) -> Result<Block<'a>, ReadError> {
        if number == 0 || number >= self.table.u32(0)? {
            let what = format!("block {number}, which is not there");
            return Err(self.table.malformed(what));
        }
        let place = 4 + 8 * number as usize;
        let (start, length) = (self.table.u32(place)?, self.table.u32(place + 4)?);
        Block::of(self.bytes, start, length, &self.table)
    }

    /// The number of the block with a name.
    fn named(&self, name: &str) -> Result<u32, ReadError> {
        let mut place = 4;
        for _ in 0..self.names.u32(0)? {
            let number = self.names.u32(place)?;
            let length = usize::from(self.names.part(place + 4, 1)?[0]);
            if self.names.part(place + 5, length)? == name.as_bytes() {
                return Ok(number);
            }
            place += 5 + length;
        }
        Err(self.names.malformed(format!("no block `{name}`")))
    }
}

/// Some bytes of the file, and where they are.
#[derive(Clone, Copy)]
struct Block<'a> {
    bytes: &'a [u8],
    place: u64,
}

impl<'a> Block<'a> {
    fn of(bytes: &'a [u8], start: u32, length: u32, by: &Block<'_>) -> Result<Self, ReadError> {
        let (start, length) = (start as usize, length as usize);
        let end = start.checked_add(length);
        match end.and_then(|end| bytes.get(start..end)) {
            Some(bytes) => Ok(Self {
                bytes,
                place: start as u64,
            }),
            None => Err(by.malformed(format!("{length} bytes at {start}, which are not there"))),
        }
    }

    fn malformed(&self, what: impl AsRef<str>) -> ReadError {
        let what = format!("the bill of materials: {}", what.as_ref());
        let offset = self.place;
        Malformed { what, offset }.into()
    }

    fn part(&self, place: usize, length: usize) -> Result<&'a [u8], ReadError> {
        let end = place.checked_add(length);
        let part = end.and_then(|end| self.bytes.get(place..end));
        part.ok_or_else(|| self.malformed("a block that ends too early"))
    }

    fn u16(&self, place: usize) -> Result<u16, ReadError> {
        let bytes = self.part(place, 2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&self, place: usize) -> Result<u32, ReadError> {
        let (high, low) = (self.u16(place)?, self.u16(place + 2)?);
        Ok(u32::from(high) << 16 | u32::from(low))
    }

    /// A text up to its NUL.
    fn text(&self, place: usize) -> Result<&'a str, ReadError> {
        let bytes = self.part(place, self.bytes.len().saturating_sub(place))?;
        let length = bytes.iter().position(|byte| *byte == 0);
        let text = length.and_then(|length| std::str::from_utf8(&bytes[..length]).ok());
        text.ok_or_else(|| self.malformed("a text that is not UTF-8 with a NUL at its end"))
    }

    /// The mode and kind that a description has.
    fn kind(&self) -> Result<(u32, Kind), ReadError> {
        let mode = u32::from(self.u16(4)?);
        if (self.u32(6)?, self.u32(10)?) != (0, 0) {
            return Err(self.malformed("an owner or a group that is not root's"));
        }
        let size = self.u32(18)?;
        let kind = match self.part(0, 1)?[0] {
            1 => Kind::File {
                size,
                sum: self.u32(23)?,
            },
            2 => Kind::Directory,
            3 => Kind::Symlink(self.text(31)?.to_owned()),
            other => {
                let what = format!("kind {other}; expected a file, directory or link");
                return Err(self.malformed(what));
            }
        };
        let (_, bits) = kind.numbers();
        if mode & 0o170_000 != bits {
            return Err(self.malformed(format!("mode {mode:o} of another kind")));
        }
        Ok((mode & 0o7777, kind))
    }
}
