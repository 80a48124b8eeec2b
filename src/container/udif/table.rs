//! The list of chunks, called `mish` or `blkx`, and the property list that it is in.

use super::{CHUNK_SECTORS, SECTOR};
use crate::model::plist::{Plist, from_base64};

/// Kinds of chunks.
const ZERO: u32 = 0;
const STORED: u32 = 1;
const ZLIB: u32 = 0x8000_0005;
const END: u32 = 0xffff_ffff;
/// CRC-32, of 32 bits.
pub(super) const CRC32: [u32; 2] = [2, 32];
/// The size of the table before its chunks, and of a chunk.
const HEAD: usize = 204;
const RUN: usize = 40;
/// The number of the one table: that of the whole disk.
const WHOLE_DISK: u32 = 0xffff_fffe;
const NAME: &str = "whole disk (Apple_HFS : 0)";
const ATTRIBUTES: &str = "0x0050";
/// The size of the list of partitions, of which there are none.
const PARTITIONS: usize = 1032;

/// How a chunk's sectors are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not at all: they are zero.
    Zero,
    /// As they are.
    Stored,
    /// Compressed (RFC 1950).
    Zlib,
}

/// A chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) kind: Kind,
    pub(super) sectors: u64,
    /// How many bytes of the image hold it.
    pub(super) held: u64,
}

/// All chunks, which follow each other in the volume and in the image, and the sum of the volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) runs: Vec<Run>,
    pub(super) crc: u32,
}

impl Table {
    pub(super) fn sectors(&self) -> u64 {
        self.runs.iter().map(|run| run.sectors).sum()
    }

    /// The size of the data.
    pub(super) fn held(&self) -> u64 {
        self.runs.iter().map(|run| run.held).sum()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + (self.runs.len() + 1) * RUN);
        bytes.extend(b"mish");
        put_u32(&mut bytes, 1);
        // The first sector, how many there are, and where the data starts.
        for number in [0, self.sectors(), 0] {
            put_u64(&mut bytes, number);
        }
        // The buffer for a chunk in sectors, with some for one that compression made larger.
        put_u32(&mut bytes, CHUNK_SECTORS as u32 + 8);
        put_u32(&mut bytes, WHOLE_DISK);
        bytes.extend([0; 24]);
        put_sum(&mut bytes, self.crc);
        put_u32(&mut bytes, self.runs.len() as u32 + 1);
        let (mut sector, mut place) = (0, 0);
        for run in &self.runs {
            let kind = match run.kind {
                Kind::Zero => ZERO,
                Kind::Stored => STORED,
                Kind::Zlib => ZLIB,
            };
            put_run(&mut bytes, kind, [sector, run.sectors, place, run.held]);
            sector += run.sectors;
            place += run.held;
        }
        put_run(&mut bytes, END, [sector, 0, place, 0]);
        bytes
    }

    /// The property list.
    pub(super) fn to_xml(&self) -> String {
        let entry = |name: &str, data: Vec<u8>| {
            let attributes = ("Attributes", Plist::text(ATTRIBUTES));
            let title = (!name.is_empty()).then(|| ("CFName", Plist::text(name)));
            let data = ("Data", Plist::Data(data));
            let rest = [("ID", Plist::text("0")), ("Name", Plist::text(name))];
            let keys = [attributes].into_iter().chain(title).chain([data]);
            Plist::Array(vec![Plist::dictionary(keys.chain(rest))])
        };
        let fork = Plist::dictionary([
            ("blkx", entry(NAME, self.bytes())),
            ("plst", entry("", vec![0; PARTITIONS])),
        ]);
        Plist::dictionary([("resource-fork", fork)]).to_xml()
    }

    /// Reads a property list that [`Table::to_xml`] could have written; `None` if it is another one.
    pub(super) fn read(xml: &str) -> Option<Self> {
        let (_, data) = xml.split_once("<data>")?;
        let (data, _) = data.split_once("</data>")?;
        let bytes = from_base64(data)?;
        let (head, runs) = bytes.split_at_checked(HEAD)?;
        let (runs, rest) = runs.as_chunks::<RUN>();
        let (_, runs) = runs.split_last()?;
        let runs = runs.iter().map(|run| {
            let kind = match u32_at(run, 0) {
                ZERO => Kind::Zero,
                STORED => Kind::Stored,
                ZLIB => Kind::Zlib,
                _ => return None,
            };
            let (sectors, held) = (u64_at(run, 16), u64_at(run, 32));
            let is_chunk = (1..=CHUNK_SECTORS as u64).contains(&sectors);
            let is_right = match kind {
                Kind::Zero => sectors > 0 && sectors < 1 << 40 && held == 0,
                Kind::Stored => is_chunk && held == sectors * SECTOR as u64,
                Kind::Zlib => is_chunk && held > 0 && held < sectors * SECTOR as u64,
            };
            is_right.then_some(Run {
                kind,
                sectors,
                held,
            })
        });
        let table = Self {
            runs: runs.collect::<Option<_>>()?,
            crc: u32_at(head, 72),
        };
        // The rest is as this program writes it, or there is something in it that nobody has read.
        (rest.is_empty() && table.to_xml() == xml).then_some(table)
    }
}

fn put_run(bytes: &mut Vec<u8>, kind: u32, numbers: [u64; 4]) {
    put_u32(bytes, kind);
    put_u32(bytes, 0);
    for number in numbers {
        put_u64(bytes, number);
    }
}

/// A sum in the space for the longest one.
pub(super) fn put_sum(bytes: &mut Vec<u8>, crc: u32) {
    for number in CRC32 {
        put_u32(bytes, number);
    }
    put_u32(bytes, crc);
    bytes.extend([0; 124]);
}

pub(super) fn put_u32(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_be_bytes());
}

pub(super) fn put_u64(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend(number.to_be_bytes());
}

/// The number at a place that is there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) << 32 | u64::from(u32_at(bytes, at + 4))
}
