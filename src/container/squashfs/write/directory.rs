//! Directory listings: runs of names whose inodes are close together, each run after a header.

use std::io;

use super::inode::Fields;
use super::metadata::{Place, Table};
use crate::container::squashfs::MAX_RUN;
use crate::container::squashfs::compression::Compression;

/// One name of a listing.
pub struct Item<'a> {
    pub name: &'a str,
    pub number: u32,
    /// The basic kind, even if the inode is extended.
    pub kind: u16,
    pub place: Place,
}

/// A written listing.
pub struct Listing {
    pub place: Place,
    /// Bytes.
    pub size: u32,
    pub index: Vec<IndexEntry>,
}

/// Lets a lookup skip everything before a header.
pub struct IndexEntry {
    /// The header's offset in the listing.
    pub offset: u32,
    /// The metadata block of the header.
    pub block: u32,
    /// The first name after the header.
    pub name: String,
}

/// The table of all listings.
pub struct Listings {
    pub table: Table,
}

impl Listings {
    pub fn new(compression: Compression) -> Self {
        let table = Table::new(compression);
        Self { table }
    }

    /// Writes one directory's listing, whose items are sorted by name.
    pub fn append(&mut self, items: &[Item<'_>]) -> io::Result<Listing> {
        let mut listing = Listing {
            place: self.table.place()?,
            size: 0,
            index: Vec::new(),
        };
        let mut last_indexed = listing.place.block;
        let mut rest = items;
        while let Some(first) = rest.first() {
            let place = self.table.place()?;
            if place.block != last_indexed {
                last_indexed = place.block;
                listing.index.push(IndexEntry {
                    offset: listing.size,
                    block: place.block,
                    name: first.name.to_owned(),
                });
            }
            let (run, later) = rest.split_at(run_length(rest));
            let bytes = encode(first, run);
            self.table.append(&bytes);
            listing.size = u32::try_from(bytes.len())
                .ok()
                .and_then(|size| listing.size.checked_add(size))
                .ok_or_else(|| io::Error::other("a directory has more than 4 GiB of names"))?;
            rest = later;
        }
        Ok(listing)
    }
}

/// How many items fit after one header: their inodes must be in one metadata block, with numbers near the first one's.
fn run_length(items: &[Item<'_>]) -> usize {
    let first = &items[0];
    let fits =
        |item: &&Item<'_>| item.place.block == first.place.block && delta(first, item).is_some();
    items.iter().take(MAX_RUN).take_while(fits).count()
}

fn delta(first: &Item<'_>, item: &Item<'_>) -> Option<i16> {
    let delta = i64::from(item.number) - i64::from(first.number);
    i16::try_from(delta).ok()
}

fn encode(first: &Item<'_>, run: &[Item<'_>]) -> Vec<u8> {
    let mut fields = Fields::default();
    fields.u32(run.len() as u32 - 1);
    fields.u32(first.place.block).u32(first.number);
    for item in run {
        let delta = delta(first, item).expect("a run ends before a number that is too far");
        fields.u16(item.place.offset).u16(delta as u16);
        fields.u16(item.kind).u16(item.name.len() as u16 - 1);
        fields.bytes(item.name.as_bytes());
    }
    fields.0
}
