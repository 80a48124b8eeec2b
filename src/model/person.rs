//! Who answers for a package.

use std::fmt;
use std::str::FromStr;

use crate::model::line::Line;
use crate::model::text::{InvalidText, typed_text};

/// A person or team, written as `Name <address>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    name: String,
    address: String,
}

impl Person {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mail address.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl FromStr for Person {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let parse = || {
            let line: Line = text.parse().ok()?;
            let (name, address) = line.strip_suffix('>')?.split_once(" <")?;
            let is_address = address.contains('@') && !address.contains([' ', '<', '>']);
            (is_address && !name.trim().is_empty()).then(|| Self {
                name: name.to_owned(),
                address: address.to_owned(),
            })
        };
        let expected = "`Name <address@example.org>`";
        parse().ok_or_else(|| InvalidText::new("maintainer", text, expected))
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.address)
    }
}

typed_text!(Person);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_a_name_and_an_address() {
        let person: Person = "A. Person <a@example.org>".parse().expect("valid");
        assert_eq!(
            (person.name(), person.address()),
            ("A. Person", "a@example.org")
        );
        assert_eq!(person.to_string(), "A. Person <a@example.org>");
        for text in [
            "A. Person",
            "<a@b>",
            "A <a b@c>",
            "A <ab>",
            "A <a@b> x",
            " A <a@b>",
            "A\nB <a@b>",
        ] {
            assert!(text.parse::<Person>().is_err(), "{text:?}");
        }
    }
}
