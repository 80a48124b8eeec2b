//! Directory listings.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::backend::Backend;
use super::error::{Error, Malformed, found, malformed};
use super::image::Image;
use super::inode::{DirectoryPlace, InodeReference};
use super::metadata::{Cursor, METADATA_SIZE};

/// One name in a directory.
pub struct Entry {
    /// Neither `.` nor `..`, without a slash or a zero byte, of at most 255 bytes.
    pub name: Vec<u8>,
    /// Where its inode is.
    pub inode: InodeReference,
    /// The inode's number.
    pub number: u32,
    /// The basic inode kind: 1 directory, 2 file, 3 symbolic link.
    pub kind: u16,
}

/// Yields a directory's entries; made by [`Image::entries`].
pub struct Entries<'a, B: Backend> {
    image: &'a Image<B>,
    cursor: Option<Cursor>,
    /// Bytes of the listing that have not been read.
    left: u32,
    header: Header,
}

/// The position of a reader of entries.
#[derive(Clone, Copy)]
pub struct Position {
    block: u64,
    offset: usize,
    left: u32,
    header: Header,
}

/// The common fields of a run of entries.
#[derive(Clone, Copy, Default)]
struct Header {
    /// Entries that follow before the next header.
    left: u32,
    inode_block: u32,
    first_number: u32,
}

const HEADER_SIZE: u32 = 12;
const ENTRY_SIZE: u32 = 8;
const MAX_RUN: u32 = 256;
/// The limit of Linux.
const MAX_NAME: usize = 255;

impl<B: Backend> Image<B> {
    /// The entries of a directory.
    pub fn entries(&self, place: &DirectoryPlace) -> Result<Entries<'_, B>, Error<B::Error>> {
        // An empty directory has no listing, and its position may be after the end of the table.
        let cursor = match place.size {
            0 => None,
            _ => {
                let table = self.superblock().directories;
                let position = table.saturating_add(place.block.into());
                Some(self.cursor(position, place.offset.into())?)
            }
        };
        Ok(Entries {
            image: self,
            cursor,
            left: place.size,
            header: Header::default(),
        })
    }

    /// Continues at the position of a reader.
    pub fn resume(&self, position: &Position) -> Result<Entries<'_, B>, Error<B::Error>> {
        Ok(Entries {
            image: self,
            cursor: Some(self.cursor(position.block, position.offset)?),
            left: position.left,
            header: position.header,
        })
    }

    /// Finds a name in a directory.
    pub fn lookup(
        &self,
        place: &DirectoryPlace,
        name: &[u8],
    ) -> Result<Option<Entry>, Error<B::Error>> {
        let mut entries = self.entries(&self.near(place, name)?)?;
        while let Some(entry) = entries.next()? {
            match entry.name[..].cmp(name) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(Some(entry)),
                // Listings are sorted by the names' bytes.
                Ordering::Greater => break,
            }
        }
        Ok(None)
    }

    /// The part of a listing that starts at the last indexed header before a name.
    fn near(&self, place: &DirectoryPlace, name: &[u8]) -> Result<DirectoryPlace, Error<B::Error>> {
        let mut part = place.clone();
        let Some((count, mut cursor)) = part.index.take() else {
            return Ok(part);
        };
        for _ in 0..count {
            let (start, block) = (cursor.u32(self)?, cursor.u32(self)?);
            let length = cursor.u32(self)?.saturating_add(1) as usize;
            if length > MAX_NAME {
                let what = "a name in a directory's index is too long";
                return Err(found(what, length as u64, cursor.position()).into());
            }
            if &cursor.bytes(self, length)?[..] > name {
                break;
            }
            part.block = block;
            part.offset =
                ((u64::from(place.offset) + u64::from(start)) % METADATA_SIZE as u64) as u16;
            part.size = take(place.size, start, &cursor)?;
        }
        Ok(part)
    }
}

impl<B: Backend> Entries<'_, B> {
    /// Its position; `None` in an empty directory.
    pub fn position(&self) -> Option<Position> {
        let (block, offset) = self.cursor.as_ref()?.place();
        Some(Position {
            block,
            offset,
            left: self.left,
            header: self.header,
        })
    }

    /// The next entry; `None` at the end.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator of results would go on after an error"
    )]
    pub fn next(&mut self) -> Result<Option<Entry>, Error<B::Error>> {
        let Some(cursor) = &mut self.cursor else {
            return Ok(None);
        };
        if self.header.left == 0 {
            if self.left == 0 {
                return Ok(None);
            }
            self.header = header(self.image, cursor)?;
            self.left = take(self.left, HEADER_SIZE, cursor)?;
        }
        let entry = entry(self.image, cursor, &self.header)?;
        self.header.left -= 1;
        let size = ENTRY_SIZE + entry.name.len() as u32;
        self.left = take(self.left, size, cursor)?;
        Ok(Some(entry))
    }
}

fn take(left: u32, size: u32, cursor: &Cursor) -> Result<u32, Malformed> {
    let what = "a directory is longer than its inode says";
    (left.checked_sub(size)).ok_or_else(|| malformed(what, cursor.position()))
}

fn header<B: Backend>(image: &Image<B>, cursor: &mut Cursor) -> Result<Header, Error<B::Error>> {
    let header = Header {
        left: cursor.u32(image)?.saturating_add(1),
        inode_block: cursor.u32(image)?,
        first_number: cursor.u32(image)?,
    };
    if header.left > MAX_RUN {
        let what = "a run of directory entries is too long";
        return Err(found(what, header.left, cursor.position()).into());
    }
    Ok(header)
}

fn entry<B: Backend>(
    image: &Image<B>,
    cursor: &mut Cursor,
    header: &Header,
) -> Result<Entry, Error<B::Error>> {
    let offset = cursor.u16(image)?;
    let number_delta = cursor.u16(image)? as i16;
    let kind = cursor.u16(image)?;
    let length = usize::from(cursor.u16(image)?) + 1;
    if length > MAX_NAME {
        let what = "a file name is too long";
        return Err(found(what, length as u64, cursor.position()).into());
    }
    let name = cursor.bytes(image, length)?;
    if !is_safe(&name) {
        let what = "a file name would lead out of its directory";
        return Err(malformed(what, cursor.position()).into());
    }
    Ok(Entry {
        name,
        inode: InodeReference::new(header.inode_block, offset),
        number: header.first_number.wrapping_add_signed(number_delta.into()),
        kind,
    })
}

/// Whether a name denotes an entry of its own directory.
fn is_safe(name: &[u8]) -> bool {
    name != b"." && name != b".." && !name.contains(&b'/') && !name.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [&b"."[..], b"..", b"../x", b"/etc", b"a\0b"] {
            assert!(!is_safe(name), "{name:?}");
        }
        for name in [&b"..."[..], b".hidden", b"a..b", b"-"] {
            assert!(is_safe(name), "{name:?}");
        }
    }
}
