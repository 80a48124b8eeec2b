//! The Nix store path of a file with a known hash (Nix manual, "Store path specification").

use crate::model::digest::Sha256Sum;

/// Nix's base-32 alphabet: digits and letters, without `e`, `o`, `t` and `u`.
const DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// The path of a file that was added by its SHA-256 sum.
pub(super) fn flat(name: &str, sum: &Sha256Sum) -> String {
    let inner = Sha256Sum::of(format!("fixed:out:sha256:{sum}:").as_bytes());
    path(
        &format!("output:out:sha256:{inner}:/nix/store:{name}"),
        name,
    )
}

/// The path of a directory that was added by the SHA-256 sum of its archive.
pub(super) fn recursive(name: &str, sum: &Sha256Sum) -> String {
    path(&format!("source:sha256:{sum}:/nix/store:{name}"), name)
}

fn path(fingerprint: &str, name: &str) -> String {
    let Sha256Sum(sum) = Sha256Sum::of(fingerprint.as_bytes());
    let mut folded = [0; 20];
    for (index, byte) in sum.iter().enumerate() {
        folded[index % 20] ^= byte;
    }
    format!("/nix/store/{}-{name}", base32(&folded))
}

/// 160 bits as 32 digits, the least significant one last.
fn base32(bytes: &[u8; 20]) -> String {
    let digit = |number: usize| {
        let (byte, bit) = (number * 5 / 8, number * 5 % 8);
        let next = bytes.get(byte + 1).copied().unwrap_or(0);
        let pair = u16::from_le_bytes([bytes[byte], next]);
        char::from(DIGITS[usize::from(pair >> bit & 31)])
    };
    (0..32).rev().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output of `nix-store --print-fixed-path` for these.
    #[test]
    fn paths_are_those_of_nix() {
        let sum = Sha256Sum::of(b"hello\n");
        assert_eq!(
            flat("hello.txt", &sum),
            "/nix/store/gy454w1cxaq731grqwylhzf4pp9r5izh-hello.txt"
        );
        assert_eq!(
            recursive("hello", &sum),
            "/nix/store/h49ab8arnrvi4xz30rdbxgfh6jh5gda1-hello"
        );
    }
}
