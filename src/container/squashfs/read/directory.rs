//! Directory listings.

use super::image::Image;
use super::inode::ListingPlace;
use super::metadata::Cursor;
use crate::container::ReadError;
use crate::container::squashfs::{MAX_NAME, MAX_RUN};

/// One name of a listing.
pub(super) struct Item {
    pub name: String,
    pub inode: u64,
    pub number: u32,
    /// The basic kind.
    pub kind: u16,
}

impl Image<'_> {
    /// All names in a directory. They are sorted and different, or the listing is refused.
    pub(super) fn listing_items(&mut self, place: ListingPlace) -> Result<Vec<Item>, ReadError> {
        let mut items: Vec<Item> = Vec::new();
        if place.size == 0 {
            return Ok(items);
        }
        let position = self.superblock.directories + u64::from(place.block);
        let mut cursor = self.cursor(position, place.offset.into())?;
        let mut left = u64::from(place.size);
        while left > 0 {
            let (run, size) = self.run(&mut cursor)?;
            left = left.checked_sub(size).ok_or_else(|| {
                let what = "squashfs: a directory is longer than its inode says";
                self.source.malformed(what, cursor.position())
            })?;
            for item in run {
                if items.last().is_some_and(|last| last.name >= item.name) {
                    let what = format!("squashfs: `{}` is not in its place", item.name);
                    return Err(self.source.malformed(what, cursor.position()));
                }
                items.push(item);
            }
        }
        Ok(items)
    }

    /// A header and the entries behind it, and their size in bytes.
    fn run(&mut self, cursor: &mut Cursor) -> Result<(Vec<Item>, u64), ReadError> {
        let count = u64::from(cursor.u32(self)?) + 1;
        let block = u64::from(cursor.u32(self)?);
        let first_number = cursor.u32(self)?;
        if count > MAX_RUN as u64 {
            let what = format!("squashfs: a run of {count} directory entries");
            return Err(self.source.malformed(what, cursor.position()));
        }
        let mut size = 12;
        let mut items = Vec::new();
        for _ in 0..count {
            let offset = u64::from(cursor.u16(self)?);
            let delta = i32::from(cursor.u16(self)? as i16);
            let kind = cursor.u16(self)?;
            let name = self.name(cursor)?;
            size += 8 + name.len() as u64;
            items.push(Item {
                name,
                inode: block << 16 | offset,
                number: first_number.wrapping_add_signed(delta),
                kind,
            });
        }
        Ok((items, size))
    }

    fn name(&mut self, cursor: &mut Cursor) -> Result<String, ReadError> {
        let length = usize::from(cursor.u16(self)?) + 1;
        // Longer ones can be written down, but Linux has no names of more bytes.
        let bytes = cursor.bytes(self, length)?;
        let problem = match String::from_utf8(bytes) {
            Ok(name) if is_plain(&name) => return Ok(name),
            Ok(name) => format!("squashfs: `{}` is no file name", name.escape_debug()),
            Err(_) => "squashfs: a file name is not UTF-8".to_owned(),
        };
        Err(self.source.malformed(problem, cursor.position()))
    }
}

/// Whether a name denotes something in its directory and nothing else.
fn is_plain(name: &str) -> bool {
    name.len() <= MAX_NAME && name != "." && name != ".." && !name.contains(['/', '\0'])
}
