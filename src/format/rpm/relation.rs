//! Relations to other packages (rpm's `docs/manual/dependencies.md`).

use std::collections::BTreeSet;
use std::str::FromStr;

use super::header::{Header, Value};
use super::tag::RelationTags;
use crate::model::text::{InvalidText, typed_text};

/// How a version is compared, and why a relation is there (rpm's `rpmds.h`).
pub(super) mod sense {
    pub(crate) const LESS: u32 = 1 << 1;
    pub(crate) const GREATER: u32 = 1 << 2;
    pub(crate) const EQUAL: u32 = 1 << 3;
    /// By the program behind a script.
    pub(crate) const INTERPRETER: u32 = 1 << 8;
    /// By what the programs of the package need.
    pub(crate) const FOUND: u32 = 1 << 14;
    /// By rpm itself.
    pub(crate) const RPMLIB: u32 = 1 << 24;
    pub(crate) const CONFIG: u32 = 1 << 28;
}

/// Operators, the longer ones first.
const OPERATORS: [(&str, u32); 5] = [
    ("<=", sense::LESS | sense::EQUAL),
    (">=", sense::GREATER | sense::EQUAL),
    ("=", sense::EQUAL),
    ("<", sense::LESS),
    (">", sense::GREATER),
];

/// A package, a file or a capability, perhaps with a version: `git`, `libfoo >= 2.0`, `/bin/sh`; or several in parentheses, as
/// `(git or mercurial)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency(String);

impl FromStr for Dependency {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        let is_line = !text.contains(char::is_control);
        if is_line && (is_rich(text) || is_plain(text)) {
            return Ok(Self(text.to_owned()));
        }
        let expected =
            "a package such as `ca-certificates`, `libfoo >= 2.0` or `(git or mercurial)`";
        Err(InvalidText::new("dependency", text, expected))
    }
}

typed_text!(Dependency(String));

/// A relation that has no alternatives: `hello-legacy`, or `hello < 2.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability(String);

impl FromStr for Capability {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if is_plain(text) && !text.contains(char::is_control) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "one package such as `hello-legacy` or `hello < 2.0`";
        Err(InvalidText::new("relation", text, expected))
    }
}

typed_text!(Capability(String));

/// An expression in parentheses, which rpm reads as a whole. Only its form is checked.
fn is_rich(text: &str) -> bool {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 || (depth == 0 && at + 1 < text.len()) {
            return false;
        }
    }
    depth == 0 && text.starts_with('(') && text.split_whitespace().count() >= 3
}

/// A name, and perhaps an operator and a version.
fn is_plain(text: &str) -> bool {
    let words: Vec<_> = text.split_whitespace().collect();
    match words[..] {
        [name] => is_name(name),
        [name, operator, version] => {
            OPERATORS.iter().any(|(known, _)| *known == operator)
                && is_name(name)
                && is_version(version)
        }
        _ => false,
    }
}

fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphanumeric() || "/_".contains(c);
    name.starts_with(is_first) && name.chars().all(|c| is_first(c) || "+-.:()@~^".contains(c))
}

/// `[epoch:]version[-release]`.
fn is_version(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version.matches('-').count() <= 1
        && version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._+~^-:".contains(c))
}

/// A relation as the header has it. They are sorted by name, as rpm expects them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Relation {
    name: String,
    flags: u32,
    version: String,
}

impl Relation {
    /// To something of any version.
    pub(super) fn any(name: impl Into<String>, flags: u32) -> Self {
        Self {
            name: name.into(),
            flags,
            version: String::new(),
        }
    }

    /// To something of this version alone.
    pub(super) fn exactly(name: impl Into<String>, version: &str) -> Self {
        Self {
            name: name.into(),
            flags: sense::EQUAL,
            version: version.to_owned(),
        }
    }

    /// The same for another reason.
    pub(super) fn with(mut self, flags: u32) -> Self {
        self.flags |= flags;
        self
    }

    /// What rpm itself must be able to do.
    pub(super) fn rpmlib(feature: &str, since: &str) -> Self {
        Self {
            name: format!("rpmlib({feature})"),
            flags: sense::RPMLIB | sense::LESS | sense::EQUAL,
            version: since.to_owned(),
        }
    }

    /// One of the manifest, which has been checked.
    pub(super) fn written(text: &str) -> Self {
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            [name, operator, version] if !text.starts_with('(') => {
                let known = OPERATORS.iter().find(|(known, _)| *known == operator);
                let (name, version) = (name.to_owned(), version.to_owned());
                let flags = known.map_or(sense::EQUAL, |(_, flags)| *flags);
                Self {
                    name,
                    flags,
                    version,
                }
            }
            _ => Self::any(text, 0),
        }
    }

    /// Whether it needs an rpm that understands expressions.
    pub(super) fn is_rich(&self) -> bool {
        self.name.starts_with('(')
    }
}

/// Puts relations into their three lists, each once.
pub(super) fn set(header: &mut Header, tags: RelationTags, relations: Vec<Relation>) {
    let relations: BTreeSet<_> = relations.into_iter().collect();
    if relations.is_empty() {
        return;
    }
    let texts = |text: fn(&Relation) -> &String| relations.iter().map(text).cloned().collect();
    header.set(tags.names, Value::Texts(texts(|r| &r.name)));
    header.set(tags.versions, Value::Texts(texts(|r| &r.version)));
    let flags = relations.iter().map(|relation| relation.flags);
    header.set(tags.flags, Value::Int32(flags.collect()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_those_that_rpm_reads() {
        for text in [
            "ca-certificates",
            "libfoo >= 2.0-1.fc43",
            "libfoo = 1:7~rc1",
            "/usr/bin/python3",
            "libc.so.6(GLIBC_2.28)(64bit)",
            "perl(Getopt::Long)",
            "(git or mercurial)",
            "(foo >= 1.0 with foo < 2.0)",
            "(foo if (bar or baz))",
        ] {
            assert_eq!(text.parse::<Dependency>().expect(text).as_str(), text);
        }
        for text in [
            "",
            "git,",
            "git mercurial",
            "git or mercurial",
            "libfoo >= ",
            "libfoo (>= 2.0)",
            "libfoo>=2.0",
            "libfoo == 2.0",
            "libfoo >= 2.0-1-1",
            "(git or",
            "(git) or (hg)",
            "()",
            "git\nevil",
        ] {
            assert!(text.parse::<Dependency>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_conflict_has_no_alternatives() {
        assert!("hello < 2.0".parse::<Capability>().is_ok());
        let error = "(git or mercurial)"
            .parse::<Capability>()
            .expect_err("two packages");
        assert_eq!(
            error.to_string(),
            "relation `(git or mercurial)` is not valid; expected one package such as `hello-legacy` or `hello < 2.0`"
        );
    }

    #[test]
    fn a_written_relation_is_taken_apart() {
        assert_eq!(
            Relation::written("libfoo >= 2.0"),
            Relation {
                name: "libfoo".to_owned(),
                flags: sense::GREATER | sense::EQUAL,
                version: "2.0".to_owned(),
            }
        );
        assert!(Relation::written("(a or b)").is_rich());
        assert_eq!(Relation::written("git"), Relation::any("git", 0));
    }
}
