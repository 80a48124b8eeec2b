//! Nodes of B-trees (TN1150, "B-Trees").

use super::header::put;
use crate::container::hfsplus::{
    BLOCK, DESCRIPTOR, HEADER_NODE, MAX_KEY, TREE_HEADER, TREE_RESERVED,
};

/// The longest key of the tree of extents.
const MAX_EXTENT_KEY: u16 = 10;
/// Keys have lengths of 16 bits; those of the catalog are as long as their names in all nodes.
const BIG_KEYS: u32 = 2;
const VARIABLE_KEYS: u32 = 4;
/// How the catalog compares names.
const CASE_FOLDING: u8 = 0xcf;

/// A node that is being filled.
pub(super) struct Node {
    bytes: Vec<u8>,
    offsets: Vec<u16>,
    size: usize,
}

impl Node {
    /// `next` and `previous` are those of the same level.
    pub(super) fn new(size: usize, kind: u8, height: u8, previous: u32, next: u32) -> Self {
        let mut bytes = Vec::with_capacity(size);
        put(&mut bytes, &[next, previous]);
        bytes.extend([kind, height, 0, 0, 0, 0]);
        Self {
            bytes,
            offsets: Vec::new(),
            size,
        }
    }

    /// The space that so many records of so many bytes together need.
    pub(super) fn needed(records: usize, bytes: usize) -> usize {
        DESCRIPTOR + bytes + 2 * (records + 1)
    }

    pub(super) fn push(&mut self, record: &[u8]) {
        self.offsets.push(self.bytes.len() as u16);
        self.bytes.extend(record);
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let count = self.offsets.len() as u16;
        self.bytes[10..12].copy_from_slice(&count.to_be_bytes());
        self.offsets.push(self.bytes.len() as u16);
        debug_assert!(self.bytes.len() + 2 * self.offsets.len() <= self.size);
        self.bytes.resize(self.size - 2 * self.offsets.len(), 0);
        for offset in self.offsets.iter().rev() {
            self.bytes.extend(offset.to_be_bytes());
        }
        self.bytes
    }
}

/// What the header node of a tree says.
pub(super) struct TreeHeader {
    pub(super) node_size: usize,
    pub(super) depth: u16,
    pub(super) root: u32,
    pub(super) records: u32,
    pub(super) first_leaf: u32,
    pub(super) last_leaf: u32,
    pub(super) nodes: u32,
}

impl TreeHeader {
    /// How many nodes the map in a header node can hold.
    pub(super) fn most_nodes(node_size: usize) -> usize {
        8 * Self::map_size(node_size)
    }

    fn map_size(node_size: usize) -> usize {
        node_size - DESCRIPTOR - TREE_HEADER - TREE_RESERVED - 4 * 2
    }

    /// The header node of the catalog.
    pub(super) fn catalog(&self) -> Vec<u8> {
        self.node(MAX_KEY, CASE_FOLDING, BIG_KEYS | VARIABLE_KEYS)
    }

    fn node(&self, max_key: u16, compare: u8, attributes: u32) -> Vec<u8> {
        let mut header = Vec::with_capacity(TREE_HEADER);
        header.extend(self.depth.to_be_bytes());
        put(
            &mut header,
            &[self.root, self.records, self.first_leaf, self.last_leaf],
        );
        header.extend((self.node_size as u16).to_be_bytes());
        header.extend(max_key.to_be_bytes());
        // No node is free.
        put(&mut header, &[self.nodes, 0]);
        header.extend([0; 2]);
        put(&mut header, &[self.nodes * self.node_size as u32]);
        header.extend([0, compare]);
        put(&mut header, &[attributes]);
        header.extend([0; 64]);
        let mut map = vec![0; Self::map_size(self.node_size)];
        let nodes = self.nodes as usize;
        map[..nodes / 8].fill(0xff);
        if !nodes.is_multiple_of(8) {
            map[nodes / 8] = !(0xff >> (nodes % 8));
        }
        let mut node = Node::new(self.node_size, HEADER_NODE, 0, 0, 0);
        node.push(&header);
        node.push(&[0; TREE_RESERVED]);
        node.push(&map);
        node.finish()
    }
}

/// The tree of extents, which has nothing but a header: every file has one extent, and that is in the catalog.
pub(super) fn empty_tree() -> Vec<u8> {
    let header = TreeHeader {
        node_size: BLOCK,
        depth: 0,
        root: 0,
        records: 0,
        first_leaf: 0,
        last_leaf: 0,
        nodes: 1,
    };
    header.node(MAX_EXTENT_KEY, 0, BIG_KEYS)
}
