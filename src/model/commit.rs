//! Commit identifiers.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A commit: 1 to 64 hexadecimal digits, kept in lower case. Git has 40 (SHA-1) or 64 (SHA-256).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit(String);

/// The maximum number of digits of a commit.
pub const MAX_DIGITS: usize = 64;

impl FromStr for Commit {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let valid = (1..=MAX_DIGITS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if valid {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            let expected = format!("1 to {MAX_DIGITS} hexadecimal digits");
            Err(InvalidText::new("commit", text, expected))
        }
    }
}

typed_text!(Commit(String));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_hexadecimal_and_lower_case() {
        assert_eq!(
            "1A2b".parse::<Commit>().expect("hexadecimal").as_str(),
            "1a2b"
        );
        for text in ["", "main", "12 34", "0x12", &"a".repeat(65)] {
            assert!(text.parse::<Commit>().is_err(), "{text:?}");
        }
    }
}
