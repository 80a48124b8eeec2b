//! The table `[windows]`: what programs for Windows show of themselves. Their texts come from `[package]`.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};

use crate::model::path::{NotRelative, RelativePath};

/// What programs for Windows have in their resources beside the texts of the package.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Windows {
    /// The program's picture.
    pub icon: Option<Icon>,
}

/// A picture file of the project, by its path.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Icon(RelativePath);

/// A text that is not the path of a picture that Windows can show.
#[derive(Debug, thiserror::Error)]
pub enum NotAnIcon {
    /// It is no path.
    #[error(transparent)]
    Path(#[from] NotRelative),
    /// It is a path of something else.
    #[error("`{path}` is no icon; expected a file whose name ends in `.ico` or `.png`")]
    Kind {
        /// What was given.
        path: RelativePath,
    },
}

impl Icon {
    /// Where the file is in the project.
    pub fn path(&self) -> &RelativePath {
        &self.0
    }
}

impl FromStr for Icon {
    type Err = NotAnIcon;

    fn from_str(text: &str) -> Result<Self, NotAnIcon> {
        let path: RelativePath = text.parse()?;
        match path.file_name().rsplit_once('.') {
            Some((_, "ico" | "png")) => Ok(Self(path)),
            _ => Err(NotAnIcon::Kind { path }),
        }
    }
}

impl<'de> Deserialize<'de> for Icon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_is_a_picture_in_the_project() {
        for text in ["hello.ico", "packaging/hello.png"] {
            assert_eq!(text.parse::<Icon>().expect("valid").path().as_str(), text);
        }
        let error = |text: &str| text.parse::<Icon>().expect_err("invalid").to_string();
        assert_eq!(
            error("hello.svg"),
            "`hello.svg` is no icon; expected a file whose name ends in `.ico` or `.png`"
        );
        assert!(error("../hello.ico").contains("has the component `..`"));
    }
}
