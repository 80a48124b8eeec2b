//! `ar` in its simplest form, the outer container of a deb (deb(5)).
//!
//! A header has 60 bytes of text; the size has ten decimal digits, so no member can have more than 9,999,999,999 bytes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::container::{Malformed, ReadError};

const MAGIC: &[u8; 8] = b"!<arch>\n";
const HEADER: usize = 60;
const END_OF_HEADER: &str = "`\n";

/// The largest size that ten digits can express.
pub(crate) const MAX_MEMBER_BYTES: u64 = 9_999_999_999;

/// A member with more bytes than a header can express.
#[derive(Debug, thiserror::Error)]
#[error("the member `{name}` has more than {limit} bytes, which ar cannot hold")]
pub(crate) struct TooLarge {
    pub(crate) name: String,
    pub(crate) limit: u64,
}

/// Starts an ar file.
pub(crate) fn begin(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(MAGIC)
}

/// Writes a member with known content.
pub(crate) fn member(out: &mut dyn Write, name: &str, date: i64, bytes: &[u8]) -> io::Result<()> {
    out.write_all(header(name, date, bytes.len() as u64).as_bytes())?;
    out.write_all(bytes)?;
    out.write_all(padding(bytes.len() as u64))
}

/// Writes a member whose size is known only after `content` has written it.
pub(crate) fn streamed<W: Write + Seek, T>(
    mut out: W,
    name: &str,
    date: i64,
    content: impl FnOnce(Limited<&mut W>) -> io::Result<T>,
) -> io::Result<T> {
    let start = out.stream_position()?;
    out.write_all(header(name, date, 0).as_bytes())?;
    let result = content(Limited::new(&mut out, name, MAX_MEMBER_BYTES))?;
    let end = out.stream_position()?;
    let size = end - start - HEADER as u64;
    out.write_all(padding(size))?;
    out.seek(SeekFrom::Start(start))?;
    out.write_all(header(name, date, size).as_bytes())?;
    out.seek(SeekFrom::End(0))?;
    Ok(result)
}

fn header(name: &str, date: i64, size: u64) -> String {
    format!(
        "{name:<16}{date:<12}{:<6}{:<6}{:<8}{size:<10}{END_OF_HEADER}",
        0, 0, 100_644
    )
}

fn padding(size: u64) -> &'static [u8] {
    match size % 2 {
        0 => b"",
        _ => b"\n",
    }
}

/// Refuses to write more bytes than a member can hold.
pub(crate) struct Limited<W> {
    out: W,
    name: String,
    limit: u64,
    left: u64,
}

impl<W> Limited<W> {
    fn new(out: W, name: &str, limit: u64) -> Self {
        Self {
            out,
            name: name.to_owned(),
            limit,
            left: limit,
        }
    }
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.left {
            let (name, limit) = (self.name.clone(), self.limit);
            return Err(io::Error::other(TooLarge { name, limit }));
        }
        let n = self.out.write(bytes)?;
        self.left -= n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A member that was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) start: u64,
    pub(crate) size: u64,
}

/// Reads the headers of all members. Accepts at most `most` of them.
pub(crate) fn members(file: &mut File, most: usize) -> Result<Vec<Member>, ReadError> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut magic = [0; MAGIC.len()];
    read_at(file, 0, &mut magic, length)?;
    if magic != *MAGIC {
        return Err(malformed("no `!<arch>`", 0));
    }
    let (mut members, mut position) = (Vec::new(), MAGIC.len() as u64);
    while position < length {
        if members.len() == most {
            return Err(malformed(format!("more than {most} members"), position));
        }
        let member = member_at(file, position, length)?;
        // The last member may lack its padding; GNU ar writes it, other programs do not.
        position = (member.start + member.size).next_multiple_of(2);
        members.push(member);
    }
    Ok(members)
}

fn member_at(file: &mut File, position: u64, length: u64) -> Result<Member, ReadError> {
    let mut header = [0; HEADER];
    read_at(file, position, &mut header, length)?;
    let text = std::str::from_utf8(&header).ok().filter(|h| h.is_ascii());
    let Some(text) = text.filter(|h| h.ends_with(END_OF_HEADER)) else {
        return Err(malformed("no header of a member", position));
    };
    let name = text[..16].trim_end_matches(' ').trim_end_matches('/');
    let digits = text[48..58].trim_end_matches(' ');
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let size = digits.parse().ok().filter(|_| is_number);
    let start = position + HEADER as u64;
    match size {
        Some(size) if size <= length - start => Ok(Member {
            name: name.to_owned(),
            start,
            size,
        }),
        _ => Err(malformed(
            format!(
                "`{name}` has the size `{digits}`; at most {} are left",
                length - start
            ),
            position,
        )),
    }
}

fn read_at(
    file: &mut File,
    position: u64,
    buffer: &mut [u8],
    length: u64,
) -> Result<(), ReadError> {
    if length - position < buffer.len() as u64 {
        return Err(malformed("ends too early", length));
    }
    file.seek(SeekFrom::Start(position))?;
    Ok(file.read_exact(buffer)?)
}

fn malformed(what: impl AsRef<str>, offset: u64) -> ReadError {
    let what = format!("ar: {}", what.as_ref());
    Malformed { what, offset }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_header_is_as_ar_writes_it() {
        assert_eq!(
            header("debian-binary", 1_767_323_045, 4),
            "debian-binary   1767323045  0     0     100644  4         `\n"
        );
        assert_eq!(header("data.tar.xz", 0, MAX_MEMBER_BYTES).len(), HEADER);
    }

    #[test]
    fn a_streamed_member_is_the_same_as_one_of_known_content() {
        let (mut known, mut streamed_out) = (Vec::new(), Cursor::new(Vec::new()));
        member(&mut known, "odd", 7, b"12345").expect("written to memory");
        streamed(&mut streamed_out, "odd", 7, |mut out| {
            out.write_all(b"12345")
        })
        .expect("written to memory");
        assert_eq!(known, streamed_out.into_inner());
    }

    #[test]
    fn a_member_that_grows_too_large_is_refused_where_it_does() {
        let mut out = Vec::new();
        let mut limited = Limited::new(&mut out, "data.tar.xz", 6);
        limited.write_all(b"123456").expect("just fits");
        let error = limited.write_all(b"7").expect_err("one too many");
        assert_eq!(
            error.to_string(),
            "the member `data.tar.xz` has more than 6 bytes, which ar cannot hold"
        );
        assert_eq!(out, b"123456");
    }
}
