//! The volume header (TN1150, "Volume Header"), which is in a volume twice.

use crate::container::hfsplus::{BLOCK, HEADER_SIZE, SIGNATURE, UNMOUNTED, VERSION};

/// Who changed the volume last: macOS 10, whose rules it keeps.
const MOUNTED_BY: [u8; 4] = *b"10.0";
/// By how much forks grow, which nobody does here.
const CLUMP: u32 = 65_536;

/// A fork in one extent (TN1150, "Fork Data Structure").
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fork {
    start: u32,
    blocks: u32,
    size: u64,
}

impl Fork {
    pub(super) fn new(start: u32, blocks: u32, size: u64) -> Self {
        Self {
            start,
            blocks,
            size,
        }
    }

    pub(super) fn put(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.size.to_be_bytes());
        put(bytes, &[0, self.blocks]);
        put(bytes, &[self.start, self.blocks]);
        bytes.extend([0; 7 * 8]);
    }
}

/// Appends numbers of 32 bits.
pub(super) fn put(bytes: &mut Vec<u8>, numbers: &[u32]) {
    for number in numbers {
        bytes.extend(number.to_be_bytes());
    }
}

/// What differs from volume to volume.
pub(super) struct Header {
    pub(super) date: u32,
    pub(super) files: u32,
    pub(super) folders: u32,
    pub(super) total_blocks: u32,
    pub(super) next_number: u32,
    pub(super) allocation: Fork,
    pub(super) extents: Fork,
    pub(super) catalog: Fork,
}

impl Header {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_SIZE);
        bytes.extend(SIGNATURE);
        bytes.extend(VERSION.to_be_bytes());
        put(&mut bytes, &[UNMOUNTED]);
        bytes.extend(MOUNTED_BY);
        // No journal; made, changed, never backed up, checked.
        put(&mut bytes, &[0, self.date, self.date, 0, self.date]);
        put(&mut bytes, &[self.files, self.folders]);
        // Size of blocks, how many, how many are free, and where the next one would be looked for.
        put(&mut bytes, &[BLOCK as u32, self.total_blocks, 0, 0]);
        put(&mut bytes, &[CLUMP, CLUMP, self.next_number]);
        // Written once, with names of one encoding, and without the Finder's information.
        put(&mut bytes, &[1, 0, 1]);
        put(&mut bytes, &[0; 8]);
        for fork in [self.allocation, self.extents, self.catalog] {
            fork.put(&mut bytes);
        }
        // Neither attributes nor something to start from.
        Fork::default().put(&mut bytes);
        Fork::default().put(&mut bytes);
        debug_assert_eq!(bytes.len(), HEADER_SIZE);
        bytes
    }
}
