//! The 512-byte block that describes a member.

use std::ops::Range;

/// The unit of everything in a tar.
pub(crate) const BLOCK: usize = 512;

/// The longest name that fits into the header; longer names are written before it.
pub(crate) const NAME: usize = 100;

/// The name of the members that hold a long name.
pub(crate) const LONG_LINK: &str = "././@LongLink";

// The ranges of the fields.
pub(crate) const PATH: Range<usize> = 0..100;
pub(crate) const MODE: Range<usize> = 100..108;
pub(crate) const UID: Range<usize> = 108..116;
pub(crate) const GID: Range<usize> = 116..124;
pub(crate) const SIZE: Range<usize> = 124..136;
pub(crate) const MTIME: Range<usize> = 136..148;
pub(crate) const CHECKSUM: Range<usize> = 148..156;
pub(crate) const TYPE: usize = 156;
pub(crate) const LINK: Range<usize> = 157..257;
pub(crate) const MAGIC: Range<usize> = 257..265;
pub(crate) const USER: Range<usize> = 265..297;
pub(crate) const GROUP: Range<usize> = 297..329;
/// The first byte of the field that POSIX's format has for the start of a long path.
pub(crate) const PREFIX: usize = 345;

/// Magic and version of the GNU format.
pub(crate) const GNU: &[u8; 8] = b"ustar  \0";

/// Magic and version of POSIX's format, which is read only.
pub(crate) const POSIX: &[u8; 8] = b"ustar\x0000";

/// The kinds of members that are read and written.
pub(crate) mod kind {
    pub(crate) const FILE: u8 = b'0';
    pub(crate) const SYMLINK: u8 = b'2';
    pub(crate) const DIRECTORY: u8 = b'5';
    pub(crate) const LONG_TARGET: u8 = b'K';
    pub(crate) const LONG_PATH: u8 = b'L';
}

/// A header's bytes.
pub(crate) struct Header(pub(crate) [u8; BLOCK]);

impl Header {
    /// A header whose fields are all empty.
    pub(crate) fn new(kind: u8) -> Self {
        let mut header = Self([0; BLOCK]);
        header.0[TYPE] = kind;
        header.0[MAGIC].copy_from_slice(GNU);
        header
    }

    /// Writes a string of at most the field's length.
    pub(crate) fn set_text(&mut self, field: Range<usize>, text: &[u8]) {
        let field = &mut self.0[field];
        field[..text.len()].copy_from_slice(text);
    }

    /// Writes a number: in octal with a NUL if it fits, else in base 256 with the first bit set.
    pub(crate) fn set_number(&mut self, field: Range<usize>, number: u64) {
        let digits = field.len() - 1;
        let octal = format!("{number:0digits$o}");
        let field = &mut self.0[field];
        if octal.len() == digits {
            field[..digits].copy_from_slice(octal.as_bytes());
            return;
        }
        field.fill(0);
        let start = field.len() - 8;
        field[start..].copy_from_slice(&number.to_be_bytes());
        field[0] |= 0x80;
    }

    /// Reads a number in either form; `None` if the field contains neither.
    pub(crate) fn number(&self, field: Range<usize>) -> Option<u64> {
        let field = &self.0[field];
        if field[0] & 0x80 != 0 {
            let (high, low) = field.split_at(field.len() - 8);
            let is_small = high == [0x80, 0, 0, 0];
            return is_small.then(|| low.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)));
        }
        let text = std::str::from_utf8(field).ok()?;
        let digits = text.trim_end_matches(['\0', ' ']).trim_start_matches(' ');
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            u64::from_str_radix(digits, 8).ok()
        } else {
            None
        }
    }

    /// Reads a string up to its NUL or the field's end.
    pub(crate) fn text(&self, field: Range<usize>) -> &[u8] {
        let field = &self.0[field];
        let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
        &field[..end]
    }

    /// The sum of all bytes, with the checksum field itself counted as spaces.
    pub(crate) fn checksum(&self) -> u64 {
        let sum = |bytes: &[u8]| bytes.iter().map(|b| u64::from(*b)).sum::<u64>();
        sum(&self.0) - sum(&self.0[CHECKSUM]) + CHECKSUM.len() as u64 * u64::from(b' ')
    }

    /// Writes the checksum, which must be the last field written: six octal digits, a NUL and a space.
    pub(crate) fn seal(mut self) -> [u8; BLOCK] {
        let text = format!("{:06o}\0 ", self.checksum());
        self.set_text(CHECKSUM, text.as_bytes());
        self.0
    }
}

/// The number of zeros after a content of this size.
pub(crate) fn padding(size: u64) -> usize {
    (size.next_multiple_of(BLOCK as u64) - size) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_are_read_as_they_were_written() {
        let limit = 8u64.pow(11);
        for number in [0, 1, 0o7777, limit - 1, limit, 10_000_000_000, u64::MAX] {
            let mut header = Header::new(kind::FILE);
            header.set_number(SIZE, number);
            assert_eq!(header.number(SIZE), Some(number));
        }
    }

    #[test]
    fn a_field_without_a_number_is_refused() {
        for text in [
            "0000008\0",
            "-000001\0",
            "0000x00\0",
            "+000001\0",
            "00 0001\0",
        ] {
            let mut header = Header::new(kind::FILE);
            header.set_text(MODE, text.as_bytes());
            assert_eq!(header.number(MODE), None, "{text}");
        }
    }
}
