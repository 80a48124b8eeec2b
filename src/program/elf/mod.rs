//! ELF files (System V gABI, chapters 4 and 5).

mod error;
mod facts;
mod header;
mod layout;
mod notes;

pub use error::ElfError;
pub(crate) use facts::Facts;
pub(crate) use header::{Header, Segment};
pub(crate) use layout::{Layout, Section};
