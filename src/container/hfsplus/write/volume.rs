//! A volume: planned from a list of files, then written from its first byte to its last.

use std::io::{self, Write};

use super::catalog::{Catalog, number};
use super::header::{Fork, Header};
use super::node;
use crate::container::WriteError;
use crate::container::hfsplus::{BLOCK, HEADER_AT, HEADER_SIZE, MAX_BYTES};
use crate::model::entry::{Entry, EntryContent};
use crate::model::tree::Tree;

/// Seconds from 1904, from where a volume counts, to 1970.
pub(crate) const EPOCH: i64 = 2_082_844_800;

/// What a volume has beside files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    /// Its name.
    pub name: &'a str,
    /// The date of everything, in seconds since 1970.
    pub date: i64,
    /// Whether the file `.VolumeIcon.icns` is its icon.
    pub has_icon: bool,
}

/// A planned volume.
pub(crate) struct Volume<'a> {
    catalog: Catalog<'a>,
    header: Header,
    /// How many blocks the bitmap takes.
    bitmap: u32,
}

impl<'a> Volume<'a> {
    /// Plans a volume. Nothing is read.
    pub(crate) fn new(tree: &'a Tree, options: &Options<'_>) -> Result<Self, WriteError> {
        let date = options.date.checked_add(EPOCH);
        let date = date
            .and_then(|date| u32::try_from(date).ok())
            .ok_or_else(|| {
                let date = options.date;
                WriteError::Invalid(format!("HFS+ cannot hold the date {date}, after 2040"))
            })?;
        let mut catalog = Catalog::new(tree, options.name, options.has_icon, date)?;
        let content = catalog.content_blocks();
        let nodes = catalog.size().div_ceil(BLOCK as u64);
        // The first and the last block, that of the tree of extents, the catalog, the files, and the bitmap.
        let rest = 3u64.saturating_add(nodes).saturating_add(content);
        let mut bitmap = 0;
        while bitmap * 8 * (BLOCK as u64) < rest.saturating_add(bitmap) {
            bitmap = rest
                .saturating_add(bitmap)
                .div_ceil(8 * BLOCK as u64)
                .max(bitmap + 1);
        }
        let total = rest.saturating_add(bitmap);
        if total > MAX_BYTES / BLOCK as u64 {
            let bytes = total.saturating_mul(BLOCK as u64);
            return Err(WriteError::Invalid(format!(
                "the volume would have {bytes} bytes; expected at most {MAX_BYTES}"
            )));
        }
        let [total, bitmap, nodes] = [total, bitmap, nodes].map(|blocks| blocks as u32);
        let allocation = Fork::new(1, bitmap, u64::from(bitmap) * BLOCK as u64);
        let extents = Fork::new(1 + bitmap, 1, BLOCK as u64);
        let catalog_fork = Fork::new(2 + bitmap, nodes, catalog.size());
        catalog.place(2 + bitmap + nodes);
        let header = Header {
            date,
            files: catalog.files(),
            folders: catalog.folders(),
            total_blocks: total,
            next_number: catalog.next_number(),
            allocation,
            extents,
            catalog: catalog_fork,
        };
        Ok(Self {
            catalog,
            header,
            bitmap,
        })
    }

    /// The number that a file has in the volume.
    pub(crate) fn number(&self, path: &str) -> Option<u32> {
        let mut items = self.catalog.items().iter();
        let is = |shown: Option<(String, u32, _)>| shown.is_some_and(|(found, ..)| found == path);
        let index = items.position(|item| is(item.shown()))?;
        Some(number(index as u32))
    }

    /// Writes the volume and lists what is in it.
    pub(crate) fn write(&self, out: &mut dyn Write) -> Result<Vec<Entry>, WriteError> {
        let header = self.header.bytes();
        let mut first = vec![0; BLOCK];
        first[HEADER_AT..][..HEADER_SIZE].copy_from_slice(&header);
        out.write_all(&first)?;
        self.write_bitmap(out)?;
        out.write_all(&node::empty_tree())?;
        self.catalog.write(out)?;
        let entries = self.write_files(out)?;
        let mut last = vec![0; BLOCK];
        last[BLOCK - HEADER_AT..][..HEADER_SIZE].copy_from_slice(&header);
        out.write_all(&last)?;
        Ok(entries)
    }

    /// One bit for each block, the highest of a byte first. All are in use.
    fn write_bitmap(&self, out: &mut dyn Write) -> io::Result<()> {
        let used = self.header.total_blocks as usize;
        let mut bitmap = vec![0; self.bitmap as usize * BLOCK];
        bitmap[..used / 8].fill(0xff);
        if !used.is_multiple_of(8) {
            bitmap[used / 8] = !(0xff >> (used % 8));
        }
        out.write_all(&bitmap)
    }

    fn write_files(&self, out: &mut dyn Write) -> Result<Vec<Entry>, WriteError> {
        let mut entries = Vec::new();
        for item in self.catalog.items() {
            let Some((path, mode, file)) = item.shown() else {
                continue;
            };
            let content = match (file, item.target()) {
                (None, _) => EntryContent::Directory,
                (Some(_), Some(target)) => {
                    out.write_all(target.as_bytes())?;
                    pad(target.len() as u64, out)?;
                    EntryContent::Symlink(target.to_owned())
                }
                (Some(file), None) => {
                    let size = file.size();
                    io::copy(&mut file.open()?, out)?;
                    pad(size, out)?;
                    let sha256 = file.sha256()?;
                    EntryContent::File { size, sha256 }
                }
            };
            entries.push(Entry {
                path,
                mode,
                content,
            });
        }
        Ok(entries)
    }
}

/// Fills the last block of a file.
fn pad(size: u64, out: &mut dyn Write) -> io::Result<()> {
    let rest = size.next_multiple_of(BLOCK as u64) - size;
    out.write_all(&[0; BLOCK][..rest as usize])
}
