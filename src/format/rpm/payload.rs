//! Writes the parts of a package. The header comes before the payload whose sums it has, so its place is left free first.

use std::io::{self, SeekFrom, Write};

use super::metadata::{Metadata, PayloadSums, signature};
use super::{Compression, architecture, tag};
use crate::container::Output;
use crate::container::compress::gzip::{GzipWriter, Level};
use crate::container::compress::xz::{self, Filter};
use crate::container::compress::zstd;
use crate::container::cpio::CpioWriter;
use crate::container::hash::HashWriter;
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::steps::Step;
use crate::model::threads::Threads;

/// The prefix of every path.
pub(super) const PREFIX: &str = "./";

/// The length of the lead.
pub(super) const LEAD: usize = 96;
pub(super) const MAGIC: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];

/// The files of a package.
pub(super) struct Payload<'a> {
    pub(super) compression: Compression,
    pub(super) steps: &'a [Step<'a>],
    pub(super) date: u32,
    /// The size of the cpio.
    pub(super) bytes: u64,
    pub(super) threads: &'a Threads,
}

/// Writes a whole package.
pub(super) fn write_package(
    metadata: &Metadata<'_>,
    payload: &Payload<'_>,
    mut out: &mut dyn Output,
) -> Result<Vec<Entry>, FormatError> {
    let mut header = metadata.header()?;
    metadata.seal(&mut header, &metadata.placeholders(), PayloadSums::UNKNOWN);
    let length = header.to_bytes(tag::IMMUTABLE).len();
    // Neither does the length of the first header depend on what is in it.
    let start = LEAD + signature(&vec![0; length], 0, payload.bytes).len() + length;
    out.seek(SeekFrom::Start(start as u64))?;
    let (entries, sums, compressed) = payload.write(&mut out)?;
    metadata.seal(&mut header, &entries, sums);
    let header = header.to_bytes(tag::IMMUTABLE);
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&lead(metadata))?;
    out.write_all(&signature(&header, compressed, payload.bytes))?;
    out.write_all(&header)?;
    out.seek(SeekFrom::End(0))?;
    out.flush()?;
    Ok(entries)
}

/// The lead, by which `file` knows an rpm.
fn lead(metadata: &Metadata<'_>) -> [u8; LEAD] {
    let (_, _, number) = architecture(metadata.context.target).expect("a supported target");
    let name = metadata.names.without_architecture.as_bytes();
    let mut lead = [0; LEAD];
    lead[..4].copy_from_slice(&MAGIC);
    // Version 3.0, a binary package.
    lead[4] = 3;
    lead[8..10].copy_from_slice(&number.to_be_bytes());
    let length = name.len().min(65);
    lead[10..10 + length].copy_from_slice(&name[..length]);
    // Linux, and a signature that is a header.
    lead[76..80].copy_from_slice(&[0, 1, 0, 5]);
    lead
}

impl Payload<'_> {
    /// Writes the compressed cpio: the entries, both sums, and how many bytes were written.
    fn write(&self, out: impl Write) -> Result<(Vec<Entry>, PayloadSums, u64), FormatError> {
        let out = HashWriter::new(out);
        let (content, entries, out) = match self.compression {
            Compression::Gzip => {
                let (gzip, content, entries) =
                    self.cpio(GzipWriter::new(out, Level::Best, self.threads))?;
                (content, entries, gzip.finish()?)
            }
            Compression::Xz => {
                let (xz, content, entries) =
                    self.cpio(xz::writer(out, self.bytes, Filter::None, self.threads)?)?;
                (content, entries, xz.finish()?)
            }
            Compression::Zstd => {
                let (zstd, content, entries) =
                    self.cpio(zstd::writer(out, self.bytes, self.threads)?)?;
                (content, entries, zstd.finish()?)
            }
        };
        let (_, compressed, bytes) = out.finish();
        Ok((
            entries,
            PayloadSums {
                compressed,
                content,
            },
            bytes,
        ))
    }

    fn cpio<W: Write>(&self, out: W) -> io::Result<(W, Sha256Sum, Vec<Entry>)> {
        let mut cpio = CpioWriter::new(HashWriter::new(out), self.date, PREFIX);
        for step in self.steps {
            cpio.step(step)?;
        }
        let (out, entries) = cpio.finish()?;
        let (out, sum, _) = out.finish();
        Ok((out, sum, entries))
    }
}
