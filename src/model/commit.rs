//! Commit identifiers.

use std::fmt;
use std::str::FromStr;

/// A commit: 1 to 64 hexadecimal digits, kept in lower case. Git has 40 (SHA-1) or 64 (SHA-256).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Commit(String);

/// The most digits that a commit can have.
pub const MAX_DIGITS: usize = 64;

/// A text that is not a commit.
#[derive(Debug, thiserror::Error)]
#[error("commit `{}` is not valid; expected 1 to {MAX_DIGITS} hexadecimal digits", found.escape_debug())]
pub struct NotACommit {
    /// What was given.
    pub found: String,
}

impl Commit {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Commit {
    type Err = NotACommit;

    fn from_str(text: &str) -> Result<Self, NotACommit> {
        let valid = (1..=MAX_DIGITS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if valid {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NotACommit {
                found: text.to_owned(),
            })
        }
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Commit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

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
