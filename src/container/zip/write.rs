//! Writes a zip whose bytes depend only on its entries and one date.

use std::io::{self, Read, SeekFrom};

use flate2::Crc;
use libdeflater::Compressor;

use super::end::End;
use super::record::{Date, Kind, Method, Record};
use super::{Limits, MAX_NAME_BYTES};
use crate::container::compress::deflate::{PIECE, compress, compressor};
use crate::container::compress::ordered::{Ordered, Work};
use crate::container::{Output, WriteError};
use crate::model::entry::{Entry, EntryContent};
use crate::model::steps::Step;
use crate::model::threads::Threads;
use crate::model::tree::{Content, TreeFile};

/// Writes entries and records them.
pub(crate) struct ZipWriter<'o> {
    out: &'o mut dyn Output,
    position: u64,
    date: Date,
    limits: Limits,
    pieces: Ordered<Compressed, Piece>,
    /// The sum of the entry that is being written.
    crc: Crc,
    records: Vec<Record>,
    entries: Vec<Entry>,
}

/// A part of a content.
struct Piece {
    /// The entry, with its first piece.
    record: Option<Record>,
    bytes: Vec<u8>,
    is_last: bool,
}

/// A piece as it is written.
struct Compressed {
    record: Option<Record>,
    bytes: Vec<u8>,
    crc: Crc,
    is_last: bool,
}

impl Piece {
    fn compress(mut self, compressor: &mut Compressor) -> Compressed {
        let mut crc = Crc::new();
        crc.update(&self.bytes);
        let deflated = compress(compressor, &self.bytes, self.is_last);
        let bytes = match &mut self.record {
            // Of a longer content, it is known only afterwards whether it became smaller.
            Some(record)
                if self.is_last
                    && (record.kind != Kind::File || deflated.len() >= self.bytes.len()) =>
            {
                self.bytes
            }
            Some(record) => {
                record.method = Method::Deflated;
                deflated
            }
            None => deflated,
        };
        Compressed {
            record: self.record,
            bytes,
            crc,
            is_last: self.is_last,
        }
    }
}

impl<'o> ZipWriter<'o> {
    /// Starts a zip at the start of `out`, in which all entries have this date.
    pub(crate) fn new(out: &'o mut dyn Output, date: i64, threads: &Threads) -> Self {
        Self::with_limits(out, date, threads, Limits::FORMAT)
    }

    pub(super) fn with_limits(
        out: &'o mut dyn Output,
        date: i64,
        threads: &Threads,
        limits: Limits,
    ) -> Self {
        let work = || -> Work<Compressed, Piece> {
            let mut compressor = compressor();
            Box::new(move |piece| piece.compress(&mut compressor))
        };
        Self {
            out,
            position: 0,
            date: Date::new(date),
            limits,
            pieces: Ordered::new(threads, work),
            crc: Crc::new(),
            records: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Writes a directory with the usual mode, or a file.
    pub(crate) fn step(&mut self, step: &Step<'_>) -> Result<(), WriteError> {
        match step {
            Step::Directory(path) => self.directory(path),
            Step::File(file) => self.file(file),
        }
    }

    fn directory(&mut self, path: &str) -> Result<(), WriteError> {
        self.whole(Kind::Directory, path, 0o755, Vec::new())?;
        self.remember(path, 0o755, EntryContent::Directory);
        Ok(())
    }

    fn file(&mut self, file: &TreeFile) -> Result<(), WriteError> {
        if let Content::Symlink(target) = &file.content {
            self.whole(Kind::Symlink, &file.path, 0o777, target.as_bytes().to_vec())?;
            self.remember(&file.path, 0o777, EntryContent::Symlink(target.clone()));
            return Ok(());
        }
        let size = file.size();
        let mut record = Some(self.record(Kind::File, &file.path, file.mode, size)?);
        let mut content = file.open()?;
        let mut left = size;
        while left > 0 || record.is_some() {
            let length = left.min(PIECE as u64);
            let mut bytes = Vec::with_capacity(length as usize);
            content.by_ref().take(length).read_to_end(&mut bytes)?;
            left -= bytes.len() as u64;
            self.push(Piece {
                record: record.take(),
                bytes,
                is_last: left == 0,
            })?;
        }
        // At the end, the file is compared with what it was.
        io::copy(&mut content, &mut io::sink())?;
        let sha256 = file.sha256()?;
        self.remember(&file.path, file.mode, EntryContent::File { size, sha256 });
        Ok(())
    }

    /// The entries so far.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Ends the zip and returns the entries.
    pub(crate) fn finish(mut self) -> Result<Vec<Entry>, WriteError> {
        while let Some(piece) = self.pieces.pop() {
            self.write(piece)?;
        }
        let start = self.position;
        let mut size = 0;
        for record in &self.records {
            let bytes = record.central();
            self.out.write_all(&bytes)?;
            size += bytes.len() as u64;
        }
        let count = self.records.len() as u64;
        let end = End { count, start, size };
        self.out.write_all(&end.bytes(self.limits))?;
        self.out.flush()?;
        Ok(self.entries)
    }

    fn remember(&mut self, path: &str, mode: u32, content: EntryContent) {
        let path = path.to_owned();
        self.entries.push(Entry {
            path,
            mode,
            content,
        });
    }

    fn record(&self, kind: Kind, path: &str, mode: u32, size: u64) -> Result<Record, WriteError> {
        if path.contains('\\') {
            let what = format!("a zip cannot hold `{path}`: `\\` separates directories on Windows");
            return Err(WriteError::Invalid(what));
        }
        let is_long_target = kind == Kind::Symlink && size > MAX_NAME_BYTES;
        if path.len() as u64 >= MAX_NAME_BYTES || is_long_target {
            let what =
                format!("a zip cannot hold `{path}`: paths have at most {MAX_NAME_BYTES} bytes");
            return Err(WriteError::Invalid(what));
        }
        Ok(Record::new(path, kind, mode, size, self.date))
    }

    /// Adds an entry whose content is here.
    fn whole(
        &mut self,
        kind: Kind,
        path: &str,
        mode: u32,
        bytes: Vec<u8>,
    ) -> Result<(), WriteError> {
        let record = Some(self.record(kind, path, mode, bytes.len() as u64)?);
        self.push(Piece {
            record,
            bytes,
            is_last: true,
        })
    }

    fn push(&mut self, piece: Piece) -> Result<(), WriteError> {
        match self.pieces.push(piece) {
            Some(piece) => Ok(self.write(piece)?),
            None => Ok(()),
        }
    }

    fn write(&mut self, piece: Compressed) -> io::Result<()> {
        let is_first = piece.record.is_some();
        if let Some(mut record) = piece.record {
            record.place(self.position, self.limits);
            self.crc = Crc::new();
            self.records.push(record);
        }
        self.crc.combine(&piece.crc);
        let record = self.records.last_mut().expect("the first piece brings one");
        record.held += piece.bytes.len() as u64;
        record.crc = self.crc.sum();
        let local = record.local();
        if is_first {
            self.out.write_all(&local)?;
            self.position += local.len() as u64;
        }
        self.out.write_all(&piece.bytes)?;
        self.position += piece.bytes.len() as u64;
        if piece.is_last && !is_first {
            // Size and sum were not known when it was written.
            self.out.seek(SeekFrom::Start(record.offset))?;
            self.out.write_all(&local)?;
            self.out.seek(SeekFrom::Start(self.position))?;
        }
        Ok(())
    }
}
