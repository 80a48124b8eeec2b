//! The sums behind an image, by which the runtime finds out damage: written, and held against an AppImage.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use crate::container::squashfs::reader::{CHUNK, DIGEST, Summary, digest};
use crate::container::{Malformed, Output, ReadError};
use crate::program::elf::{ElfError, Layout};

/// Where the runtime looks for what vouches for the image.
const SECTION: &str = ".image_sums";

/// The runtime's sections that tools write into later, and the one that cannot vouch for itself.
const CHANGEABLE: [&str; 5] = [
    ".digest_md5",
    ".upd_info",
    ".sha256_sig",
    ".sig_key",
    SECTION,
];

/// The place of the summary in a runtime; `None` for one that verifies nothing.
pub fn place(runtime: &[u8]) -> Result<Option<Range<usize>>, ElfError> {
    let found = Layout::read(runtime)?.sections_named(SECTION);
    let fits = |(offset, size): &(usize, usize)| (*size >= Summary::SIZE).then_some(*offset);
    let offset = found.first().and_then(fits);
    Ok(offset.map(|offset| offset..offset + Summary::SIZE))
}

/// The runtime without what may differ from one AppImage to the next.
pub fn constant_part(runtime: &[u8]) -> Result<Vec<u8>, ElfError> {
    let layout = Layout::read(runtime)?;
    let mut constant = runtime.to_vec();
    for (offset, size) in CHANGEABLE
        .iter()
        .flat_map(|name| layout.sections_named(name))
    {
        constant[offset..][..size].fill(0);
    }
    Ok(constant)
}

/// Passes an image on, and adds up what it is.
pub struct Summing<'a> {
    out: &'a mut dyn Output,
    /// Where the image begins.
    start: u64,
    /// Where the next bytes go, from the image's start.
    position: u64,
    /// The first chunk, in which the superblock is written last.
    first: Vec<u8>,
    /// What there is so far of the chunk that is being written.
    current: Vec<u8>,
    /// The digests of the chunks behind the first.
    digests: Vec<u8>,
}

impl<'a> Summing<'a> {
    /// Begins an image where the output stands.
    pub fn new(out: &'a mut dyn Output) -> io::Result<Self> {
        Ok(Self {
            start: out.stream_position()?,
            out,
            position: 0,
            first: Vec::with_capacity(CHUNK),
            current: Vec::with_capacity(CHUNK),
            digests: Vec::new(),
        })
    }

    fn size(&self) -> u64 {
        let behind = self.digests.len() / DIGEST * CHUNK + self.current.len();
        (self.first.len() + behind) as u64
    }

    /// Takes bytes that go where nothing was written before.
    fn append(&mut self, mut bytes: &[u8]) {
        let n = bytes.len().min(CHUNK - self.first.len());
        self.first.extend_from_slice(&bytes[..n]);
        bytes = &bytes[n..];
        while !bytes.is_empty() {
            let n = bytes.len().min(CHUNK - self.current.len());
            self.current.extend_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if self.current.len() == CHUNK {
                self.finish_chunk();
            }
        }
    }

    fn finish_chunk(&mut self) {
        self.digests.extend(digest(&self.current).to_le_bytes());
        self.current.clear();
    }

    /// Writes the table behind the image and returns the summary, given the runtime before it.
    pub fn finish(mut self, constant_part: &[u8]) -> io::Result<Summary> {
        let covered = self.size();
        if !self.current.is_empty() {
            self.finish_chunk();
        }
        let mut table = digest(&self.first).to_le_bytes().to_vec();
        table.append(&mut self.digests);
        self.out.write_all(&table)?;
        Ok(Summary {
            covered,
            table: digest(&table),
            head: digest(constant_part),
        })
    }
}

impl Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let size = self.size();
        let is_end = self.position == size;
        let end = self.position + bytes.len() as u64;
        if !is_end && end > (self.first.len() as u64).min(size) {
            return Err(io::Error::other(
                "only an image's first chunk can be replaced",
            ));
        }
        let n = self.out.write(bytes)?;
        if is_end {
            self.append(&bytes[..n]);
        } else {
            self.first[self.position as usize..][..n].copy_from_slice(&bytes[..n]);
        }
        self.position += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Seek for Summing<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = self.out.seek(to)?;
        let inside = position.checked_sub(self.start);
        self.position = inside.ok_or_else(|| io::Error::other("a place before the image"))?;
        Ok(position)
    }
}

/// Fails unless a file's runtime, image and table are what was packed; returns the table's size.
pub fn check(file: &mut File, runtime: &[u8], summary: &Summary) -> Result<u64, ReadError> {
    let start = runtime.len() as u64;
    let constant = constant_part(runtime).map_err(|error| malformed(error.to_string(), 0))?;
    if digest(&constant) != summary.head {
        return Err(malformed("the runtime is not the one that was packed", 0));
    }
    let table_start = start.saturating_add(summary.covered);
    let end = table_start.saturating_add(summary.table_size());
    let found = file.seek(SeekFrom::End(0))?;
    if end != found {
        let what = format!("expected the file to end at {end}, found {found}");
        return Err(malformed(what, found));
    }
    let table = read(file, table_start, summary.table_size() as usize)?;
    if digest(&table) != summary.table {
        return Err(malformed(
            "the sums behind the image are damaged",
            table_start,
        ));
    }
    file.seek(SeekFrom::Start(start))?;
    let mut chunk = Vec::with_capacity(CHUNK);
    for (number, expected) in table.chunks_exact(DIGEST).enumerate() {
        let position = (number * CHUNK) as u64;
        let size = (summary.covered - position).min(CHUNK as u64);
        chunk.clear();
        file.take(size).read_to_end(&mut chunk)?;
        if digest(&chunk).to_le_bytes() != expected {
            return Err(malformed("the image is damaged", start + position));
        }
    }
    Ok(summary.table_size())
}

fn read(file: &mut File, position: u64, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    file.seek(SeekFrom::Start(position))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn malformed(what: impl AsRef<str>, offset: u64) -> ReadError {
    let what = format!("the AppImage: {}", what.as_ref());
    Malformed { what, offset }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn sums_are_the_same_however_the_image_is_written() {
        let image: Vec<u8> = (0..CHUNK * 3 + 7).map(|n| (n * n / 5) as u8).collect();
        let mut outs = Vec::new();
        for piece in [1000, CHUNK, image.len()] {
            let mut out = Cursor::new(b"head".to_vec());
            out.set_position(4);
            let mut summing = Summing::new(&mut out).expect("in memory");
            let blank = [0; 96];
            summing.write_all(&blank).expect("in memory");
            for piece in image[96..].chunks(piece) {
                summing.write_all(piece).expect("in memory");
            }
            summing.seek(SeekFrom::Start(4)).expect("in memory");
            summing.write_all(&image[..96]).expect("in memory");
            summing
                .seek(SeekFrom::Start(4 + image.len() as u64))
                .expect("in memory");
            let summary = summing.finish(b"head").expect("in memory");
            assert_eq!(summary.covered, image.len() as u64);
            outs.push((out.into_inner(), summary));
        }
        assert!(outs.iter().all(|out| *out == outs[0]));
        let (bytes, summary) = &outs[0];
        let sums = image
            .chunks(CHUNK)
            .flat_map(|chunk| digest(chunk).to_le_bytes());
        let table: Vec<u8> = sums.collect();
        assert_eq!(summary.table, digest(&table));
        assert!(*bytes == [b"head", &image[..], &table].concat());
    }
}
