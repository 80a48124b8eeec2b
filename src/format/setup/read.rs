//! Opening a setup and showing what it installs.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::payload::{Contents, File, Footer, Head};
use crate::container::compress::decode;
use crate::container::members::{Member, MemberKind, Members, list, show};
use crate::container::stream::Stream;
use crate::container::{Malformed, ReadError, Visit};
use crate::format::FormatError;
use crate::format::windows::layout;
use crate::model::digest::Sha256Sum;
use crate::model::entry::EntryContent;

/// Opens a setup, compares it with its sum and its files with theirs, and visits its entries.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut file = std::fs::File::open(artifact)?;
    let footer = checked(&mut file)?;
    let contents = contents(&mut file, &footer)?;
    let entries = list(open(&file, &footer, &contents)?, &mut |_, content| {
        Sha256Sum::of_reader(content)
    })?;
    for (entry, file) in entries.iter().zip(&contents.files) {
        let sha256 = Sha256Sum(file.sum);
        let expected = EntryContent::File {
            size: file.size,
            sha256,
        };
        if entry.content != expected {
            let path = &entry.path;
            let what = format!("`{path}` does not have the sum {sha256} of the list of files");
            return Err(malformed(what, footer.contents_at()));
        }
    }
    Ok(show(open(&file, &footer, &contents)?, &entries, visit)?)
}

fn malformed(what: impl Into<String>, offset: u64) -> FormatError {
    let what = format!("the setup: {}", what.into());
    Malformed { what, offset }.into()
}

/// The footer, after the sum was compared with all that it is for.
fn checked(file: &mut std::fs::File) -> Result<Footer, FormatError> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    (&mut *file)
        .take(Head::BYTES as u64)
        .read_to_end(&mut start)?;
    let head = Head::read(&start);
    let head = head.ok_or_else(|| malformed("expected a 64-bit program for Windows", 0))?;
    let end = head.end_of(length);
    let end = end.ok_or_else(|| malformed("expected the certificates at the end", length))?;
    // Signing writes a checksum, which nobody else does.
    let [checksum, _] = &head.free;
    if end == length && start[checksum.clone()] != [0; 4] {
        return Err(malformed(
            "a checksum without a signature",
            checksum.start as u64,
        ));
    }
    let without = || malformed("expected the end of a setup", end);
    let at = end.checked_sub(Footer::BYTES).ok_or_else(without)?;
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = [0; Footer::BYTES as usize];
    file.read_exact(&mut bytes)?;
    let footer = Footer::parse(&bytes, end).ok_or_else(without)?;
    if footer.start != head.end {
        let (expected, found) = (head.end, footer.start);
        return Err(malformed(
            format!(
                "files at byte {found}; expected them where the program ends, at byte {expected}"
            ),
            at,
        ));
    }
    if sum(file, &head, start, end - Footer::SUM)? != footer.sum {
        return Err(malformed(
            "it does not have the sum that it ends with",
            end - Footer::SUM,
        ));
    }
    Ok(footer)
}

/// The SHA-256 of everything before the sum, without what signing changes.
fn sum(
    file: &mut std::fs::File,
    head: &Head,
    mut start: Vec<u8>,
    length: u64,
) -> Result<[u8; 32], FormatError> {
    start.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    if head.free.iter().any(|range| range.end > start.len()) {
        return Err(malformed("the headers end too early", length));
    }
    head.clear(&mut start);
    let mut hash = Sha256::new();
    hash.update(&start);
    file.seek(SeekFrom::Start(start.len() as u64))?;
    let mut rest = (&mut *file).take(length - start.len() as u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match rest.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            n => hash.update(&buffer[..n]),
        }
    }
}

fn contents(file: &mut std::fs::File, footer: &Footer) -> Result<Contents, FormatError> {
    let at = footer.contents_at();
    file.seek(SeekFrom::Start(at))?;
    let mut text = Vec::new();
    (&mut *file).take(footer.contents).read_to_end(&mut text)?;
    let text = String::from_utf8(text);
    let text = text.map_err(|_| malformed("a list of files that is not UTF-8", at))?;
    Contents::parse(&text).map_err(|line| {
        malformed(
            format!("line {line} of the list of files is not understood"),
            at,
        )
    })
}

/// The files, in the order of the list.
struct Files<'a> {
    stream: Stream<'a>,
    files: std::slice::Iter<'a, File>,
}

fn open<'a>(
    file: &'a std::fs::File,
    footer: &Footer,
    contents: &'a Contents,
) -> Result<Files<'a>, FormatError> {
    let mut file = file;
    file.seek(SeekFrom::Start(footer.start))?;
    let data = decode::zstd(file.take(footer.data))?;
    Ok(Files {
        stream: Stream::new(data, "the setup's files"),
        files: contents.files.iter(),
    })
}

impl<'a> Members<'a> for Files<'a> {
    fn next(&mut self) -> Result<Option<Member>, ReadError> {
        self.stream.skip_content()?;
        let Some(file) = self.files.next() else {
            if self.stream.read_some(&mut [0])? != 0 {
                let place = self.stream.position();
                return Err(self
                    .stream
                    .malformed("more than the files of the list", place));
            }
            return Ok(None);
        };
        self.stream.begin_content(file.size, 0);
        Ok(Some(Member {
            path: file.path.clone(),
            mode: layout::MODE,
            kind: MemberKind::File(file.size),
        }))
    }

    fn stream(&mut self) -> &mut Stream<'a> {
        &mut self.stream
    }
}
