//! Reads a cpio without trusting it: for any input, the result is the members or an error with a place.

use std::io::Read;

use super::super::{DIRECTORY, FILE, KIND, LAST, SYMLINK};
use super::{HEADER, MAGIC, MODE, NAME_BYTES, NUMBERS, SIZE, WIDTHS};
use crate::container::ReadError;
use crate::container::members::{Member, MemberKind, Members};
use crate::container::stream::Stream;

/// The longest path or link target, in bytes, as in Linux.
const MAX_NAME_BYTES: u64 = 4096;
/// What paths begin with.
const PREFIX: &str = "./";

/// Reads a cpio from any stream.
pub(crate) struct OdcReader<'a>(Stream<'a>);

impl<'a> OdcReader<'a> {
    /// Starts reading. The name is for messages.
    pub(crate) fn new(input: impl Read + 'a, name: &'static str) -> Self {
        Self(Stream::new(input, name))
    }

    fn header(&mut self, place: u64) -> Result<[u64; NUMBERS], ReadError> {
        let mut header = [0; HEADER];
        self.0.fill(&mut header)?;
        let mut numbers = [0; NUMBERS];
        let is_header = header.starts_with(MAGIC);
        let mut rest = &header[MAGIC.len()..];
        for (number, width) in numbers.iter_mut().zip(WIDTHS) {
            let (digits, after) = rest.split_at(width);
            rest = after;
            let is_octal = digits.iter().all(|byte| matches!(byte, b'0'..=b'7'));
            if !is_header || !is_octal {
                let what = "no header: `070707` and octal digits";
                return Err(self.0.malformed(what, place));
            }
            *number = digits
                .iter()
                .fold(0, |number, digit| number << 3 | u64::from(digit - b'0'));
        }
        Ok(numbers)
    }

    fn bytes(&mut self, length: u64, place: u64) -> Result<Vec<u8>, ReadError> {
        if !(1..=MAX_NAME_BYTES).contains(&length) {
            let what = format!("a name of {length} bytes; expected 1 to {MAX_NAME_BYTES}");
            return Err(self.0.malformed(what, place));
        }
        let mut bytes = vec![0; length as usize];
        self.0.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Nothing may follow the last member.
    fn end(&mut self) -> Result<(), ReadError> {
        match self.0.read_some(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => {
                let place = self.0.position();
                Err(self.0.malformed("data after the end", place))
            }
            Err(e) => Err(self.0.explain(e)),
        }
    }
}

impl<'a> Members<'a> for OdcReader<'a> {
    fn next(&mut self) -> Result<Option<Member>, ReadError> {
        self.0.skip_content()?;
        let place = self.0.position();
        let numbers = self.header(place)?;
        let mut name = self.bytes(numbers[NAME_BYTES], place)?;
        if name.pop() != Some(0) {
            return Err(self.0.malformed("a path without a NUL at its end", place));
        }
        let written = self.0.text(&name, place)?;
        if written == LAST {
            return self.end().map(|()| None);
        }
        let path = match written.as_str() {
            "." => String::new(),
            _ => self.0.plain_path(&written, PREFIX, place)?,
        };
        let (mode, size) = (numbers[MODE] as u32, numbers[SIZE]);
        let kind = match mode & KIND {
            DIRECTORY if size == 0 => MemberKind::Directory,
            SYMLINK if !path.is_empty() => {
                let target = self.bytes(size, place)?;
                MemberKind::Symlink(self.0.text(&target, place)?)
            }
            FILE if !path.is_empty() && !written.ends_with('/') => {
                self.0.begin_content(size, 0);
                MemberKind::File(size)
            }
            _ => {
                let what = format!(
                    "`{path}` with mode {mode:o} and size {size}; expected a directory, file or symbolic link"
                );
                return Err(self.0.malformed(what, place));
            }
        };
        let mode = mode & !KIND;
        Ok(Some(Member { path, mode, kind }))
    }

    fn stream(&mut self) -> &mut Stream<'a> {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::cpio::odc::OdcWriter;
    use crate::container::members::list;
    use crate::model::digest::Sha256Sum;
    use crate::model::entry::{Entry, EntryContent};

    fn written() -> Vec<u8> {
        let mut cpio = OdcWriter::new(Vec::new(), 1).expect("written to memory");
        cpio.directory("bin").expect("written to memory");
        cpio.file("bin/hello", 0o755, 3, &mut &b"abc"[..])
            .expect("written to memory");
        cpio.symlink("bin/hi", "hello").expect("written to memory");
        cpio.file("empty", 0o644, 0, &mut &b""[..])
            .expect("written to memory");
        cpio.finish().expect("written to memory")
    }

    fn outcome(bytes: &[u8]) -> Result<Vec<Entry>, String> {
        let cpio = OdcReader::new(bytes, "c");
        list(cpio, &mut |_, content| Sha256Sum::of_reader(content)).map_err(|e| e.to_string())
    }

    #[test]
    fn what_was_written_is_read() {
        let entry = |path: &str, mode, content| Entry {
            path: path.to_owned(),
            mode,
            content,
        };
        let file = |content: &[u8]| EntryContent::File {
            size: content.len() as u64,
            sha256: Sha256Sum::of(content),
        };
        assert_eq!(
            outcome(&written()),
            Ok(vec![
                entry("bin", 0o755, EntryContent::Directory),
                entry("bin/hello", 0o755, file(b"abc")),
                entry("bin/hi", 0o777, EntryContent::Symlink("hello".to_owned())),
                entry("empty", 0o644, file(b"")),
            ])
        );
    }

    #[test]
    fn what_is_cut_off_or_longer_is_refused() {
        let bytes = written();
        for length in 0..bytes.len() {
            let error = outcome(&bytes[..length]).expect_err("cut off");
            assert!(error.contains("ends"), "{length}: {error}");
        }
        let error = outcome(&[&bytes[..], &[0]].concat()).expect_err("longer");
        assert!(error.starts_with("c: data after the end"), "{error}");
    }

    #[test]
    fn headers_that_no_package_has_are_refused() {
        let with = |place: usize, text: &str| {
            let mut bytes = written();
            bytes[place..place + text.len()].copy_from_slice(text.as_bytes());
            outcome(&bytes).expect_err("not valid")
        };
        assert!(with(0, "070701").starts_with("c: no header"));
        assert!(with(18, "+40755").starts_with("c: no header"));
        assert!(with(18, "020755").contains("expected a directory, file"));
        assert!(with(59, "777777").contains("expected 1 to 4096"));
        assert!(with(HEADER, "/").contains("the path `/"));
    }
}
