//! The catalog: a tree with a record for each file and directory, and one more that leads from its number to its name.

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

use super::header::{Fork, put};
use super::node::{Node, TreeHeader};
use crate::container::WriteError;
use crate::container::hfsplus::name::Name;
use crate::container::hfsplus::{
    BLOCK, FILE, FILE_SIZE, FILE_THREAD, FIRST, FOLDER, FOLDER_SIZE, FOLDER_THREAD, INDEX, LEAF,
    MAX_TARGET, MODE_DIRECTORY, MODE_FILE, MODE_SYMLINK, ROOT, ROOT_PARENT, SYMLINK_TYPE,
};
use crate::model::steps::{Step, steps};
use crate::model::tree::{Content, Tree, TreeFile};

/// Permission bits of directories and links.
const DIRECTORY_MODE: u32 = 0o755;
const SYMLINK_MODE: u32 = 0o777;
/// A file has a thread.
const HAS_THREAD: u16 = 2;
/// The Finder's flag of a folder with an icon of its own.
const HAS_ICON: u16 = 0x0400;

/// A file or directory.
pub(super) struct Item<'a> {
    parent: u32,
    name: Name,
    /// With its parents' names; empty for the root.
    path: String,
    /// `None` for a directory.
    file: Option<&'a TreeFile>,
    /// How many files and directories are in it.
    children: u32,
    start: u32,
}

impl<'a> Item<'a> {
    /// Path and mode, and the file unless it is a directory. The root is not shown.
    pub(super) fn shown(&self) -> Option<(String, u32, Option<&'a TreeFile>)> {
        (!self.path.is_empty()).then(|| (self.path.clone(), self.mode(), self.file))
    }

    /// Where a link leads to.
    pub(super) fn target(&self) -> Option<&'a str> {
        match &self.file?.content {
            Content::Symlink(target) => Some(target),
            Content::File(_) | Content::Bytes(_) => None,
        }
    }

    fn mode(&self) -> u32 {
        match (self.file, self.target()) {
            (None, _) => DIRECTORY_MODE,
            (Some(_), Some(_)) => SYMLINK_MODE,
            (Some(file), None) => file.mode & 0o777,
        }
    }

    fn size(&self) -> u64 {
        match self.target() {
            Some(target) => target.len() as u64,
            None => self.file.map_or(0, TreeFile::size),
        }
    }

    fn blocks(&self) -> u64 {
        self.size().div_ceil(BLOCK as u64)
    }

    fn record_size(&self) -> usize {
        match self.file {
            None => FOLDER_SIZE,
            Some(_) => FILE_SIZE,
        }
    }
}

/// One record of a leaf.
#[derive(Clone, Copy)]
enum Record {
    /// From the number of an item to its name.
    Thread(u32),
    /// What an item is.
    Item(u32),
}

/// The tree, planned.
pub(super) struct Catalog<'a> {
    /// In the order of their numbers; the first one is the root.
    items: Vec<Item<'a>>,
    /// In the order of their keys.
    records: Vec<Record>,
    /// For each level, leaves first, the records or nodes below that each node holds.
    levels: Vec<Vec<Range<usize>>>,
    node_size: usize,
    date: u32,
    has_icon: bool,
}

impl<'a> Catalog<'a> {
    pub(super) fn new(
        tree: &'a Tree,
        volume: &str,
        has_icon: bool,
        date: u32,
    ) -> Result<Self, WriteError> {
        let items = items(tree, volume)?;
        let mut catalog = Self {
            records: records(&items)?,
            items,
            levels: Vec::new(),
            node_size: 0,
            date,
            has_icon,
        };
        // The smallest nodes whose map fits into the first one.
        for size in [BLOCK, 2 * BLOCK, 4 * BLOCK, 8 * BLOCK] {
            catalog.node_size = size;
            catalog.levels = catalog.planned_levels();
            if catalog.nodes() <= TreeHeader::most_nodes(size) {
                return Ok(catalog);
            }
        }
        let count = catalog.items.len();
        Err(WriteError::Invalid(format!(
            "{count} files and directories are too many for one volume"
        )))
    }

    /// Gives each file with content its place, from a block on.
    pub(super) fn place(&mut self, mut next: u32) {
        for item in &mut self.items {
            let blocks = item.blocks() as u32;
            if blocks > 0 {
                item.start = next;
                next += blocks;
            }
        }
    }

    pub(super) fn items(&self) -> &[Item<'a>] {
        &self.items
    }

    /// The size in bytes.
    pub(super) fn size(&self) -> u64 {
        (self.nodes() * self.node_size) as u64
    }

    pub(super) fn content_blocks(&self) -> u64 {
        let blocks = self.items.iter().map(Item::blocks);
        blocks.fold(0, u64::saturating_add)
    }

    pub(super) fn files(&self) -> u32 {
        let files = self.items.iter().filter(|item| item.file.is_some());
        files.count() as u32
    }

    /// Directories without the root.
    pub(super) fn folders(&self) -> u32 {
        self.items.len() as u32 - 1 - self.files()
    }

    pub(super) fn next_number(&self) -> u32 {
        number(self.items.len() as u32)
    }

    fn nodes(&self) -> usize {
        1 + self.levels.iter().map(Vec::len).sum::<usize>()
    }

    fn planned_levels(&self) -> Vec<Vec<Range<usize>>> {
        let sizes = self.records.iter().map(|record| match record {
            Record::Thread(item) => self.key_size(*record) + thread_size(self.item(*item)),
            Record::Item(item) => self.key_size(*record) + self.item(*item).record_size(),
        });
        let mut levels = vec![packed(sizes, self.node_size)];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let depth = levels.len() - 1;
            let sizes = (0..below.len()).map(|node| {
                let first = first_record(&levels, depth, node);
                self.key_size(self.records[first]) + 4
            });
            let level = packed(sizes, self.node_size);
            levels.push(level);
        }
        levels
    }

    fn item(&self, index: u32) -> &Item<'a> {
        &self.items[index as usize]
    }

    fn key_size(&self, record: Record) -> usize {
        match record {
            Record::Thread(_) => 8,
            Record::Item(item) => 8 + 2 * self.item(item).name.units().len(),
        }
    }

    /// The key of a record (TN1150, "Catalog File Key").
    fn key(&self, record: Record) -> Vec<u8> {
        let mut key = Vec::new();
        key.extend((self.key_size(record) as u16 - 2).to_be_bytes());
        match record {
            Record::Thread(item) => {
                put(&mut key, &[number(item)]);
                key.extend([0; 2]);
            }
            Record::Item(index) => {
                let item = self.item(index);
                put(&mut key, &[item.parent]);
                put_name(&mut key, &item.name);
            }
        }
        key
    }

    fn record(&self, record: Record) -> Vec<u8> {
        let mut bytes = self.key(record);
        match record {
            Record::Thread(item) => put_thread(&mut bytes, self.item(item)),
            Record::Item(index) => self.put_item(&mut bytes, index),
        }
        bytes
    }

    /// TN1150, "Catalog Folder Records" and "Catalog File Records".
    fn put_item(&self, bytes: &mut Vec<u8>, index: u32) {
        let item = self.item(index);
        let (kind, flags, children) = match item.file {
            None => (FOLDER, 0, item.children),
            Some(_) => (FILE, HAS_THREAD, 0),
        };
        bytes.extend(kind.to_be_bytes());
        bytes.extend(u16::to_be_bytes(flags));
        // Made, changed, attributes changed, read; never backed up.
        let date = self.date;
        put(bytes, &[children, number(index), date, date, date, date, 0]);
        // Owner and group 0, no flags, the mode, and one link.
        put(bytes, &[0, 0]);
        let kind = match (item.file, item.target()) {
            (None, _) => MODE_DIRECTORY,
            (Some(_), Some(_)) => MODE_SYMLINK,
            (Some(_), None) => MODE_FILE,
        };
        bytes.extend([0; 2]);
        bytes.extend((kind | item.mode() as u16).to_be_bytes());
        put(bytes, &[1]);
        // The Finder's information: 32 bytes.
        let mut finder = [0; 32];
        if item.target().is_some() {
            finder[..8].copy_from_slice(&SYMLINK_TYPE);
        } else if index == 0 && self.has_icon {
            finder[8..10].copy_from_slice(&HAS_ICON.to_be_bytes());
        }
        bytes.extend(finder);
        // Encoding of names, and nothing.
        put(bytes, &[0, 0]);
        if item.file.is_some() {
            let start = item.start;
            Fork::new(start, item.blocks() as u32, item.size()).put(bytes);
            Fork::default().put(bytes);
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let leaves = self.levels[0].len() as u32;
        let nodes = self.nodes() as u32;
        let header = TreeHeader {
            node_size: self.node_size,
            depth: self.levels.len() as u16,
            // Levels follow each other, and the root is the only node of the last one.
            root: nodes - 1,
            records: self.records.len() as u32,
            first_leaf: 1,
            last_leaf: leaves,
            nodes,
        };
        out.write_all(&header.catalog())?;
        let (mut first, mut below) = (1, 0);
        for (depth, level) in self.levels.iter().enumerate() {
            for (index, range) in level.iter().enumerate() {
                let at = first + index as u32;
                let previous = if index == 0 { 0 } else { at - 1 };
                let next = if index + 1 == level.len() { 0 } else { at + 1 };
                let kind = if depth == 0 { LEAF } else { INDEX };
                let mut node = Node::new(self.node_size, kind, depth as u8 + 1, previous, next);
                for each in range.clone() {
                    if depth == 0 {
                        node.push(&self.record(self.records[each]));
                    } else {
                        let record = first_record(&self.levels, depth - 1, each);
                        let mut pointer = self.key(self.records[record]);
                        put(&mut pointer, &[below + each as u32]);
                        node.push(&pointer);
                    }
                }
                out.write_all(&node.finish())?;
            }
            below = first;
            first += level.len() as u32;
        }
        Ok(())
    }
}

/// The number of the item at an index.
pub(super) fn number(index: u32) -> u32 {
    match index {
        0 => ROOT,
        other => FIRST - 1 + other,
    }
}

/// The first record below a node.
fn first_record(levels: &[Vec<Range<usize>>], depth: usize, node: usize) -> usize {
    (0..=depth)
        .rev()
        .fold(node, |node, depth| levels[depth][node].start)
}

/// Fills nodes with as many records as they hold.
fn packed(sizes: impl Iterator<Item = usize>, node_size: usize) -> Vec<Range<usize>> {
    let (mut nodes, mut start, mut end, mut bytes) = (Vec::new(), 0, 0, 0);
    for size in sizes {
        if Node::needed(end - start + 1, bytes + size) > node_size {
            nodes.push(start..end);
            (start, bytes) = (end, 0);
        }
        end += 1;
        bytes += size;
    }
    nodes.push(start..end);
    nodes
}

fn thread_size(item: &Item<'_>) -> usize {
    4 + 4 + 2 + 2 * item.name.units().len()
}

/// TN1150, "Catalog Thread Records".
fn put_thread(bytes: &mut Vec<u8>, item: &Item<'_>) {
    let kind = match item.file {
        None => FOLDER_THREAD,
        Some(_) => FILE_THREAD,
    };
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0; 2]);
    put(bytes, &[item.parent]);
    put_name(bytes, &item.name);
}

fn put_name(bytes: &mut Vec<u8>, name: &Name) {
    bytes.extend((name.units().len() as u16).to_be_bytes());
    bytes.extend(name.units().iter().flat_map(|unit| unit.to_be_bytes()));
}

/// The root, and all that is in the tree.
fn items<'a>(tree: &'a Tree, volume: &str) -> Result<Vec<Item<'a>>, WriteError> {
    let root = Name::new(volume).map_err(|reason| {
        WriteError::Invalid(format!("a volume cannot be called `{volume}`: {reason}"))
    })?;
    let mut items = vec![Item {
        parent: ROOT_PARENT,
        name: root,
        path: String::new(),
        file: None,
        children: 0,
        start: 0,
    }];
    let mut directories: HashMap<&str, u32> = HashMap::from([("", 0)]);
    for step in steps(tree) {
        let (path, file) = match step {
            Step::Directory(path) => (path, None),
            Step::File(file) => (file.path.as_str(), Some(file)),
        };
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = Name::new(name).map_err(|reason| {
            WriteError::Invalid(format!("HFS+ cannot hold `/{path}`: {reason}"))
        })?;
        let parent = directories[parent];
        let above = &items[parent as usize].path;
        let path_here = match above.is_empty() {
            true => name.text(),
            false => format!("{above}/{}", name.text()),
        };
        if file.is_none() {
            directories.insert(path, items.len() as u32);
        }
        let item = Item {
            parent: number(parent),
            name,
            path: path_here,
            file,
            children: 0,
            start: 0,
        };
        if item.target().is_some() && !(1..=MAX_TARGET).contains(&item.size()) {
            return Err(WriteError::Invalid(format!(
                "HFS+ cannot hold the link `/{path}`: its target has {} bytes; expected 1 to {MAX_TARGET}",
                item.size()
            )));
        }
        items[parent as usize].children += 1;
        items.push(item);
    }
    Ok(items)
}

/// The records in order. Two names in one directory that macOS takes for the same are refused.
fn records(items: &[Item<'_>]) -> Result<Vec<Record>, WriteError> {
    let mut sorted: Vec<u32> = (0..items.len() as u32).collect();
    let key = |index: &u32| &items[*index as usize];
    sorted.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.parent.cmp(&b.parent).then_with(|| a.name.order(&b.name))
    });
    let same = sorted.windows(2).find(|pair| {
        let (a, b) = (key(&pair[0]), key(&pair[1]));
        a.parent == b.parent && a.name.order(&b.name).is_eq()
    });
    if let Some(pair) = same {
        let (first, second) = (&key(&pair[0]).path, &key(&pair[1]).path);
        return Err(WriteError::Invalid(format!(
            "HFS+ cannot tell `/{first}` from `/{second}`, which differ in capitals or invisible characters only"
        )));
    }
    // A directory's thread is before what is in it, since no name is empty. Files have threads, too.
    let mut records = Vec::with_capacity(2 * items.len());
    let mut children = sorted.into_iter().peekable();
    for parent in std::iter::once(None).chain((0..items.len() as u32).map(Some)) {
        let number = match parent {
            None => ROOT_PARENT,
            Some(index) => {
                records.push(Record::Thread(index));
                number(index)
            }
        };
        while let Some(child) = children.next_if(|child| key(child).parent == number) {
            records.push(Record::Item(child));
        }
    }
    Ok(records)
}
