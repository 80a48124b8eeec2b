//! Inodes: what kind of thing, its attributes, and where its content is.

use alloc::vec::Vec;

use super::image::Image;
use super::metadata::Cursor;
use crate::error::Reason;

/// Where an inode is: the position of its metadata block in the inode table, and the offset inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InodeReference(pub u64);

impl InodeReference {
    pub fn new(block: u32, offset: u16) -> Self {
        InodeReference(u64::from(block) << 16 | u64::from(offset))
    }
}

/// An inode, with the place of its content.
pub struct Inode<'a> {
    pub number: u32,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since the epoch.
    pub modified: u32,
    pub links: u32,
    /// The size that `stat` reports.
    pub size: u64,
    pub kind: Kind<'a>,
}

pub enum Kind<'a> {
    Directory(DirectoryPlace<'a>),
    File(FilePlace<'a>),
    Symlink(Vec<u8>),
    /// A device, pipe or socket, which no AppImage needs.
    Special,
}

/// Where a directory's listing is.
#[derive(Clone)]
pub struct DirectoryPlace<'a> {
    pub block: u32,
    pub offset: u16,
    /// The size of the listing in bytes.
    pub size: u32,
    /// How many entries the index of a large listing has, and where they are.
    pub index: Option<(u16, Cursor<'a>)>,
}

/// Where a file's blocks are.
#[derive(Clone)]
pub struct FilePlace<'a> {
    /// The position of the first block.
    pub start: u64,
    /// The index of the fragment that holds the file's tail, and the offset of the tail inside it.
    pub fragment: Option<(u32, u32)>,
    /// Stands before the list of the blocks' sizes.
    pub sizes: Cursor<'a>,
}

/// In place of a fragment's index where a file has none.
const NO_FRAGMENT: u32 = u32::MAX;
/// As Linux's PATH_MAX: no longer target could be followed.
const MAX_SYMLINK: u32 = 4096;

/// A listing of a directory without entries has this many bytes fewer than its inode says: `.` and `..` count.
const LISTING_BIAS: u32 = 3;

impl Image {
    pub fn inode(&self, reference: InodeReference) -> Result<Inode<'_>, Reason> {
        let position = (self.inode_table).checked_add(reference.0 >> 16);
        let position = position.ok_or(Reason::Malformed("an inode lies outside the image"))?;
        let mut cursor = self.cursor(position, (reference.0 & 0xffff) as usize)?;
        let kind = cursor.u16()?;
        let mode = u32::from(cursor.u16()?) & 0o7777;
        let _owner_and_group = cursor.u32()?;
        let modified = cursor.u32()?;
        let number = cursor.u32()?;
        let (links, size, kind) = match kind {
            1 => directory(&mut cursor)?,
            8 => extended_directory(cursor)?,
            2 => file(cursor)?,
            9 => extended_file(cursor)?,
            3 | 10 => symlink(&mut cursor)?,
            4..=7 | 11..=14 => (1, 0, Kind::Special),
            _ => return Err(Reason::Malformed("an inode is of an unknown kind")),
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
}

type Body<'a> = (u32, u64, Kind<'a>);

fn directory<'a>(cursor: &mut Cursor<'_>) -> Result<Body<'a>, Reason> {
    let block = cursor.u32()?;
    let links = cursor.u32()?;
    let size = u32::from(cursor.u16()?);
    let offset = cursor.u16()?;
    let kind = listing(block, offset, size, None);
    Ok((links, size.into(), kind))
}

fn extended_directory(mut cursor: Cursor<'_>) -> Result<Body<'_>, Reason> {
    let links = cursor.u32()?;
    let size = cursor.u32()?;
    let block = cursor.u32()?;
    let _parent = cursor.u32()?;
    let index_count = cursor.u16()?;
    let offset = cursor.u16()?;
    let _attributes = cursor.u32()?;
    let kind = listing(block, offset, size, Some((index_count, cursor)));
    Ok((links, size.into(), kind))
}

fn listing(block: u32, offset: u16, size: u32, index: Option<(u16, Cursor<'_>)>) -> Kind<'_> {
    Kind::Directory(DirectoryPlace {
        block,
        offset,
        size: size.saturating_sub(LISTING_BIAS),
        index,
    })
}

fn file(mut cursor: Cursor<'_>) -> Result<Body<'_>, Reason> {
    let start = cursor.u32()?.into();
    let fragment = fragment(&mut cursor)?;
    let size = cursor.u32()?.into();
    let sizes = cursor;
    let place = FilePlace {
        start,
        fragment,
        sizes,
    };
    Ok((1, size, Kind::File(place)))
}

fn extended_file(mut cursor: Cursor<'_>) -> Result<Body<'_>, Reason> {
    let start = cursor.u64()?;
    let size = cursor.u64()?;
    let _sparse = cursor.u64()?;
    let links = cursor.u32()?;
    let fragment = fragment(&mut cursor)?;
    let _attributes = cursor.u32()?;
    let sizes = cursor;
    let place = FilePlace {
        start,
        fragment,
        sizes,
    };
    Ok((links, size, Kind::File(place)))
}

fn fragment(cursor: &mut Cursor<'_>) -> Result<Option<(u32, u32)>, Reason> {
    let index = cursor.u32()?;
    let offset = cursor.u32()?;
    Ok((index != NO_FRAGMENT).then_some((index, offset)))
}

fn symlink<'a>(cursor: &mut Cursor<'_>) -> Result<Body<'a>, Reason> {
    let links = cursor.u32()?;
    let length = cursor.u32()?;
    if length == 0 || length > MAX_SYMLINK {
        return Err(Reason::Malformed(
            "a symbolic link's length is out of range",
        ));
    }
    let target = cursor.bytes(length as usize)?;
    if target.contains(&0) {
        return Err(Reason::Malformed("a symbolic link holds a zero byte"));
    }
    Ok((links, length.into(), Kind::Symlink(target)))
}
