//! Names of what macOS exports, as manifests write them.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::text::{InvalidText, typed_text};
use crate::frameworks::{Library, Name};

/// What frameworks and libraries of macOS export.
pub type MacOsSymbols = BTreeMap<Framework, Vec<Symbol>>;

/// The name of a macOS framework, such as `Security`, or of a library in `/usr/lib` with its `lib`, such as `libz`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Framework(String);

/// A symbol as C calls it, or `@` and an Objective-C class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol(String);

impl Framework {
    /// The path by which programs load it.
    pub fn install_name(&self) -> String {
        let library = Library::named(&self.0);
        library
            .map(|library| library.install_name())
            .unwrap_or_default()
    }
}

impl Symbol {
    /// What it is a name of.
    pub fn name(&self) -> Name {
        Name::of_written(&self.0)
    }
}

impl FromStr for Framework {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if Library::named(text).is_some() && is_name(text, "_") {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a framework such as `Security`, or one of `libcurl`, `libiconv`, `libobjc`, `libresolv`, `libsqlite3`, \
                        `libxml2`, `libz`";
        Err(InvalidText::new("macOS framework", text, expected))
    }
}

typed_text!(Framework(String));

impl FromStr for Symbol {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if is_name(text.strip_prefix('@').unwrap_or(text), "_$.") {
            return Ok(Self(text.to_owned()));
        }
        let expected =
            "a name such as `SecItemAdd` as C has it, or `@` and a class such as `@NSWindow`";
        Err(InvalidText::new("symbol", text, expected))
    }
}

typed_text!(Symbol(String));

fn is_name(text: &str, others: &str) -> bool {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    !text.is_empty() && text.chars().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frameworks_and_symbols_are_names_that_linkers_know() {
        for text in ["Security", "libz", "vmnet"] {
            assert!(text.parse::<Framework>().is_ok(), "{text}");
        }
        for text in ["", "a b", "libfoo", "../x", "größe"] {
            assert!(text.parse::<Framework>().is_err(), "{text}");
        }
        for text in ["SecItemAdd", "@NSWindow", "a$UNIX2003", "_objc_empty_cache"] {
            assert!(text.parse::<Symbol>().is_ok(), "{text}");
        }
        for text in ["", "@", "a b", "größe", "$(x)", "a\n"] {
            assert!(text.parse::<Symbol>().is_err(), "{text}");
        }
        let error = "libfoo"
            .parse::<Framework>()
            .expect_err("unknown")
            .to_string();
        assert!(
            error.starts_with("macOS framework `libfoo` is not valid; expected"),
            "{error}"
        );
    }
}
