//! Writes a compound file: the large streams as they come, and all tables behind them.

use std::cmp::Ordering;
use std::io::{self, SeekFrom};

use super::{
    DIFAT_IN_HEADER, DIFAT_SECTOR, END_OF_CHAIN, ENTRY, FAT_SECTOR, FREE, MAGIC, MAX_BYTES,
    MAX_NAME, MINI_CUTOFF, MINI_SECTOR, MINI_SHIFT, NO_STREAM, NUMBERS, ROOT, SECTOR, SECTOR_SHIFT,
    STREAM,
};
use crate::container::{Output, WriteError};

/// A compound file that is being written.
pub(crate) struct CfbWriter<'o> {
    out: &'o mut dyn Output,
    fat: Vec<u32>,
    mini: Vec<u8>,
    mini_fat: Vec<u32>,
    streams: Vec<Stream>,
}

/// A stream that is already written.
struct Stream {
    name: Vec<u16>,
    start: u32,
    size: u64,
}

impl<'o> CfbWriter<'o> {
    /// Starts a compound file at the start of `out`.
    pub(crate) fn new(out: &'o mut dyn Output) -> io::Result<Self> {
        out.write_all(&[0; SECTOR])?;
        Ok(Self {
            out,
            fat: Vec::new(),
            mini: Vec::new(),
            mini_fat: Vec::new(),
            streams: Vec::new(),
        })
    }

    /// Adds a stream.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), WriteError> {
        if content.len() as u64 >= MINI_CUTOFF {
            return self.add_large(name, |out| Ok(out.write_all(content)?));
        }
        let start = if content.is_empty() {
            END_OF_CHAIN
        } else {
            self.mini_fat.len() as u32
        };
        self.mini.extend_from_slice(content);
        let padded = self.mini.len().next_multiple_of(MINI_SECTOR);
        self.mini.resize(padded, 0);
        chain(&mut self.mini_fat, content.len().div_ceil(MINI_SECTOR));
        self.remember(name, start, content.len() as u64);
        Ok(())
    }

    /// Adds a stream of at least [`MINI_CUTOFF`] bytes that `write` writes behind where `out` is.
    pub(crate) fn add_large<E: From<WriteError>>(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Output) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.fat.len() as u32;
        let before = self.position();
        write(self.out)?;
        let io_error = |e: io::Error| E::from(WriteError::Io(e));
        let end = self.out.seek(SeekFrom::End(0)).map_err(io_error)?;
        let size = end - before;
        assert!(
            size >= MINI_CUTOFF,
            "{name}: a short stream has another place"
        );
        refuse_large(end)?;
        let sectors = size.div_ceil(SECTOR as u64) as usize;
        let padding = sectors * SECTOR - size as usize;
        self.out
            .write_all(&[0; SECTOR][..padding])
            .map_err(io_error)?;
        chain(&mut self.fat, sectors);
        self.remember(name, start, size);
        Ok(())
    }

    /// The place of the next sector.
    fn position(&self) -> u64 {
        ((self.fat.len() + 1) * SECTOR) as u64
    }

    fn remember(&mut self, name: &str, start: u32, size: u64) {
        let name: Vec<u16> = name.encode_utf16().collect();
        assert!(name.len() <= MAX_NAME, "the names are the format's own");
        self.streams.push(Stream { name, start, size });
    }

    /// Writes the tables. The class says whose file it is.
    pub(crate) fn finish(mut self, class: [u8; 16]) -> Result<(), WriteError> {
        let mini = std::mem::take(&mut self.mini);
        let (mini_start, _) = self.sectors(&mini, 0)?;
        let mini_fat = numbers(&std::mem::take(&mut self.mini_fat));
        let (mini_fat_start, mini_fat_count) = self.sectors(&mini_fat, 0xff)?;
        let directory = self.directory(class, mini_start, mini.len() as u64);
        let (directory_start, _) = self.sectors(&directory, 0)?;
        let others = self.fat.len();
        let (mut in_fat, mut in_difat) = (0, 0);
        while in_fat * NUMBERS < others + in_fat + in_difat {
            in_fat = (others + in_fat + in_difat).div_ceil(NUMBERS);
            // The last number of such a sector is the place of the next.
            in_difat = in_fat.saturating_sub(DIFAT_IN_HEADER).div_ceil(NUMBERS - 1);
        }
        refuse_large(self.position() + ((in_fat + in_difat) * SECTOR) as u64)?;
        self.fat.extend(std::iter::repeat_n(FAT_SECTOR, in_fat));
        self.fat.extend(std::iter::repeat_n(DIFAT_SECTOR, in_difat));
        self.fat.resize(in_fat * NUMBERS, FREE);
        self.out.write_all(&numbers(&self.fat))?;
        let places: Vec<u32> = (others..others + in_fat).map(|n| n as u32).collect();
        let (first, rest) = places.split_at(in_fat.min(DIFAT_IN_HEADER));
        let difat_start = (others + in_fat) as u32;
        for (index, piece) in rest.chunks(NUMBERS - 1).enumerate() {
            let mut sector = piece.to_vec();
            sector.resize(NUMBERS - 1, FREE);
            let is_last = index + 1 == in_difat;
            sector.push(if is_last {
                END_OF_CHAIN
            } else {
                difat_start + index as u32 + 1
            });
            self.out.write_all(&numbers(&sector))?;
        }
        let mut header = Vec::with_capacity(SECTOR);
        header.extend(MAGIC);
        header.extend([0; 16]);
        // The versions, the order of bytes and the sizes of sectors.
        for number in [0x3e, 3, 0xfffe, SECTOR_SHIFT, MINI_SHIFT, 0, 0, 0] {
            header.extend(number.to_le_bytes());
        }
        let difat = if in_difat == 0 {
            END_OF_CHAIN
        } else {
            difat_start
        };
        header.extend(numbers(&[
            0,
            in_fat as u32,
            directory_start,
            0,
            MINI_CUTOFF as u32,
            mini_fat_start,
            mini_fat_count,
            difat,
            in_difat as u32,
        ]));
        header.extend(numbers(first));
        header.resize(SECTOR, 0xff);
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.seek(SeekFrom::End(0))?;
        Ok(self.out.flush()?)
    }

    /// Writes a chain of sectors, and returns the first and how many there are.
    fn sectors(&mut self, content: &[u8], padding: u8) -> io::Result<(u32, u32)> {
        if content.is_empty() {
            return Ok((END_OF_CHAIN, 0));
        }
        let start = self.fat.len() as u32;
        let count = content.len().div_ceil(SECTOR);
        self.out.write_all(content)?;
        self.out
            .write_all(&vec![padding; count * SECTOR - content.len()])?;
        chain(&mut self.fat, count);
        Ok((start, count as u32))
    }

    /// The entries of the directory, which are a tree by their names (section 2.6.4).
    fn directory(&mut self, class: [u8; 16], mini_start: u32, mini_size: u64) -> Vec<u8> {
        self.streams.sort_by(|a, b| by_name(&a.name, &b.name));
        let count = self.streams.len();
        let mut links = vec![Links::NONE; count];
        // All levels but an incomplete last one are black.
        let full = (count + 1).ilog2() as usize;
        let top = arrange(&mut links, 0..count, 0, full);
        let mut bytes = Vec::new();
        let root: Vec<u16> = "Root Entry".encode_utf16().collect();
        let of_root = Links {
            child: top,
            ..Links::NONE
        };
        entry(
            &mut bytes,
            &root,
            ROOT,
            &of_root,
            class,
            (mini_start, mini_size),
        );
        for (stream, links) in self.streams.iter().zip(&links) {
            let place = (stream.start, stream.size);
            entry(&mut bytes, &stream.name, STREAM, links, [0; 16], place);
        }
        while !bytes.len().is_multiple_of(SECTOR) {
            let start = bytes.len();
            bytes.resize(start + ENTRY, 0);
            bytes[start + 68..start + 80].fill(0xff);
        }
        bytes
    }
}

/// The neighbors of an entry in the tree.
#[derive(Clone)]
struct Links {
    left: u32,
    right: u32,
    child: u32,
    is_red: bool,
}

impl Links {
    const NONE: Self = Self {
        left: NO_STREAM,
        right: NO_STREAM,
        child: NO_STREAM,
        is_red: false,
    };
}

/// Makes a balanced tree of sorted entries and returns its top. The root storage is the entry 0.
fn arrange(links: &mut [Links], range: std::ops::Range<usize>, level: usize, full: usize) -> u32 {
    if range.is_empty() {
        return NO_STREAM;
    }
    let middle = range.start + range.len() / 2;
    let left = arrange(links, range.start..middle, level + 1, full);
    let right = arrange(links, middle + 1..range.end, level + 1, full);
    links[middle] = Links {
        left,
        right,
        child: NO_STREAM,
        is_red: level >= full,
    };
    middle as u32 + 1
}

fn entry(
    bytes: &mut Vec<u8>,
    name: &[u16],
    kind: u8,
    links: &Links,
    class: [u8; 16],
    (start, size): (u32, u64),
) {
    let begin = bytes.len();
    bytes.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes.resize(begin + 64, 0);
    bytes.extend((2 * (name.len() as u16 + 1)).to_le_bytes());
    bytes.extend([kind, u8::from(!links.is_red)]);
    bytes.extend(numbers(&[links.left, links.right, links.child]));
    bytes.extend(class);
    // No state bits, and no times.
    bytes.extend([0; 4 + 8 + 8]);
    bytes.extend(start.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    debug_assert_eq!(bytes.len(), begin + ENTRY);
}

/// Shorter names come first (section 2.6.4).
pub(super) fn by_name(a: &[u16], b: &[u16]) -> Ordering {
    let upper = |name: &[u16]| -> Vec<u16> {
        let upper = |unit: &u16| match *unit {
            small @ 0x61..=0x7a => small - 0x20,
            other => other,
        };
        name.iter().map(upper).collect()
    };
    let by_length = a.len().cmp(&b.len());
    by_length.then_with(|| upper(a).cmp(&upper(b)))
}

/// Adds a chain of sectors that follow each other.
fn chain(fat: &mut Vec<u32>, count: usize) {
    let start = fat.len();
    fat.extend((1..count).map(|next| (start + next) as u32));
    if count > 0 {
        fat.push(END_OF_CHAIN);
    }
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn refuse_large(end: u64) -> Result<(), WriteError> {
    if end <= MAX_BYTES {
        return Ok(());
    }
    let what = format!(
        "the package would be larger than {MAX_BYTES} bytes, which Windows Installer cannot open"
    );
    Err(WriteError::Invalid(what))
}
