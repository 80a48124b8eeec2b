//! Writes a cpio whose bytes depend only on its members and one date.

use std::io::{self, Write};

use super::{
    DATE, DIRECTORY, FILE, HEADER, INODE, LAST, LINKS, MAGIC, MODE, NAME_BYTES, NUMBERS, SIZE,
    SYMLINK, padding,
};
use crate::model::entry::{Entry, EntryContent};
use crate::model::steps::Step;
use crate::model::tree::{Content, TreeFile};

/// The largest file that a header can express.
pub(crate) const MAX_FILE_BYTES: u64 = u32::MAX as u64;

/// Writes members and records them.
pub(crate) struct CpioWriter<W> {
    out: W,
    date: u32,
    prefix: &'static str,
    members: u32,
    entries: Vec<Entry>,
}

impl<W: Write> CpioWriter<W> {
    /// Starts a cpio in which all members have this date and this path prefix.
    pub(crate) fn new(out: W, date: u32, prefix: &'static str) -> Self {
        Self {
            out,
            date,
            prefix,
            members: 0,
            entries: Vec::new(),
        }
    }

    /// Writes a directory with the usual mode, or a file of at most [`MAX_FILE_BYTES`].
    pub(crate) fn step(&mut self, step: &Step<'_>) -> io::Result<()> {
        match step {
            Step::Directory(path) => self.directory(path),
            Step::File(file) => self.file(file),
        }
    }

    fn directory(&mut self, path: &str) -> io::Result<()> {
        self.member(path, DIRECTORY | 0o755, 0)?;
        self.remember(path, 0o755, EntryContent::Directory);
        Ok(())
    }

    fn file(&mut self, file: &TreeFile) -> io::Result<()> {
        if let Content::Symlink(target) = &file.content {
            let size = target.len() as u32;
            self.member(&file.path, SYMLINK | 0o777, size)?;
            self.padded(target.as_bytes())?;
            self.remember(&file.path, 0o777, EntryContent::Symlink(target.clone()));
            return Ok(());
        }
        let size = file.size();
        let short = u32::try_from(size).map_err(io::Error::other)?;
        self.member(&file.path, FILE | file.mode, short)?;
        io::copy(&mut file.open()?, &mut self.out)?;
        self.out.write_all(&[0; 4][..padding(size)])?;
        let sha256 = file.sha256()?;
        self.remember(&file.path, file.mode, EntryContent::File { size, sha256 });
        Ok(())
    }

    /// Ends the cpio; returns the underlying stream and the entries.
    pub(crate) fn finish(mut self) -> io::Result<(W, Vec<Entry>)> {
        let mut numbers = [0; NUMBERS];
        numbers[LINKS] = 1;
        self.header(numbers, LAST.to_owned())?;
        Ok((self.out, self.entries))
    }

    fn member(&mut self, path: &str, mode: u32, size: u32) -> io::Result<()> {
        self.members += 1;
        let mut numbers = [0; NUMBERS];
        numbers[INODE] = self.members;
        numbers[MODE] = mode;
        numbers[LINKS] = 1;
        numbers[DATE] = self.date;
        numbers[SIZE] = size;
        self.header(numbers, format!("{}{path}", self.prefix))
    }

    fn header(&mut self, mut numbers: [u32; NUMBERS], path: String) -> io::Result<()> {
        let name = path + "\0";
        numbers[NAME_BYTES] = name.len() as u32;
        let digits: String = numbers.iter().map(|n| format!("{n:08x}")).collect();
        self.padded(&[MAGIC, digits.as_bytes(), name.as_bytes()].concat())
    }

    fn padded(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.out.write_all(&[0; 4][..padding(bytes.len() as u64)])
    }

    fn remember(&mut self, path: &str, mode: u32, content: EntryContent) {
        let path = path.to_owned();
        self.entries.push(Entry {
            path,
            mode,
            content,
        });
    }
}

/// The size of a cpio with these members, computed without reading them.
pub(crate) fn size_of(steps: &[Step<'_>], prefix: &str) -> u64 {
    let header = |name: usize| ((HEADER + name + 1) as u64).next_multiple_of(4);
    let size = |step: &Step<'_>| match step {
        Step::Directory(path) => header(prefix.len() + path.len()),
        Step::File(file) => {
            let content = match &file.content {
                Content::Symlink(target) => target.len() as u64,
                _ => file.size(),
            };
            header(prefix.len() + file.path.len()) + content.next_multiple_of(4)
        }
    };
    steps.iter().map(size).sum::<u64>() + header(LAST.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::steps::steps;
    use crate::testing::tree::full_tree;

    #[test]
    fn the_size_is_known_before_anything_is_read() {
        let tree = full_tree();
        let steps = steps(&tree);
        for prefix in ["", "./"] {
            let mut cpio = CpioWriter::new(Vec::new(), 1, prefix);
            for step in &steps {
                cpio.step(step).expect("written to memory");
            }
            let (bytes, entries) = cpio.finish().expect("written to memory");
            assert_eq!(bytes.len() as u64, size_of(&steps, prefix));
            assert_eq!(entries.len(), steps.len());
        }
    }
}
