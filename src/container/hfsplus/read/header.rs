//! The volume header, as far as a volume that is only read needs it.

use super::bytes::Bytes;
use crate::container::hfsplus::{BLOCK, MAX_BYTES, SIGNATURE, UNMOUNTED, VERSION};

/// Where a fork is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fork {
    pub(super) start: u32,
    pub(super) blocks: u32,
    pub(super) size: u64,
}

impl Fork {
    pub(super) const SIZE: usize = 80;

    /// A fork of one extent, or of none if it is empty.
    pub(super) fn read(bytes: Bytes<'_>) -> Option<Self> {
        let fork = Self {
            size: bytes.u64(0)?,
            blocks: bytes.u32(12)?,
            start: bytes.u32(16)?,
        };
        let is_whole = fork.size.div_ceil(BLOCK as u64) == u64::from(fork.blocks);
        let is_one = bytes.u32(20)? == fork.blocks && bytes.part(24, 56)?.is_zero();
        (is_whole && is_one && bytes.u32(8)? == 0).then_some(fork)
    }
}

/// What a header says.
pub(super) struct Header {
    pub(super) files: u32,
    pub(super) folders: u32,
    pub(super) total_blocks: u32,
    pub(super) next_number: u32,
    pub(super) allocation: Fork,
    pub(super) catalog: Fork,
}

impl Header {
    /// Reads a header; what is wrong with it is the error.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let bytes = Bytes(bytes);
        let is_known = bytes.0.starts_with(&SIGNATURE) && bytes.u16(2) == Some(VERSION);
        if !is_known {
            return Err("expected a volume header of version 4");
        }
        Self::fields(bytes).ok_or(
            "a volume header with other properties than those of a volume that is written once",
        )
    }

    fn fields(bytes: Bytes<'_>) -> Option<Self> {
        let fork = |index| Fork::read(bytes.part(112 + index * Fork::SIZE, Fork::SIZE)?);
        let (allocation, extents, catalog) = (fork(0)?, fork(1)?, fork(2)?);
        let header = Self {
            files: bytes.u32(32)?,
            folders: bytes.u32(36)?,
            total_blocks: bytes.u32(44)?,
            next_number: bytes.u32(64)?,
            allocation,
            catalog,
        };
        let total = u64::from(header.total_blocks);
        let is_as_written = bytes.u32(4)? == UNMOUNTED
            && bytes.u32(40)? == BLOCK as u32
            && bytes.u32(48)? == 0
            && fork(3)? == Fork::default()
            && fork(4)? == Fork::default();
        let is_bounded = total <= MAX_BYTES / BLOCK as u64;
        // One after the other from the second block on, with a block left for the second header.
        let ends = [allocation, extents, catalog]
            .iter()
            .try_fold(1u32, |next, fork| {
                (fork.start == next && fork.blocks > 0)
                    .then(|| next.checked_add(fork.blocks))
                    .flatten()
            })?;
        let is_whole = extents.blocks == 1 && u64::from(ends) < total;
        let has_bitmap = allocation.size == u64::from(allocation.blocks) * BLOCK as u64
            && allocation.size.checked_mul(8)? >= total;
        (is_as_written && is_bounded && is_whole && has_bitmap).then_some(header)
    }
}
