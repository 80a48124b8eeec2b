//! Visiting everything in an image.

use std::collections::HashSet;

use super::content::{Content, from_io};
use super::image::Image;
use super::input::InputBackend;
use crate::container::squashfs::reader::{self, DirectoryPlace, Entry as Item, Inode, Kind};
use crate::container::{ReadError, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// A walk in progress.
struct Walk<'w, 'v, 'i, 'a> {
    image: &'i reader::Image<InputBackend<'a>>,
    visit: &'w mut Visit<'v>,
    /// Directories that have been entered. In a damaged image one may contain itself.
    entered: HashSet<u32>,
    /// The remaining bytes and directory levels of the limits.
    content_left: u64,
    max_content_bytes: u64,
    depth_left: usize,
}

impl Image<'_> {
    /// Visits every entry with its content: each directory before its entries, sorted by the bytes of the names.
    pub fn visit(&mut self, visit: &mut Visit<'_>) -> Result<(), ReadError> {
        let mut walk = Walk {
            image: &self.inner,
            visit,
            entered: HashSet::new(),
            content_left: self.limits.max_content_bytes,
            max_content_bytes: self.limits.max_content_bytes,
            depth_left: self.limits.max_depth,
        };
        let root = self.inner.inode(self.inner.superblock().root);
        let root = root.map_err(|error| self.inner.backend().explain(error))?;
        match &root.kind {
            Kind::Directory(place) => walk.directory(&root, place, ""),
            _ => Err(walk.malformed("the root is not a directory")),
        }
    }
}

impl Walk<'_, '_, '_, '_> {
    fn directory(
        &mut self,
        inode: &Inode,
        place: &DirectoryPlace,
        prefix: &str,
    ) -> Result<(), ReadError> {
        if !self.entered.insert(inode.number) {
            return Err(self.malformed(format!("directory `/{prefix}` is in the image twice")));
        }
        let mut last = Vec::new();
        let mut entries = self.read(self.image.entries(place))?;
        while let Some(item) = self.read(entries.next())? {
            if last >= item.name {
                let name = item.name.escape_ascii();
                return Err(self.malformed(format!("`/{prefix}{name}` is not in its place")));
            }
            self.item(&item, prefix)?;
            last = item.name;
        }
        Ok(())
    }

    fn item(&mut self, item: &Item, prefix: &str) -> Result<(), ReadError> {
        let Ok(name) = str::from_utf8(&item.name) else {
            let name = item.name.escape_ascii();
            return Err(self.malformed(format!("the name `/{prefix}{name}` is not UTF-8")));
        };
        let path = format!("{prefix}{name}");
        let inode = self.read(self.image.inode(item.inode))?;
        if (inode.number, inode.kind.number()) != (item.number, item.kind) {
            let what = format!("`/{path}` and its inode disagree about its number or kind");
            return Err(self.malformed(what));
        }
        match &inode.kind {
            Kind::Directory(place) => self.enter(&inode, place, path),
            Kind::Symlink(target) => match String::from_utf8(target.clone()) {
                Ok(target) => self.show(path, inode.mode, EntryContent::Symlink(target)),
                Err(_) => Err(self.malformed(format!("the target of `/{path}` is not UTF-8"))),
            },
            Kind::File(_) => self.file(path, &inode),
            Kind::Special => {
                let what = format!("expected a directory, file or symbolic link at `/{path}`");
                Err(self.malformed(what))
            }
        }
    }

    /// Visits a directory and its entries.
    fn enter(
        &mut self,
        inode: &Inode,
        place: &DirectoryPlace,
        path: String,
    ) -> Result<(), ReadError> {
        let below = format!("{path}/");
        let Some(left) = self.depth_left.checked_sub(1) else {
            return Err(self.malformed(format!("directory `/{path}` is nested too deep")));
        };
        self.show(path, inode.mode, EntryContent::Directory)?;
        self.depth_left = left;
        self.directory(inode, place, &below)?;
        self.depth_left += 1;
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

    /// Reads a file for its hash, and lets the visitor read it again.
    fn file(&mut self, path: String, inode: &Inode) -> Result<(), ReadError> {
        let (mode, size) = (inode.mode, inode.size);
        self.content_left = self.content_left.checked_sub(size).ok_or_else(|| {
            let limit = self.max_content_bytes;
            self.malformed(format!(
                "with `/{path}`, the files have more than {limit} bytes"
            ))
        })?;
        let sha256 = Sha256Sum::of_reader(&mut Content::new(self.image, inode));
        let sha256 = sha256.map_err(from_io)?;
        let content = EntryContent::File { size, sha256 };
        let entry = Entry {
            path,
            mode,
            content,
        };
        (self.visit)(&entry, &mut Content::new(self.image, inode)).map_err(from_io)
    }

    /// Adds the place to the reader's errors.
    fn read<T>(&self, outcome: Result<T, reader::Error<std::io::Error>>) -> Result<T, ReadError> {
        outcome.map_err(|error| self.image.backend().explain(error))
    }

    /// An error about a name; its place is the directory table.
    fn malformed(&self, what: impl AsRef<str>) -> ReadError {
        let position = self.image.superblock().directory_table();
        self.image.backend().malformed(what, position)
    }
}
