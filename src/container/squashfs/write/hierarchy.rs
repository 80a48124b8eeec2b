//! A list of files as nested directories.

use std::collections::BTreeMap;

use crate::container::WriteError;
use crate::container::squashfs::MAX_NAME;
use crate::model::entry::{Entry, EntryContent};
use crate::model::tree::{Content, TreeFile};

/// The mode of every directory.
const DIRECTORY_MODE: u32 = 0o755;

/// A directory; its children are sorted by the bytes of their names, as lookups in an image expect.
#[derive(Default)]
pub struct Directory<'a> {
    pub number: u32,
    pub children: BTreeMap<&'a str, Child<'a>>,
}

pub enum Child<'a> {
    Directory(Directory<'a>),
    File(Leaf<'a>),
}

/// A regular file or symbolic link.
pub struct Leaf<'a> {
    pub number: u32,
    pub file: &'a TreeFile,
}

/// The root directory, and the totals of all directories.
pub struct Hierarchy<'a> {
    pub root: Directory<'a>,
    /// The number of inodes, including the root. They are numbered from 1, starting with the root.
    pub inode_count: u32,
}

impl<'a> Hierarchy<'a> {
    /// Creates the directories that the files' paths imply.
    pub fn new(files: impl IntoIterator<Item = &'a TreeFile>) -> Result<Self, WriteError> {
        let mut root = Directory::default();
        for file in files {
            root.insert(file)?;
        }
        let mut inode_count = 0;
        root.number(&mut inode_count)?;
        Ok(Self { root, inode_count })
    }
}

impl<'a> Directory<'a> {
    fn insert(&mut self, file: &'a TreeFile) -> Result<(), WriteError> {
        let (parents, name) = match file.path.rsplit_once('/') {
            Some((parents, name)) => (Some(parents), name),
            None => (None, &file.path[..]),
        };
        let mut directory = self;
        for parent in parents.into_iter().flat_map(|parents| parents.split('/')) {
            check_name(parent, file)?;
            let child = directory.children.entry(parent);
            let child = child.or_insert_with(|| Child::Directory(Directory::default()));
            let Child::Directory(child) = child else {
                return Err(conflict(file));
            };
            directory = child;
        }
        check_name(name, file)?;
        let leaf = Child::File(Leaf { number: 0, file });
        match directory.children.insert(name, leaf) {
            None => Ok(()),
            Some(_) => Err(conflict(file)),
        }
    }

    fn number(&mut self, last: &mut u32) -> Result<(), WriteError> {
        self.number = next(last)?;
        for child in self.children.values_mut() {
            match child {
                Child::Directory(directory) => directory.number(last)?,
                Child::File(leaf) => leaf.number = next(last)?,
            }
        }
        Ok(())
    }

    /// All files below, in the order of names within each directory.
    pub fn leaves(&self) -> Vec<&Leaf<'a>> {
        let mut leaves = Vec::new();
        self.collect_leaves(&mut leaves);
        leaves
    }

    fn collect_leaves<'s>(&'s self, leaves: &mut Vec<&'s Leaf<'a>>) {
        for child in self.children.values() {
            match child {
                Child::Directory(directory) => directory.collect_leaves(leaves),
                Child::File(leaf) => leaves.push(leaf),
            }
        }
    }

    /// Everything below, each directory before its entries.
    pub fn entries(&self) -> Result<Vec<Entry>, WriteError> {
        let mut entries = Vec::new();
        self.collect_entries("", &mut entries)?;
        Ok(entries)
    }

    fn collect_entries(&self, prefix: &str, entries: &mut Vec<Entry>) -> Result<(), WriteError> {
        for (name, child) in &self.children {
            let path = format!("{prefix}{name}");
            match child {
                Child::Directory(directory) => {
                    let prefix = format!("{path}/");
                    let (mode, content) = (DIRECTORY_MODE, EntryContent::Directory);
                    entries.push(Entry {
                        path,
                        mode,
                        content,
                    });
                    directory.collect_entries(&prefix, entries)?;
                }
                Child::File(leaf) => entries.push(leaf.entry(path)?),
            }
        }
        Ok(())
    }

    pub fn mode(&self) -> u32 {
        DIRECTORY_MODE
    }

    pub fn subdirectories(&self) -> usize {
        let is_directory = |child: &&Child<'_>| matches!(child, Child::Directory(_));
        self.children.values().filter(is_directory).count()
    }
}

impl Leaf<'_> {
    fn entry(&self, path: String) -> Result<Entry, WriteError> {
        let content = match &self.file.content {
            Content::Symlink(target) => EntryContent::Symlink(target.clone()),
            _ => EntryContent::File {
                size: self.file.size(),
                sha256: self.file.sha256()?,
            },
        };
        Ok(Entry {
            path,
            mode: self.mode(),
            content,
        })
    }

    pub fn mode(&self) -> u32 {
        match &self.file.content {
            // Links have no mode; this is what Linux shows.
            Content::Symlink(_) => 0o777,
            _ => self.file.mode & 0o7777,
        }
    }
}

fn next(last: &mut u32) -> Result<u32, WriteError> {
    *last = last
        .checked_add(1)
        .ok_or_else(|| WriteError::Invalid("squashfs holds at most 2^32 files".to_owned()))?;
    Ok(*last)
}

fn check_name(name: &str, file: &TreeFile) -> Result<(), WriteError> {
    let fits = (1..=MAX_NAME).contains(&name.len()) && name != "." && name != "..";
    if fits && !name.contains('\0') {
        return Ok(());
    }
    let path = &file.path;
    let problem = format!("`/{path}`: squashfs cannot hold the name `{name}`");
    Err(WriteError::Invalid(problem))
}

fn conflict(file: &TreeFile) -> WriteError {
    let path = &file.path;
    WriteError::Invalid(format!("`/{path}` is in the way of another file"))
}
