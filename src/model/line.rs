//! Texts of one line, and of several.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// One line of text: not empty, without control characters or blanks at its ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// Paragraphs, separated by blank lines; may be empty. Line breaks are the only control characters, since a tab has another
/// width for each reader, and a terminal obeys the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraphs(String);

impl FromStr for Paragraphs {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let text = text.replace("\r\n", "\n");
        let mut lines = text.split('\n');
        if let Some(line) = lines.find(|line| line.contains(char::is_control)) {
            let expected = "paragraphs without tabs and other control characters";
            let error = InvalidText::new("description", line, expected);
            return Err(error.with_problem("holds a control character"));
        }
        Ok(Self(text.trim().to_owned()))
    }
}

typed_text!(Paragraphs(String));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_smuggle_in_another_one() {
        assert!("one\nDepends: evil".parse::<Line>().is_err());
        assert!("".parse::<Line>().is_err());
    }

    #[test]
    fn paragraphs_have_line_breaks_and_no_other_control_characters() {
        let text: Paragraphs = "\none\r\ntwo\n\nthree\n".parse().expect("valid");
        assert_eq!(text.as_str(), "one\ntwo\n\nthree");
        for bad in ["a\tb", "a\x1b[2Jb", "a\rb", "a\0", "a\u{9b}b"] {
            let error = format!("fine\n{bad}").parse::<Paragraphs>();
            let error = error.expect_err(bad).to_string();
            let expected = format!(
                "description `{}` holds a control character",
                bad.escape_debug()
            );
            assert!(error.starts_with(&expected), "{error}");
        }
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
