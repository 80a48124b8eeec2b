//! The checksum of a Windows program, which is required for drivers and optional for others.

use super::Image;

/// Recomputes the checksum of a changed program, if it has one.
pub fn renew(program: &mut [u8], image: &Image) {
    let field = image.optional + 64;
    if program[field..field + 4] != [0; 4] {
        program[field..field + 4].fill(0);
        let sum = checksum(program).to_le_bytes();
        program[field..field + 4].copy_from_slice(&sum);
    }
}

/// The sum of all 16-bit words with the carry added back, plus the length: what `CheckSumMappedFile` of Windows
/// computes. The checksum field itself must be zero.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = 0u32;
    for word in bytes.chunks(2) {
        let high = word.get(1).copied().unwrap_or_default();
        sum += u32::from(u16::from_le_bytes([word[0], high]));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum.wrapping_add(bytes.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_added_with_their_carry_and_the_length() {
        assert_eq!(checksum(&[1, 2, 3]), 0x0201 + 3 + 3);
        assert_eq!(checksum(&[0xff, 0xff, 2, 0]), 2 + 4);
    }
}
