//! Streams of compressed bytes: writers whose bytes do not depend on the number of threads, and readers.

pub mod decode;
pub(in crate::container) mod deflate;
pub mod gzip;
pub(crate) mod gzip_member;
pub(crate) mod ordered;
pub mod xz;
pub mod zstd;
