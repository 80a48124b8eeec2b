//! Inodes: what kind of thing, its attributes, and where its content is.

use alloc::vec::Vec;

use super::backend::Backend;
use super::error::{Error, found, malformed};
use super::image::Image;
use super::metadata::Cursor;

/// Where an inode is: the position of its metadata block in the inode table, and the offset inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InodeReference(pub u64);

impl InodeReference {
    pub(super) fn new(block: u32, offset: u16) -> Self {
        InodeReference(u64::from(block) << 16 | u64::from(offset))
    }
}

/// An inode, with the place of its content.
pub struct Inode {
    /// What tells it from others in the image.
    pub number: u32,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since the epoch.
    pub modified: u32,
    /// How many names it has.
    pub links: u32,
    /// The size that `stat` reports.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

/// What an inode is.
pub enum Kind {
    /// A directory and its listing.
    Directory(DirectoryPlace),
    /// A regular file and its content.
    File(FilePlace),
    /// A symbolic link and its target.
    Symlink(Vec<u8>),
    /// A device, pipe or socket, which no AppImage needs.
    Special,
}

impl Kind {
    /// The number that a directory's listing has for it; 0 for what no AppImage needs.
    pub fn number(&self) -> u16 {
        match self {
            Kind::Directory(_) => DIRECTORY,
            Kind::File(_) => FILE,
            Kind::Symlink(_) => SYMLINK,
            Kind::Special => 0,
        }
    }
}

/// Where a directory's listing is.
#[derive(Clone)]
pub struct DirectoryPlace {
    pub(super) block: u32,
    pub(super) offset: u16,
    /// The size of the listing in bytes.
    pub(super) size: u32,
    /// How many entries the index of a large listing has, and where they are.
    pub(super) index: Option<(u16, Cursor)>,
}

/// Where a file's blocks are.
#[derive(Clone)]
pub struct FilePlace {
    /// The position of the first block.
    pub(super) start: u64,
    /// The index of the fragment that holds the file's tail, and the offset of the tail inside it.
    pub(super) fragment: Option<(u32, u32)>,
    /// Stands before the list of the blocks' sizes.
    pub(super) sizes: Cursor,
}

/// The numbers of the kinds; the extended form of a kind is 7 more.
const DIRECTORY: u16 = 1;
const FILE: u16 = 2;
const SYMLINK: u16 = 3;
const EXTENDED_DIRECTORY: u16 = 8;
const EXTENDED_FILE: u16 = 9;
const EXTENDED_SYMLINK: u16 = 10;
/// Devices, pipes and sockets.
const SPECIALS: [u16; 8] = [4, 5, 6, 7, 11, 12, 13, 14];

/// In place of a fragment's index where a file has none.
const NO_FRAGMENT: u32 = u32::MAX;
/// As Linux's PATH_MAX: no longer target could be followed.
const MAX_SYMLINK: u32 = 4096;

/// A listing of a directory without entries has this many bytes fewer than its inode says: `.` and `..` count.
const LISTING_BIAS: u32 = 3;

impl<B: Backend> Image<B> {
    /// The inode at a place.
    pub fn inode(&self, reference: InodeReference) -> Result<Inode, Error<B::Error>> {
        let superblock = *self.superblock();
        // Both are below 2^48 and 2^63, or the tables would not be in order.
        let position = superblock.inodes.saturating_add(reference.0 >> 16);
        if position >= superblock.directories {
            let what = "an inode lies outside the inode table";
            return Err(found(what, reference.0, superblock.inodes).into());
        }
        let mut cursor = self.cursor(position, (reference.0 & 0xffff) as usize)?;
        let kind = cursor.u16(self)?;
        let mode = u32::from(cursor.u16(self)? & 0o7777);
        let owners = [cursor.u16(self)?, cursor.u16(self)?];
        if owners.iter().any(|owner| *owner >= superblock.id_count) {
            return Err(malformed("an inode has an unknown owner", position).into());
        }
        let modified = cursor.u32(self)?;
        let number = cursor.u32(self)?;
        if !(1..=superblock.inode_count).contains(&number) {
            return Err(found("an inode's number is out of range", number, position).into());
        }
        let (links, size, kind) = match kind {
            DIRECTORY => self.directory(cursor)?,
            FILE => self.file(cursor)?,
            EXTENDED_DIRECTORY => self.extended_directory(cursor)?,
            EXTENDED_FILE => self.extended_file(cursor)?,
            SYMLINK | EXTENDED_SYMLINK => self.symlink(cursor)?,
            _ if SPECIALS.contains(&kind) => (1, 0, Kind::Special),
            _ => return Err(found("an inode's kind is unknown", kind, position).into()),
        };
        Ok(Inode {
            number,
            mode,
            modified,
            links,
            size,
            kind,
        })
    }

    fn directory(&self, mut cursor: Cursor) -> Result<Body, Error<B::Error>> {
        let block = cursor.u32(self)?;
        let links = cursor.u32(self)?;
        let size = u32::from(cursor.u16(self)?);
        let offset = cursor.u16(self)?;
        let kind = listing(block, offset, size, None);
        Ok((links, size.into(), kind))
    }

    fn extended_directory(&self, mut cursor: Cursor) -> Result<Body, Error<B::Error>> {
        let links = cursor.u32(self)?;
        let size = cursor.u32(self)?;
        let block = cursor.u32(self)?;
        let _parent = cursor.u32(self)?;
        let index_count = cursor.u16(self)?;
        let offset = cursor.u16(self)?;
        let _attributes = cursor.u32(self)?;
        let kind = listing(block, offset, size, Some((index_count, cursor)));
        Ok((links, size.into(), kind))
    }

    fn file(&self, mut cursor: Cursor) -> Result<Body, Error<B::Error>> {
        let start = cursor.u32(self)?.into();
        let fragment = self.fragment_place(&mut cursor)?;
        let size = cursor.u32(self)?.into();
        let sizes = cursor;
        let place = FilePlace {
            start,
            fragment,
            sizes,
        };
        Ok((1, size, Kind::File(place)))
    }

    fn extended_file(&self, mut cursor: Cursor) -> Result<Body, Error<B::Error>> {
        let start = cursor.u64(self)?;
        let size = cursor.u64(self)?;
        let _sparse = cursor.u64(self)?;
        let links = cursor.u32(self)?;
        let fragment = self.fragment_place(&mut cursor)?;
        let _attributes = cursor.u32(self)?;
        let sizes = cursor;
        let place = FilePlace {
            start,
            fragment,
            sizes,
        };
        Ok((links, size, Kind::File(place)))
    }

    fn fragment_place(&self, cursor: &mut Cursor) -> Result<Option<(u32, u32)>, Error<B::Error>> {
        let index = cursor.u32(self)?;
        let offset = cursor.u32(self)?;
        Ok((index != NO_FRAGMENT).then_some((index, offset)))
    }

    fn symlink(&self, mut cursor: Cursor) -> Result<Body, Error<B::Error>> {
        let links = cursor.u32(self)?;
        let length = cursor.u32(self)?;
        if !(1..=MAX_SYMLINK).contains(&length) {
            let what = "a symbolic link's length is out of range";
            return Err(found(what, length, cursor.position()).into());
        }
        let target = cursor.bytes(self, length as usize)?;
        if target.contains(&0) {
            let what = "a symbolic link holds a zero byte";
            return Err(malformed(what, cursor.position()).into());
        }
        Ok((links, length.into(), Kind::Symlink(target)))
    }
}

type Body = (u32, u64, Kind);

fn listing(block: u32, offset: u16, size: u32, index: Option<(u16, Cursor)>) -> Kind {
    Kind::Directory(DirectoryPlace {
        block,
        offset,
        size: size.saturating_sub(LISTING_BIAS),
        index,
    })
}
