//! Versions as rpm orders them.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// The part of a file name after the version, which counts the packages of one version: letters, digits, `.`, `_`, `+`, `~`
/// and `^`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release(String);

impl Default for Release {
    fn default() -> Self {
        Self("1".to_owned())
    }
}

impl FromStr for Release {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_valid = |c: char| c.is_ascii_alphanumeric() || "._+~^".contains(c);
        if !text.is_empty() && text.chars().all(is_valid) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "letters, digits, `.`, `_`, `+`, `~` and `^`";
        Err(InvalidText::new("release", text, expected))
    }
}

typed_text!(Release(String));

/// The version for rpm: with `~`, a pre-release sorts before its release; with `+`, build metadata sorts after it. rpm has no
/// hyphen in a version.
pub(super) fn rpm_version(version: &semver::Version) -> String {
    let mut text = format!("{}.{}.{}", version.major, version.minor, version.patch);
    if !version.pre.is_empty() {
        text += &format!("~{}", version.pre);
    }
    if !version.build.is_empty() {
        text += &format!("+{}", version.build);
    }
    text.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pre_release_gets_a_tilde() {
        for (semantic, rpm) in [
            ("1.2.3", "1.2.3"),
            ("1.0.0-beta.1", "1.0.0~beta.1"),
            ("1.0.0-alpha-x.1+b-5", "1.0.0~alpha_x.1+b_5"),
            ("1.0.0+20260102", "1.0.0+20260102"),
        ] {
            let version = semantic.parse().expect("a semantic version");
            assert_eq!(rpm_version(&version), rpm);
        }
    }

    #[test]
    fn a_release_with_a_hyphen_or_without_a_character_is_refused() {
        assert!("1.fc43".parse::<Release>().is_ok());
        for text in ["", "1-2", "1 2", "ü"] {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
    }
}
