//! Texts of one line.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// One line of text: not empty, without control characters or blanks at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(String);

impl FromStr for Line {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() || text.trim() != text || text.contains(char::is_control) {
            let expected = "one line of text without blanks at its ends";
            return Err(InvalidText::new("text", text, expected));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(Line(String));

/// A [`Line`] without a full stop at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary(String);

impl FromStr for Summary {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let Line(line) = text.parse()?;
        if line.ends_with('.') {
            let error = InvalidText::new("summary", text, "a phrase without one");
            return Err(error.with_problem("ends with a full stop"));
        }
        Ok(Self(line))
    }
}

typed_text!(Summary(String));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_smuggle_in_another_one() {
        assert!("one\nDepends: evil".parse::<Line>().is_err());
        assert!("".parse::<Line>().is_err());
    }

    #[test]
    fn a_summary_has_no_full_stop() {
        let error = "Does things.".parse::<Summary>().expect_err("a full stop");
        assert_eq!(
            error.to_string(),
            "summary `Does things.` ends with a full stop; expected a phrase without one"
        );
    }
}
