//! Relations to other packages (Debian Policy 7.1).

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// What one place of a list of relations asks for: a package, or several of which one is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency(String);

impl FromStr for Dependency {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if is_one_line(text) && text.split('|').all(|one| is_relation(one.trim())) {
            return Ok(Self(text.trim().to_owned()));
        }
        let expected =
            "a package such as `ca-certificates`, `libc6 (>= 2.36)` or `git | mercurial`";
        Err(InvalidText::new("dependency", text, expected))
    }
}

typed_text!(Dependency(String));

/// A package that cannot be, or is, beside this one. There are no alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation(String);

impl FromStr for Relation {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if is_one_line(text) && is_relation(text.trim()) {
            return Ok(Self(text.trim().to_owned()));
        }
        let expected = "one package such as `hello-legacy` or `hello (<< 2.0)`";
        Err(InvalidText::new("relation", text, expected))
    }
}

typed_text!(Relation(String));

fn is_one_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

/// A name, perhaps with an architecture behind a colon, perhaps with a version in parentheses.
fn is_relation(text: &str) -> bool {
    let (package, version) = match text.split_once('(') {
        Some((package, rest)) => (package.trim_end(), Some(rest)),
        None => (text, None),
    };
    let (name, architecture) = package.split_once(':').unwrap_or((package, "any"));
    let is_bound = |rest: &str| rest.strip_suffix(')').is_some_and(is_version_bound);
    is_name(name) && is_architecture(architecture) && version.is_none_or(is_bound)
}

/// Debian Policy 5.6.1.
fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() >= 2
        && name.starts_with(is_first)
        && name.chars().all(|c| is_first(c) || "+-.".contains(c))
}

fn is_architecture(name: &str) -> bool {
    let is_fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(is_fit)
}

/// An operator and a version (Debian Policy 5.6.12).
fn is_version_bound(bound: &str) -> bool {
    let bound = bound.trim();
    let operators = ["<<", "<=", ">=", ">>", "="];
    let version = operators
        .iter()
        .find_map(|operator| bound.strip_prefix(operator));
    let is_fit = |c: char| c.is_ascii_alphanumeric() || ".+-:~".contains(c);
    version.is_some_and(|version| {
        let version = version.trim_start();
        version.starts_with(|c: char| c.is_ascii_digit()) && version.chars().all(is_fit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_those_that_dpkg_reads() {
        for text in [
            "ca-certificates",
            "libc6 (>= 2.36)",
            "libc6 (>=2.36-9+deb12u1)",
            "git | mercurial (<< 1:7~rc1)",
            "python3:any",
            "g++",
        ] {
            assert_eq!(text.parse::<Dependency>().expect(text).as_str(), text);
        }
        for text in [
            "",
            "!!! (((",
            "a",
            "Git",
            "git |",
            "git, mercurial",
            "libc6 (2.36)",
            "libc6 (> 2.36)",
            "libc6 (>= 2.36",
            "libc6 >= 2.36",
            "libc6 (>= )",
            "libc6 (>= 2 36)",
            "git\nEssential: yes",
        ] {
            assert!(text.parse::<Dependency>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_conflict_has_no_alternatives() {
        assert!("hello (<< 2.0)".parse::<Relation>().is_ok());
        let error = "git | mercurial"
            .parse::<Relation>()
            .expect_err("two packages");
        assert_eq!(
            error.to_string(),
            "relation `git | mercurial` is not valid; expected one package such as `hello-legacy` or `hello (<< 2.0)`"
        );
    }
}
