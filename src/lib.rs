//! Sealift's library.
pub mod digest;
pub mod entry;
pub mod format;
pub mod package;
pub mod target;
pub mod tree;
