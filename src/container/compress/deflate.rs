//! Deflate (RFC 1951) of pieces by several threads, joined to one stream.
//!
//! libdeflate compresses better than zlib, but only whole streams. A piece that is not the last one becomes a part of a
//! longer stream when its last block is no longer marked as the last, and an empty block behind it ends at a byte.

use libdeflater::{CompressionLvl, Compressor};

/// The size of a piece. Measured for gzip: smaller pieces compress worse, larger ones leave threads idle.
pub(in crate::container) const PIECE: usize = 1 << 20;

/// libdeflate's level for what is as small as it reasonably gets. Its highest takes 1.7 times as long for 0.14 % less.
pub(in crate::container) const BEST: i32 = 10;

/// Compresses at the level [`BEST`].
pub(in crate::container) fn compressor() -> Compressor {
    Compressor::new(CompressionLvl::new(BEST).expect("libdeflate has levels 0 to 12"))
}

/// Compresses a piece.
pub(in crate::container) fn compress(
    compressor: &mut Compressor,
    piece: &[u8],
    is_last: bool,
) -> Vec<u8> {
    let mut out = vec![0; compressor.deflate_compress_bound(piece.len())];
    let length = compressor
        .deflate_compress(piece, &mut out)
        .expect("the buffer has the size that is never exceeded");
    out.truncate(length);
    if !is_last {
        go_on(&mut out).expect("libdeflate writes valid blocks");
    }
    out
}

/// Lets something follow a stream. `None` if it is not valid.
fn go_on(stream: &mut Vec<u8>) -> Option<()> {
    let (start, end) = last_block(stream)?;
    stream[start / 8] &= !(1 << (start % 8));
    // Section 3.2.4: three bits for a stored block that is not the last one, up to the next byte, and a length of zero.
    stream.truncate(end.div_ceil(8));
    stream.resize((end + 3).div_ceil(8), 0);
    stream.extend([0, 0, 0xff, 0xff]);
    Some(())
}

/// Where the last block starts and ends, in bits.
fn last_block(stream: &[u8]) -> Option<(usize, usize)> {
    let mut bits = Bits {
        bytes: stream,
        position: 0,
    };
    loop {
        let start = bits.position;
        let is_last = bits.take(1) == 1;
        match bits.take(2) {
            0 => bits.skip_stored(),
            1 => bits.skip_symbols(&Codes::fixed()?)?,
            2 => {
                let codes = bits.codes()?;
                bits.skip_symbols(&codes)?;
            }
            _ => return None,
        }
        if bits.position > 8 * stream.len() {
            return None;
        }
        if is_last {
            return Some((start, bits.position));
        }
    }
}

/// The longest code in bits.
const MAX_CODE: usize = 15;

/// The codes of a block.
struct Codes {
    literals: Table,
    distances: Table,
}

/// For any next 15 bits: the symbol that they start with, times 16, and the length of its code.
struct Table(Vec<u16>);

impl Table {
    /// By the lengths of the symbols' codes (section 3.2.2).
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut table = vec![0; 1 << MAX_CODE];
        let mut code = 0usize;
        for length in 1..=MAX_CODE {
            let symbols = lengths.iter().enumerate();
            for (symbol, _) in symbols.filter(|(_, l)| usize::from(**l) == length) {
                // Codes start with their highest bit.
                let reversed = code.reverse_bits() >> (usize::BITS as usize - length);
                for place in (reversed..1 << MAX_CODE).step_by(1 << length) {
                    table[place] = (symbol << 4 | length) as u16;
                }
                code += 1;
                if code > 1 << length {
                    return None;
                }
            }
            code <<= 1;
        }
        Some(Self(table))
    }
}

impl Codes {
    /// Those of blocks that have none of their own (section 3.2.6).
    fn fixed() -> Option<Self> {
        let lengths: Vec<u8> = [(8, 144), (9, 112), (7, 24), (8, 8)]
            .into_iter()
            .flat_map(|(length, count)| std::iter::repeat_n(length, count))
            .collect();
        Some(Self {
            literals: Table::new(&lengths)?,
            distances: Table::new(&[5; 30])?,
        })
    }
}

/// Reads bits, the lowest of each byte first. Behind the end are zeros.
struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Bits<'_> {
    /// At least the next 32 bits.
    fn peek(&self) -> usize {
        let rest = self.bytes.get(self.position / 8..).unwrap_or_default();
        let mut next = [0; 8];
        let length = rest.len().min(8);
        next[..length].copy_from_slice(&rest[..length]);
        (u64::from_le_bytes(next) >> (self.position % 8)) as usize
    }

    fn take(&mut self, count: usize) -> usize {
        let bits = self.peek() & ((1 << count) - 1);
        self.position += count;
        bits
    }

    fn symbol(&mut self, table: &Table) -> Option<usize> {
        let entry = usize::from(table.0[self.peek() & ((1 << MAX_CODE) - 1)]);
        self.position += entry & 15;
        (entry != 0).then_some(entry >> 4)
    }

    fn skip_stored(&mut self) {
        self.position = self.position.next_multiple_of(8);
        let length = self.take(16);
        self.position += 16 + 8 * length;
    }

    /// The codes at the start of a block (section 3.2.7).
    fn codes(&mut self) -> Option<Codes> {
        const ORDER: [usize; 19] = [
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        ];
        let literals = 257 + self.take(5);
        let distances = 1 + self.take(5);
        let count = 4 + self.take(4);
        let mut of_lengths = [0; 19];
        for symbol in &ORDER[..count] {
            of_lengths[*symbol] = self.take(3) as u8;
        }
        let table = Table::new(&of_lengths)?;
        let mut lengths = Vec::new();
        while lengths.len() < literals + distances {
            let (length, times) = match self.symbol(&table)? {
                16 => (*lengths.last()?, 3 + self.take(2)),
                17 => (0, 3 + self.take(3)),
                18 => (0, 11 + self.take(7)),
                length => (length as u8, 1),
            };
            lengths.extend(std::iter::repeat_n(length, times));
        }
        let (literals, distances) = lengths.split_at_checked(literals)?;
        Some(Codes {
            literals: Table::new(literals)?,
            distances: Table::new(distances)?,
        })
    }

    /// Goes to the end of the block (section 3.2.5).
    fn skip_symbols(&mut self, codes: &Codes) -> Option<()> {
        while self.position < 8 * self.bytes.len() {
            match self.symbol(&codes.literals)? {
                0..=255 => {}
                256 => return Some(()),
                length => {
                    self.position += match length - 257 {
                        0..=7 | 28 => 0,
                        length => length / 4 - 1,
                    };
                    let distance = self.symbol(&codes.distances)?;
                    self.position += (distance / 2).saturating_sub(1);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Pieces whose blocks are of each kind, and of sizes around what needs more than one.
    fn pieces() -> Vec<Vec<u8>> {
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let noise: Vec<u8> = (0..150_000).map(|_| random()).collect();
        let mixed = (0..400_000).map(|n| {
            if n % 90_000 < 30_000 {
                random()
            } else {
                b'a' + random() % 3
            }
        });
        vec![
            Vec::new(),
            b"x".to_vec(),
            b"a few words".to_vec(),
            vec![0; PIECE],
            noise,
            mixed.collect(),
            include_bytes!("deflate.rs").to_vec(),
        ]
    }

    fn inflated(stream: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        let mut decoder = flate2::read::DeflateDecoder::new(stream);
        decoder.read_to_end(&mut content).expect("valid");
        assert_eq!(decoder.total_in(), stream.len() as u64);
        content
    }

    #[test]
    fn pieces_are_joined_to_one_stream() {
        for level in [1, 6, 12] {
            let level = CompressionLvl::new(level).expect("a level");
            let mut compressor = Compressor::new(level);
            let pieces = pieces();
            let mut stream = Vec::new();
            for (index, piece) in pieces.iter().enumerate() {
                let is_last = index + 1 == pieces.len();
                stream.extend(compress(&mut compressor, piece, is_last));
            }
            assert!(inflated(&stream) == pieces.concat());
        }
    }

    #[test]
    fn the_last_block_ends_with_the_stream() {
        for piece in pieces() {
            let stream = compress(&mut compressor(), &piece, true);
            let (_, end) = last_block(&stream).expect("valid");
            assert_eq!(end.div_ceil(8), stream.len());
            assert_eq!(last_block(&stream[..stream.len() - 1]), None);
        }
    }
}
