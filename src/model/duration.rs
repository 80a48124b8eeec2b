//! Lengths of time as people write them: `30m`, `24h`, `1h30m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::model::text::{InvalidText, typed_text};

/// A length of time: whole numbers, each with a unit, largest unit first. More than no time, and at most a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeSpan(Duration);

/// Units by milliseconds, largest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// No measurement is meant to take longer, and all sums of such spans fit.
const MAX_MILLISECONDS: u64 = 365 * 86_400_000;

impl TimeSpan {
    /// The span.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for TimeSpan {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let expected = "whole numbers, each with one of the units `d`, `h`, `m`, `s` and `ms`, such as `30m` or `1h30m`";
        let invalid = || InvalidText::new("time", text, expected);
        let mut rest = text;
        let mut total = 0_u64;
        let mut units = UNITS.iter();
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = rest[..digits].parse::<u64>().map_err(|_| invalid())?;
            rest = &rest[digits..];
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit = units.find(|(unit, _)| *unit == &rest[..letters]);
            let (_, milliseconds) = unit.ok_or_else(invalid)?;
            rest = &rest[letters..];
            total = total.saturating_add(number.saturating_mul(*milliseconds));
        }
        match total {
            1..=MAX_MILLISECONDS => Ok(Self(Duration::from_millis(total))),
            _ => Err(InvalidText::new(
                "time",
                text,
                "more than no time, and at most `365d`",
            )),
        }
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It was made of at most a year of milliseconds.
        let mut rest = self.0.as_millis() as u64;
        for (unit, milliseconds) in UNITS {
            let count = rest / milliseconds;
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
            rest %= milliseconds;
        }
        Ok(())
    }
}

typed_text!(TimeSpan);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_are_taken_and_written_again() {
        for (text, milliseconds, again) in [
            ("1s", 1_000, "1s"),
            ("250ms", 250, "250ms"),
            ("90s", 90_000, "1m30s"),
            ("30m", 1_800_000, "30m"),
            ("1h30m", 5_400_000, "1h30m"),
            ("24h", 86_400_000, "1d"),
            ("365d", MAX_MILLISECONDS, "365d"),
        ] {
            let span: TimeSpan = text.parse().expect(text);
            assert_eq!(span.get(), Duration::from_millis(milliseconds), "{text}");
            assert_eq!(span.to_string(), again);
        }
    }

    #[test]
    fn everything_else_is_refused_with_what_would_be_taken() {
        for text in [
            "",
            "5",
            "m",
            "-1",
            "-1s",
            "1e99",
            "1e99s",
            "1.5h",
            "5 m",
            "5M",
            "5min",
            "30m1h",
            "1s1s",
            "1µs",
            "0s",
            "366d",
            "99999999999999999999s",
            "18446744073709551615d",
        ] {
            let error = text.parse::<TimeSpan>().expect_err(text).to_string();
            let start = format!("time `{}` is not valid; expected ", text.escape_debug());
            assert!(error.starts_with(&start), "{error}");
        }
    }
}
