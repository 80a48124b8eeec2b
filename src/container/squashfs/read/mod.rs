//! Reading an image to its last byte, believing nothing.

mod content;
mod directory;
mod image;
mod inode;
mod metadata;
mod source;
mod walk;

pub use image::{Image, Limits};
