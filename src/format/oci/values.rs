//! The texts of an image's configuration.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// An argument of a program, which the kernel ends with a zero byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument(String);

impl FromStr for Argument {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.contains('\0') {
            return Err(InvalidText::new("argument", text, "no zero bytes"));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(Argument(String));

/// The path of a base image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(PathBuf);

impl BasePath {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl FromStr for BasePath {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() || text.contains(char::is_control) {
            let expected =
                "the path of an OCI layout, a directory or a tar, such as `base/debian.tar`";
            return Err(InvalidText::new("base", text, expected));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

typed_text!(BasePath);

/// The name of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableName(String);

impl FromStr for VariableName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() || text.contains(|c: char| c == '=' || c.is_control()) {
            let expected = "a name without `=` and control characters, such as `LANG`";
            return Err(InvalidText::new("environment variable", text, expected));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(VariableName(String));

/// The name of a label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelName(String);

impl FromStr for LabelName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() || text.contains(char::is_control) {
            let expected = "a name without control characters, such as `org.example.team`";
            return Err(InvalidText::new("label", text, expected));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(LabelName(String));

/// The value of a variable or label: one line, which may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

impl FromStr for Text {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.contains(char::is_control) {
            let expected = "one line without control characters";
            return Err(InvalidText::new("value", text, expected));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(Text(String));

/// A signal by its name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal(String);

impl FromStr for Signal {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_name = |name: &str| {
            let is_fit = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "+-".contains(c);
            !name.is_empty() && name.chars().all(is_fit)
        };
        let is_number = text
            .parse()
            .is_ok_and(|number: u8| (1..=64).contains(&number));
        if is_number || text.strip_prefix("SIG").is_some_and(is_name) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a signal such as `SIGINT` or `15`";
        Err(InvalidText::new("signal", text, expected))
    }
}

typed_text!(Signal(String));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_end_early_or_become_two_lines() {
        assert!("a\0b".parse::<Argument>().is_err());
        assert!("a\nb".parse::<Argument>().is_ok());
        for text in ["a\0b", "a\nb"] {
            assert!(text.parse::<Text>().is_err(), "{text:?}");
            assert!(text.parse::<LabelName>().is_err(), "{text:?}");
            assert!(text.parse::<VariableName>().is_err(), "{text:?}");
        }
        assert!("".parse::<Text>().is_ok());
    }

    #[test]
    fn a_variable_s_name_ends_before_its_value() {
        assert!("LANG".parse::<VariableName>().is_ok());
        for text in ["", "A=B", "="] {
            assert!(text.parse::<VariableName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_signal_has_its_name_or_number() {
        for text in ["SIGINT", "SIGRTMIN+3", "15"] {
            assert!(text.parse::<Signal>().is_ok(), "{text}");
        }
        for text in ["", "SIG", "INT", "0", "65", "sigint", "SIGINT\n"] {
            assert!(text.parse::<Signal>().is_err(), "{text:?}");
        }
    }
}
