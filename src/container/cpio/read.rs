//! Reads a cpio without trusting it: for any input, the result is the members or an error with a place.

use std::io::Read;

use super::{
    DIRECTORY, FILE, HEADER, KIND, LAST, MAGIC, MODE, NAME_BYTES, NUMBERS, SIZE, SYMLINK, padding,
};
use crate::container::ReadError;
use crate::container::members::{Member, MemberKind, Members};
use crate::container::stream::Stream;

/// The longest path or link target, in bytes, as in Linux.
const MAX_NAME_BYTES: u32 = 4096;

/// Reads a cpio from any stream.
pub(crate) struct CpioReader<'a> {
    stream: Stream<'a>,
    prefix: &'static str,
}

impl<'a> CpioReader<'a> {
    /// Starts reading. The name is for messages; every path must start with the prefix.
    pub(crate) fn new(input: impl Read + 'a, name: &'static str, prefix: &'static str) -> Self {
        let stream = Stream::new(input, name);
        Self { stream, prefix }
    }

    fn header(&mut self, place: u64) -> Result<[u32; NUMBERS], ReadError> {
        let mut header = [0; HEADER];
        self.stream.fill(&mut header)?;
        let mut numbers = [0; NUMBERS];
        let is_header = header.starts_with(MAGIC);
        for (number, digits) in numbers.iter_mut().zip(header[MAGIC.len()..].chunks(8)) {
            let digits = std::str::from_utf8(digits).ok().filter(|_| is_header);
            // A sign is no digit, though Rust reads it.
            *number = digits
                .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                .ok_or_else(|| {
                    let what = "no header: `070701` and hexadecimal digits";
                    self.stream.malformed(what, place)
                })?;
        }
        Ok(numbers)
    }

    /// A name of this length, with what pads it after `before` bytes.
    fn name(&mut self, length: u32, before: usize, place: u64) -> Result<String, ReadError> {
        if !(1..=MAX_NAME_BYTES).contains(&length) {
            let what = format!("a name of {length} bytes; expected 1 to {MAX_NAME_BYTES}");
            return Err(self.stream.malformed(what, place));
        }
        let length = length as usize;
        let mut bytes = vec![0; length + padding((before + length) as u64)];
        self.stream.fill(&mut bytes)?;
        bytes.truncate(length);
        if before > 0 && bytes.pop() != Some(0) {
            let what = "a path without a NUL at its end";
            return Err(self.stream.malformed(what, place));
        }
        self.stream.text(&bytes, place)
    }

    /// Nothing but zeros may follow the last member.
    fn end(&mut self) -> Result<(), ReadError> {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read_some(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) if buffer[..n].iter().all(|b| *b == 0) => {}
                Ok(_) => {
                    let place = self.stream.position();
                    return Err(self.stream.malformed("data after the end", place));
                }
                Err(e) => return Err(self.stream.explain(e)),
            }
        }
    }
}

impl<'a> Members<'a> for CpioReader<'a> {
    fn next(&mut self) -> Result<Option<Member>, ReadError> {
        self.stream.skip_content()?;
        let place = self.stream.position();
        let numbers = self.header(place)?;
        let written = self.name(numbers[NAME_BYTES], HEADER, place)?;
        if written == LAST {
            return self.end().map(|()| None);
        }
        let path = self.stream.plain_path(&written, self.prefix, place)?;
        let (mode, size) = (numbers[MODE], numbers[SIZE]);
        let kind = match mode & KIND {
            DIRECTORY if size == 0 && !path.is_empty() => MemberKind::Directory,
            SYMLINK => MemberKind::Symlink(self.name(size, 0, place)?),
            FILE if !written.ends_with('/') => {
                let size = u64::from(size);
                self.stream.begin_content(size, padding(size));
                MemberKind::File(size)
            }
            _ => {
                let what = format!(
                    "`{path}` with mode {mode:o} and size {size}; expected a directory, file or symbolic link"
                );
                return Err(self.stream.malformed(what, place));
            }
        };
        let mode = mode & !KIND;
        Ok(Some(Member { path, mode, kind }))
    }

    fn stream(&mut self) -> &mut Stream<'a> {
        &mut self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::cpio::CpioWriter;
    use crate::container::members::list;
    use crate::model::digest::Sha256Sum;
    use crate::model::entry::Entry;
    use crate::model::steps::steps;
    use crate::testing::tree::small_tree;

    fn outcome(bytes: &[u8]) -> Result<Vec<Entry>, String> {
        let cpio = CpioReader::new(bytes, "c", "./");
        list(cpio, &mut |_, content| Sha256Sum::of_reader(content)).map_err(|e| e.to_string())
    }

    fn written() -> (Vec<u8>, Vec<Entry>) {
        let tree = small_tree();
        let mut cpio = CpioWriter::new(Vec::new(), 1, "./");
        for step in steps(&tree) {
            cpio.step(&step).expect("written to memory");
        }
        cpio.finish().expect("written to memory")
    }

    #[test]
    fn what_was_written_is_read() {
        let (bytes, entries) = written();
        assert_eq!(outcome(&bytes), Ok(entries.clone()));
        assert_eq!(outcome(&[bytes, vec![0; 512]].concat()), Ok(entries));
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let (bytes, _) = written();
        for length in 0..bytes.len() - 1 {
            let error = outcome(&bytes[..length]).expect_err("cut off");
            assert!(error.contains("ends"), "{length}: {error}");
        }
    }

    #[test]
    fn headers_that_no_package_has_are_refused() {
        let (bytes, _) = written();
        let with = |place: usize, text: &str| {
            let mut bytes = bytes.clone();
            bytes[place..place + text.len()].copy_from_slice(text.as_bytes());
            outcome(&bytes).expect_err("not valid")
        };
        let number = |index: usize| MAGIC.len() + 8 * index;
        assert!(with(0, "070702").starts_with("c: no header"));
        assert!(with(number(SIZE), "+0000000").starts_with("c: no header"));
        assert!(with(number(MODE), "000021ed").contains("expected a directory, file"));
        assert!(with(number(NAME_BYTES), "7fffffff").contains("expected 1 to 4096"));
        assert!(with(HEADER, "../").contains("the path `../"));
    }
}
