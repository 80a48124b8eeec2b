//! Reading an image from its first chunk to its last. Only what this module writes is accepted.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::table::{Kind, Run, Table, u32_at, u64_at};
use super::trailer::trailer;
use super::{CHUNK, MAX_LIST_BYTES, SECTOR, TRAILER};
use crate::container::compress::decode::Damaged;
use crate::container::{Malformed, ReadError};

/// Gives the bytes of the volume in an image. At the end, all sums have been compared.
pub(crate) struct UdifReader<R> {
    input: R,
    table: Table,
    /// What the data's sum has to be.
    data_sum: u32,
    next: usize,
    /// The current chunk, and how much of it has been given.
    chunk: Vec<u8>,
    given: usize,
    /// What is left of a chunk of zeros.
    zeros: u64,
    crc: Crc,
    data_crc: Crc,
    held: Vec<u8>,
}

impl<R: Read + Seek> UdifReader<R> {
    /// Reads the trailer and the list.
    pub(crate) fn open(mut input: R) -> Result<Self, ReadError> {
        let length = input.seek(SeekFrom::End(0))?;
        let malformed = |what: &str, offset| {
            let what = format!("the disk image: {what}");
            ReadError::from(Malformed { what, offset })
        };
        let Some(place) = length.checked_sub(TRAILER as u64) else {
            return Err(malformed("too short for a trailer", length));
        };
        let mut end = [0; TRAILER];
        input.seek(SeekFrom::Start(place))?;
        input.read_exact(&mut end)?;
        if !end.starts_with(b"koly") {
            return Err(malformed("no trailer `koly`", place));
        }
        let (start, size) = (u64_at(&end, 216), u64_at(&end, 224));
        if size > MAX_LIST_BYTES || start.checked_add(size) != Some(place) {
            return Err(malformed(
                "the list of chunks is not before the trailer",
                place,
            ));
        }
        let mut xml = vec![0; size as usize];
        input.seek(SeekFrom::Start(start))?;
        input.read_exact(&mut xml)?;
        let xml = String::from_utf8(xml).unwrap_or_default();
        let table = Table::read(&xml)
            .filter(|table| table.held() == start)
            .ok_or_else(|| malformed("expected a list of chunks that follow each other", start))?;
        let data_sum = u32_at(&end, 88);
        if trailer(&table, data_sum, &xml) != end {
            return Err(malformed(
                "the trailer and the list of chunks differ",
                place,
            ));
        }
        input.seek(SeekFrom::Start(0))?;
        Ok(Self {
            input,
            table,
            data_sum,
            next: 0,
            chunk: Vec::with_capacity(CHUNK),
            given: 0,
            zeros: 0,
            crc: Crc::new(),
            data_crc: Crc::new(),
            held: Vec::new(),
        })
    }

    /// Goes to the next chunk; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        let Some(run) = self.table.runs.get(self.next).copied() else {
            return self.check_sums().map(|()| false);
        };
        self.next += 1;
        self.given = 0;
        if run.kind == Kind::Zero {
            self.chunk.clear();
            self.chunk.resize(CHUNK, 0);
            self.given = CHUNK;
            self.zeros = run.sectors * SECTOR as u64;
            return Ok(true);
        }
        self.held.resize(run.held as usize, 0);
        self.input.read_exact(&mut self.held)?;
        self.data_crc.update(&self.held);
        let size = run.sectors as usize * SECTOR;
        match run.kind {
            Kind::Stored => self.chunk.clone_from(&self.held),
            _ => self.inflate(run, size)?,
        }
        self.crc.update(&self.chunk);
        Ok(true)
    }

    fn inflate(&mut self, run: Run, size: usize) -> io::Result<()> {
        self.chunk.clear();
        self.chunk.reserve_exact(size);
        let mut inflate = Decompress::new(true);
        let status = inflate.decompress_vec(&self.held, &mut self.chunk, FlushDecompress::Finish);
        let is_whole = matches!(status, Ok(Status::StreamEnd))
            && self.chunk.len() == size
            && inflate.total_in() == run.held;
        if is_whole {
            return Ok(());
        }
        let number = self.next;
        Err(damaged(format!("chunk {number} is not {size} bytes")))
    }

    fn check_sums(&self) -> io::Result<()> {
        let found = (self.crc.sum(), self.data_crc.sum());
        if found == (self.table.crc, self.data_sum) {
            return Ok(());
        }
        Err(damaged("it has another sum".to_owned()))
    }
}

fn damaged(reason: String) -> io::Error {
    Damaged::error("disk image's", reason)
}

impl<R: Read + Seek> Read for UdifReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.zeros > 0 {
                let most = buffer.len().min(self.chunk.len());
                let length = usize::try_from(self.zeros).map_or(most, |left| left.min(most));
                buffer[..length].fill(0);
                self.crc.update(&buffer[..length]);
                self.zeros -= length as u64;
                return Ok(length);
            }
            let left = &self.chunk[self.given..];
            if !left.is_empty() {
                let length = left.len().min(buffer.len());
                buffer[..length].copy_from_slice(&left[..length]);
                self.given += length;
                return Ok(length);
            }
            if !self.advance()? {
                return Ok(0);
            }
        }
    }
}
