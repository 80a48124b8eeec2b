//! Writes an archive whose bytes depend only on its members and one date.

use std::io::{self, SeekFrom, Write};

use libdeflater::{CompressionLvl, Compressor, adler32};

use super::toc::{END, Record, to_xml};
use super::{Encoding, HEADER, MAGIC, SHA1, SUM, Summed, sum_of};
use crate::container::Output;
use crate::container::compress::deflate;
use crate::model::date::rfc3339;

/// How zlib begins (RFC 1950): deflate with a window of 32 KiB, highest level.
const ZLIB: [u8; 2] = [0x78, 0xda];
/// The header of a stored block.
const STORED: usize = 5;
/// How many bytes the sums and numbers of a member may take beyond those that the space was measured with: one for each
/// of their digits.
const ROOM: usize = 160;

/// Writes members one after the other.
pub(crate) struct XarWriter<'o> {
    out: &'o mut dyn Output,
    date: String,
    records: Vec<Record>,
    written: usize,
    /// The length of the compressed table.
    table: usize,
    /// Where the next member is in the heap.
    offset: u64,
}

impl<'o> XarWriter<'o> {
    /// Starts an archive at the start of `out` with these members, of which those in one directory follow each other.
    pub(crate) fn new(
        out: &'o mut dyn Output,
        members: &[(&str, Encoding)],
        date: i64,
    ) -> io::Result<Self> {
        let record = |(path, encoding): &(&str, Encoding)| Record {
            path: (*path).to_owned(),
            encoding: *encoding,
            offset: u64::MAX,
            held: u64::MAX,
            held_sum: sum_of(path.as_bytes()),
            size: u64::MAX,
            sum: sum_of(&[path.as_bytes(), b"/"].concat()),
        };
        let records: Vec<_> = members.iter().map(record).collect();
        let date = rfc3339(date);
        let blocks = compressed(&to_xml(&records, &date));
        let table = ZLIB.len() + blocks.len() + ROOM * records.len() + STORED + END.len() + 4;
        out.seek(SeekFrom::Start((HEADER + table + SUM) as u64))?;
        Ok(Self {
            out,
            date,
            records,
            written: 0,
            table,
            offset: SUM as u64,
        })
    }

    /// Writes the next member, which is stored.
    pub(crate) fn stored<T, E: From<io::Error>>(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        debug_assert_eq!(self.records[self.written].encoding, Encoding::Stored);
        let mut out = Summed::new(&mut *self.out);
        let result = write(&mut out)?;
        let (sum, size) = out.finish();
        let record = &mut self.records[self.written];
        (record.sum, record.size) = (sum, size);
        self.wrote(sum, size);
        Ok(result)
    }

    /// Writes the next member, which is compressed.
    pub(crate) fn zlib(&mut self, content: &[u8]) -> io::Result<()> {
        debug_assert_eq!(self.records[self.written].encoding, Encoding::Zlib);
        let mut compressor = Compressor::new(CompressionLvl::best());
        let mut held = vec![0; compressor.zlib_compress_bound(content.len())];
        let length = compressor
            .zlib_compress(content, &mut held)
            .expect("the buffer has the size that is never exceeded");
        held.truncate(length);
        self.out.write_all(&held)?;
        let record = &mut self.records[self.written];
        (record.sum, record.size) = (sum_of(content), content.len() as u64);
        self.wrote(sum_of(&held), length as u64);
        Ok(())
    }

    fn wrote(&mut self, sum: [u8; SUM], length: u64) {
        let record = &mut self.records[self.written];
        (record.held_sum, record.held, record.offset) = (sum, length, self.offset);
        self.offset += length;
        self.written += 1;
    }

    /// Writes the table of contents before the members.
    pub(crate) fn finish(self) -> io::Result<()> {
        debug_assert_eq!(self.written, self.records.len());
        let mut xml = to_xml(&self.records, &self.date);
        let blocks = compressed(&xml);
        let fixed = ZLIB.len() + blocks.len() + STORED + END.len() + 4;
        let spaces = self.table.checked_sub(fixed);
        let spaces =
            spaces.expect("other sums of the same length take no byte more for each digit");
        let tail = " ".repeat(spaces) + END;
        xml += &tail;
        let length = u16::try_from(tail.len()).expect("a few members do not need so many spaces");
        let mut table = [&ZLIB[..], &blocks, &[1]].concat();
        table.extend(length.to_le_bytes());
        table.extend((!length).to_le_bytes());
        table.extend(tail.as_bytes());
        table.extend(adler32(xml.as_bytes()).to_be_bytes());
        let mut header = MAGIC.to_vec();
        header.extend((HEADER as u16).to_be_bytes());
        header.extend(1u16.to_be_bytes());
        header.extend((table.len() as u64).to_be_bytes());
        header.extend((xml.len() as u64).to_be_bytes());
        header.extend(SHA1.to_be_bytes());
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.write_all(&table)?;
        self.out.write_all(&sum_of(&table))?;
        self.out.seek(SeekFrom::End(0))?;
        self.out.flush()
    }
}

/// Blocks of deflate that more may follow.
fn compressed(xml: &str) -> Vec<u8> {
    deflate::compress(&mut deflate::compressor(), xml.as_bytes(), false)
}
