//! Reads a cabinet from its first byte to its last.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::block::{Inflater, MAX_COMPRESSED};
use super::{BLOCK, CabFile, DATA, FILE, FOLDER, HEADER, MAGIC, MAX_NAME_BYTES, MSZIP, checksum};
use crate::container::compress::decode::Damaged;
use crate::container::members::{Member, MemberKind, Members};
use crate::container::stream::Stream;
use crate::container::{Malformed, ReadError};

/// Finds the path and the mode of a file by its name in the cabinet.
pub(crate) type Place<'p> = dyn Fn(&str) -> Option<(String, u32)> + 'p;

/// A cabinet as a list of members.
pub(crate) struct Cabinet<'a> {
    files: VecDeque<CabFile>,
    place: &'a Place<'a>,
    stream: Stream<'a>,
}

impl<'a> Cabinet<'a> {
    /// Reads the records of the files.
    pub(crate) fn open(mut input: impl Read + 'a, place: &'a Place<'a>) -> Result<Self, ReadError> {
        let mut header = Header {
            input: &mut input,
            position: 0,
        };
        let (files, folders) = header.read()?;
        let position = header.position;
        let blocks = Blocks {
            input: Box::new(input),
            position,
            folders,
            inflater: Inflater::new(),
            block: Vec::new(),
            used: 0,
        };
        Ok(Self {
            files: files.into(),
            place,
            stream: Stream::new(blocks, "the cabinet's content"),
        })
    }
}

impl<'a> Members<'a> for Cabinet<'a> {
    fn next(&mut self) -> Result<Option<Member>, ReadError> {
        self.stream.skip_content()?;
        let Some(CabFile { name, size }) = self.files.pop_front() else {
            let more = self.stream.read_some(&mut [0]);
            return match more {
                Ok(0) => Ok(None),
                Ok(_) => Err(self
                    .stream
                    .malformed("goes on behind the last file", self.stream.position())),
                Err(e) => Err(self.stream.explain(e)),
            };
        };
        let Some((path, mode)) = (self.place)(&name) else {
            let what = format!("the file `{}` is not in the tables", name.escape_debug());
            return Err(self.stream.malformed(what, self.stream.position()));
        };
        self.stream.begin_content(size, 0);
        let kind = MemberKind::File(size);
        Ok(Some(Member { path, mode, kind }))
    }

    fn stream(&mut self) -> &mut Stream<'a> {
        &mut self.stream
    }
}

/// Reads what is before the blocks.
struct Header<'r> {
    input: &'r mut dyn Read,
    position: u64,
}

/// The blocks of a folder.
#[derive(Clone, Copy)]
struct Folder {
    /// Until its first block is read.
    start: Option<u64>,
    blocks: u16,
    size: u64,
}

impl Header<'_> {
    fn read(&mut self) -> Result<(Vec<CabFile>, VecDeque<Folder>), ReadError> {
        let header: [u8; HEADER] = self.take()?;
        if &header[..4] != MAGIC {
            return Err(malformed("does not start with `MSCF`", 0));
        }
        if header[24..26] != [3, 1] || u16_at(&header, 30) != 0 {
            return Err(malformed("is not a whole one of version 1.3", 24));
        }
        let first_file = u32_at(&header, 16) as usize;
        let (folders, files) = (u16_at(&header, 26), u16_at(&header, 28));
        if first_file != HEADER + usize::from(folders) * FOLDER {
            return Err(malformed("the files do not follow the folders", 16));
        }
        let mut found = VecDeque::new();
        for _ in 0..folders {
            let place = self.position;
            let folder: [u8; FOLDER] = self.take()?;
            if u16_at(&folder, 6) != MSZIP {
                return Err(malformed(
                    "a folder is compressed in another way than by MSZIP",
                    place,
                ));
            }
            found.push_back(Folder {
                start: Some(u64::from(u32_at(&folder, 0))),
                blocks: u16_at(&folder, 4),
                size: 0,
            });
        }
        let mut list = Vec::new();
        for _ in 0..files {
            list.push(self.file(&mut found)?);
        }
        // One of no files has no blocks that would have to be somewhere.
        found.retain(|folder| folder.blocks > 0 || folder.size > 0);
        Ok((list, found))
    }

    /// One file, which must follow the one before it in its folder.
    fn file(&mut self, folders: &mut VecDeque<Folder>) -> Result<CabFile, ReadError> {
        let place = self.position;
        let record: [u8; FILE] = self.take()?;
        let (size, offset) = (u64::from(u32_at(&record, 0)), u64::from(u32_at(&record, 4)));
        let index = usize::from(u16_at(&record, 8));
        let is_last = folders
            .range(index.min(folders.len())..)
            .skip(1)
            .all(|folder| folder.size == 0);
        let folder = folders
            .get_mut(index)
            .filter(|folder| is_last && folder.size == offset);
        let Some(folder) = folder else {
            return Err(malformed("a file does not follow the one before it", place));
        };
        folder.size += size;
        let mut name = Vec::new();
        loop {
            let [byte] = self.take()?;
            match byte {
                0 => break,
                _ if name.len() == MAX_NAME_BYTES => {
                    return Err(malformed("a name is too long", place));
                }
                byte => name.push(byte),
            }
        }
        let name = String::from_utf8(name).ok().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| malformed("a name that is empty or not UTF-8", place))?;
        Ok(CabFile { name, size })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut bytes = [0; N];
        match self.input.read_exact(&mut bytes) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(malformed("ends too early", self.position));
            }
            Err(e) => return Err(e.into()),
            Ok(()) => self.position += N as u64,
        }
        Ok(bytes)
    }
}

/// Reads the contents of all folders, one behind the other.
struct Blocks<'a> {
    input: Box<dyn Read + 'a>,
    position: u64,
    folders: VecDeque<Folder>,
    inflater: Inflater,
    block: Vec<u8>,
    used: usize,
}

impl Blocks<'_> {
    /// Reads the next block; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        let Some(folder) = self.folders.front_mut() else {
            return match self.input.read(&mut [0])? {
                0 => Ok(false),
                _ => Err(damaged("goes on behind the last block")),
            };
        };
        if let Some(start) = folder.start.take() {
            if start != self.position {
                return Err(damaged("a folder does not follow the one before it"));
            }
            self.block.clear();
            self.used = 0;
        }
        let size = folder.size.min(BLOCK as u64);
        if folder.blocks == 0 || size == 0 {
            return Err(damaged(
                "a folder has another number of blocks than its files need",
            ));
        }
        folder.size -= size;
        folder.blocks -= 1;
        if (folder.blocks, folder.size) == (0, 0) {
            self.folders.pop_front();
        }
        let mut record = [0; DATA];
        fill(&mut self.input, &mut record)?;
        let (held, whole) = (
            usize::from(u16_at(&record, 4)),
            usize::from(u16_at(&record, 6)),
        );
        if whole != size as usize || held > MAX_COMPRESSED {
            return Err(damaged("a block has another size than its place demands"));
        }
        let mut compressed = vec![0; held];
        fill(&mut self.input, &mut compressed)?;
        if checksum(&record[4..], checksum(&compressed, 0)) != u32_at(&record, 0) {
            return Err(damaged("a block does not have its sum"));
        }
        self.position += (DATA + held) as u64;
        let block = self.inflater.block(&self.block, &compressed, whole);
        self.block = block.map_err(|what| damaged(&what))?;
        self.used = 0;
        Ok(true)
    }
}

impl Read for Blocks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.used == self.block.len() && !self.next()? {
            return Ok(0);
        }
        let length = buffer.len().min(self.block.len() - self.used);
        buffer[..length].copy_from_slice(&self.block[self.used..][..length]);
        self.used += length;
        Ok(length)
    }
}

fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<()> {
    match input.read_exact(buffer) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Err(damaged("ends too early")),
        other => other,
    }
}

fn damaged(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Damaged::new("cabinet", reason))
}

fn malformed(what: &str, offset: u64) -> ReadError {
    let what = format!("the cabinet: {what}");
    Malformed { what, offset }.into()
}

fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_le_bytes([bytes[place], bytes[place + 1]])
}

fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from(u16_at(bytes, place)) | u32::from(u16_at(bytes, place + 2)) << 16
}
