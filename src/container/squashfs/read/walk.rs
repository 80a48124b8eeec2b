//! Visiting everything in an image.

use std::collections::HashSet;

use super::content::{Content, from_io};
use super::image::Image;
use super::inode::{FilePlace, InodeContent};
use crate::container::{ReadError, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// A walk under way.
struct Walk<'w, 'v, 'i, 'a> {
    image: &'i mut Image<'a>,
    visit: &'w mut Visit<'v>,
    /// Directories that have been entered. In a damaged image one may contain itself.
    entered: HashSet<u32>,
    content_bytes: u64,
}

impl Image<'_> {
    /// Shows every entry with its content: each directory before what is in it, by the order of the names' bytes.
    pub fn visit(&mut self, visit: &mut Visit<'_>) -> Result<(), ReadError> {
        let root = self.superblock.root;
        let mut walk = Walk {
            image: self,
            visit,
            entered: HashSet::new(),
            content_bytes: 0,
        };
        walk.directory(root, "", 0)
    }
}

impl Walk<'_, '_, '_, '_> {
    fn directory(&mut self, reference: u64, prefix: &str, depth: usize) -> Result<(), ReadError> {
        let fail = |image: &Image<'_>, what: &str| {
            let what = format!("squashfs: directory `/{prefix}` {what}");
            Err(image.source.malformed(what, image.superblock.directories))
        };
        let inode = self.image.inode(reference)?;
        let InodeContent::Directory(place) = inode.content else {
            return fail(self.image, "is none");
        };
        if !self.entered.insert(inode.number) {
            return fail(self.image, "is in the image twice");
        }
        if depth > self.image.limits.max_depth {
            return fail(self.image, "is nested too deep");
        }
        for item in self.image.listing_items(place)? {
            let path = format!("{prefix}{}", item.name);
            let inode = self.image.inode(item.inode)?;
            if (inode.number, inode.content.kind()) != (item.number, item.kind) {
                return fail(
                    self.image,
                    "disagrees with an inode about its number or kind",
                );
            }
            let (mode, number) = (inode.mode, item.inode);
            match inode.content {
                InodeContent::Directory(_) => {
                    let below = format!("{path}/");
                    self.show(path, mode, EntryContent::Directory)?;
                    self.directory(number, &below, depth + 1)?;
                }
                InodeContent::Symlink(target) => {
                    self.show(path, mode, EntryContent::Symlink(target))?;
                }
                InodeContent::File(place) => self.file(path, mode, place)?,
            }
        }
        Ok(())
    }

    fn show(&mut self, path: String, mode: u32, content: EntryContent) -> Result<(), ReadError> {
        let entry = Entry {
            path,
            mode,
            content,
        };
        Ok((self.visit)(&entry, &mut std::io::empty())?)
    }

    /// Reads a file for its sum, and lets the visitor read it again.
    fn file(&mut self, path: String, mode: u32, place: FilePlace) -> Result<(), ReadError> {
        self.content_bytes = self.content_bytes.saturating_add(place.size);
        let limit = self.image.limits.max_content_bytes;
        if self.content_bytes > limit {
            let what = format!("squashfs: with `/{path}`, the files have more than {limit} bytes");
            let position = self.image.superblock.inodes;
            return Err(self.image.source.malformed(what, position));
        }
        let size = place.size;
        let mut content = Content::new(self.image, place.clone());
        let sha256 = Sha256Sum::of_reader(&mut content).map_err(from_io)?;
        let content = EntryContent::File { size, sha256 };
        let entry = Entry {
            path,
            mode,
            content,
        };
        (self.visit)(&entry, &mut Content::new(self.image, place)).map_err(from_io)
    }
}
