//! Writing a volume whose bytes depend only on the tree, its name and one date.

mod catalog;
mod header;
mod node;
mod volume;

pub(crate) use volume::{EPOCH, Options, Volume};
