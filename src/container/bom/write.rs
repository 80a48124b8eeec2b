//! Writes a bill of materials whose bytes depend only on its paths and one date.

use std::collections::BTreeMap;

use super::{HEADER, Kind, MAGIC, NODE, Path, TOP, cksum};

/// The names of blocks. Each name follows a number and its own length.
const NAMES: [&str; 5] = ["BomInfo", "Paths", "HLIndex", "VIndex", "Size64"];

/// Writes all paths, which are those of everything below the top directory, directories included.
pub(crate) fn write(paths: &[Path], date: u32) -> Vec<u8> {
    let paths = numbered(paths);
    let mut blocks = Blocks::new();
    let total = paths.iter().map(|path| size(&path.path.kind));
    let total = total.fold(0u32, u32::wrapping_add);
    // The version, one more than there are paths, and one line: the bytes of all files that are for no processor.
    let info = numbers(&[1, paths.len() as u32 + 1, 1, 0, 0, total, 0]);
    let info = blocks.add(&info);
    let root = blocks.paths(&paths, date);
    let paths = blocks.tree(root, 4096, paths.len());
    let links = blocks.empty_tree(4096);
    let patterns = blocks.empty_tree(128);
    let mut index = numbers(&[1, patterns, 0]);
    index.push(0);
    let patterns = blocks.add(&index);
    let sizes = blocks.empty_tree(4096);
    blocks.finish([info, paths, links, patterns, sizes])
}

/// A path with the numbers of its parent, and its name.
struct Numbered<'a> {
    parent: u32,
    name: &'a str,
    path: &'a Path,
}

/// The paths by the number of their parent and then by name: so the numbers ascend, from 1.
fn numbered(paths: &[Path]) -> Vec<Numbered<'_>> {
    let mut levels: BTreeMap<usize, Vec<Numbered<'_>>> = BTreeMap::new();
    for path in paths {
        let (level, name) = match path.path.as_str() {
            "" => (0, TOP),
            text => {
                let name = text.rsplit('/').next();
                (1 + text.matches('/').count(), name.unwrap_or(text))
            }
        };
        let parent = 0;
        let level = levels.entry(level).or_default();
        level.push(Numbered { parent, name, path });
    }
    let mut ordered: Vec<Numbered<'_>> = Vec::with_capacity(paths.len());
    let mut above: BTreeMap<&str, u32> = BTreeMap::new();
    for mut level in levels.into_values() {
        for path in &mut level {
            let parent = path
                .path
                .path
                .rsplit_once('/')
                .map_or("", |(parent, _)| parent);
            path.parent = above.get(parent).copied().unwrap_or_default();
        }
        level.sort_by(|a, b| (a.parent, a.name).cmp(&(b.parent, b.name)));
        above.clear();
        for path in level {
            ordered.push(path);
            let path = ordered.last().expect("just added");
            if path.path.kind == Kind::Directory {
                above.insert(&path.path.path, ordered.len() as u32);
            }
        }
    }
    ordered
}

fn size(kind: &Kind) -> u32 {
    match kind {
        Kind::Directory => 0,
        Kind::File { size, .. } => *size,
        Kind::Symlink(target) => target.len() as u32,
    }
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// What a file or directory is.
fn description(path: &Path, date: u32) -> Vec<u8> {
    let (kind, bits) = path.kind.numbers();
    // 15: with everything that follows, and for no processor.
    let mut bytes = vec![kind, 1, 0, 15];
    bytes.extend(((bits | path.mode) as u16).to_be_bytes());
    // Root and its group.
    bytes.extend(numbers(&[0, 0, date, size(&path.kind)]));
    bytes.push(1);
    bytes.extend(match &path.kind {
        Kind::Directory => vec![0; 8],
        Kind::File { sum, .. } => numbers(&[*sum, 0, 0]),
        Kind::Symlink(target) => {
            let mut bytes = numbers(&[cksum(target.as_bytes()), target.len() as u32 + 1]);
            bytes.extend(target.as_bytes());
            bytes.extend([0; 9]);
            bytes
        }
    });
    bytes
}

/// A file that grows.
struct Blocks {
    bytes: Vec<u8>,
    /// The place and length of each block; the first one is none.
    table: Vec<u32>,
}

impl Blocks {
    fn new() -> Self {
        Self {
            bytes: vec![0; HEADER],
            table: vec![0, 0],
        }
    }

    /// The number of the next block.
    fn next(&self) -> u32 {
        (self.table.len() / 2) as u32
    }

    fn add(&mut self, block: &[u8]) -> u32 {
        let number = self.next();
        self.table
            .extend([self.bytes.len(), block.len()].map(|n| n as u32));
        self.bytes.extend(block);
        number
    }

    fn tree(&mut self, root: u32, node: u32, count: usize) -> u32 {
        let mut tree = b"tree".to_vec();
        tree.extend(numbers(&[1, root, node, count as u32]));
        tree.push(0);
        self.add(&tree)
    }

    fn empty_tree(&mut self, node: u32) -> u32 {
        let root = self.nodes(true, &[]);
        self.tree(root, node, 0)
    }

    /// Adds the tree of paths; returns its root.
    fn paths(&mut self, paths: &[Numbered<'_>], date: u32) -> u32 {
        let mut entries = Vec::with_capacity(paths.len());
        for (index, path) in paths.iter().enumerate() {
            let description = self.add(&description(path.path, date));
            let number = self.add(&numbers(&[index as u32 + 1, description]));
            let mut name = numbers(&[path.parent]);
            name.extend(path.name.as_bytes());
            name.push(0);
            entries.push([number, self.add(&name)]);
        }
        let mut is_leaf = true;
        loop {
            let first = self.nodes(is_leaf, &entries);
            if entries.len() <= NODE {
                return first;
            }
            // Each node with the last key below it.
            let last = |entries: &[[u32; 2]]| entries.last().expect("a node has entries")[1];
            let nodes = entries.chunks(NODE).zip(first..);
            entries = nodes.map(|(node, number)| [number, last(node)]).collect();
            is_leaf = false;
        }
    }

    /// Adds one level of a tree, whose nodes know those beside them; returns the first one.
    fn nodes(&mut self, is_leaf: bool, entries: &[[u32; 2]]) -> u32 {
        let first = self.next();
        let count = entries.len().div_ceil(NODE).max(1) as u32;
        for index in 0..count {
            let start = index as usize * NODE;
            let entries = &entries[start..entries.len().min(start + NODE)];
            let after = if index + 1 < count {
                first + index + 1
            } else {
                0
            };
            let before = if index > 0 { first + index - 1 } else { 0 };
            let mut node = u16::from(is_leaf).to_be_bytes().to_vec();
            node.extend((entries.len() as u16).to_be_bytes());
            node.extend(numbers(&[after, before]));
            node.extend(numbers(entries.as_flattened()));
            self.add(&node);
        }
        first
    }

    /// Adds the names and the table of blocks, and completes the header.
    fn finish(mut self, named: [u32; NAMES.len()]) -> Vec<u8> {
        let mut names = numbers(&[NAMES.len() as u32]);
        for (name, block) in NAMES.iter().zip(named) {
            names.extend(block.to_be_bytes());
            names.push(name.len() as u8);
            names.extend(name.as_bytes());
        }
        let mut table = numbers(&[self.next()]);
        table.extend(numbers(&self.table));
        // No block is free; Apple's tools leave two places for some.
        table.extend([0; 20]);
        let start = self.bytes.len();
        let header = numbers(&[
            1,
            self.next() - 1,
            (start + names.len()) as u32,
            table.len() as u32,
            start as u32,
            names.len() as u32,
        ]);
        self.bytes[..MAGIC.len()].copy_from_slice(MAGIC);
        self.bytes[MAGIC.len()..][..header.len()].copy_from_slice(&header);
        self.bytes.extend(names);
        self.bytes.extend(table);
        self.bytes
    }
}
