//! License expressions (SPDX specification 2.3, annex D).

use std::iter::Peekable;
use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// The name of the file with the licenses of everything that is linked into a program.
pub const THIRD_PARTY: &str = "THIRD-PARTY-LICENSES";

/// Whether a file of this name is about the licenses of what a program is made of, and not about its own: as Sealift calls
/// it, or as other tools do, such as `THIRDPARTY.yml` and `ThirdPartyNotices.txt`.
pub fn is_third_party(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphabetic);
    let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    letters.starts_with("thirdparty")
}

/// A valid SPDX license expression, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License(String);

impl FromStr for License {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.trim() == text && evaluate(text, &|_| true).is_some() {
            return Ok(Self(text.to_owned()));
        }
        let expected = "an SPDX expression such as `MIT OR Apache-2.0`";
        let error = InvalidText::new("license", text, expected);
        Err(match spdx_spelling(text) {
            Some(meant) => error.with_hint(format!("write `{meant}`")),
            None => error,
        })
    }
}

impl License {
    /// Whether somebody who accepts only certain licenses can accept this expression: one side of each `OR`, both of each `AND`.
    ///
    /// An exception only adds to what a license permits, so a license with one is accepted where the license is.
    pub fn permits(&self, accepts: &dyn Fn(&str) -> bool) -> bool {
        evaluate(&self.0, accepts).is_some_and(|accepted| accepted)
    }
}

/// Whether an expression is accepted; `None` if it is not valid.
fn evaluate(text: &str, accepts: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut words = words(text).peekable();
    let accepted = any_of(&mut words, 0, accepts)?;
    words.next().is_none().then_some(accepted)
}

typed_text!(License(String));

/// How deep parentheses may be nested.
const MAX_DEPTH: usize = 32;

/// The words of an expression; a parenthesis is a word of its own.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| c == ' ' || c == '(' || c == ')';
    let words = text.split_inclusive(is_mark).flat_map(move |part| {
        let end = part.rfind(is_mark).unwrap_or(part.len());
        [&part[..end], &part[end..]]
    });
    words.filter(|word| !matches!(*word, "" | " "))
}

type Words<'a, I> = Peekable<I>;

/// `OR` binds weakest.
fn any_of<'a, I: Iterator<Item = &'a str>>(
    words: &mut Words<'a, I>,
    depth: usize,
    accepts: &dyn Fn(&str) -> bool,
) -> Option<bool> {
    let mut accepted = all_of(words, depth, accepts)?;
    while words.next_if_eq(&"OR").is_some() {
        accepted |= all_of(words, depth, accepts)?;
    }
    Some(accepted)
}

fn all_of<'a, I: Iterator<Item = &'a str>>(
    words: &mut Words<'a, I>,
    depth: usize,
    accepts: &dyn Fn(&str) -> bool,
) -> Option<bool> {
    let mut accepted = one(words, depth, accepts)?;
    while words.next_if_eq(&"AND").is_some() {
        accepted &= one(words, depth, accepts)?;
    }
    Some(accepted)
}

/// An identifier, perhaps with an exception, or an expression in parentheses.
fn one<'a, I: Iterator<Item = &'a str>>(
    words: &mut Words<'a, I>,
    depth: usize,
    accepts: &dyn Fn(&str) -> bool,
) -> Option<bool> {
    match words.next()? {
        "(" if depth < MAX_DEPTH => {
            let accepted = any_of(words, depth + 1, accepts)?;
            (words.next() == Some(")")).then_some(accepted)
        }
        word if is_license(word) => {
            if words.next_if_eq(&"WITH").is_none() {
                return Some(accepts(word));
            }
            let exception = words.next().filter(|word| is_identifier(word))?;
            Some(accepts(word) || accepts(&format!("{word} WITH {exception}")))
        }
        _ => None,
    }
}

/// An identifier of the SPDX list, perhaps with `+`, or a `LicenseRef-` of one's own, perhaps in another document.
fn is_license(word: &str) -> bool {
    let word = match word
        .strip_prefix("DocumentRef-")
        .and_then(|rest| rest.split_once(':'))
    {
        Some((document, license)) if is_identifier(document) => license,
        _ => word,
    };
    is_identifier(word.strip_suffix('+').unwrap_or(word))
}

fn is_identifier(word: &str) -> bool {
    let is_operator = ["AND", "OR", "WITH"]
        .iter()
        .any(|operator| operator.eq_ignore_ascii_case(word));
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    !word.is_empty() && !is_operator && word.chars().all(is_fit)
}

/// What was meant by an expression in the notation of older packages: `/` for `OR`, operators in small letters.
fn spdx_spelling(text: &str) -> Option<String> {
    let spaced = text.replace('/', " OR ");
    let meant: Vec<_> = spaced
        .split_whitespace()
        .map(|word| match word.to_ascii_uppercase().as_str() {
            operator @ ("AND" | "OR" | "WITH") => operator.to_owned(),
            _ => word.to_owned(),
        })
        .collect();
    let meant = meant.join(" ");
    (meant != text && meant.parse::<License>().is_ok()).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hint::Hint;

    #[test]
    fn expressions_are_those_of_spdx() {
        for text in [
            "MIT",
            "MIT OR Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "((MIT))",
            "LicenseRef-Own",
            "DocumentRef-other:LicenseRef-Own",
            "GPL-2.0+",
        ] {
            assert_eq!(text.parse::<License>().expect(text).as_str(), text);
        }
        for text in [
            "",
            " MIT",
            "MIT OR",
            "OR MIT",
            "MIT Apache-2.0",
            "MIT/Apache-2.0",
            "MIT or Apache-2.0",
            "(MIT",
            "MIT)",
            "()",
            "MIT WITH",
            "see LICENSE.txt, please",
            "MIT\nOR ISC",
            "AND",
        ] {
            assert!(text.parse::<License>().is_err(), "{text:?}");
        }
        assert!(
            format!("{}MIT{}", "(".repeat(9999), ")".repeat(9999))
                .parse::<License>()
                .is_err()
        );
    }

    #[test]
    fn an_expression_is_accepted_by_one_side_of_or_and_both_of_and() {
        let accepts = |word: &str| ["MIT", "Unicode-3.0", "GPL-2.0 WITH x"].contains(&word);
        let permits = |text: &str| text.parse::<License>().expect(text).permits(&accepts);
        for text in [
            "MIT",
            "Apache-2.0 OR MIT",
            "MIT AND Unicode-3.0",
            "(Apache-2.0 OR MIT) AND Unicode-3.0",
            "Apache-2.0 AND ISC OR MIT",
            "MIT WITH y",
            "GPL-2.0 WITH x",
        ] {
            assert!(permits(text), "{text}");
        }
        for text in [
            "Apache-2.0",
            "MIT AND Apache-2.0",
            "(Apache-2.0 OR MIT) AND ISC",
            "ISC OR MIT AND Apache-2.0",
            "GPL-2.0",
            "GPL-2.0 WITH y",
        ] {
            assert!(!permits(text), "{text}");
        }
    }

    #[test]
    fn an_older_notation_is_refused_with_the_one_of_spdx() {
        let hint = |text: &str| text.parse::<License>().expect_err("not SPDX").hint();
        let expected = Some("write `MIT OR Apache-2.0`".to_owned());
        assert_eq!(hint("MIT/Apache-2.0"), expected);
        assert_eq!(hint("MIT or Apache-2.0"), expected);
        assert_eq!(hint("all rights reserved"), None);
    }
}
