//! Verifies what is read of an AppImage, by the sums that Sealift puts behind its image.

use alloc::vec::Vec;

use sealift_squashfs::{CHUNK, DIGEST, Summary, digest, le64};

use crate::elf;
use crate::error::Reason;
use crate::sections;
use crate::sys::File;

const CHANGED_PROGRAM: Reason = Reason::Malformed(
    "the file is damaged: the program at its start is not the one that was packed",
);
const CHANGED_TABLE: Reason = Reason::Malformed("the file is damaged or was cut off at its end");
const CHANGED_IMAGE: Reason =
    Reason::Malformed("the file is damaged: its content is not what was packed");

/// Far more than the program before an image has.
const MAX_HEAD: u64 = 16 << 20;

/// The digests of an image's chunks.
pub struct Sums {
    table: Vec<u8>,
    covered: u64,
}

impl Sums {
    /// The sums of the image at a position of a file; `None` for an image without, as other tools append one.
    pub fn load(file: &File, start: u64) -> Result<Option<Self>, Reason> {
        let section = elf::section(file, sections::SUMS)?;
        let Some(summary) = Summary::parse(&section) else {
            return Ok(None);
        };
        if head(file, start)? != summary.head {
            return Err(CHANGED_PROGRAM);
        }
        let size = u64::try_from(file.status()?.st_size).unwrap_or(0);
        let end = start.checked_add(summary.covered);
        let end = end.and_then(|end| end.checked_add(summary.table_size()));
        if end.is_none_or(|end| end > size) {
            return Err(CHANGED_TABLE);
        }
        let mut table = alloc::vec![0; summary.table_size() as usize];
        file.read_at(&mut table, start + summary.covered)?;
        if digest(&table) != summary.table {
            return Err(CHANGED_TABLE);
        }
        let covered = summary.covered;
        Ok(Some(Self { table, covered }))
    }

    /// Fills the buffer from a position of the image, and fails where the bytes are not those that were packed.
    pub fn read_at(
        &self,
        file: &File,
        start: u64,
        mut buffer: &mut [u8],
        mut position: u64,
    ) -> Result<(), Reason> {
        let mut partial = Vec::new();
        while !buffer.is_empty() {
            let before = (position % CHUNK as u64) as usize;
            let chunk = position - before as u64;
            let size = (self.covered.saturating_sub(chunk)).min(CHUNK as u64) as usize;
            let n = size.saturating_sub(before).min(buffer.len());
            if n == 0 {
                return Err(CHANGED_IMAGE);
            }
            let (wanted, rest) = buffer.split_at_mut(n);
            if n == size {
                self.chunk(file, start, wanted, chunk)?;
            } else {
                partial.resize(size, 0);
                self.chunk(file, start, &mut partial, chunk)?;
                wanted.copy_from_slice(&partial[before..before + n]);
            }
            buffer = rest;
            position += n as u64;
        }
        Ok(())
    }

    /// Reads the whole chunk at a position.
    fn chunk(
        &self,
        file: &File,
        start: u64,
        buffer: &mut [u8],
        position: u64,
    ) -> Result<(), Reason> {
        file.read_at(buffer, start + position)?;
        let line = (position / CHUNK as u64) as usize * DIGEST;
        // The table has a line for each chunk, or it would have another digest.
        match digest(buffer) == le64(&self.table, line) {
            true => Ok(()),
            false => Err(CHANGED_IMAGE),
        }
    }
}

/// The digest of the program before an image, without what tools write into it later.
fn head(file: &File, size: u64) -> Result<u64, Reason> {
    if size > MAX_HEAD {
        return Err(CHANGED_PROGRAM);
    }
    let mut bytes = alloc::vec![0; size as usize];
    file.read_at(&mut bytes, 0)?;
    for range in elf::ranges(file, &sections::CHANGEABLE)? {
        bytes.get_mut(range).ok_or(CHANGED_PROGRAM)?.fill(0);
    }
    Ok(digest(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::file;

    const START: usize = 100;

    fn summed(image: &[u8]) -> Sums {
        let digests = image.chunks(CHUNK).map(|chunk| digest(chunk).to_le_bytes());
        Sums {
            table: digests.flatten().collect(),
            covered: image.len() as u64,
        }
    }

    #[test]
    fn any_range_is_read_and_a_changed_bit_fails_those_that_meet_its_chunk() {
        let image: Vec<u8> = (0..CHUNK * 2 + 100).map(|n| (n * n / 7) as u8).collect();
        let sums = summed(&image);
        let mut changed = image.clone();
        changed[CHUNK + 5] ^= 1;
        let [whole, changed] = [&image, &changed].map(|i| file(&[&[7; START], &i[..]].concat()));
        let edges = [0, 1, CHUNK - 1, CHUNK, CHUNK * 2, image.len() - 1];
        for from in edges {
            for to in edges.into_iter().filter(|to| *to >= from) {
                let mut read = alloc::vec![0; to - from];
                let outcome = sums.read_at(&whole, START as u64, &mut read, from as u64);
                assert_eq!((outcome, &read[..]), (Ok(()), &image[from..to]));
                let outcome = sums.read_at(&changed, START as u64, &mut read, from as u64);
                let meets = from < to && from < CHUNK * 2 && to > CHUNK;
                assert_eq!(outcome.is_err(), meets, "{from} to {to}");
            }
        }
    }

    #[test]
    fn nothing_behind_the_image_is_read() {
        let image = [1; 50];
        let file = file(&[&[7; START], &image[..], &[9; 50]].concat());
        let outcome = summed(&image).read_at(&file, START as u64, &mut [0; 51], 0);
        assert_eq!(outcome, Err(CHANGED_IMAGE));
    }
}
