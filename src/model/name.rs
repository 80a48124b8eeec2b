//! Package names.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A package's name: lower-case letters, digits, `+`, `-` and `.`, starting with a letter or digit, at least two
/// characters (Debian Policy 5.6.1, the strictest of all formats).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(String);

impl FromStr for PackageName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let other = |c: char| first(c) || "+-.".contains(c);
        if text.len() >= 2 && text.starts_with(first) && text.chars().all(other) {
            Ok(Self(text.to_owned()))
        } else {
            let expected = "at least two of lower-case letters, digits, `+`, `-` and `.`, with a letter or digit first";
            Err(InvalidText::new("package name", text, expected))
        }
    }
}

typed_text!(PackageName(String));

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
                error.starts_with(&format!(
                    "package name `{}` is not valid",
                    name.escape_debug()
                )),
                "{error}"
            );
        }
    }
}
