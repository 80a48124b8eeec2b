//! Inodes: kind, attributes, and the location of the content.

use alloc::vec::Vec;

use super::backend::Backend;
use super::error::{Error, found, malformed};
use super::image::Image;
use super::metadata::Cursor;

/// The location of an inode: the position of its metadata block in the inode table, and the offset inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InodeReference(pub u64);

impl InodeReference {
    pub(super) fn new(block: u32, offset: u16) -> Self {
        InodeReference(u64::from(block) << 16 | u64::from(offset))
    }
}

/// An inode, with the location of its content.
pub struct Inode {
    /// Its unique number in the image.
    pub number: u32,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since the epoch.
    pub modified: u32,
    /// The number of its names.
    pub links: u32,
    /// The size that `stat` reports.
    pub size: u64,
    /// The kind of inode.
    pub kind: Kind,
}

/// The kind of an inode.
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
    /// Its number in a directory listing; 0 for kinds that no AppImage needs.
    pub fn number(&self) -> u16 {
        match self {
            Kind::Directory(_) => DIRECTORY,
            Kind::File(_) => FILE,
            Kind::Symlink(_) => SYMLINK,
            Kind::Special => 0,
        }
    }
}

/// The location of a directory's listing.
#[derive(Clone)]
pub struct DirectoryPlace {
    pub(super) block: u32,
    pub(super) offset: u16,
    /// The size of the listing in bytes.
    pub(super) size: u32,
    /// The number of entries in the index of a large listing, and their location.
    pub(super) index: Option<(u16, Cursor)>,
}

/// The location of a file's blocks.
#[derive(Clone)]
pub struct FilePlace {
    /// The position of the first block.
    pub(super) start: u64,
    /// The index of the fragment that contains the file's tail, and the offset of the tail inside it.
    pub(super) fragment: Option<(u32, u32)>,
    /// Points at the list of block sizes.
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

/// The fragment index of a file without a fragment.
const NO_FRAGMENT: u32 = u32::MAX;
/// Linux's PATH_MAX: a longer target could not be followed.
const MAX_SYMLINK: u32 = 4096;

/// A directory listing has this many bytes less than its inode says: `.` and `..` count.
const LISTING_BIAS: u32 = 3;

impl<B: Backend> Image<B> {
    /// The inode at a location.
    pub fn inode(&self, reference: InodeReference) -> Result<Inode, Error<B::Error>> {
        let superblock = *self.superblock();
        // They are below 2^48 and 2^63, because the order of the tables was checked.
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
