//! Reads a zip without trusting it. Only what this module writes is accepted; each byte belongs to one record or content.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::MAX_NAME_BYTES;
use super::end::End;
use super::record::{CENTRAL_SIZE, Kind, Method, Record, lengths};
use crate::container::members::{MAX_MEMBERS, MAX_NAMES_BYTES};
use crate::container::{Malformed, ReadError, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// Reads a zip and visits its entries, after one pass over all of it.
pub(crate) fn read<R: Read + Seek>(input: &mut R, visit: &mut Visit<'_>) -> Result<(), ReadError> {
    let records = directory(input)?;
    let mut entries = Vec::with_capacity(records.len());
    for record in &records {
        entries.push(entry(input, record)?);
    }
    for (record, entry) in records.iter().zip(&entries) {
        match record.kind {
            Kind::File => with_content(input, record, |content| visit(entry, content))?,
            Kind::Directory | Kind::Symlink => visit(entry, &mut io::empty())?,
        }
    }
    Ok(())
}

fn malformed(what: impl Into<String>, offset: u64) -> ReadError {
    let what = what.into();
    Malformed { what, offset }.into()
}

/// The records of the directory, which follow each other and are before it with nothing between them.
fn directory(input: &mut (impl Read + Seek)) -> Result<Vec<Record>, ReadError> {
    let length = input.seek(SeekFrom::End(0))?;
    let end = End::read(input, length)?.map_err(|what| malformed(what, length))?;
    if end.count > MAX_MEMBERS as u64 {
        let what = format!("{} entries; expected at most {MAX_MEMBERS}", end.count);
        return Err(malformed(what, length));
    }
    input.seek(SeekFrom::Start(end.start))?;
    let mut bytes = BufReader::new(input.take(end.size));
    let (mut records, mut paths) = (Vec::new(), HashSet::new());
    let (mut place, mut next, mut name_bytes) = (end.start, 0, 0);
    for _ in 0..end.count {
        let (record, size) = record(&mut bytes, place)?;
        if record.offset != next || !paths.insert(record.path.clone()) {
            let what = format!(
                "`{}`, whose content is not behind the one before, or which is there twice",
                record.path
            );
            return Err(malformed(what, place));
        }
        let after = (record.local().len() as u64).checked_add(record.held);
        next = after
            .and_then(|size| size.checked_add(next))
            .filter(|next| *next <= end.start)
            .ok_or_else(|| malformed(format!("`{}` is too large", record.path), place))?;
        name_bytes += record.path.len() as u64;
        if record.kind == Kind::Symlink {
            name_bytes += record.size;
        }
        if name_bytes > MAX_NAMES_BYTES as u64 {
            let what = format!("paths of more than {MAX_NAMES_BYTES} bytes");
            return Err(malformed(what, place));
        }
        place += size;
        records.push(record);
    }
    if next != end.start || place != end.start + end.size {
        return Err(malformed("bytes that belong to no entry", next));
    }
    Ok(records)
}

/// Reads one record at a place; returns it and its size.
fn record(bytes: &mut impl Read, place: u64) -> Result<(Record, u64), ReadError> {
    let mut fixed = [0; CENTRAL_SIZE];
    let mut fill = |buffer: &mut [u8]| {
        bytes
            .read_exact(buffer)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => malformed("a directory that ends too early", place),
                _ => error.into(),
            })
    };
    fill(&mut fixed)?;
    let (name, extra) = lengths(&fixed);
    let mut rest = vec![0; name + extra];
    fill(&mut rest)?;
    let record = Record::read(&fixed, &rest)
        .ok_or_else(|| malformed("expected an entry of the directory", place))?;
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    if name as u64 > MAX_NAME_BYTES || !record.path.split('/').all(is_plain) {
        let what = format!(
            "the path `{}`; expected a relative one that has no empty, `.` or `..` parts",
            record.path
        );
        return Err(malformed(what, place));
    }
    let is_held = record.method == Method::Stored && record.held == record.size;
    let fits = match record.kind {
        Kind::Directory => is_held && record.size == 0,
        Kind::Symlink => is_held && (1..=MAX_NAME_BYTES).contains(&record.size),
        Kind::File => is_held || record.method == Method::Deflated,
    };
    if !fits {
        let what = format!("`{}` with {} bytes", record.path, record.size);
        return Err(malformed(what, place));
    }
    Ok((record, (CENTRAL_SIZE + rest.len()) as u64))
}

fn entry(input: &mut (impl Read + Seek), record: &Record) -> Result<Entry, ReadError> {
    let content = match record.kind {
        Kind::File => {
            let (size, mut sha256) = (record.size, None);
            with_content(input, record, |content| {
                sha256 = Some(Sha256Sum::of_reader(content)?);
                Ok(())
            })?;
            let sha256 = sha256.expect("a content that was read has a sum");
            EntryContent::File { size, sha256 }
        }
        Kind::Directory | Kind::Symlink => {
            let mut text = String::new();
            with_content(input, record, |content| {
                content.read_to_string(&mut text).map(drop)
            })
            .map_err(|error| match error {
                ReadError::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                    malformed("a link whose target is not UTF-8", record.offset)
                }
                other => other,
            })?;
            if text.contains('\0') {
                return Err(malformed("a link whose target has a NUL", record.offset));
            }
            match record.kind {
                Kind::Symlink => EntryContent::Symlink(text),
                _ => EntryContent::Directory,
            }
        }
    };
    Ok(Entry {
        path: record.path.clone(),
        mode: record.mode,
        content,
    })
}

/// Gives a content to a function, and reads what the function leaves of it.
fn with_content<R: Read + Seek>(
    input: &mut R,
    record: &Record,
    take: impl FnOnce(&mut dyn Read) -> io::Result<()>,
) -> Result<(), ReadError> {
    input.seek(SeekFrom::Start(record.offset))?;
    let expected = record.local();
    let mut local = Vec::new();
    input.take(expected.len() as u64).read_to_end(&mut local)?;
    if local != expected {
        let what = format!("`{}` is not described as in the directory", record.path);
        return Err(malformed(what, record.offset));
    }
    let source = Source {
        held: BufReader::new(input).take(record.held),
        has_failed: false,
    };
    let mut content = Content {
        inner: match record.method {
            Method::Stored => Inner::Stored(source),
            Method::Deflated => Inner::Deflated(DeflateDecoder::new(source)),
        },
        record,
        left: record.size,
        crc: Crc::new(),
        failure: None,
    };
    let outcome = take(&mut content);
    if content.failure.is_none() {
        outcome?;
        // What was not read may be damaged as well; the reason is kept.
        let _ = io::copy(&mut content, &mut io::sink());
    }
    match content.failure {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// The bytes of one entry in the file.
struct Source<'r, R> {
    held: Take<BufReader<&'r mut R>>,
    /// Whether the file could not be read, which is not the data's fault.
    has_failed: bool,
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let outcome = self.held.read(buffer);
        self.has_failed |= outcome.is_err();
        outcome
    }
}

impl<R: Read> BufRead for Source<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let outcome = self.held.fill_buf();
        self.has_failed |= outcome.is_err();
        outcome
    }

    fn consume(&mut self, count: usize) {
        self.held.consume(count);
    }
}

enum Inner<'r, R: Read> {
    Stored(Source<'r, R>),
    Deflated(DeflateDecoder<Source<'r, R>>),
}

/// Reads one content: exactly its size, with its sum, or an error.
struct Content<'r, R: Read> {
    inner: Inner<'r, R>,
    record: &'r Record,
    left: u64,
    crc: Crc,
    /// Why reading failed. It is kept here because it reaches the caller as an [`io::Error`], without a place.
    failure: Option<ReadError>,
}

impl<R: Read> Content<'_, R> {
    fn source(&self) -> &Source<'_, R> {
        match &self.inner {
            Inner::Stored(source) => source,
            Inner::Deflated(decoder) => decoder.get_ref(),
        }
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let outcome = match &mut self.inner {
            Inner::Stored(source) => source.read(buffer),
            Inner::Deflated(decoder) => decoder.read(buffer),
        };
        let problem = |what: &str| {
            let what = format!("the content of `{}` {what}", self.record.path);
            malformed(what, self.record.offset)
        };
        let n = match outcome {
            Ok(n) => n,
            Err(error) if self.source().has_failed => return Err(error.into()),
            Err(error) => return Err(problem(&format!("is damaged: {error}"))),
        };
        self.crc.update(&buffer[..n]);
        self.left = (self.left)
            .checked_sub(n as u64)
            .ok_or_else(|| problem("is longer than it should be"))?;
        if n == 0 && (self.left > 0 || self.source().held.limit() > 0) {
            return Err(problem("has another size than it should have"));
        }
        if n == 0 && self.crc.sum() != self.record.crc {
            return Err(problem("has another checksum than it should have"));
        }
        Ok(n)
    }
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.next(buffer) {
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(failure) => {
                let message = io::Error::new(io::ErrorKind::InvalidData, failure.to_string());
                self.failure = Some(failure);
                Err(message)
            }
            Ok(n) => Ok(n),
        }
    }
}
