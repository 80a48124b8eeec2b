//! Package names.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// A package's name: lower-case letters, digits, `+`, `-` and `.`, starting with a letter or digit, two characters at
/// least (Debian Policy 5.6.1, the strictest of all formats).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct PackageName(String);

/// A text that is not a package name.
#[derive(Debug, thiserror::Error)]
#[error(
    "package name `{found}` is not valid; expected at least two of lower-case letters, digits, `+`, `-` and `.`, \
     with a letter or digit first"
)]
pub struct NotAName {
    /// What was given.
    pub found: String,
}

impl FromStr for PackageName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let other = |c: char| first(c) || "+-.".contains(c);
        if text.len() >= 2 && text.starts_with(first) && text.chars().all(other) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAName {
                found: text.to_owned(),
            })
        }
    }
}

impl Deref for PackageName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PackageName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_s_letters_are_taken() {
        for name in ["sealift", "lib2", "0ad", "g++", "python3.11", "a-b"] {
            assert_eq!(name.parse::<PackageName>().expect(name).to_string(), name);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for name in [
            "", "a", "Sealift", "-x", ".x", "a_b", "a b", "a/b", "ünix", "a\n",
        ] {
            let error = name.parse::<PackageName>().expect_err(name).to_string();
            assert!(
                error.starts_with(&format!("package name `{name}` is not valid")),
                "{error}"
            );
        }
    }
}
