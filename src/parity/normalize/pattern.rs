//! Patterns of a corpus: text with placeholders, and nothing that is tried twice.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A text with placeholders, such as `commit {hex}`. Each placeholder takes as much as it can.
#[derive(Clone, Debug)]
pub(in crate::parity) struct Pattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(Vec<u8>),
    Any(&'static Placeholder),
}

/// A placeholder.
#[derive(Debug)]
struct Placeholder {
    name: &'static str,
    takes: fn(u8) -> bool,
    least: usize,
}

/// All of them, sorted by name.
const PLACEHOLDERS: &[Placeholder] = &[
    Placeholder {
        name: "blanks",
        takes: |byte| matches!(byte, b' ' | b'\t'),
        least: 1,
    },
    Placeholder {
        name: "digits",
        takes: |byte| byte.is_ascii_digit(),
        least: 1,
    },
    Placeholder {
        name: "hex",
        takes: |byte| byte.is_ascii_hexdigit(),
        least: 1,
    },
    Placeholder {
        name: "rest",
        takes: |byte| byte != b'\n',
        least: 0,
    },
    Placeholder {
        name: "word",
        takes: |byte| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii(),
        least: 1,
    },
];

impl Pattern {
    /// How many bytes match at the beginning.
    pub(in crate::parity) fn matches(&self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        for part in &self.parts {
            let rest = &bytes[at..];
            at += match part {
                Part::Text(text) => rest.starts_with(text).then_some(text.len())?,
                Part::Any(any) => {
                    let count = rest.iter().take_while(|byte| (any.takes)(**byte)).count();
                    (count >= any.least).then_some(count)?
                }
            };
        }
        Some(at)
    }
}

impl FromStr for Pattern {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if let Some(after) = ["{{", "}}"]
                .iter()
                .find_map(|twice| rest.strip_prefix(twice))
            {
                literal.push(character);
                rest = after;
            } else if matches!(character, '{' | '}') {
                let (any, after) = placeholder(text, rest)?;
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal).into_bytes()));
                }
                parts.push(Part::Any(any));
                rest = after;
            } else {
                literal.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal.into_bytes()));
        }
        // Without any text it would match nearly everything.
        if !parts.iter().any(|part| matches!(part, Part::Text(_))) {
            let expected = "text and placeholders, such as `commit {hex}`";
            return Err(InvalidText::new("pattern", text, expected).with_problem("has no text"));
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }
}

fn placeholder<'t>(
    pattern: &str,
    rest: &'t str,
) -> Result<(&'static Placeholder, &'t str), InvalidText> {
    let inside = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let Some((name, after)) = inside else {
        let expected =
            "placeholders such as `{digits}`, and `{{` or `}}` for the braces themselves";
        return Err(
            InvalidText::new("pattern", pattern, expected).with_problem("has a single brace")
        );
    };
    let found = PLACEHOLDERS
        .iter()
        .find(|placeholder| placeholder.name == name);
    let names = PLACEHOLDERS.iter().map(|placeholder| placeholder.name);
    let found = found.ok_or_else(|| InvalidText::unknown("placeholder", name, names))?;
    Ok((found, after))
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

typed_text!(Pattern);

#[cfg(test)]
mod tests {
    use super::*;

    fn length(pattern: &str, text: &str) -> Option<usize> {
        let pattern: Pattern = pattern.parse().expect("a pattern");
        pattern.matches(text.as_bytes())
    }

    #[test]
    fn placeholders_take_what_they_are_named_after() {
        assert_eq!(length("commit {hex}", "commit 12afg"), Some(11));
        assert_eq!(length("commit {hex}", "commit g"), None);
        assert_eq!(length("v{digits}.{digits}", "v1.20-rc"), Some(5));
        assert_eq!(length("id:{blanks}{word};", "id: \tä_1;x"), Some(10));
        assert_eq!(length("seed={rest}", "seed=1 2\n3"), Some(8));
        assert_eq!(length("{{{digits}}}", "{12}"), Some(4));
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        for (pattern, expected) in [
            ("a {b", "pattern `a {b` has a single brace"),
            ("a }", "pattern `a }` has a single brace"),
            (
                "{digit}x",
                "placeholder `digit` is unknown; expected one of `blanks`, `digits`",
            ),
            ("{digits}", "pattern `{digits}` has no text"),
            ("", "pattern `` has no text"),
        ] {
            let error = pattern
                .parse::<Pattern>()
                .expect_err("no pattern")
                .to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
