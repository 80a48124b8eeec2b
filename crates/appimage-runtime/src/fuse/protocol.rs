//! The messages of FUSE, as bytes in the machine's order.

use alloc::vec::Vec;

use sealift_squashfs::Block;

pub const VERSION: (u32, u32) = (7, 31);

/// Since this minor version, the answer to `INIT` has its present length.
pub const LONG_INIT_SINCE: u32 = 23;
pub const SHORT_INIT_SIZE: usize = 24;

/// No request is larger: writes never come, names have 255 bytes.
pub const MAX_WRITE: u32 = 4096;
/// The kernel refuses readers with less room than this and [`MAX_WRITE`] with headers.
pub const REQUEST_BUFFER: usize = 16 * 1024;

/// The node id of the root directory.
pub const ROOT: u64 = 1;

/// Requests that are answered; all others are refused, which the kernel remembers.
pub mod operation {
    pub const LOOKUP: u32 = 1;
    pub const FORGET: u32 = 2;
    pub const GETATTR: u32 = 3;
    pub const READLINK: u32 = 5;
    pub const OPEN: u32 = 14;
    pub const READ: u32 = 15;
    pub const STATFS: u32 = 17;
    pub const RELEASE: u32 = 18;
    pub const INIT: u32 = 26;
    pub const OPENDIR: u32 = 27;
    pub const READDIR: u32 = 28;
    pub const RELEASEDIR: u32 = 29;
    pub const INTERRUPT: u32 = 36;
    pub const DESTROY: u32 = 38;
    pub const BATCH_FORGET: u32 = 42;
}

/// Features that are asked of the kernel at `INIT`, where it offers them.
pub const WANTED_FEATURES: u32 = ASYNC_READ | PARALLEL_DIROPS | MAX_PAGES | CACHE_SYMLINKS;
const ASYNC_READ: u32 = 1 << 0;
const PARALLEL_DIROPS: u32 = 1 << 18;
const MAX_PAGES: u32 = 1 << 22;
const CACHE_SYMLINKS: u32 = 1 << 23;
/// One read request carries up to so many pages (1 MiB).
pub const PAGES_PER_READ: u16 = 256;

pub const KEEP_CACHE: u32 = 1 << 1;
pub const CACHE_DIR: u32 = 1 << 3;

/// How long the kernel may believe an answer, in seconds: an image never changes.
pub const VALID: u64 = 365 * 24 * 3600;

/// A request as read from the device.
pub struct Request<'a> {
    pub operation: u32,
    pub unique: u64,
    pub node: u64,
    /// What follows the header.
    pub body: &'a [u8],
}

const REQUEST_HEADER: usize = 40;

impl<'a> Request<'a> {
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, body) = bytes.split_at_checked(REQUEST_HEADER)?;
        Some(Self {
            operation: u32_at(header, 4)?,
            unique: u64_at(header, 8)?,
            node: u64_at(header, 16)?,
            body,
        })
    }

    /// A name in the body, without the zero byte at its end.
    pub fn name(&self) -> &'a [u8] {
        self.body.strip_suffix(&[0]).unwrap_or(self.body)
    }
}

pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// An answer: its header, and a body that is appended field by field, or of pieces that are not copied.
pub struct Answer {
    fields: Vec<u8>,
    pieces: Vec<Block>,
}

const ANSWER_HEADER: usize = 16;

impl Answer {
    pub fn new(unique: u64) -> Self {
        let mut bytes = alloc::vec![0; ANSWER_HEADER];
        bytes[8..].copy_from_slice(&unique.to_ne_bytes());
        Answer {
            fields: bytes,
            pieces: Vec::new(),
        }
    }

    /// The answer that an operation failed.
    pub fn error(unique: u64, errno: i32) -> Self {
        let mut answer = Self::new(unique);
        answer.fields[4..8].copy_from_slice(&(-errno).to_ne_bytes());
        answer
    }

    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.fields.extend_from_slice(bytes);
        self
    }

    pub fn zeros(&mut self, count: usize) -> &mut Self {
        self.fields.resize(self.fields.len() + count, 0);
        self
    }

    /// Appends file content behind all fields.
    pub fn piece(&mut self, piece: Block) {
        self.pieces.push(piece);
    }

    pub fn body_size(&self) -> usize {
        let pieces = self.pieces.iter().map(Block::len);
        self.fields.len() - ANSWER_HEADER + pieces.sum::<usize>()
    }

    pub fn truncate_fields(&mut self, size: usize) {
        self.fields.truncate(ANSWER_HEADER + size);
    }

    /// The finished message, in parts.
    pub fn finish(&mut self) -> Vec<&[u8]> {
        let size = (ANSWER_HEADER + self.body_size()) as u32;
        self.fields[..4].copy_from_slice(&size.to_ne_bytes());
        let mut parts = alloc::vec![&self.fields[..]];
        for piece in &self.pieces {
            match piece {
                Block::Bytes(bytes, range) => parts.push(&bytes[range.clone()]),
                Block::Hole(size) => zeros(*size).for_each(|zeros| parts.push(zeros)),
            }
        }
        parts
    }
}

/// Zero bytes, from few that are repeated.
fn zeros(size: usize) -> impl Iterator<Item = &'static [u8]> {
    static ZEROS: [u8; 4096] = [0; 4096];
    let offsets = (0..size).step_by(ZEROS.len());
    offsets.map(move |offset| &ZEROS[..ZEROS.len().min(size - offset)])
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;

    use super::*;

    #[test]
    fn an_answer_begins_with_its_size_error_and_request() {
        let mut answer = Answer::new(7);
        answer.u32(1).zeros(4);
        let bytes = answer.finish().concat();
        assert_eq!(bytes.len(), 24);
        assert_eq!(u32_at(&bytes, 0), Some(24));
        assert_eq!((u32_at(&bytes, 4), u64_at(&bytes, 8)), (Some(0), Some(7)));
        let mut error = Answer::error(8, libc::ENOENT);
        let error = error.finish().concat();
        assert_eq!(u32_at(&error, 4), Some((-libc::ENOENT) as u32));
    }

    #[test]
    fn content_follows_the_header_with_its_holes_filled() {
        let mut answer = Answer::new(7);
        answer.piece(Block::Bytes(Arc::new(b"abcdef".to_vec()), 1..4));
        answer.piece(Block::Hole(5000));
        assert_eq!(answer.body_size(), 5003);
        let bytes = answer.finish().concat();
        assert_eq!(u32_at(&bytes, 0), Some(16 + 5003));
        assert_eq!(bytes[16..19], *b"bcd");
        assert_eq!(bytes[19..], [0; 5000]);
    }

    #[test]
    fn a_short_request_is_no_request() {
        assert!(Request::parse(&[0; 39]).is_none());
        assert!(Request::parse(&[0; 40]).is_some());
    }
}
