//! Reading a volume once, from its first byte to its last, without trusting it.

mod bytes;
mod header;
mod tree;
mod volume;

pub(crate) use volume::VolumeReader;
