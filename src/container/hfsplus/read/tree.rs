//! The catalog's nodes, in the order in which they are in the volume: the header, the leaves, then each level above.

use super::bytes::Bytes;
use crate::container::hfsplus::name::Name;
use crate::container::hfsplus::{
    BLOCK, DESCRIPTOR, HEADER_NODE, INDEX, LEAF, MAX_KEY, TREE_HEADER, TREE_RESERVED,
};

/// No tree of a volume that is read is deeper.
const MAX_DEPTH: u16 = 8;

/// What the header node says.
#[derive(Clone, Copy, Debug)]
pub(super) struct TreeHeader {
    pub(super) node_size: usize,
    pub(super) depth: u16,
    pub(super) root: u32,
    pub(super) records: u32,
    pub(super) last_leaf: u32,
    pub(super) nodes: u32,
}

impl TreeHeader {
    /// Reads the start of the first node, without its map.
    pub(super) fn read(node: &[u8]) -> Option<Self> {
        let bytes = Bytes(node);
        let header = bytes.part(DESCRIPTOR, TREE_HEADER)?;
        let tree = Self {
            depth: header.u16(0)?,
            root: header.u32(2)?,
            records: header.u32(6)?,
            last_leaf: header.u32(14)?,
            node_size: usize::from(header.u16(18)?),
            nodes: header.u32(22)?,
        };
        let descriptor = Descriptor::read(bytes)?;
        let is_header = descriptor.kind == HEADER_NODE && descriptor.records == 3;
        let is_first = header.u32(10)? == 1 && header.u16(20)? == MAX_KEY && header.u32(26)? == 0;
        let is_sized = (1..=8).any(|times| tree.node_size == times * BLOCK);
        let is_deep = (1..=MAX_DEPTH).contains(&tree.depth);
        (is_header && is_first && is_sized && is_deep).then_some(tree)
    }

    /// Whether a whole header node has this map: all nodes are in use.
    pub(super) fn has_map(self, node: &[u8]) -> Option<bool> {
        let map = DESCRIPTOR + TREE_HEADER + TREE_RESERVED;
        let map = Bytes(node).part(map, self.node_size.checked_sub(map + 8)?)?;
        let nodes = self.nodes as usize;
        let (full, rest) = map.0.split_at_checked(nodes / 8)?;
        let expected = (!0u8).checked_shr(nodes as u32 % 8).map(|mask| !mask)?;
        let (last, rest) = rest.split_first().unwrap_or((&expected, &[]));
        let is_zero = Bytes(rest).is_zero();
        Some(full.iter().all(|byte| *byte == 0xff) && *last == expected && is_zero)
    }
}

/// The start of a node.
#[derive(Clone, Copy, Debug)]
struct Descriptor {
    next: u32,
    previous: u32,
    kind: u8,
    height: u8,
    records: u16,
}

impl Descriptor {
    fn read(node: Bytes<'_>) -> Option<Self> {
        Some(Self {
            next: node.u32(0)?,
            previous: node.u32(4)?,
            kind: *node.0.get(8)?,
            height: *node.0.get(9)?,
            records: node.u16(10)?,
        })
    }
}

/// A key: a directory's number and a name in it; empty for a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) parent: u32,
    pub(super) name: Name,
}

/// A record: its key, and what follows.
pub(super) struct Record<'a> {
    pub(super) key: Key,
    pub(super) data: Bytes<'a>,
}

impl<'a> Record<'a> {
    fn read(bytes: Bytes<'a>) -> Option<Self> {
        let length = usize::from(bytes.u16(0)?);
        let key = bytes.part(2, length)?;
        let name = key.from(4)?;
        let key = Key {
            parent: key.u32(0)?,
            name: match length {
                6 => (name.u16(0)? == 0).then(Name::default)?,
                _ => read_name(name)?,
            },
        };
        let data = bytes.from(2 + length)?;
        Some(Self { key, data })
    }
}

/// A name with its length before it, and nothing behind it.
pub(super) fn read_name(bytes: Bytes<'_>) -> Option<Name> {
    let units = bytes.from(2)?.0;
    if units.len() != 2 * usize::from(bytes.u16(0)?) {
        return None;
    }
    let units = units.chunks_exact(2);
    Name::read(
        units
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect(),
    )
}

/// Reads the nodes after the header, one after the other.
pub(super) struct Nodes {
    tree: TreeHeader,
    /// The number of the next node, its level (leaves have 1), and where its level begins and ends.
    next: u32,
    height: u8,
    first: u32,
    last: u32,
    /// The first keys of the nodes of this level and of the one below, and how many of those have been named.
    keys: Vec<Key>,
    below: std::collections::VecDeque<Key>,
    below_at: u32,
    last_key: Option<Key>,
}

impl Nodes {
    pub(super) fn new(tree: TreeHeader) -> Self {
        Self {
            tree,
            next: 1,
            height: 1,
            first: 1,
            last: tree.last_leaf,
            keys: Vec::new(),
            below: Default::default(),
            below_at: 0,
            last_key: None,
        }
    }

    /// Reads the next node and gives the records of a leaf to the visitor. `None` if something is wrong.
    pub(super) fn add(
        &mut self,
        node: &[u8],
        visit: &mut dyn FnMut(Record<'_>) -> Option<()>,
    ) -> Option<()> {
        let bytes = Bytes(node);
        let found = Descriptor::read(bytes)?;
        let at = self.next;
        let previous = if at == self.first { 0 } else { at - 1 };
        // How long a level above the leaves is, its last node says.
        let is_last = match self.height {
            1 => at == self.last,
            _ => found.next == 0,
        };
        let next = if is_last { 0 } else { at + 1 };
        let kind = if self.height == 1 { LEAF } else { INDEX };
        let expected = (next, previous, kind, self.height);
        if (found.next, found.previous, found.kind, found.height) != expected || found.records == 0
        {
            return None;
        }
        let mut start = DESCRIPTOR;
        for index in 0..=usize::from(found.records) {
            let place = node.len().checked_sub(2 * (index + 1))?;
            let end = usize::from(bytes.u16(place)?);
            if index == 0 {
                (end == DESCRIPTOR).then_some(())?;
                continue;
            }
            let record = Record::read(bytes.part(start, end.checked_sub(start)?)?)?;
            start = end;
            self.in_order(&record.key)?;
            if index == 1 {
                self.keys.push(record.key.clone());
            }
            if self.height == 1 {
                visit(record)?;
            } else {
                self.pointer(&record)?;
            }
        }
        self.next += 1;
        if is_last {
            self.finish_level()?;
        }
        Some(())
    }

    fn in_order(&mut self, key: &Key) -> Option<()> {
        if let Some(last) = &self.last_key {
            let order = last.parent.cmp(&key.parent);
            order
                .then_with(|| last.name.order(&key.name))
                .is_lt()
                .then_some(())?;
        }
        self.last_key = Some(key.clone());
        Some(())
    }

    /// A record of an index names the next node of the level below, with its first key.
    fn pointer(&mut self, record: &Record<'_>) -> Option<()> {
        let expected = self.below.pop_front()?;
        let is_child = record.data.0.len() == 4 && record.data.u32(0)? == self.below_at;
        self.below_at += 1;
        (is_child && record.key == expected).then_some(())
    }

    fn finish_level(&mut self) -> Option<()> {
        self.below.is_empty().then_some(())?;
        self.below = std::mem::take(&mut self.keys).into();
        self.below_at = self.first;
        self.first = self.next;
        self.last_key = None;
        self.height = self.height.checked_add(1)?;
        Some(())
    }

    /// Whether all nodes have been read, and the last one was the root.
    pub(super) fn is_complete(&self) -> bool {
        self.next == self.tree.nodes
            && self.tree.root.checked_add(1) == Some(self.next)
            && u16::from(self.height) == self.tree.depth + 1
            && self.below.len() == 1
            && self.first == self.next
    }
}
