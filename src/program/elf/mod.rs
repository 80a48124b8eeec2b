//! ELF files (System V gABI, chapters 4 and 5).

mod dynamic;
mod error;
mod facts;
mod header;
mod layout;
mod notes;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use dynamic::NeededVersion;
pub use error::ElfError;
pub(crate) use facts::Facts;
pub(crate) use header::{Header, Segment};
pub(crate) use layout::{Layout, Section};
