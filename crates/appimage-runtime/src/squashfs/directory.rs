//! Directory listings.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::image::Image;
use super::inode::{DirectoryPlace, InodeReference};
use super::metadata::{Cursor, METADATA_SIZE};
use crate::error::Reason;

/// One name in a directory.
pub struct Entry {
    pub name: Vec<u8>,
    pub inode: InodeReference,
    pub number: u32,
    /// The basic inode kind: 1 directory, 2 file, 3 symbolic link.
    pub kind: u16,
}

/// Yields a directory's entries; made by [`Image::entries`].
pub struct Entries<'a> {
    cursor: Option<Cursor<'a>>,
    /// Bytes of the listing that have not been read.
    left: u32,
    header: Header,
}

/// Where a reader of entries stands.
#[derive(Clone, Copy)]
pub struct Position {
    block: u64,
    offset: usize,
    left: u32,
    header: Header,
}

/// What a run of entries has in common.
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

impl Image {
    pub fn entries(&self, place: &DirectoryPlace<'_>) -> Result<Entries<'_>, Reason> {
        // An empty directory has no listing, and its place may be behind the table's end.
        let cursor = match place.size {
            0 => None,
            _ => {
                let position = self.directory_table.checked_add(place.block.into());
                let position =
                    position.ok_or(Reason::Malformed("a directory lies outside the image"))?;
                Some(self.cursor(position, place.offset.into())?)
            }
        };
        Ok(Entries {
            cursor,
            left: place.size,
            header: Header::default(),
        })
    }

    /// Goes on from where a reader stood.
    pub fn resume(&self, position: &Position) -> Result<Entries<'_>, Reason> {
        Ok(Entries {
            cursor: Some(self.cursor(position.block, position.offset)?),
            left: position.left,
            header: position.header,
        })
    }

    /// Finds a name in a directory.
    pub fn lookup(&self, place: &DirectoryPlace<'_>, name: &[u8]) -> Result<Option<Entry>, Reason> {
        let mut entries = self.entries(&near(place, name)?)?;
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
}

/// The part of a listing that begins at the last header which the index has before a name.
fn near<'a>(place: &DirectoryPlace<'a>, name: &[u8]) -> Result<DirectoryPlace<'a>, Reason> {
    let mut part = place.clone();
    let Some((count, mut cursor)) = part.index.take() else {
        return Ok(part);
    };
    for _ in 0..count {
        let (start, block) = (cursor.u32()?, cursor.u32()?);
        let length = cursor.u32()?.saturating_add(1) as usize;
        if length > libc::NAME_MAX as usize {
            return Err(Reason::Malformed(
                "a name in a directory's index is too long",
            ));
        }
        if &cursor.bytes(length)?[..] > name {
            break;
        }
        part.block = block;
        part.offset = ((u64::from(place.offset) + u64::from(start)) % METADATA_SIZE as u64) as u16;
        part.size = take(place.size, start)?;
    }
    Ok(part)
}

impl Entries<'_> {
    /// Where it stands; nothing in an empty directory.
    pub fn position(&self) -> Option<Position> {
        let (block, offset) = self.cursor.as_ref()?.place();
        Some(Position {
            block,
            offset,
            left: self.left,
            header: self.header,
        })
    }

    pub fn next(&mut self) -> Result<Option<Entry>, Reason> {
        let Some(cursor) = &mut self.cursor else {
            return Ok(None);
        };
        if self.header.left == 0 {
            if self.left == 0 {
                return Ok(None);
            }
            self.header = header(cursor)?;
            self.left = take(self.left, HEADER_SIZE)?;
        }
        let entry = entry(cursor, &self.header)?;
        self.header.left -= 1;
        self.left = take(self.left, ENTRY_SIZE + entry.name.len() as u32)?;
        Ok(Some(entry))
    }
}

fn take(left: u32, size: u32) -> Result<u32, Reason> {
    left.checked_sub(size).ok_or(Reason::Malformed(
        "a directory is longer than its inode says",
    ))
}

fn header(cursor: &mut Cursor<'_>) -> Result<Header, Reason> {
    let header = Header {
        left: cursor.u32()?.saturating_add(1),
        inode_block: cursor.u32()?,
        first_number: cursor.u32()?,
    };
    if header.left > MAX_RUN {
        return Err(Reason::Malformed("a run of directory entries is too long"));
    }
    Ok(header)
}

fn entry(cursor: &mut Cursor<'_>, header: &Header) -> Result<Entry, Reason> {
    let offset = cursor.u16()?;
    let number_delta = cursor.u16()? as i16;
    let kind = cursor.u16()?;
    let length = usize::from(cursor.u16()?) + 1;
    if length > libc::NAME_MAX as usize {
        return Err(Reason::Malformed("a file name is too long"));
    }
    let name = cursor.bytes(length)?;
    if !is_safe(&name) {
        return Err(Reason::Malformed(
            "a file name would lead out of its directory",
        ));
    }
    Ok(Entry {
        name,
        inode: InodeReference::new(header.inode_block, offset),
        number: header.first_number.wrapping_add_signed(number_delta.into()),
        kind,
    })
}

/// Whether a name denotes something in its directory and nothing else.
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
