//! The tables `[metainfo]` and `[icons]`: what is made for desktops where a project does not bring it.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer};

use crate::model::line::Line;
use crate::model::text::{InvalidText, typed_text};

/// The AppStream file that is made for a project with a desktop entry and without an AppStream file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Metainfo {
    /// Whether one is made.
    pub generate: bool,
    /// What software centers know the program by, such as `org.example.Hello`.
    pub id: Option<ComponentId>,
    /// Who makes the program; by default the maintainer.
    pub developer: Option<Line>,
    /// The license of the file itself, which lets software centers copy it.
    pub metadata_license: MetadataLicense,
}

impl Default for Metainfo {
    fn default() -> Self {
        Self {
            generate: true,
            id: None,
            developer: None,
            metadata_license: MetadataLicense("CC0-1.0".to_owned()),
        }
    }
}

/// The sizes of icons that are made of an SVG or of a large PNG picture.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Icons {
    /// In pixels, for Linux. An empty list turns this off, for macOS and Windows as well.
    #[serde(deserialize_with = "sizes")]
    #[schemars(inner(range(min = 8, max = 1024)))]
    pub sizes: BTreeSet<u32>,
}

impl Default for Icons {
    fn default() -> Self {
        Self {
            sizes: [16, 32, 48, 64, 128, 256, 512].into(),
        }
    }
}

/// The smallest and the largest icon in pixels.
const SIZES: std::ops::RangeInclusive<u32> = 8..=1024;

fn sizes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<u32>, D::Error> {
    let sizes = BTreeSet::deserialize(deserializer)?;
    match sizes.iter().find(|size| !SIZES.contains(size)) {
        None => Ok(sizes),
        Some(size) => {
            let expected = "pixels from 8 to 1024";
            Err(InvalidText::new("size of an icon", &size.to_string(), expected).for_serde())
        }
    }
}

/// The identifier of a component (AppStream, "Generic component", `id`): at least three words with `.` between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentId(String);

impl ComponentId {
    /// What comes before the program's own word: the domain of who makes it.
    pub fn domain(&self) -> &str {
        let (domain, _) = self.0.rsplit_once('.').expect("there are several words");
        domain
    }
}

impl FromStr for ComponentId {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let is_word = |word: &str| !word.is_empty() && word.chars().all(is_fit);
        if text.split('.').count() >= 3 && text.split('.').all(is_word) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "at least three words of ASCII letters, digits, `-` and `_`, with `.` between them, such as \
                        `org.example.Hello`";
        Err(InvalidText::new("component ID", text, expected))
    }
}

typed_text!(ComponentId(String));

/// A license that lets everybody copy a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataLicense(String);

/// Those that AppStream takes for its files (as_license_is_metadata_license), without the versions of GFDL.
pub const METADATA_LICENSES: [&str; 9] = [
    "0BSD",
    "BSL-1.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "FSFAP",
    "MIT",
];

impl FromStr for MetadataLicense {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if METADATA_LICENSES.contains(&text) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidText::unknown(
            "metadata license",
            text,
            METADATA_LICENSES,
        ))
    }
}

typed_text!(MetadataLicense(String));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    const FILE: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";

    #[test]
    fn an_id_has_three_words() {
        for good in ["org.example.Hello", "io.github.acme.my-tool", "a.b_c.9"] {
            assert!(good.parse::<ComponentId>().is_ok(), "{good}");
        }
        for bad in ["hello", "org.hello", "org..hello", "org.example.héllo", ""] {
            assert!(bad.parse::<ComponentId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn values_that_no_reader_takes_are_refused_with_their_place() {
        let cases = [
            (
                "[metainfo]\nid = 'hello'",
                "7:6: component ID `hello` is not valid; expected at least three words",
            ),
            (
                "[metainfo]\nmetadata-license = 'GPL-3.0'",
                "7:20: metadata license `GPL-3.0` is unknown; expected one of `0BSD`",
            ),
            (
                "[icons]\nsizes = [4]",
                "7:9: size of an icon `4` is not valid; expected pixels from 8 to 1024",
            ),
            (
                "[icons]\nsize = [16]",
                "7:1: unknown field `size`, expected `sizes`",
            ),
        ];
        for (table, expected) in cases {
            let message = TestProject::new(&format!("{FILE}{table}\n")).error();
            assert!(
                message.starts_with(&format!("sealift.toml:{expected}")),
                "{message}"
            );
        }
    }
}
