//! Inodes.

use super::image::Image;
use super::metadata::Cursor;
use crate::container::ReadError;
use crate::container::squashfs::{LISTING_BIAS, NO_FRAGMENT, kind};

/// The longest target of a symbolic link that Linux follows.
const MAX_TARGET: u32 = 4096;

pub(super) struct Inode {
    pub number: u32,
    /// Permission bits.
    pub mode: u32,
    pub content: InodeContent,
}

pub(super) enum InodeContent {
    Directory(ListingPlace),
    File(FilePlace),
    Symlink(String),
}

#[derive(Clone, Copy)]
pub(super) struct ListingPlace {
    pub block: u32,
    pub offset: u16,
    pub size: u32,
}

#[derive(Clone)]
pub(super) struct FilePlace {
    pub start: u64,
    pub size: u64,
    /// The fragment's index and the offset inside it.
    pub fragment: Option<(u32, u32)>,
    /// Stands before the blocks' sizes.
    pub sizes: Cursor,
}

impl InodeContent {
    /// The number that a directory's listing has for it.
    pub fn kind(&self) -> u16 {
        match self {
            InodeContent::Directory(_) => kind::DIRECTORY,
            InodeContent::File(_) => kind::FILE,
            InodeContent::Symlink(_) => kind::SYMLINK,
        }
    }
}

impl Image<'_> {
    pub(super) fn inode(&mut self, reference: u64) -> Result<Inode, ReadError> {
        let position = self.superblock.inodes + (reference >> 16);
        if position >= self.superblock.directories {
            let what = format!("squashfs: inode {reference:#x} lies outside the inode table");
            return Err(self.source.malformed(what, position));
        }
        let mut cursor = self.cursor(position, (reference & 0xffff) as usize)?;
        let kind = cursor.u16(self)?;
        let mode = u32::from(cursor.u16(self)?) & 0o7777;
        let ids = [cursor.u16(self)?, cursor.u16(self)?];
        if ids.iter().any(|id| *id >= self.superblock.id_count) {
            return Err(self
                .source
                .malformed("squashfs: an inode has an unknown owner", position));
        }
        let _modified = cursor.u32(self)?;
        let number = cursor.u32(self)?;
        if number == 0 || number > self.superblock.inode_count {
            let what = format!("squashfs: inode number {number} is out of range");
            return Err(self.source.malformed(what, position));
        }
        let content = self.inode_content(kind, cursor)?;
        Ok(Inode {
            number,
            mode,
            content,
        })
    }

    fn inode_content(&mut self, kind: u16, cursor: Cursor) -> Result<InodeContent, ReadError> {
        const EXTENDED_DIRECTORY: u16 = kind::DIRECTORY + kind::EXTENDED;
        const EXTENDED_FILE: u16 = kind::FILE + kind::EXTENDED;
        const EXTENDED_SYMLINK: u16 = kind::SYMLINK + kind::EXTENDED;
        match kind {
            kind::DIRECTORY => self.directory(cursor),
            EXTENDED_DIRECTORY => self.extended_directory(cursor),
            kind::FILE => self.file(cursor),
            EXTENDED_FILE => self.extended_file(cursor),
            kind::SYMLINK | EXTENDED_SYMLINK => self.symlink(cursor),
            _ => {
                let what = format!(
                    "squashfs: expected a directory, file or symbolic link, found inode kind {kind}"
                );
                Err(self.source.malformed(what, cursor.position()))
            }
        }
    }

    fn directory(&mut self, mut cursor: Cursor) -> Result<InodeContent, ReadError> {
        let block = cursor.u32(self)?;
        let _links = cursor.u32(self)?;
        let size = u32::from(cursor.u16(self)?);
        let offset = cursor.u16(self)?;
        self.listing(block, offset, size, &cursor)
    }

    fn extended_directory(&mut self, mut cursor: Cursor) -> Result<InodeContent, ReadError> {
        let _links = cursor.u32(self)?;
        let size = cursor.u32(self)?;
        let block = cursor.u32(self)?;
        let _parent = cursor.u32(self)?;
        let _index_count = cursor.u16(self)?;
        let offset = cursor.u16(self)?;
        self.listing(block, offset, size, &cursor)
    }

    fn listing(
        &self,
        block: u32,
        offset: u16,
        size: u32,
        cursor: &Cursor,
    ) -> Result<InodeContent, ReadError> {
        let size = size.checked_sub(LISTING_BIAS).ok_or_else(|| {
            let what = format!("squashfs: a directory's size is {size}, below {LISTING_BIAS}");
            self.source.malformed(what, cursor.position())
        })?;
        Ok(InodeContent::Directory(ListingPlace {
            block,
            offset,
            size,
        }))
    }

    fn file(&mut self, mut cursor: Cursor) -> Result<InodeContent, ReadError> {
        let start = cursor.u32(self)?.into();
        let fragment = (cursor.u32(self)?, cursor.u32(self)?);
        let size = cursor.u32(self)?.into();
        Ok(file(start, size, fragment, cursor))
    }

    fn extended_file(&mut self, mut cursor: Cursor) -> Result<InodeContent, ReadError> {
        let start = cursor.u64(self)?;
        let size = cursor.u64(self)?;
        let _hole_bytes = cursor.u64(self)?;
        let _links = cursor.u32(self)?;
        let fragment = (cursor.u32(self)?, cursor.u32(self)?);
        let _attributes = cursor.u32(self)?;
        Ok(file(start, size, fragment, cursor))
    }

    fn symlink(&mut self, mut cursor: Cursor) -> Result<InodeContent, ReadError> {
        let _links = cursor.u32(self)?;
        let size = cursor.u32(self)?;
        if !(1..=MAX_TARGET).contains(&size) {
            let what = format!("squashfs: a symbolic link's target has {size} bytes");
            return Err(self.source.malformed(what, cursor.position()));
        }
        let target = cursor.bytes(self, size as usize)?;
        let what = "squashfs: a symbolic link's target is not UTF-8";
        let target = String::from_utf8(target)
            .map_err(|_| self.source.malformed(what, cursor.position()))?;
        Ok(InodeContent::Symlink(target))
    }
}

fn file(start: u64, size: u64, (index, offset): (u32, u32), sizes: Cursor) -> InodeContent {
    InodeContent::File(FilePlace {
        start,
        size,
        fragment: (index != NO_FRAGMENT).then_some((index, offset)),
        sizes,
    })
}
