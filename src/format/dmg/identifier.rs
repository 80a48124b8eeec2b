//! What macOS knows an application by (Apple's "Information Property List", `CFBundleIdentifier`).

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// ASCII letters, digits, `-` and `.`, such as `org.example.Hello`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier(String);

impl FromStr for Identifier {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !text.is_empty()
            && text
                .split('.')
                .all(|part| !part.is_empty() && part.chars().all(is_fit))
        {
            return Ok(Self(text.to_owned()));
        }
        let expected = "ASCII letters, digits and `-`, in parts with a `.` between them, such as `org.example.Hello`";
        Err(InvalidText::new("identifier", text, expected))
    }
}

typed_text!(Identifier(String));

impl Identifier {
    /// That of an application with this desktop entry, by convention named so already; or the package's name.
    pub(in crate::format) fn of(desktop_entry: &str, package: &str) -> Self {
        let named = desktop_entry
            .contains('.')
            .then(|| desktop_entry.parse().ok());
        named.flatten().unwrap_or_else(|| {
            let fit = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
            Self(package.chars().map(fit).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_parts_of_letters() {
        for good in ["org.example.Hello", "hello", "a.b-c.9"] {
            assert!(good.parse::<Identifier>().is_ok(), "{good}");
        }
        for bad in ["", "org.", ".a", "a..b", "org.example/hello", "grüß", "a b"] {
            assert!(bad.parse::<Identifier>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_desktop_entry_may_have_it_as_its_name() {
        let of = |entry, package| Identifier::of(entry, package).to_string();
        assert_eq!(of("org.example.Hello", "hello"), "org.example.Hello");
        assert_eq!(of("hello", "hello"), "hello");
        assert_eq!(of("a..b", "hello+_1"), "hello--1");
    }
}
