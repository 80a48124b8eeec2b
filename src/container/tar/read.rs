//! Reads a tar without trusting it: for any input, the result is the members or an error with a place.

use std::io::Read;

use super::header::{self, BLOCK, GNU, Header, LONG_LINK, POSIX, kind, padding};
use crate::container::ReadError;
use crate::container::members::{Member, MemberKind, Members};
use crate::container::stream::Stream;

/// The longest path or link target, in bytes, as in Linux.
const MAX_NAME_BYTES: u64 = 4096;

/// Reads a tar from any stream.
pub(crate) struct TarReader<'a> {
    stream: Stream<'a>,
    prefix: &'static str,
    takes_posix: bool,
}

impl<'a> TarReader<'a> {
    /// Starts reading. The name is for messages; every path must start with the prefix.
    pub(crate) fn new(input: impl Read + 'a, name: &'static str, prefix: &'static str) -> Self {
        let stream = Stream::new(input, name);
        Self {
            stream,
            prefix,
            takes_posix: false,
        }
    }

    /// Takes headers of POSIX's format as well, as tools other than Sealift write them. Paths that need its second field or an
    /// extended header are refused.
    pub(crate) fn or_posix(mut self) -> Self {
        self.takes_posix = true;
        self
    }

    /// The next member; `None` at the end, after the last byte has been read.
    pub(crate) fn next(&mut self) -> Result<Option<Member>, ReadError> {
        self.stream.skip_content()?;
        let (mut long_path, mut long_target) = (None, None);
        loop {
            let place = self.position();
            let Some(header) = self.header()? else {
                return match long_path.or(long_target) {
                    Some(_) => Err(self.malformed("a long name without a member", place)),
                    None => self.rest_is_zero().map(|()| None),
                };
            };
            match header.0[header::TYPE] {
                kind::LONG_PATH if long_path.is_none() => {
                    long_path = Some(self.long_name(&header, place)?);
                }
                kind::LONG_TARGET if long_target.is_none() => {
                    long_target = Some(self.long_name(&header, place)?);
                }
                _ => {
                    return self
                        .member(&header, long_path, long_target, place)
                        .map(Some);
                }
            }
        }
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> u64 {
        self.stream.position()
    }

    fn malformed(&self, what: impl AsRef<str>, offset: u64) -> ReadError {
        self.stream.malformed(what, offset)
    }

    fn member(
        &mut self,
        header: &Header,
        long_path: Option<String>,
        long_target: Option<String>,
        place: u64,
    ) -> Result<Member, ReadError> {
        let written = match long_path {
            Some(path) => path,
            None => self.text(header.text(header::PATH), place)?,
        };
        let path = self.path(&written, place)?;
        let mut mode = self.number(header, header::MODE, "mode", place)?;
        if self.takes_posix {
            // Go writes the kind of file into it as well.
            mode &= 0o7777;
        }
        let mode = u32::try_from(mode)
            .ok()
            .filter(|mode| *mode <= 0o7777)
            .ok_or_else(|| self.malformed(format!("`{path}` has the mode {mode:o}"), place))?;
        let size = self.number(header, header::SIZE, "size", place)?;
        let kind = match header.0[header::TYPE] {
            kind::DIRECTORY if size == 0 && written.ends_with('/') => MemberKind::Directory,
            kind::FILE if !written.ends_with('/') => MemberKind::File(size),
            kind::SYMLINK if size == 0 && !written.ends_with('/') => {
                let target = match long_target {
                    Some(target) => target,
                    None => self.text(header.text(header::LINK), place)?,
                };
                MemberKind::Symlink(target)
            }
            other => {
                let what = format!(
                    "`{path}` is of type {:?} with size {size}; expected a directory, file or symbolic link",
                    char::from(other)
                );
                return Err(self.malformed(what, place));
            }
        };
        self.stream.begin_content(size, padding(size));
        Ok(Member { path, mode, kind })
    }

    /// Removes the prefix and ensures that the rest is a plain relative path.
    fn path(&self, written: &str, place: u64) -> Result<String, ReadError> {
        self.stream.plain_path(written, self.prefix, place)
    }

    fn header(&mut self) -> Result<Option<Header>, ReadError> {
        let place = self.position();
        let mut header = Header([0; BLOCK]);
        self.stream.fill(&mut header.0)?;
        if header.0.iter().all(|b| *b == 0) {
            return Ok(None);
        }
        let expected = header.checksum();
        match header.number(header::CHECKSUM) {
            Some(found) if found == expected => {}
            _ => {
                let what = format!("a header whose checksum is not {expected:o}");
                return Err(self.malformed(what, place));
            }
        }
        let is_posix = || {
            self.takes_posix && &header.0[header::MAGIC] == POSIX && header.0[header::PREFIX] == 0
        };
        if &header.0[header::MAGIC] == GNU || is_posix() {
            Ok(Some(header))
        } else {
            Err(self.malformed("a header without the mark of GNU's format", place))
        }
    }

    fn number(
        &self,
        header: &Header,
        field: std::ops::Range<usize>,
        name: &str,
        place: u64,
    ) -> Result<u64, ReadError> {
        // Above this, rounding up to whole blocks would overflow.
        header
            .number(field)
            .filter(|n| *n <= i64::MAX as u64)
            .ok_or_else(|| self.malformed(format!("a header whose {name} is no number"), place))
    }

    fn long_name(&mut self, header: &Header, place: u64) -> Result<String, ReadError> {
        let size = self.number(header, header::SIZE, "size", place)?;
        if !(2..=MAX_NAME_BYTES).contains(&size)
            || header.text(header::PATH) != LONG_LINK.as_bytes()
        {
            let what = format!("a long name of {size} bytes; expected 2 to {MAX_NAME_BYTES}");
            return Err(self.malformed(what, place));
        }
        let mut bytes = vec![0; size as usize + padding(size)];
        self.stream.fill(&mut bytes)?;
        bytes.truncate(size as usize);
        match bytes.pop() {
            Some(0) => self.text(&bytes, place),
            _ => Err(self.malformed("a long name without a NUL at its end", place)),
        }
    }

    fn text(&self, bytes: &[u8], place: u64) -> Result<String, ReadError> {
        self.stream.text(bytes, place)
    }

    /// The end consists of two blocks of zeros, one of which has been read, and any number of further zeros.
    fn rest_is_zero(&mut self) -> Result<(), ReadError> {
        let mut block = [0; BLOCK];
        self.stream.fill(&mut block)?;
        let mut buffer = block.to_vec();
        loop {
            if buffer.iter().any(|b| *b != 0) {
                return Err(self.malformed("data after the end", self.position()));
            }
            buffer.resize(64 * 1024, 0);
            match self.stream.read_some(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => buffer.truncate(n),
                Err(e) => return Err(self.stream.explain(e)),
            }
        }
    }
}

impl<'a> Members<'a> for TarReader<'a> {
    fn next(&mut self) -> Result<Option<Member>, ReadError> {
        TarReader::next(self)
    }

    fn stream(&mut self) -> &mut Stream<'a> {
        &mut self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::members::{list, show};
    use crate::container::tar::header::{CHECKSUM, MAGIC, MODE, PATH, PREFIX, SIZE};
    use crate::model::digest::Sha256Sum;
    use crate::model::entry::{Entry, EntryContent};

    fn header(path: &str, kind: u8, size: u64) -> Header {
        let mut header = Header::new(kind);
        header.set_text(PATH, path.as_bytes());
        header.set_number(MODE, 0o644);
        header.set_number(SIZE, size);
        header
    }

    fn outcome(blocks: &[&[u8]], prefix: &'static str) -> Result<Vec<Entry>, String> {
        let bytes = [blocks.concat(), vec![0; 2 * BLOCK]].concat();
        let tar = TarReader::new(&bytes[..], "t", prefix);
        list(tar, &mut |_, content| Sha256Sum::of_reader(content)).map_err(|e| e.to_string())
    }

    fn error(header: Header) -> String {
        outcome(&[&header.seal()], "").expect_err("not valid")
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in ["/etc/passwd", "../x", "a/../b", "a//b", "./a", "."] {
            let error = error(header(path, kind::FILE, 0));
            assert!(
                error.starts_with(&format!("t: the path `{path}`; expected")),
                "{error}"
            );
            assert!(error.ends_with("at byte 0"));
        }
        let without_prefix = outcome(&[&header("a", kind::FILE, 0).seal()], "./");
        assert!(
            without_prefix
                .expect_err("no prefix")
                .contains("starts with `./`")
        );
    }

    #[test]
    fn members_that_no_package_has_are_refused() {
        for kind in [b'1', b'3', b'6', b'x', b'g', b'S', 0] {
            assert!(
                error(header("a", kind, 0)).contains("expected a directory, file or symbolic link")
            );
        }
        assert!(error(header("a", kind::DIRECTORY, 0)).contains("is of type '5'"));
    }

    #[test]
    fn a_header_that_was_changed_is_refused() {
        let mut sealed = header("a", kind::FILE, 0).seal();
        sealed[CHECKSUM][0] ^= 1;
        assert!(
            outcome(&[&sealed], "")
                .expect_err("changed")
                .contains("whose checksum is not")
        );
        let mut foreign = header("a", kind::FILE, 0);
        foreign.0[MAGIC].copy_from_slice(b"ustar\x0000");
        assert!(error(foreign).contains("GNU"));
        let mut setuid = header("a", kind::FILE, 0);
        setuid.set_number(MODE, 0o10_0644);
        assert_eq!(error(setuid), "t: `a` has the mode 100644 at byte 0");
    }

    #[test]
    fn headers_of_posix_s_format_are_taken_only_where_that_was_asked_for() {
        let posix = |path: &str, prefix: u8| {
            let mut header = header(path, kind::FILE, 0);
            header.0[MAGIC].copy_from_slice(POSIX);
            header.0[PREFIX] = prefix;
            // As Go writes it.
            header.set_number(MODE, 0o10_0644);
            [header.seal().to_vec(), vec![0; 2 * BLOCK]].concat()
        };
        let bytes = posix("a", 0);
        let member = TarReader::new(&bytes[..], "t", "").or_posix().next();
        let member = member.expect("valid").expect("one");
        assert_eq!((member.path.as_str(), member.mode), ("a", 0o644));
        assert!(TarReader::new(&bytes[..], "t", "").next().is_err());
        let bytes = posix("a", b'p');
        assert!(
            TarReader::new(&bytes[..], "t", "")
                .or_posix()
                .next()
                .is_err()
        );
    }

    #[test]
    fn what_is_cut_off_is_refused_with_the_place() {
        let mut bytes = header("a", kind::FILE, 600).seal().to_vec();
        bytes.extend([7; 100]);
        let tar = TarReader::new(&bytes[..], "t", "");
        let error = list(tar, &mut |_, content| Sha256Sum::of_reader(content));
        assert_eq!(
            error.expect_err("cut off").to_string(),
            "t: ends inside a file at byte 612"
        );
    }

    #[test]
    fn a_size_beyond_all_bounds_reserves_no_memory() {
        let error = error(header("a", kind::FILE, i64::MAX as u64));
        assert_eq!(error, "t: ends inside a file at byte 1536");
        let name = header(LONG_LINK, kind::LONG_PATH, 1 << 40);
        assert!(
            outcome(&[&name.seal()], "")
                .expect_err("too long")
                .contains("expected 2 to 4096")
        );
    }

    #[test]
    fn a_visitor_that_hides_a_failure_does_not_hide_it_from_the_caller() {
        let bytes = header("a", kind::FILE, 600).seal().to_vec();
        let entries = [Entry {
            path: "a".to_owned(),
            mode: 0o644,
            content: EntryContent::Directory,
        }];
        let tar = TarReader::new(&bytes[..], "t", "");
        let shown = show(tar, &entries, &mut |_, content| {
            content.read_to_end(&mut Vec::new()).ok();
            Ok(())
        });
        assert!(shown.is_err());
    }
}
