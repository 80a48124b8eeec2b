//! The manifest's typed values, each validated when it is parsed.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};

use crate::model::path::RelativePath;
use crate::model::text::{InvalidText, typed_text};

/// Where a file rule takes its files from, below the tree directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// One file.
    File(RelativePath),
    /// All files below a directory; written with a trailing `/`.
    Directory(RelativePath),
}

impl Origin {
    /// The path without a trailing `/`.
    pub fn path(&self) -> &RelativePath {
        match self {
            Self::File(path) | Self::Directory(path) => path,
        }
    }

    /// Whether it selects a file of the tree directory.
    pub fn covers(&self, path: &RelativePath) -> bool {
        match self {
            Self::File(file) => file == path,
            Self::Directory(directory) => path.below(directory).is_some(),
        }
    }

    /// The problem if a directory is found where a file is named, or vice versa.
    pub fn contradiction(&self, is_directory: bool) -> Option<String> {
        match self {
            Self::File(_) if is_directory => Some(format!(
                "`{self}` is a directory; write `{self}/` to ship what is in it"
            )),
            Self::Directory(_) if !is_directory => Some(format!(
                "`{self}` is not a directory; write it without the `/` at its end"
            )),
            _ => None,
        }
    }
}

impl FromStr for Origin {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        match text.strip_suffix('/') {
            Some(directory) if !directory.is_empty() => directory.parse().map(Self::Directory),
            _ => text.parse().map(Self::File),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{path}"),
            Self::Directory(path) => write!(f, "{path}/"),
        }
    }
}

typed_text!(Origin);

/// One line of text: not empty, without control characters or leading or trailing spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(pub(crate) String);

impl FromStr for Line {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() || text.trim() != text || text.contains(char::is_control) {
            let expected = "one line of text without blanks at its ends";
            return Err(InvalidText::new("text", text, expected));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(Line(String));

/// A [`Line`] without a trailing period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary(pub(crate) String);

impl FromStr for Summary {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let Line(line) = text.parse()?;
        if line.ends_with('.') {
            let error = InvalidText::new("summary", text, "a phrase without one");
            return Err(error.with_problem("ends with a full stop"));
        }
        Ok(Self(line))
    }
}

typed_text!(Summary(String));

/// A person or team as `Name <address>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintainer(pub(crate) String);

impl FromStr for Maintainer {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let Line(line) = text.parse()?;
        let parts = line
            .strip_suffix('>')
            .and_then(|rest| rest.split_once(" <"));
        match parts {
            Some((name, address))
                if !name.trim().is_empty()
                    && address.contains('@')
                    && !address.contains([' ', '<', '>']) =>
            {
                Ok(Self(line))
            }
            _ => {
                let expected = "`Name <address@example.org>`";
                Err(InvalidText::new("maintainer", text, expected))
            }
        }
    }
}

typed_text!(Maintainer(String));

/// A version, with an error that says what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub semver::Version);

impl FromStr for Version {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        text.parse().map(Self).map_err(|error: semver::Error| {
            InvalidText::new("version", text, "one such as `1.2.3` or `1.2.3-rc.1`")
                .with_problem(format!("is not valid ({error})"))
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

typed_text!(Version);

/// Permission bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(pub u32);

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bits = u32::deserialize(deserializer)?;
        if bits > 0o777 {
            return Err(de::Error::custom(format!(
                "mode {bits:#o} has more than permission bits; expected at most 0o777, written in octal such as 0o755"
            )));
        }
        Ok(Self(bits))
    }
}

/// A command line, with at least a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, in the build directory.
    pub program: RelativePath,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut words = Vec::<String>::deserialize(deserializer)?.into_iter();
        let program = words.next().ok_or_else(|| {
            de::Error::custom("the command is empty; expected a program such as `bin/hello`")
        })?;
        Ok(Self {
            program: program.parse().map_err(de::Error::custom)?,
            arguments: words.collect(),
        })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program)?;
        self.arguments
            .iter()
            .try_for_each(|argument| write!(f, " {argument}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_makes_a_directory() {
        let origin: Origin = "share/man/".parse().expect("valid");
        assert!(matches!(&origin, Origin::Directory(path) if path.as_str() == "share/man"));
        assert_eq!(origin.to_string(), "share/man/");
        assert!(origin.covers(&"share/man/a.1".parse().expect("valid")));
        assert!(!origin.covers(&"share/man".parse().expect("valid")));
    }

    #[test]
    fn the_root_itself_is_no_origin() {
        assert!("/".parse::<Origin>().is_err());
        assert!("a//".parse::<Origin>().is_err());
    }

    #[test]
    fn a_maintainer_has_a_name_and_an_address() {
        assert!("A. Person <a@example.org>".parse::<Maintainer>().is_ok());
        for text in [
            "A. Person",
            "<a@b>",
            "A <a b@c>",
            "A <ab>",
            "A <a@b> x",
            " A <a@b>",
        ] {
            assert!(text.parse::<Maintainer>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_line_cannot_smuggle_in_another_one() {
        assert!("one\nDepends: evil".parse::<Line>().is_err());
        assert!("".parse::<Line>().is_err());
    }

    #[test]
    fn a_summary_has_no_full_stop() {
        let error = "Does things.".parse::<Summary>().expect_err("a full stop");
        assert_eq!(
            error.to_string(),
            "summary `Does things.` ends with a full stop; expected a phrase without one"
        );
    }
}
