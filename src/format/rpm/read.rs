//! Opens an rpm, compares its parts with each other, and visits its files.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::header::{Header, INTRO, Value};
use super::metadata::{DIRECTORY, FILE, KIND, SYMLINK};
use super::payload::{LEAD, MAGIC, PREFIX};
use super::tag;
use crate::container::compress::decode;
use crate::container::cpio::CpioReader;
use crate::container::hash::HashReader;
use crate::container::members::{list, show};
use crate::container::{Malformed, Visit};
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// Opens an rpm and visits its files. Everything is read and checked once before the first one is visited.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let opened = Opened::open(artifact)?;
    let mut hashing = HashReader::new(opened.compressed(artifact)?);
    let entries = list(opened.cpio(&mut hashing)?, &mut |_, content| {
        Sha256Sum::of_reader(content)
    })?;
    // What follows the compressed bytes counts, too.
    io::copy(&mut hashing, &mut io::sink())?;
    let found = hashing.finish().to_string();
    if opened.payload_sum != found {
        let what = format!(
            "the payload has the sum {found}; the header says {}",
            opened.payload_sum
        );
        return Err(malformed(what, opened.payload));
    }
    for (found, expected) in entries.iter().zip(&opened.entries) {
        if found != expected {
            let what = format!("the header and the payload differ in `{}`", found.path);
            return Err(malformed(what, opened.payload));
        }
    }
    if entries.len() != opened.entries.len() {
        let what = format!(
            "the header has {} files and the payload {}",
            opened.entries.len(),
            entries.len()
        );
        return Err(malformed(what, opened.payload));
    }
    Ok(show(
        opened.cpio(opened.compressed(artifact)?)?,
        &entries,
        visit,
    )?)
}

/// An rpm whose header has the sum that the header before it says.
struct Opened {
    /// Where the payload begins.
    payload: u64,
    payload_sum: String,
    compressor: String,
    entries: Vec<Entry>,
}

impl Opened {
    fn open(artifact: &Path) -> Result<Self, FormatError> {
        let mut file = BufReader::new(File::open(artifact)?);
        let mut lead = [0; LEAD];
        fill(&mut file, &mut lead, 0)?;
        if !lead.starts_with(&MAGIC) {
            return Err(malformed("no lead", 0));
        }
        let start = LEAD as u64;
        let signature = header_bytes(&mut file, start)?;
        let place = start + signature.len().next_multiple_of(8) as u64;
        file.seek(SeekFrom::Start(place))?;
        let header = header_bytes(&mut file, place)?;
        let payload = place + header.len() as u64;

        let signature =
            Header::read(&signature, tag::SIGNATURES).map_err(|e| malformed(e, start))?;
        let sum = Sha256Sum::of(&header).to_string();
        if signature.get(tag::SIGNED_SHA256) != Some(&Value::Text(sum.clone())) {
            let what =
                format!("the header has the sum {sum}, which the one before it does not say");
            return Err(malformed(what, place));
        }
        let header = Header::read(&header, tag::IMMUTABLE).map_err(|e| malformed(e, place))?;
        let missing = || malformed("a header without what a package of files has", place);
        let payload_sum = match header.get(tag::PAYLOAD_DIGEST) {
            Some(Value::Texts(sums)) => sums.first().cloned(),
            _ => None,
        };
        let compressor = match header.get(tag::PAYLOAD_COMPRESSOR) {
            Some(Value::Text(name)) => Some(name.clone()),
            _ => None,
        };
        Ok(Self {
            payload,
            payload_sum: payload_sum.ok_or_else(missing)?,
            compressor: compressor.ok_or_else(missing)?,
            entries: entries(&header).ok_or_else(missing)?,
        })
    }

    fn compressed(&self, artifact: &Path) -> io::Result<impl Read + use<>> {
        let mut file = File::open(artifact)?;
        file.seek(SeekFrom::Start(self.payload))?;
        Ok(BufReader::new(file))
    }

    fn cpio<'a>(&self, compressed: impl Read + 'a) -> Result<CpioReader<'a>, FormatError> {
        let content: Box<dyn Read + 'a> = match self.compressor.as_str() {
            "gzip" => Box::new(decode::gzip(compressed)),
            "xz" => Box::new(decode::xz(compressed)?),
            "zstd" => Box::new(decode::zstd(compressed)?),
            other => {
                let what = format!("the compressor `{other}`; expected `gzip`, `xz` or `zstd`");
                return Err(malformed(what, self.payload));
            }
        };
        Ok(CpioReader::new(content, "the rpm's cpio", PREFIX))
    }
}

/// The bytes of a header that begins here.
fn header_bytes(file: &mut impl Read, place: u64) -> Result<Vec<u8>, FormatError> {
    let mut intro = [0; INTRO];
    fill(file, &mut intro, place)?;
    let length = Header::length(&intro).map_err(|e| malformed(e, place))?;
    let mut bytes = intro.to_vec();
    // Not reserved before: a file may say more than it has.
    let rest = (length - INTRO) as u64;
    file.take(rest).read_to_end(&mut bytes)?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(malformed("ends inside a header", place))
    }
}

fn fill(file: &mut impl Read, buffer: &mut [u8], place: u64) -> Result<(), FormatError> {
    file.read_exact(buffer).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => malformed("ends too early", place),
        _ => e.into(),
    })
}

/// The files as the header has them; `None` if its lists do not fit together.
fn entries(header: &Header) -> Option<Vec<Entry>> {
    let numbers = |tag| match header.get(tag) {
        Some(Value::Int32(numbers)) => numbers.as_slice(),
        _ => &[],
    };
    let texts = |tag| match header.get(tag) {
        Some(Value::Texts(texts)) => texts.as_slice(),
        _ => &[],
    };
    let modes = match header.get(tag::FILE_MODES) {
        Some(Value::Int16(modes)) => modes.as_slice(),
        _ => &[],
    };
    let (bases, directories) = (texts(tag::BASE_NAMES), texts(tag::DIRECTORY_NAMES));
    let (digests, links) = (texts(tag::FILE_DIGESTS), texts(tag::FILE_LINKS));
    let (indexes, sizes) = (numbers(tag::DIRECTORY_INDEXES), numbers(tag::FILE_SIZES));
    let count = bases.len();
    let lengths = [
        modes.len(),
        digests.len(),
        links.len(),
        indexes.len(),
        sizes.len(),
    ];
    if lengths.iter().any(|length| *length != count) {
        return None;
    }
    let entry = |index: usize| {
        let directory = directories.get(indexes[index] as usize)?;
        let mode = modes[index];
        let content = match mode & KIND {
            DIRECTORY => EntryContent::Directory,
            SYMLINK => EntryContent::Symlink(links[index].clone()),
            FILE => EntryContent::File {
                size: u64::from(sizes[index]),
                sha256: digests[index].parse().ok()?,
            },
            _ => return None,
        };
        Some(Entry {
            path: format!("{}{}", directory.strip_prefix('/')?, bases[index]),
            mode: u32::from(mode & !KIND),
            content,
        })
    };
    (0..count).map(entry).collect()
}

fn malformed(what: impl AsRef<str>, offset: u64) -> FormatError {
    let what = format!("the rpm: {}", what.as_ref());
    Malformed { what, offset }.into()
}
