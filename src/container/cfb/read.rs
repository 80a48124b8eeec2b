//! Reads the streams of a compound file.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use super::{
    DIFAT_IN_HEADER, END_OF_CHAIN, ENTRY, FREE, MAGIC, MAX_BYTES, MINI_CUTOFF, MINI_SECTOR,
    MINI_SHIFT, NUMBERS, ROOT, SECTOR, SECTOR_SHIFT, STREAM,
};
use crate::container::{Malformed, ReadError};

/// How much memory the streams in the mini stream may take. Databases have a few kilobytes there.
const MAX_MINI_BYTES: u64 = 64 << 20;
/// How many streams a file may have.
const MAX_STREAMS: usize = 1 << 12;

/// An open compound file. Its streams are known by their names.
pub(crate) struct Cfb<F> {
    file: F,
    fat: Vec<u32>,
    mini: Vec<u8>,
    mini_fat: Vec<u32>,
    streams: BTreeMap<String, Place>,
}

/// Where a stream is.
#[derive(Clone, Copy)]
struct Place {
    start: u32,
    size: u64,
    /// Where the directory says so.
    entry: u64,
}

fn malformed(what: impl Into<String>, offset: u64) -> ReadError {
    let what = format!("the compound file: {}", what.into());
    Malformed { what, offset }.into()
}

impl<F: Read + Seek> Cfb<F> {
    /// Reads the tables.
    pub(crate) fn open(mut file: F) -> Result<Self, ReadError> {
        let end = file.seek(SeekFrom::End(0))?;
        if end > MAX_BYTES {
            return Err(malformed("is larger than such files can be", MAX_BYTES));
        }
        // Below 2 GiB, it fits.
        let sectors = (end as usize).div_ceil(SECTOR).saturating_sub(1);
        let mut header = [0; SECTOR];
        read_at(&mut file, 0, &mut header)?;
        if header[..8] != MAGIC {
            return Err(malformed("does not start as one", 0));
        }
        let shifts = (
            u16_at(&header, 26),
            u16_at(&header, 30),
            u16_at(&header, 32),
        );
        if shifts != (3, SECTOR_SHIFT, MINI_SHIFT) || u16_at(&header, 28) != 0xfffe {
            return Err(malformed("is not of version 3", 26));
        }
        if u64::from(u32_at(&header, 56)) != MINI_CUTOFF {
            return Err(malformed("has another limit for short streams", 56));
        }
        let mut cfb = Self {
            file,
            fat: Vec::new(),
            mini: Vec::new(),
            mini_fat: Vec::new(),
            streams: BTreeMap::new(),
        };
        cfb.read_fat(&header, sectors)?;
        let mini_fat = cfb.whole(u32_at(&header, 60), None, 60)?;
        cfb.mini_fat = as_numbers(&mini_fat);
        let directory = cfb.whole(u32_at(&header, 48), None, 48)?;
        cfb.read_directory(&directory)?;
        Ok(cfb)
    }

    /// The allocation table, whose places are in the header and in a chain of sectors behind it.
    fn read_fat(&mut self, header: &[u8], sectors: usize) -> Result<(), ReadError> {
        let count = u32_at(header, 44) as usize;
        if count > sectors {
            return Err(malformed("has more sectors of its table than sectors", 44));
        }
        let mut places: Vec<u32> = (0..DIFAT_IN_HEADER.min(count))
            .map(|index| u32_at(header, 76 + 4 * index))
            .collect();
        let mut next = u32_at(header, 68);
        let mut sector = [0; SECTOR];
        while places.len() < count {
            self.sector(next, 68, &mut sector)?;
            let numbers = as_numbers(&sector);
            let missing = (count - places.len()).min(NUMBERS - 1);
            places.extend(&numbers[..missing]);
            next = numbers[NUMBERS - 1];
        }
        for place in places {
            self.sector(place, 44, &mut sector)?;
            self.fat.extend(as_numbers(&sector));
        }
        if self.fat.len() < sectors {
            return Err(malformed("goes on behind the last sector of its table", 44));
        }
        self.fat.truncate(sectors);
        Ok(())
    }

    fn read_directory(&mut self, directory: &[u8]) -> Result<(), ReadError> {
        let in_directory = |index: usize| (index * ENTRY) as u64;
        for (index, entry) in directory.chunks_exact(ENTRY).enumerate() {
            let place = Place {
                start: u32_at(entry, 116),
                // The upper half may be anything in version 3 (section 2.6.1).
                size: u64::from(u32_at(entry, 120)),
                entry: in_directory(index),
            };
            match (index, entry[66]) {
                (0, ROOT) => {
                    if place.size > MAX_MINI_BYTES {
                        return Err(malformed("its short streams are too long", place.entry));
                    }
                    self.mini = self.whole(place.start, Some(place.size), place.entry)?;
                }
                (1.., STREAM) => {
                    let name = name(entry).ok_or_else(|| {
                        malformed("a name of the directory is not valid", place.entry)
                    })?;
                    let is_twice = self.streams.insert(name, place).is_some();
                    if is_twice || self.streams.len() > MAX_STREAMS {
                        let what = "the directory has a stream twice, or too many";
                        return Err(malformed(what, place.entry));
                    }
                }
                (1.., 0) => {}
                (_, kind) => {
                    let what = format!("the directory has an entry of the kind {kind}");
                    return Err(malformed(what, place.entry));
                }
            }
        }
        if directory.is_empty() {
            return Err(malformed("has no directory", 48));
        }
        Ok(())
    }

    /// The names of the streams.
    #[cfg(test)]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.streams.keys().map(String::as_str)
    }

    /// The content of a stream of at most so many bytes; `None` if there is no such stream.
    pub(crate) fn content(&mut self, name: &str, max: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(place) = self.streams.get(name).copied() else {
            return Ok(None);
        };
        if place.size > max {
            return Err(malformed(
                format!("a stream is longer than {max} bytes"),
                place.entry,
            ));
        }
        if place.size >= MINI_CUTOFF {
            return self
                .whole(place.start, Some(place.size), place.entry)
                .map(Some);
        }
        let chain = follow(&self.mini_fat, place.start, place.entry)?;
        let mut content = Vec::new();
        for sector in chain {
            let start = sector as usize * MINI_SECTOR;
            let bytes = self.mini.get(start..start + MINI_SECTOR);
            let bytes = bytes.ok_or_else(|| malformed("a short stream is cut off", place.entry))?;
            content.extend_from_slice(bytes);
        }
        let size = place.size as usize;
        if content.len() != size.next_multiple_of(MINI_SECTOR) {
            return Err(malformed("a short stream has another length", place.entry));
        }
        content.truncate(size);
        Ok(Some(content))
    }

    /// Opens a stream of any length; `None` if there is no such stream.
    pub(crate) fn stream(&mut self, name: &str) -> Result<Option<StreamReader<'_>>, ReadError>
    where
        F: 'static,
    {
        let Some(place) = self.streams.get(name).copied() else {
            return Ok(None);
        };
        if place.size < MINI_CUTOFF {
            let content = self.content(name, MINI_CUTOFF)?.unwrap_or_default();
            return Ok(Some(StreamReader(Box::new(io::Cursor::new(content)))));
        }
        let runs = self.runs(place.start, Some(place.size), place.entry)?;
        let chain = Chain {
            file: &mut self.file,
            runs: runs.into_iter(),
            current: (0, 0),
        };
        Ok(Some(StreamReader(Box::new(chain.take(place.size)))))
    }

    /// A chain of sectors as places and lengths in the file.
    fn runs(
        &mut self,
        start: u32,
        size: Option<u64>,
        named_at: u64,
    ) -> Result<Vec<(u64, u64)>, ReadError> {
        let chain = follow(&self.fat, start, named_at)?;
        let whole = (chain.len() * SECTOR) as u64;
        if size.is_some_and(|size| size.next_multiple_of(SECTOR as u64) != whole) {
            return Err(malformed(
                "a stream has another length than its sectors",
                named_at,
            ));
        }
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for sector in chain {
            let place = (u64::from(sector) + 1) * SECTOR as u64;
            match runs.last_mut() {
                Some((start, length)) if *start + *length == place => *length += SECTOR as u64,
                _ => runs.push((place, SECTOR as u64)),
            }
        }
        Ok(runs)
    }

    /// All of a chain. Without a size it is whole sectors.
    fn whole(
        &mut self,
        start: u32,
        size: Option<u64>,
        named_at: u64,
    ) -> Result<Vec<u8>, ReadError> {
        let mut content = Vec::new();
        for (place, length) in self.runs(start, size, named_at)? {
            // The chain has each sector once at most, so this is never more than the file.
            let begin = content.len();
            content.resize(begin + length as usize, 0);
            read_at(&mut self.file, place, &mut content[begin..])?;
        }
        if let Some(size) = size {
            content.truncate(size as usize);
        }
        Ok(content)
    }

    fn sector(&mut self, number: u32, named_at: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let place = (u64::from(number) + 1) * SECTOR as u64;
        if number >= FREE - 5 {
            return Err(malformed("the table ends too early", named_at));
        }
        read_at(&mut self.file, place, buffer)
    }
}

/// The sectors of a chain.
fn follow(fat: &[u32], start: u32, named_at: u64) -> Result<Vec<u32>, ReadError> {
    let mut chain = Vec::new();
    let mut next = start;
    while next != END_OF_CHAIN {
        // More sectors than there are would be a circle.
        let after = fat.get(next as usize).filter(|_| chain.len() < fat.len());
        chain.push(next);
        next = *after.ok_or_else(|| malformed("a chain of sectors does not end", named_at))?;
    }
    Ok(chain)
}

/// Reads a stream.
pub(crate) struct StreamReader<'a>(Box<dyn Read + 'a>);

impl Read for StreamReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// Reads pieces of a file one after the other.
struct Chain<'a, F> {
    file: &'a mut F,
    runs: std::vec::IntoIter<(u64, u64)>,
    current: (u64, u64),
}

impl<F: Read + Seek> Read for Chain<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.1 == 0 {
            match self.runs.next() {
                Some(run) => self.current = run,
                None => return Ok(0),
            }
        }
        let (place, left) = self.current;
        let length = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        self.file.seek(SeekFrom::Start(place))?;
        let n = self.file.read(&mut buffer[..length])?;
        self.current = (place + n as u64, left - n as u64);
        Ok(n)
    }
}

fn name(entry: &[u8]) -> Option<String> {
    let bytes = usize::from(u16_at(entry, 64));
    let units: Vec<u16> = entry
        .get(..bytes.checked_sub(2)?.min(62))?
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units)
        .ok()
        .filter(|name| !name.is_empty())
}

fn read_at(file: &mut (impl Read + Seek), place: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
    file.seek(SeekFrom::Start(place))?;
    match file.read_exact(buffer) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
            Err(malformed("ends too early", place))
        }
        other => Ok(other?),
    }
}

fn as_numbers(bytes: &[u8]) -> Vec<u32> {
    let numbers = bytes.chunks_exact(4);
    numbers
        .map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]))
        .collect()
}

fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_le_bytes([bytes[place], bytes[place + 1]])
}

fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from(u16_at(bytes, place)) | u32::from(u16_at(bytes, place + 2)) << 16
}
