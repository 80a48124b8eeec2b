//! Memory for blocks, used again and again: fresh pages would cost as much as the decompression.

use alloc::vec::Vec;

use crate::sync::Mutex;

/// No more buffers than these wait to be used again.
const MAX_IDLE: usize = 8;

/// Buffers of one size that wait to be used.
pub struct Buffers {
    size: usize,
    idle: Mutex<Vec<Vec<u8>>>,
}

impl Buffers {
    pub fn new(size: usize) -> Self {
        Self {
            size,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// A buffer of the full size. What is in it was there before.
    pub fn take(&self) -> Vec<u8> {
        let idle = self.idle.lock().pop();
        let mut buffer = idle.unwrap_or_default();
        buffer.resize(self.size, 0);
        buffer
    }

    pub fn give_back(&self, buffer: Vec<u8>) {
        let mut idle = self.idle.lock();
        if idle.len() < MAX_IDLE {
            idle.push(buffer);
        }
    }
}
