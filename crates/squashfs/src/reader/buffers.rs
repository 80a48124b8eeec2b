//! Reused memory for blocks: fresh pages would cost as much as the decompression.

use alloc::vec::Vec;

use super::backend::{Backend, Lock};

/// The maximum number of buffers that are kept for reuse.
const MAX_IDLE: usize = 8;

/// Unused buffers of one size.
pub(super) struct Buffers<B: Backend> {
    size: usize,
    idle: B::Lock<Vec<Vec<u8>>>,
}

impl<B: Backend> Buffers<B> {
    pub(super) fn new(size: usize) -> Self {
        Self {
            size,
            idle: Lock::new(Vec::new()),
        }
    }

    /// A buffer of the full size, with arbitrary old content.
    pub(super) fn take(&self) -> Vec<u8> {
        let Some(mut buffer) = self.idle.with(Vec::pop) else {
            return alloc::vec![0; self.size];
        };
        buffer.resize(self.size, 0);
        buffer
    }

    pub(super) fn give_back(&self, buffer: Vec<u8>) {
        self.idle.with(|idle| {
            if idle.len() < MAX_IDLE {
                idle.push(buffer);
            }
        });
    }
}
