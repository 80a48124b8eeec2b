//! The records behind the directory, from which readers start.

use std::io::{self, Read, Seek, SeekFrom};

use super::record::{MADE_BY, VERSION_64};
use super::{IN_64_BITS, IN_64_BITS_SHORT, Limits, u16_at, u32_at, u64_at};

const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;

const END_SIZE: u64 = 22;
const END_64_SIZE: u64 = 56;
const LOCATOR_64_SIZE: u64 = 20;

/// Where the directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The number of entries.
    pub(super) count: u64,
    /// The place of the directory.
    pub(super) start: u64,
    /// The size of the directory in bytes.
    pub(super) size: u64,
}

impl End {
    /// Everything behind the directory.
    pub(super) fn bytes(&self, limits: Limits) -> Vec<u8> {
        let is_large =
            self.count >= limits.count || self.start >= limits.offset || self.size >= limits.offset;
        self.encode(is_large)
    }

    fn encode(&self, is_large: bool) -> Vec<u8> {
        let (mut count, mut size, mut start) =
            (self.count as u16, self.size as u32, self.start as u32);
        let mut bytes = Vec::new();
        if is_large {
            // Section 4.3.14: the size of what follows, versions, and the first disk twice.
            bytes.extend(END_64.to_le_bytes());
            bytes.extend((END_64_SIZE - 12).to_le_bytes());
            bytes.extend(MADE_BY.to_le_bytes());
            bytes.extend(VERSION_64.to_le_bytes());
            bytes.extend([0; 8]);
            for number in [self.count, self.count, self.size, self.start] {
                bytes.extend(number.to_le_bytes());
            }
            // Section 4.3.15: the first disk, the place of the record before, and the number of disks.
            bytes.extend(LOCATOR_64.to_le_bytes());
            bytes.extend([0; 4]);
            bytes.extend((self.start + self.size).to_le_bytes());
            bytes.extend(1u32.to_le_bytes());
            (count, size, start) = (IN_64_BITS_SHORT, IN_64_BITS, IN_64_BITS);
        }
        // Section 4.3.16: the first disk twice; no comment.
        bytes.extend(END.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
        bytes.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
        bytes.extend([0; 2]);
        bytes
    }

    /// Finds the directory of a zip of this length; if there is none, the reason.
    pub(super) fn read(
        input: &mut (impl Read + Seek),
        length: u64,
    ) -> io::Result<Result<Self, &'static str>> {
        let Some(mut found) = tail(input, length, END_SIZE)? else {
            return Ok(Err("a file that is too short for a zip"));
        };
        let mut end = Self {
            count: u16_at(&found, 10).into(),
            size: u32_at(&found, 12).into(),
            start: u32_at(&found, 16).into(),
        };
        let is_large = end.start == u64::from(IN_64_BITS);
        if is_large {
            let size = END_64_SIZE + LOCATOR_64_SIZE + END_SIZE;
            let Some(longer) = tail(input, length, size)? else {
                return Ok(Err("a file that is too short for a zip with 64-bit fields"));
            };
            found = longer;
            end = Self {
                count: u64_at(&found, 32),
                size: u64_at(&found, 40),
                start: u64_at(&found, 48),
            };
        }
        let is_behind = end.start.checked_add(end.size) == Some(length - found.len() as u64);
        // Whatever has not been looked at has to be as it is written.
        if is_behind && end.encode(is_large) == found {
            Ok(Ok(end))
        } else {
            Ok(Err("no end of a zip's directory that leads to its start"))
        }
    }
}

/// The last bytes of a file of this length; `None` if it has fewer.
fn tail(input: &mut (impl Read + Seek), length: u64, size: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(start) = length.checked_sub(size) else {
        return Ok(None);
    };
    input.seek(SeekFrom::Start(start))?;
    let mut bytes = vec![0; size as usize];
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}
