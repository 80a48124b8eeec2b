//! Changed input for every reader: no panic, no loop without end, no memory beyond a bound. See `README.md`.
//!
//! A part of the library's tests, so that readers which are not public are reached, and the tests' small programs and
//! packages serve as what is changed.

mod coverage;
// The decompressor of the AppImage runtime, which has no std, and the reader where it expects that.
#[path = "../crates/squashfs/src/decompress.rs"]
mod decompress;
mod memory;
mod mutate;
mod runner;
mod targets;

use crate::container::squashfs::reader;
