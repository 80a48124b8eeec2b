//! The table `[windows]`: the resources of Windows programs. Their strings come from `[package]`.

use std::fmt;
use std::str::FromStr;

use crate::model::path::RelativePath;
use crate::model::text::{InvalidText, typed_text};

/// The resources of Windows programs besides the strings of the package.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Windows {
    /// The program's icon.
    pub icon: Option<Icon>,
}

/// An image file of the project, by its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon(RelativePath);

impl Icon {
    /// Where the file is in the project.
    pub fn path(&self) -> &RelativePath {
        &self.0
    }
}

impl FromStr for Icon {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let path: RelativePath = text.parse()?;
        match path.file_name().rsplit_once('.') {
            Some((_, "ico" | "png")) => Ok(Self(path)),
            _ => {
                let expected = "a file whose name ends in `.ico` or `.png`";
                Err(InvalidText::new("icon", text, expected))
            }
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

typed_text!(Icon);

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
            "icon `hello.svg` is not valid; expected a file whose name ends in `.ico` or `.png`"
        );
        assert!(error("../hello.ico").contains("has the component `..`"));
    }
}
