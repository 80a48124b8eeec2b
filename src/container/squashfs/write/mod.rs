//! Writing an image: first the files' content, compressed by several threads, then the tables that describe it.

mod data;
mod directory;
mod hierarchy;
mod image;
mod inode;
mod metadata;
mod pages;
mod sink;

pub use data::BLOCK_SIZE;
pub use image::{Options, write};
