//! Numbers of bytes as people write them: `25MB`, `1MiB`.

use std::fmt;
use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A number of bytes: a whole number with a unit, decimal (`kB`, `MB`) or binary (`KiB`, `MiB`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// Units (IEC 80000-13) with their bytes, larger ones first; of two that fit, the decimal one is written.
const UNITS: [(&str, u64); 9] = [
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl FromStr for ByteSize {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let expected = "a whole number and a unit without a space between them, such as `25MB`, `1MiB` or `4096B`";
        let invalid = || InvalidText::new("size", text, expected);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, bytes) = unit.ok_or_else(invalid)?;
        let number = number.parse::<u64>().map_err(|_| invalid())?;
        let total = number.checked_mul(*bytes);
        total
            .map(Self)
            .ok_or_else(|| InvalidText::new("size", text, "less than 2^64 bytes"))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, bytes): &&(&str, u64)| self.0 != 0 && self.0.is_multiple_of(*bytes);
        let (unit, bytes) = UNITS.iter().find(fits).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / bytes)
    }
}

typed_text!(ByteSize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_and_binary_units_are_taken_and_written_again() {
        for (text, bytes) in [
            ("0B", 0),
            ("4095B", 4095),
            ("25MB", 25_000_000),
            ("1MiB", 1_048_576),
            ("3KiB", 3072),
            ("2TB", 2_000_000_000_000),
        ] {
            let size: ByteSize = text.parse().expect(text);
            assert_eq!((size.0, size.to_string().as_str()), (bytes, text));
        }
    }

    #[test]
    fn everything_else_is_refused_with_what_would_be_taken() {
        for text in [
            "",
            "MB",
            "25",
            "25 mb",
            "25mb",
            "25 MB",
            "25KB",
            "-1",
            "-1MB",
            "1e99",
            "1e99B",
            "2.5MB",
            "99999999999999999999B",
            "18446744073709551615kB",
        ] {
            let error = text.parse::<ByteSize>().expect_err(text).to_string();
            let start = format!("size `{text}` is not valid; expected ");
            assert!(error.starts_with(&start), "{error}");
        }
    }
}
