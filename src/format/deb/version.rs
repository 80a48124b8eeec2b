//! Versions as Debian orders them.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// The part of a Debian version after the last hyphen, which counts the packages of one upstream version: letters,
/// digits, `+`, `.` and `~` (Debian Policy 5.6.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(String);

impl Default for Revision {
    fn default() -> Self {
        Self("1".to_owned())
    }
}

impl FromStr for Revision {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_valid = |c: char| c.is_ascii_alphanumeric() || "+.~".contains(c);
        if !text.is_empty() && text.chars().all(is_valid) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "letters, digits, `+`, `.` and `~`";
        Err(InvalidText::new("revision", text, expected))
    }
}

typed_text!(Revision(String));

/// The Debian version: with `~`, a pre-release sorts before its release; with `+`, build metadata sorts after it.
pub(super) fn debian_version(version: &semver::Version, revision: &Revision) -> String {
    let semver::Version {
        major,
        minor,
        patch,
        pre,
        build,
    } = version;
    let mut text = format!("{major}.{minor}.{patch}");
    if !pre.is_empty() {
        text += &format!("~{pre}");
    }
    if !build.is_empty() {
        text += &format!("+{build}");
    }
    format!("{text}-{revision}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pre_release_gets_a_tilde() {
        for (semantic, debian) in [
            ("1.2.3", "1.2.3-1"),
            ("1.0.0-beta.1", "1.0.0~beta.1-1"),
            ("1.0.0-alpha-x.1+b.5", "1.0.0~alpha-x.1+b.5-1"),
            ("1.0.0+20260102", "1.0.0+20260102-1"),
        ] {
            let version = semantic.parse().expect("a semantic version");
            assert_eq!(debian_version(&version, &Revision::default()), debian);
        }
    }

    #[test]
    fn a_revision_with_a_hyphen_is_refused() {
        let error = "1-2".parse::<Revision>().expect_err("not valid");
        assert_eq!(
            error.to_string(),
            "revision `1-2` is not valid; expected letters, digits, `+`, `.` and `~`"
        );
    }
}
