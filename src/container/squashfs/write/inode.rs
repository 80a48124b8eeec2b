//! The inode table: attributes and content locations of files and directories.

use std::collections::HashMap;
use std::io;

use super::data::FilePlace;
use super::directory::{Item, Listing, Listings};
use super::hierarchy::{Child, Directory, Leaf};
use super::metadata::{Place, Table};
use crate::container::squashfs::compression::Compression;
use crate::container::squashfs::{LISTING_BIAS, NO_ATTRIBUTES, NO_FRAGMENT, kind};
use crate::model::tree::Content;

/// The tables of inodes and of directory listings, which refer to each other.
pub struct Inodes<'a> {
    pub inodes: Table,
    pub listings: Listings,
    files: &'a HashMap<u32, FilePlace>,
    /// The time of everything, in seconds since the epoch.
    date: u32,
}

impl<'a> Inodes<'a> {
    pub fn new(compression: Compression, files: &'a HashMap<u32, FilePlace>, date: u32) -> Self {
        Self {
            inodes: Table::new(compression),
            listings: Listings::new(compression),
            files,
            date,
        }
    }

    /// Writes all entries of a directory, then the directory; returns the location of its inode.
    pub fn directory(&mut self, directory: &Directory<'_>, parent: u32) -> io::Result<Place> {
        let mut items = Vec::with_capacity(directory.children.len());
        for (name, child) in &directory.children {
            let (number, kind, place) = match child {
                Child::Directory(child) => {
                    let place = self.directory(child, directory.number)?;
                    (child.number, kind::DIRECTORY, place)
                }
                Child::File(leaf) => match &leaf.file.content {
                    Content::Symlink(target) => {
                        (leaf.number, kind::SYMLINK, self.symlink(leaf, target)?)
                    }
                    _ => (leaf.number, kind::FILE, self.file(leaf)?),
                },
            };
            items.push(Item {
                name,
                number,
                kind,
                place,
            });
        }
        let listing = self.listings.append(&items)?;
        self.directory_inode(directory, parent, &listing)
    }

    fn directory_inode(
        &mut self,
        directory: &Directory<'_>,
        parent: u32,
        listing: &Listing,
    ) -> io::Result<Place> {
        let links = 2 + directory.subdirectories() as u32;
        let size = listing.size + LISTING_BIAS;
        let mode = directory.mode();
        if let Ok(size) = u16::try_from(size) {
            let mut inode = self.head(kind::DIRECTORY, mode, directory.number);
            inode.u32(listing.place.block).u32(links);
            inode.u16(size).u16(listing.place.offset).u32(parent);
            return self.append(&inode);
        }
        let mut inode = self.head(kind::DIRECTORY + kind::EXTENDED, mode, directory.number);
        inode.u32(links).u32(size);
        inode.u32(listing.place.block).u32(parent);
        inode.u16(listing.index.len() as u16);
        inode.u16(listing.place.offset).u32(NO_ATTRIBUTES);
        for entry in &listing.index {
            inode.u32(entry.offset).u32(entry.block);
            inode.u32(entry.name.len() as u32 - 1);
            inode.bytes(entry.name.as_bytes());
        }
        self.append(&inode)
    }

    fn file(&mut self, leaf: &Leaf<'_>) -> io::Result<Place> {
        let none = FilePlace::default();
        let place = self.files.get(&leaf.number).unwrap_or(&none);
        let size = leaf.file.size();
        let (fragment, offset) = place.fragment.unwrap_or((NO_FRAGMENT, 0));
        let basic = (u32::try_from(place.start), u32::try_from(size));
        let mut inode = match basic {
            (Ok(start), Ok(size)) if place.hole_bytes == 0 => {
                let mut inode = self.head(kind::FILE, leaf.mode(), leaf.number);
                inode.u32(start).u32(fragment).u32(offset).u32(size);
                inode
            }
            _ => {
                let mut inode = self.head(kind::FILE + kind::EXTENDED, leaf.mode(), leaf.number);
                inode.u64(place.start).u64(size).u64(place.hole_bytes);
                inode.u32(1).u32(fragment).u32(offset).u32(NO_ATTRIBUTES);
                inode
            }
        };
        for block in &place.blocks {
            inode.u32(*block);
        }
        self.append(&inode)
    }

    fn symlink(&mut self, leaf: &Leaf<'_>, target: &str) -> io::Result<Place> {
        let mut inode = self.head(kind::SYMLINK, leaf.mode(), leaf.number);
        inode.u32(1).u32(target.len() as u32);
        inode.bytes(target.as_bytes());
        self.append(&inode)
    }

    /// The common start of all inodes. Owner and group are the first entry of the ID table.
    fn head(&self, kind: u16, mode: u32, number: u32) -> Fields {
        let mut fields = Fields::default();
        fields.u16(kind).u16(mode as u16).u16(0).u16(0);
        fields.u32(self.date).u32(number);
        fields
    }

    fn append(&mut self, inode: &Fields) -> io::Result<Place> {
        let place = self.inodes.place()?;
        self.inodes.append(&inode.0);
        Ok(place)
    }
}

/// Consecutive little-endian fields.
#[derive(Default)]
pub struct Fields(pub Vec<u8>);

impl Fields {
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
}
