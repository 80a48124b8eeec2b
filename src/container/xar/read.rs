//! Reads an archive, compares all its sums, and gives its members. Only what this module writes is accepted.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::ZlibDecoder;

use super::toc::{self, Record};
use super::{Encoding, HEADER, MAGIC, SHA1, SUM, Summed, sum_of};
use crate::container::{Malformed, ReadError};

/// The largest table of contents, compressed and not.
const MAX_TABLE: u64 = 1 << 20;

/// An archive whose sums are right.
pub(crate) struct XarReader<R> {
    input: R,
    records: Vec<Record>,
    /// Where the heap begins.
    heap: u64,
}

impl<R: Read + Seek> XarReader<R> {
    /// Reads the whole archive once and compares all sums but those of what is compressed.
    pub(crate) fn open(mut input: R) -> Result<Self, ReadError> {
        let end = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let mut header = [0; HEADER];
        fill(&mut input, &mut header, 0)?;
        let short = |place: usize| u16::from_be_bytes([header[place], header[place + 1]]);
        let number = |place: usize| {
            let bytes = header[place..place + 8].try_into();
            u64::from_be_bytes(bytes.expect("eight bytes"))
        };
        let method = (u32::from(short(24)) << 16) | u32::from(short(26));
        let is_known = header.starts_with(MAGIC) && usize::from(short(4)) == HEADER;
        if !is_known || short(6) != 1 || method != SHA1 {
            let what = "no header `xar!` of version 1 with SHA-1";
            return Err(malformed(what, 0));
        }
        let (held, size) = (number(8), number(16));
        if held > MAX_TABLE || size > MAX_TABLE {
            let what = format!(
                "a table of contents of {held} bytes for {size}; expected at most {MAX_TABLE}"
            );
            return Err(malformed(what, 8));
        }
        let place = HEADER as u64;
        let mut table = vec![0; held as usize];
        fill(&mut input, &mut table, place)?;
        let mut sum = [0; SUM];
        fill(&mut input, &mut sum, place + held)?;
        if sum != sum_of(&table) {
            return Err(malformed("the table of contents has another sum", place));
        }
        let xml = inflated(&table, size)
            .and_then(|xml| String::from_utf8(xml).ok())
            .ok_or_else(|| malformed("the table of contents cannot be decompressed", place))?;
        let records = toc::read(&xml)
            .ok_or_else(|| malformed("not the table of contents of a package", place))?;
        let heap = place + held;
        let mut next = SUM as u64;
        for record in &records {
            let path = &record.path;
            if record.offset != next {
                let what = format!("`{path}` is not behind what is before it");
                return Err(malformed(what, heap));
            }
            let place = heap + next;
            let mut content = Summed::new((&mut input).take(record.held));
            io::copy(&mut content, &mut io::sink())?;
            let (sum, length) = content.finish();
            if length != record.held {
                return Err(malformed(format!("ends inside of `{path}`"), place));
            }
            if sum != record.held_sum {
                return Err(malformed(format!("`{path}` has another sum"), place));
            }
            next += length;
        }
        if heap + next != end {
            return Err(malformed("data after the last member", heap + next));
        }
        Ok(Self {
            input,
            records,
            heap,
        })
    }

    /// The paths of the members.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(|record| record.path.as_str())
    }

    /// What a member of at most `most` bytes holds, and where it is in the archive.
    pub(crate) fn bytes(&mut self, path: &str, most: u64) -> Result<(Vec<u8>, u64), ReadError> {
        let (record, place) = self.record(path)?;
        if record.size > most || record.held > most {
            let what = format!(
                "`{path}` has {} bytes; expected at most {most}",
                record.size
            );
            return Err(malformed(what, place));
        }
        let mut held = Vec::new();
        self.input.seek(SeekFrom::Start(place))?;
        (&mut self.input).take(record.held).read_to_end(&mut held)?;
        let content = match record.encoding {
            Encoding::Stored => Some(held),
            Encoding::Zlib => inflated(&held, record.size),
        };
        let is_sound = |content: &Vec<u8>| sum_of(content) == record.sum;
        match content.filter(is_sound) {
            Some(content) => Ok((content, place)),
            None => {
                let what = format!("`{path}` is not what the table of contents says");
                Err(malformed(what, place))
            }
        }
    }

    /// Where a stored member is in the archive, and its length.
    pub(crate) fn place(&self, path: &str) -> Result<(u64, u64), ReadError> {
        let (record, place) = self.record(path)?;
        if record.encoding != Encoding::Stored || record.sum != record.held_sum {
            let what = format!("`{path}` is not stored as it is");
            return Err(malformed(what, place));
        }
        Ok((place, record.held))
    }

    fn record(&self, path: &str) -> Result<(Record, u64), ReadError> {
        match self.records.iter().find(|record| record.path == path) {
            Some(record) => Ok((record.clone(), self.heap + record.offset)),
            None => Err(malformed(format!("has no `{path}`"), HEADER as u64)),
        }
    }
}

/// The content of a whole zlib stream if it has this size.
fn inflated(held: &[u8], size: u64) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let mut decoder = ZlibDecoder::new(held);
    let whole = (&mut decoder).take(size + 1).read_to_end(&mut content);
    let is_whole = whole.is_ok() && decoder.total_in() == held.len() as u64;
    (is_whole && content.len() as u64 == size).then_some(content)
}

fn fill(input: &mut impl Read, buffer: &mut [u8], place: u64) -> Result<(), ReadError> {
    input.read_exact(buffer).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => malformed("ends too early", place),
        _ => e.into(),
    })
}

fn malformed(what: impl AsRef<str>, offset: u64) -> ReadError {
    let what = format!("the xar: {}", what.as_ref());
    Malformed { what, offset }.into()
}
