//! The trailer, by which macOS knows an image.

use flate2::Crc;

use super::table::{Table, put_sum, put_u32, put_u64};
use super::{SECTOR, TRAILER};
use crate::model::digest::Sha256Sum;

/// The trailer has everything in one file.
const FLATTENED: u32 = 1;
/// The image holds a volume, not a disk with partitions.
const VARIANT: u32 = 1;

/// The trailer of an image with this table, of which the data has this sum.
///
/// An image has an identity, by which parts of one in several files find each other. It is taken from the table, which has
/// sums of everything, and not from chance.
pub(super) fn trailer(table: &Table, data_crc: u32, xml: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(TRAILER);
    bytes.extend(b"koly");
    for number in [4, TRAILER as u32, FLATTENED] {
        put_u32(&mut bytes, number);
    }
    // Where this part's data would start in the whole; the data; the resource fork, which is a list instead.
    for number in [0, 0, table.held(), 0, 0] {
        put_u64(&mut bytes, number);
    }
    // The first part of one.
    put_u32(&mut bytes, 1);
    put_u32(&mut bytes, 1);
    bytes.extend(&Sha256Sum::of(xml.as_bytes()).0[..16]);
    put_sum(&mut bytes, data_crc);
    put_u64(&mut bytes, table.held());
    put_u64(&mut bytes, xml.len() as u64);
    bytes.extend([0; 120]);
    // The sum of the tables' sums, of which there is one.
    let mut sums = Crc::new();
    sums.update(&table.crc.to_be_bytes());
    put_sum(&mut bytes, sums.sum());
    put_u32(&mut bytes, VARIANT);
    put_u64(&mut bytes, table.sectors());
    bytes.extend([0; 12]);
    debug_assert_eq!((bytes.len(), SECTOR), (TRAILER, 512));
    bytes
}
