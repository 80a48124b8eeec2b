//! The manifest's typed values, each validated when it is parsed.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};

use super::glob::{Glob, is_glob};
use crate::model::path::RelativePath;
use crate::model::text::{InvalidText, typed_text};

/// Where a file rule takes its files from, below the tree directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// One file.
    File(RelativePath),
    /// All files below a directory; written with a trailing `/`.
    Directory(RelativePath),
    /// All files that a pattern matches.
    Glob(Glob),
}

impl Origin {
    /// Whether it selects a file of the tree directory.
    pub fn covers(&self, path: &RelativePath) -> bool {
        match self {
            Self::File(file) => file == path,
            Self::Directory(directory) => path.below(directory).is_some(),
            Self::Glob(glob) => glob.below_base(path).is_some(),
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
        if is_glob(text) {
            return text.parse().map(Self::Glob);
        }
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
            Self::Glob(glob) => write!(f, "{glob}"),
        }
    }
}

typed_text!(Origin);

/// A version, with an error that says what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub semver::Version);

impl FromStr for Version {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        text.parse().map(Self).map_err(|error: semver::Error| {
            let problem = format!("is not valid ({error})");
            let error = InvalidText::new("version", text, "one such as `1.2.3` or `1.2.3-rc.1`")
                .with_problem(problem);
            match complete(text) {
                Some(meant) => error.with_hint(format!("write `{meant}`")),
                None => error,
            }
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

typed_text!(Version);

/// What was meant by a version with a `v` before it, or with fewer than three numbers.
fn complete(text: &str) -> Option<String> {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let candidates = [bare.to_owned(), format!("{bare}.0"), format!("{bare}.0.0")];
    candidates
        .into_iter()
        .find(|text| text.parse::<semver::Version>().is_ok())
}

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

impl schemars::JsonSchema for Mode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": 0o777 })
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
            program: program.parse().map_err(InvalidText::for_serde)?,
            arguments: words.map(argument).collect::<Result<_, _>>()?,
        })
    }
}

/// Checks an argument, which the kernel ends with a zero byte.
fn argument<E: de::Error>(text: String) -> Result<String, E> {
    if text.contains('\0') {
        return Err(InvalidText::new("argument", &text, "no zero bytes").for_serde());
    }
    Ok(text)
}

impl schemars::JsonSchema for Command {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Command".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })
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
}
