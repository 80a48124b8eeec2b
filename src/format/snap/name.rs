//! Names of snaps, and of what is in them (snapd, `snap/naming/validate.go`).

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// The name of a snap: 2 to 40 lower-case letters, digits and `-`, with a letter among them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapName(String);

impl FromStr for SnapName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let has_letter = text.contains(|c: char| c.is_ascii_lowercase());
        let is_fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if (2..=40).contains(&text.len()) && has_letter && is_in_words(text, is_fit) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "2 to 40 lower-case letters and digits, with a letter among them, and single `-` between them";
        let error = InvalidText::new("snap name", text, expected);
        Err(error.with_hint("spell out other characters, as in `gpp` for `g++`"))
    }
}

typed_text!(SnapName(String));

/// The name of a program, a daemon or an interface in a snap: letters, digits, and single `-` between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartName(String);

impl FromStr for PartName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if is_in_words(text, |c| c.is_ascii_alphanumeric()) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "letters and digits, and single `-` between them";
        Err(InvalidText::new("name in a snap", text, expected))
    }
}

typed_text!(PartName(String));

/// When snapd runs a script.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HookName(String);

/// The hooks that need no interface of their own (Snapcraft, "Supported snap hooks").
const HOOKS: [&str; 8] = [
    "check-health",
    "configure",
    "default-configure",
    "gate-auto-refresh",
    "install",
    "post-refresh",
    "pre-refresh",
    "remove",
];

impl FromStr for HookName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        match HOOKS.contains(&text) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidText::unknown("hook", text, HOOKS)),
        }
    }
}

typed_text!(HookName(String));

fn is_in_words(text: &str, is_fit: impl Fn(char) -> bool) -> bool {
    text.split('-')
        .all(|word| !word.is_empty() && word.chars().all(&is_fit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snap_s_name_is_one_that_snapd_takes() {
        for good in ["hello", "a1", "1a", "my-tool-2", &"a".repeat(40)] {
            assert!(good.parse::<SnapName>().is_ok(), "{good}");
        }
        for bad in [
            "a",
            "12",
            "Hello",
            "my--tool",
            "-a",
            "a-",
            "g++",
            "a.b",
            &"a".repeat(41),
        ] {
            assert!(bad.parse::<SnapName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hook_that_snapd_does_not_run_is_refused() {
        assert!("configure".parse::<HookName>().is_ok());
        let error = "configur".parse::<HookName>().expect_err("unknown");
        assert!(
            error
                .to_string()
                .starts_with("hook `configur` is unknown; expected one of `check-health`")
        );
    }
}
