//! A macOS version that introduced something.

use std::fmt;
use std::str::FromStr;

/// The first two numbers of a macOS version; the lists need no third one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Such as 12, or 10.
    pub major: u16,
    /// Such as 3, or 15.
    pub minor: u16,
}

/// A text that is not a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotAVersion;

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let (major, minor) = text.split_once('.').ok_or(NotAVersion)?;
        let number = |digits: &str| digits.parse().map_err(|_| NotAVersion);
        Ok(Self {
            major: number(major)?,
            minor: number(minor)?,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_their_numbers() {
        let version = |text: &str| text.parse::<Version>();
        assert!(version("10.15") < version("11.0"));
        assert_eq!(
            version("12.3").map(|version| version.to_string()),
            Ok("12.3".to_owned())
        );
        for text in ["", "12", "12.", ".1", "a.b", "12.3.1"] {
            assert_eq!(version(text), Err(NotAVersion), "{text}");
        }
    }
}
