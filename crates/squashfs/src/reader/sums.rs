//! Sums of an image's bytes, by which damage is found out before it is run.
//!
//! squashfs itself has checksums only in some compressed blocks. So Sealift puts a table behind an image, which other
//! readers never look at: the digest of each [`CHUNK`] of the image, one after another, in little-endian order. What
//! the table has to be is said by a [`Summary`] elsewhere, in the program before the image.

use super::bytes::{le32, le64};

/// How many bytes one digest is for: as few as can be read at once without the table becoming long.
pub const CHUNK: usize = 16 * 1024;

/// The size of a digest in the table.
pub const DIGEST: usize = 8;

/// What vouches for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The size of the image with its padding in bytes; the table begins where it ends.
    pub covered: u64,
    /// The digest of the table.
    pub table: u64,
    /// The digest of the program before the image.
    pub head: u64,
}

impl Summary {
    /// Its size in bytes.
    pub const SIZE: usize = 24;

    /// Reads it; `None` if there is nothing but zeros, which is the place for one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..Self::SIZE)?;
        bytes.iter().any(|byte| *byte != 0).then(|| Self {
            covered: le64(bytes, 0),
            table: le64(bytes, 8),
            head: le64(bytes, 16),
        })
    }

    /// The size of the table in bytes.
    pub fn table_size(&self) -> u64 {
        self.covered.div_ceil(CHUNK as u64) * DIGEST as u64
    }

    /// As it is written.
    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        let fields = [self.covered, self.table, self.head];
        for (place, field) in bytes.chunks_exact_mut(8).zip(fields) {
            place.copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }
}

const PRIMES: [u64; 5] = [
    0x9e37_79b1_85eb_ca87,
    0xc2b2_ae3d_27d4_eb4f,
    0x1656_67b1_9e37_79f9,
    0x85eb_ca77_c2b2_ae63,
    0x27d4_eb2f_1656_67c5,
];

/// XXH64 of some bytes with the seed 0, by the numbered steps of xxHash's specification.
pub fn digest(bytes: &[u8]) -> u64 {
    let (stripes, rest) = bytes.split_at(bytes.len() / 32 * 32);
    // Steps 1 to 3: four accumulators, and what they come to.
    let mut hash = match stripes {
        [] => PRIMES[4],
        _ => converge(stripes),
    };
    // Step 4: the length.
    hash = hash.wrapping_add(bytes.len() as u64);
    // Step 5: what is left, by words as long as possible.
    let (words, rest) = rest.split_at(rest.len() / 8 * 8);
    for word in words.chunks_exact(8) {
        hash ^= round(0, le64(word, 0));
        hash = step(hash, 27, PRIMES[0], PRIMES[3]);
    }
    let (word, rest) = rest.split_at(rest.len() / 4 * 4);
    if !word.is_empty() {
        hash ^= u64::from(le32(word, 0)).wrapping_mul(PRIMES[0]);
        hash = step(hash, 23, PRIMES[1], PRIMES[2]);
    }
    for byte in rest {
        hash ^= u64::from(*byte).wrapping_mul(PRIMES[4]);
        hash = step(hash, 11, PRIMES[0], 0);
    }
    // Step 6: every bit reaches every other.
    hash = (hash ^ hash >> 33).wrapping_mul(PRIMES[1]);
    hash = (hash ^ hash >> 29).wrapping_mul(PRIMES[2]);
    hash ^ hash >> 32
}

fn converge(stripes: &[u8]) -> u64 {
    let mut lanes = [
        PRIMES[0].wrapping_add(PRIMES[1]),
        PRIMES[1],
        0,
        0u64.wrapping_sub(PRIMES[0]),
    ];
    for stripe in stripes.chunks_exact(32) {
        for (number, lane) in lanes.iter_mut().enumerate() {
            *lane = round(*lane, le64(stripe, number * 8));
        }
    }
    let rotations = [1, 7, 12, 18];
    let turned = lanes
        .iter()
        .zip(rotations)
        .map(|(lane, by)| lane.rotate_left(by));
    let hash = turned.fold(0, u64::wrapping_add);
    lanes.iter().fold(hash, |hash, lane| {
        (hash ^ round(0, *lane))
            .wrapping_mul(PRIMES[0])
            .wrapping_add(PRIMES[3])
    })
}

fn round(lane: u64, word: u64) -> u64 {
    let sum = lane.wrapping_add(word.wrapping_mul(PRIMES[1]));
    sum.rotate_left(31).wrapping_mul(PRIMES[0])
}

fn step(hash: u64, rotation: u32, factor: u64, summand: u64) -> u64 {
    hash.rotate_left(rotation)
        .wrapping_mul(factor)
        .wrapping_add(summand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_other_programs() {
        // As `xxhsum -H64` prints them.
        assert_eq!(digest(b""), 0xef46_db37_51d8_e999);
        assert_eq!(digest(b"a"), 0xd24e_c4f1_a98c_6e5b);
        assert_eq!(digest(b"abc"), 0x44bc_2cf5_ad77_0999);
        let text = b"Nobody inspects the spammish repetition";
        assert_eq!(digest(text), 0xfbce_a83c_8a37_8bf1);
    }

    #[test]
    fn a_summary_is_read_as_it_was_written_and_zeros_are_none() {
        let summary = Summary {
            covered: 3 * CHUNK as u64 + 1,
            table: 7,
            head: u64::MAX,
        };
        assert_eq!(Summary::parse(&summary.to_bytes()), Some(summary));
        assert_eq!(summary.table_size(), 4 * DIGEST as u64);
        assert_eq!(Summary::parse(&[0; Summary::SIZE]), None);
        assert_eq!(Summary::parse(&[1; Summary::SIZE - 1]), None);
    }
}
