//! Streams of compressed bytes: writers whose bytes do not depend on the number of threads, and readers.

pub mod decode;
pub(in crate::container) mod deflate;
pub mod gzip;
pub(crate) mod gzip_member;
pub(crate) mod ordered;
pub mod xz;
pub mod zstd;

/// The length of pieces of a content of this size that threads compress on their own: as few as possible of at most so many
/// bytes, all equal. If there are several, their number is even: one that is left over would be compressed by one thread while
/// the others wait.
fn even_pieces(size: u64, most: u64) -> u64 {
    let pieces = match size.div_ceil(most) {
        0 | 1 => 1,
        several => several.next_multiple_of(2),
    };
    size.div_ceil(pieces).max(1 << 20)
}
