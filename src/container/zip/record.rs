//! The description of an entry, which is in the zip twice: before the content, and in the directory at the end.

use flate2::Crc;

use super::{IN_64_BITS, Limits, u16_at, u32_at, u64_at};
use crate::model::date::dos;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;

/// The size of a record in the directory without its name and extra fields.
pub(super) const CENTRAL_SIZE: usize = 46;

/// Unix in the upper half, whose modes readers then look for; version 4.5 of the specification (section 4.4.2).
pub(super) const MADE_BY: u16 = 3 << 8 | 45;
/// The version that reads directories and deflate (section 4.4.3).
const VERSION: u16 = 20;
/// The version that reads 64-bit fields.
pub(super) const VERSION_64: u16 = 45;

/// The name is UTF-8 (section 4.4.4).
const UTF_8: u16 = 1 << 11;
/// The attribute of directories in MS-DOS.
const DOS_DIRECTORY: u32 = 0x10;

/// Sizes and places in 64 bits (section 4.5.3).
const EXTRA_64: u16 = 0x0001;
/// Seconds since the epoch, of Info-ZIP. The other date is in whatever time zone the reader is in.
const EXTRA_TIME: u16 = 0x5455;
/// Mode and owner, of ASi (section 4.6.1; Info-ZIP's extrafld.txt). It has a checksum, and is also before the content,
/// where nothing else has the mode.
const EXTRA_MODE: u16 = 0x756e;

/// What kind of file an entry is, by the bits of its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Directory = 0o040_000,
    File = 0o100_000,
    Symlink = 0o120_000,
}

/// How the content is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored = 0,
    Deflated = 8,
}

/// The date of all entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    date: u16,
    time: u16,
    /// Seconds since the epoch, where 31 bits can hold them.
    seconds: Option<i32>,
}

impl Date {
    pub(super) fn new(seconds: i64) -> Self {
        let (date, time) = dos(seconds);
        let seconds = i32::try_from(seconds).ok();
        Self {
            date,
            time,
            seconds,
        }
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Without a slash at the end.
    pub(super) path: String,
    pub(super) kind: Kind,
    /// Permission bits.
    pub(super) mode: u32,
    pub(super) date: Date,
    pub(super) method: Method,
    pub(super) crc: u32,
    /// The size of the content as it is held.
    pub(super) held: u64,
    /// The size of the content.
    pub(super) size: u64,
    /// Where the record before the content starts.
    pub(super) offset: u64,
    /// Whether the sizes are in 64 bits.
    pub(super) is_large: bool,
    /// Whether the offset is in 64 bits.
    pub(super) is_far: bool,
}

impl Record {
    /// An entry whose content comes later.
    pub(super) fn new(path: &str, kind: Kind, mode: u32, size: u64, date: Date) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            mode,
            date,
            method: Method::Stored,
            crc: 0,
            held: 0,
            size,
            offset: 0,
            is_large: false,
            is_far: false,
        }
    }

    /// Decides which numbers need 64 bits.
    pub(super) fn place(&mut self, offset: u64, limits: Limits) {
        self.offset = offset;
        self.is_far = offset >= limits.offset;
        self.is_large = self.size >= limits.size;
    }

    /// The record before the content (section 4.3.7).
    pub(super) fn local(&self) -> Vec<u8> {
        let mut bytes = LOCAL.to_le_bytes().to_vec();
        self.common(&mut bytes, false);
        bytes.extend(self.name().as_bytes());
        bytes.extend(self.extra(false));
        bytes
    }

    /// The record in the directory (section 4.3.12).
    pub(super) fn central(&self) -> Vec<u8> {
        let mut bytes = CENTRAL.to_le_bytes().to_vec();
        bytes.extend(MADE_BY.to_le_bytes());
        self.common(&mut bytes, self.is_far);
        // No comment; on the first disk; no internal attributes.
        bytes.extend([0; 6]);
        let dos = match self.kind {
            Kind::Directory => DOS_DIRECTORY,
            Kind::File | Kind::Symlink => 0,
        };
        bytes.extend((u32::from(self.unix_mode()) << 16 | dos).to_le_bytes());
        let offset = short(self.offset, self.is_far);
        bytes.extend(offset.to_le_bytes());
        bytes.extend(self.name().as_bytes());
        bytes.extend(self.extra(self.is_far));
        bytes
    }

    fn common(&self, bytes: &mut Vec<u8>, is_far: bool) {
        let name = self.name();
        let is_64 = self.is_large || is_far;
        let version = if is_64 { VERSION_64 } else { VERSION };
        let flags = if name.is_ascii() { 0 } else { UTF_8 };
        let method = self.method as u16;
        for number in [version, flags, method, self.date.time, self.date.date] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.crc.to_le_bytes());
        bytes.extend(short(self.held, self.is_large).to_le_bytes());
        bytes.extend(short(self.size, self.is_large).to_le_bytes());
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend((self.extra(is_far).len() as u16).to_le_bytes());
    }

    fn name(&self) -> String {
        match self.kind {
            Kind::Directory => format!("{}/", self.path),
            Kind::File | Kind::Symlink => self.path.clone(),
        }
    }

    fn unix_mode(&self) -> u16 {
        self.kind as u16 | self.mode as u16
    }

    fn extra(&self, is_far: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut field = |id: u16, content: &[u8]| {
            bytes.extend(id.to_le_bytes());
            bytes.extend((content.len() as u16).to_le_bytes());
            bytes.extend(content);
        };
        let mut long = Vec::new();
        if self.is_large {
            long.extend(self.size.to_le_bytes());
            long.extend(self.held.to_le_bytes());
        }
        if is_far {
            long.extend(self.offset.to_le_bytes());
        }
        if !long.is_empty() {
            field(EXTRA_64, &long);
        }
        if let Some(seconds) = self.date.seconds {
            // The flag of a date of modification.
            let mut time = vec![1];
            time.extend(seconds.to_le_bytes());
            field(EXTRA_TIME, &time);
        }
        // User and group 0, and no target, which is the content.
        let mut mode = self.unix_mode().to_le_bytes().to_vec();
        mode.extend([0; 8]);
        let mut crc = Crc::new();
        crc.update(&mode);
        field(EXTRA_MODE, &[&crc.sum().to_le_bytes()[..], &mode].concat());
        bytes
    }

    /// Reads a record of the directory: its fixed part and the rest, of the lengths that [`lengths`] gives. `None` if it
    /// is not one that [`central`](Self::central) writes.
    pub(super) fn read(fixed: &[u8; CENTRAL_SIZE], rest: &[u8]) -> Option<Self> {
        let (name, extra) = rest.split_at_checked(lengths(fixed).0)?;
        let name = std::str::from_utf8(name).ok()?;
        let attributes = u32_at(fixed, 38) >> 16;
        let kind = [Kind::Directory, Kind::File, Kind::Symlink]
            .into_iter()
            .find(|kind| attributes & 0o170_000 == *kind as u32)?;
        let method = match u16_at(fixed, 10) {
            0 => Method::Stored,
            8 => Method::Deflated,
            _ => return None,
        };
        let path = match kind {
            Kind::Directory => name.strip_suffix('/')?,
            Kind::File | Kind::Symlink => name,
        };
        let mut record = Self {
            path: path.to_owned(),
            kind,
            mode: attributes & 0o7777,
            date: Date {
                time: u16_at(fixed, 12),
                date: u16_at(fixed, 14),
                seconds: None,
            },
            method,
            crc: u32_at(fixed, 16),
            held: u32_at(fixed, 20).into(),
            size: u32_at(fixed, 24).into(),
            offset: u32_at(fixed, 42).into(),
            is_large: u32_at(fixed, 24) == IN_64_BITS,
            is_far: u32_at(fixed, 42) == IN_64_BITS,
        };
        record.read_extra(extra)?;
        // Whatever has not been looked at has to be as it is written.
        let written = record.central();
        (written[..CENTRAL_SIZE] == fixed[..] && &written[CENTRAL_SIZE..] == rest).then_some(record)
    }

    fn read_extra(&mut self, mut extra: &[u8]) -> Option<()> {
        while !extra.is_empty() {
            let (header, rest) = extra.split_at_checked(4)?;
            let (content, rest) = rest.split_at_checked(u16_at(header, 2).into())?;
            match (u16_at(header, 0), content.len()) {
                (EXTRA_64, length) => {
                    let mut numbers = content.chunks_exact(8).map(|bytes| u64_at(bytes, 0));
                    if self.is_large {
                        (self.size, self.held) = (numbers.next()?, numbers.next()?);
                    }
                    if self.is_far {
                        self.offset = numbers.next()?;
                    }
                    if length % 8 != 0 || numbers.next().is_some() {
                        return None;
                    }
                }
                (EXTRA_TIME, 5) => self.date.seconds = Some(u32_at(content, 1) as i32),
                (EXTRA_MODE, 14) => {}
                _ => return None,
            }
            extra = rest;
        }
        Some(())
    }
}

fn short(number: u64, is_64: bool) -> u32 {
    if is_64 {
        return IN_64_BITS;
    }
    u32::try_from(number).expect("a number that does not fit has 64 bits")
}

/// The lengths of the name and of the extra fields, by the fixed part of a record of the directory.
pub(super) fn lengths(fixed: &[u8; CENTRAL_SIZE]) -> (usize, usize) {
    (u16_at(fixed, 28).into(), u16_at(fixed, 30).into())
}
