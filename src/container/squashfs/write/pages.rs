//! Avoids valid zstd output that Linux cannot read.
//!
//! Linux decompresses a block in pieces as they are on the device. It reports damage if all content has been
//! decompressed but the frame's checksum has not been read yet: if a piece ends before or within those last four bytes
//! (`zstd_uncompress` in fs/squashfs/zstd_wrapper.c). So the checksum, which detects damage, must be in the same piece
//! as the bytes before it. Pieces are pages or, in older versions, device blocks, which squashfs assumes to have 1 KiB
//! or more.

/// The ends of larger pieces are also ends of pieces of this size.
const PIECE: u64 = 1024;
const CHECKSUM: u64 = 4;

/// An empty block, uncompressed and not the last one (RFC 8878, section 3.1.1.2): three bytes without content.
const EMPTY: [u8; 3] = [0; 3];
/// The most that a frame grows by: what is in the way, and a step.
pub const MAX_GROWTH: usize = CHECKSUM as usize + EMPTY.len();

/// Extends a zstd frame, stored at `start`, until its checksum is in the same piece as the bytes before it.
pub fn keep_checksum_with_content(frame: &mut Vec<u8>, start: u64) {
    while is_cut_off(start + frame.len() as u64) {
        let header = header_bytes(frame);
        frame.splice(header..header, EMPTY);
    }
}

/// Whether a piece ends between the content and the end of the checksum of a frame that ends here.
fn is_cut_off(end: u64) -> bool {
    (1..=CHECKSUM).contains(&(end % PIECE))
}

/// The number of bytes before the first block (RFC 8878, section 3.1.1.1).
fn header_bytes(frame: &[u8]) -> usize {
    let descriptor = frame[4];
    let is_single_segment = descriptor >> 5 & 1 == 1;
    let window = if is_single_segment { 0 } else { 1 };
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content = match descriptor >> 6 {
        0 if is_single_segment => 1,
        0 => 0,
        1 => 2,
        2 => 4,
        _ => 8,
    };
    5 + window + dictionary + content
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::squashfs::compression::{Compression, Compressor, Decompressor};

    fn frame(content: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(Compression::Zstd);
        compressor.compress(content).expect("it becomes smaller")
    }

    #[test]
    fn a_checksum_behind_the_end_of_a_piece_is_cut_off_and_one_before_it_is_not() {
        let ends: Vec<_> = (4090..4106).filter(|end| is_cut_off(*end)).collect();
        assert_eq!(ends, [4097, 4098, 4099, 4100]);
    }

    #[test]
    fn wherever_a_frame_is_it_is_read_as_before_and_grows_little() {
        let content: Vec<_> = (0..40_000u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let plain = frame(&content[..128 * 1024]);
        let mut decompressor = Decompressor::default();
        let mut grown = 0;
        for start in 0..3 * PIECE {
            let mut moved = plain.clone();
            keep_checksum_with_content(&mut moved, start);
            assert!(!is_cut_off(start + moved.len() as u64));
            assert!(moved.len() <= plain.len() + MAX_GROWTH);
            if moved.len() > plain.len() {
                grown += 1;
                let mut read = vec![0; 128 * 1024];
                let size = decompressor.decompress(Compression::Zstd, &moved, &mut read);
                assert!(size == Some(read.len()) && read == content[..128 * 1024]);
            }
        }
        assert_eq!(grown, 3 * CHECKSUM);
    }

    #[test]
    fn the_header_ends_where_the_first_block_begins() {
        // Sizes of one, two and four bytes.
        for (size, header) in [(200, 6), (5_000, 7), (100_000, 9)] {
            assert_eq!(header_bytes(&frame(&vec![7; size])), header);
        }
    }
}
