//! Files that contain files, and their compression, without any notion of a package.

pub(crate) mod ar;
pub(crate) mod bom;
pub(crate) mod cab;
pub(crate) mod cfb;
pub mod compress;
pub(crate) mod cpio;
pub(crate) mod hash;
pub(crate) mod hfsplus;
pub(crate) mod members;
pub mod squashfs;
pub(crate) mod stream;
pub(crate) mod tar;
pub(crate) mod udif;
pub(crate) mod xar;
pub(crate) mod zip;

use std::io::{self, Read, Seek, Write};

use crate::model::entry::Entry;

/// Where a container is written.
pub trait Output: Write + Seek {}
impl<T: Write + Seek> Output for T {}

/// Receives each entry of a container while it is read. The reader yields a file's content and is empty for other
/// entries.
pub type Visit<'a> = dyn FnMut(&Entry, &mut dyn Read) -> io::Result<()> + 'a;

/// Bytes that violate the specification of their format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset}")]
pub struct Malformed {
    /// What is wrong, and what was expected.
    pub what: String,
    /// The offset from the start of the file (or of the decompressed member that the text names).
    pub offset: u64,
}

/// Why a container could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error("input failed")]
    Io(#[from] io::Error),
    /// The file was read, but is not a valid container.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Why a container could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Reading the input or writing the container failed.
    #[error("input or output failed")]
    Io(#[from] io::Error),
    /// The container cannot represent something.
    #[error("{0}")]
    Invalid(String),
}
