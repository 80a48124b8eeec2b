//! GNU tar, which every tar, dpkg and container engine reads. Several formats contain one.
//!
//! Layout: GNU tar manual, "Basic Tar Format". Long names precede their member as members of type `L` and `K`. Numbers
//! that do not fit into their octal field are base-256.

mod header;
mod read;
mod write;

pub(crate) use read::TarReader;
pub(crate) use write::{Owner, TarWriter, size_of_tree};
