//! Writes a cabinet whose blocks are compressed by several threads.

use std::io::{self, Read, SeekFrom};
use std::sync::Arc;

use super::block::block;
use super::{
    ARCHIVE, BLOCK, FILE, FOLDER, HEADER, MAGIC, MAX_BLOCKS, MAX_FILE_BYTES, MAX_FILES,
    MAX_NAME_BYTES, MSZIP,
};
use crate::container::compress::ordered::{Ordered, Work};
use crate::container::{Output, WriteError};
use crate::model::date::dos;
use crate::model::threads::Threads;

/// A file of a cabinet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CabFile {
    /// The name, in ASCII.
    pub name: String,
    /// The size in bytes.
    pub size: u64,
}

/// A folder: files that are compressed together.
#[derive(Clone, Copy, Default)]
pub(super) struct Folder {
    pub(super) size: u64,
    /// Where its blocks start.
    start: u32,
}

impl Folder {
    fn blocks(self) -> u16 {
        // As many as a folder can have, at most.
        self.size.div_ceil(BLOCK as u64) as u16
    }
}

/// A block, and the one before it in its folder.
struct Job {
    before: Arc<[u8]>,
    block: Arc<[u8]>,
}

/// A cabinet that is being written. The files are known at its start, and their contents follow in the same order.
pub(crate) struct CabWriter<'o> {
    out: &'o mut dyn Output,
    base: u64,
    position: u64,
    pub(super) folders: Vec<Folder>,
    blocks: Ordered<Vec<u8>, Job>,
    /// The folder that is being filled, and how much of it there is.
    folder: usize,
    filled: u64,
    before: Arc<[u8]>,
    block: Vec<u8>,
    /// The folders of the blocks that are in flight.
    in_flight: std::collections::VecDeque<usize>,
}

impl<'o> CabWriter<'o> {
    /// Starts a cabinet where `out` is.
    pub(crate) fn new(
        out: &'o mut dyn Output,
        files: &[CabFile],
        date: i64,
        threads: &Threads,
    ) -> Result<Self, WriteError> {
        if files.len() > MAX_FILES {
            let what = format!("{} files; a cabinet has at most {MAX_FILES}", files.len());
            return Err(WriteError::Invalid(what));
        }
        let base = out.stream_position()?;
        let (folders, records) = plan(files, date)?;
        let start = HEADER + folders.len() * FOLDER + records.len();
        out.write_all(&vec![0; HEADER + folders.len() * FOLDER])?;
        out.write_all(&records)?;
        let work = || -> Work<Vec<u8>, Job> { Box::new(|job| block(&job.before, &job.block)) };
        let mut cab = Self {
            out,
            base,
            position: start as u64,
            folders,
            blocks: Ordered::new(threads, work),
            folder: 0,
            filled: 0,
            before: Arc::from([]),
            block: Vec::new(),
            in_flight: Default::default(),
        };
        cab.header(files.len() as u16)?;
        Ok(cab)
    }

    /// Writes what is known of the header; sizes and places follow at the end.
    fn header(&mut self, files: u16) -> io::Result<()> {
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend([0; 12]);
        let first_file = (HEADER + self.folders.len() * FOLDER) as u32;
        header.extend(first_file.to_le_bytes());
        header.extend([0; 4]);
        // The version 1.3.
        header.extend([3, 1]);
        for number in [self.folders.len() as u16, files, 0, 0, 0] {
            header.extend(number.to_le_bytes());
        }
        self.out.seek(SeekFrom::Start(self.base))?;
        self.out.write_all(&header)?;
        self.out.seek(SeekFrom::Start(self.base + self.position))?;
        Ok(())
    }

    /// Writes the content of the next file.
    pub(crate) fn content(&mut self, mut content: impl Read, size: u64) -> Result<(), WriteError> {
        if size > 0 && self.filled == self.folders[self.folder].size {
            self.folder += 1;
            self.filled = 0;
            self.before = Arc::from([]);
        }
        let mut left = size;
        while left > 0 {
            let missing = (BLOCK - self.block.len()) as u64;
            let begin = self.block.len();
            content
                .by_ref()
                .take(missing.min(left))
                .read_to_end(&mut self.block)?;
            let read = (self.block.len() - begin) as u64;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            left -= read;
            self.filled += read;
            if self.block.len() == BLOCK || self.filled == self.folders[self.folder].size {
                self.push()?;
            }
        }
        // At the end, a file is compared with what it was.
        io::copy(&mut content, &mut io::sink())?;
        Ok(())
    }

    fn push(&mut self) -> Result<(), WriteError> {
        let block: Arc<[u8]> = std::mem::take(&mut self.block).into();
        let job = Job {
            before: std::mem::replace(&mut self.before, block.clone()),
            block,
        };
        self.in_flight.push_back(self.folder);
        match self.blocks.push(job) {
            Some(block) => self.write(&block),
            None => Ok(()),
        }
    }

    fn write(&mut self, block: &[u8]) -> Result<(), WriteError> {
        let folder = self.in_flight.pop_front().expect("one for each block");
        let start = &mut self.folders[folder].start;
        if *start == 0 {
            *start = place(self.position)?;
        }
        self.out.write_all(block)?;
        self.position += block.len() as u64;
        Ok(())
    }

    /// Ends the cabinet; `out` is behind it.
    pub(crate) fn finish(mut self) -> Result<(), WriteError> {
        while let Some(block) = self.blocks.pop() {
            self.write(&block)?;
        }
        let size = place(self.position)?;
        self.out.seek(SeekFrom::Start(self.base + 8))?;
        self.out.write_all(&size.to_le_bytes())?;
        self.out.seek(SeekFrom::Start(self.base + HEADER as u64))?;
        for folder in &self.folders {
            // One of no bytes is where the next one would be.
            let start = if folder.size == 0 { size } else { folder.start };
            self.out.write_all(&start.to_le_bytes())?;
            self.out.write_all(&folder.blocks().to_le_bytes())?;
            self.out.write_all(&MSZIP.to_le_bytes())?;
        }
        self.out.seek(SeekFrom::Start(self.base + self.position))?;
        Ok(())
    }
}

/// A place in a cabinet.
fn place(position: u64) -> Result<u32, WriteError> {
    u32::try_from(position).map_err(|_| {
        WriteError::Invalid("the cabinet would be larger than 4 GiB, which it cannot be".to_owned())
    })
}

/// Puts the files into folders, and makes their records (section 2.3).
fn plan(files: &[CabFile], date: i64) -> Result<(Vec<Folder>, Vec<u8>), WriteError> {
    let mut folders = vec![Folder::default()];
    let mut records = Vec::new();
    let (date, time) = dos(date);
    for CabFile { name, size } in files {
        if *size > MAX_FILE_BYTES {
            let what = format!(
                "a cabinet cannot hold `{name}` of {size} bytes; expected at most {MAX_FILE_BYTES}"
            );
            return Err(WriteError::Invalid(what));
        }
        assert!(
            name.is_ascii() && name.len() <= MAX_NAME_BYTES,
            "the names are the format's own"
        );
        let last = folders.len() - 1;
        let is_full = (folders[last].size + size).div_ceil(BLOCK as u64) > MAX_BLOCKS;
        if is_full {
            folders.push(Folder::default());
        }
        let index = folders.len() - 1;
        let folder = &mut folders[index];
        // Both fit: a folder has less than 2 GiB, and there are fewer folders than files.
        records.extend((*size as u32).to_le_bytes());
        records.extend((folder.size as u32).to_le_bytes());
        for number in [index as u16, date, time, ARCHIVE] {
            records.extend(number.to_le_bytes());
        }
        records.extend(name.as_bytes());
        records.push(0);
        folder.size += size;
        debug_assert!(records.len() >= FILE);
    }
    Ok((folders, records))
}
