//! Reads squashfs images without std. See `README.md` for who uses it and how.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod decompress;
mod reader;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use decompress::Decompressor;
pub use reader::*;
