//! Writes a cpio whose bytes depend only on its members and one date.

use std::io::{self, Read, Write};

use super::super::{DIRECTORY, FILE, LAST, SYMLINK};
use super::{DATE, INODE, LINKS, MAGIC, MODE, NAME_BYTES, NUMBERS, SIZE, WIDTHS};

/// The largest number of eleven octal digits.
const MAX_LONG: u64 = (1 << 33) - 1;
/// The largest number of six octal digits.
const MAX_SHORT: u64 = (1 << 18) - 1;

/// Writes members that belong to root.
pub(crate) struct OdcWriter<W> {
    out: W,
    date: u64,
    members: u64,
}

impl<W: Write> OdcWriter<W> {
    /// Starts a cpio in which all members have this date, with the top directory.
    pub(crate) fn new(out: W, date: u64) -> io::Result<Self> {
        debug_assert!(date <= MAX_LONG);
        let mut cpio = Self {
            out,
            date,
            members: 0,
        };
        cpio.header(".", DIRECTORY | 0o755, 0)?;
        Ok(cpio)
    }

    /// Writes a directory with the usual mode.
    pub(crate) fn directory(&mut self, path: &str) -> io::Result<()> {
        self.header(&format!("./{path}"), DIRECTORY | 0o755, 0)
    }

    /// Writes a symbolic link.
    pub(crate) fn symlink(&mut self, path: &str, target: &str) -> io::Result<()> {
        self.header(&format!("./{path}"), SYMLINK | 0o777, target.len() as u64)?;
        self.out.write_all(target.as_bytes())
    }

    /// Writes a file of this size, of less than 8 GiB, which its reader yields.
    pub(crate) fn file(
        &mut self,
        path: &str,
        mode: u32,
        size: u64,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        debug_assert!(size <= MAX_LONG);
        self.header(&format!("./{path}"), FILE | mode, size)?;
        io::copy(content, &mut self.out).map(drop)
    }

    /// Ends the cpio and returns the underlying stream.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.write_header(LAST, [0, 0, 0, 0, 0, 1, 0, 0, 0, 0])?;
        Ok(self.out)
    }

    fn header(&mut self, path: &str, mode: u32, size: u64) -> io::Result<()> {
        // Only links to the same file have to have the same number.
        self.members = self.members % MAX_SHORT + 1;
        let mut numbers = [0; NUMBERS];
        numbers[INODE] = self.members;
        numbers[MODE] = u64::from(mode);
        numbers[LINKS] = 1;
        numbers[DATE] = self.date;
        numbers[SIZE] = size;
        self.write_header(path, numbers)
    }

    fn write_header(&mut self, path: &str, mut numbers: [u64; NUMBERS]) -> io::Result<()> {
        numbers[NAME_BYTES] = path.len() as u64 + 1;
        self.out.write_all(MAGIC)?;
        for (number, width) in numbers.iter().zip(WIDTHS) {
            write!(self.out, "{number:0width$o}")?;
        }
        self.out.write_all(path.as_bytes())?;
        self.out.write_all(&[0])
    }
}
