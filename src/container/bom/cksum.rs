//! The sum of cksum(1) (POSIX.1-2017), which counts a content's bits from the highest and its length at the end.
//!
//! It is the usual CRC-32 with the bits of each byte and of the sum in the other order, and another start.

use std::io::{self, Read};

use flate2::Crc;

/// Sums the bytes that are read.
pub(crate) struct Cksum<R> {
    input: R,
    crc: Crc,
    size: u64,
}

impl<R: Read> Cksum<R> {
    /// Sums what comes from `input`.
    pub(crate) fn new(input: R) -> Self {
        let mut crc = Crc::new();
        // These take it from its usual start, all ones, to zero.
        crc.update(&[0xff; 4]);
        Self {
            input,
            crc,
            size: 0,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let mut reversed = [0; 4096];
        for part in bytes.chunks(reversed.len()) {
            for (to, from) in reversed.iter_mut().zip(part) {
                *to = from.reverse_bits();
            }
            self.crc.update(&reversed[..part.len()]);
        }
    }

    /// The sum of all bytes read so far.
    pub(crate) fn finish(mut self) -> u32 {
        let length = self.size.to_le_bytes();
        let digits = 8 - self.size.leading_zeros() as usize / 8;
        self.add(&length[..digits]);
        self.crc.sum().reverse_bits()
    }
}

impl<R: Read> Read for Cksum<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.add(&buffer[..n]);
        self.size += n as u64;
        Ok(n)
    }
}

/// The sum of some bytes.
pub(crate) fn cksum(bytes: &[u8]) -> u32 {
    let mut sum = Cksum::new(bytes);
    io::copy(&mut sum, &mut io::sink()).expect("memory can be read");
    sum.finish()
}

#[cfg(test)]
mod tests {
    use super::cksum;

    #[test]
    fn sums_are_those_of_the_program() {
        assert_eq!(cksum(b""), 4_294_967_295);
        assert_eq!(cksum(b"hello"), 3_287_646_509);
        assert_eq!(cksum(&[b'a'; 300]), CKSUM_OF_300);
        assert_eq!(cksum(&[0; 70_000]), CKSUM_OF_70_000);
    }

    /// `printf 'a%.0s' $(seq 300) | cksum` and `head -c 70000 /dev/zero | cksum`.
    const CKSUM_OF_300: u32 = 1_664_553_091;
    const CKSUM_OF_70_000: u32 = 1_774_371_287;
}
