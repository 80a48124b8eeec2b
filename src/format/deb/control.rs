//! The control file (deb-control(5)) and the values that a manifest may give for it.

use std::str::FromStr;

use super::Deb;
use super::wrap::wrap;
use crate::format::FormatError;
use crate::model::package::Package;
use crate::model::text::{InvalidText, typed_text};

/// A field's value: one line, not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(String);

impl FromStr for Value {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if !text.trim().is_empty() && !text.contains(char::is_control) {
            return Ok(Self(text.trim().to_owned()));
        }
        let expected = "one line that is not empty";
        Err(InvalidText::new("value", text, expected))
    }
}

typed_text!(Value(String));

/// How important a package is for a system (Debian Policy 2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Without it the system does not work.
    Required,
    /// A user would be surprised not to find it.
    Important,
    /// Part of a standard system.
    Standard,
    /// Anything else.
    #[default]
    Optional,
}

impl Priority {
    fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Important => "important",
            Self::Standard => "standard",
            Self::Optional => "optional",
        }
    }
}

/// Makes the control file.
pub(super) fn control(
    deb: &Deb,
    package: &Package,
    architecture: &str,
    version: &str,
    installed_kib: u64,
) -> Result<String, FormatError> {
    let mut control = String::new();
    let mut field = |name: &str, value: &str| control += &format!("{name}: {value}\n");
    field("Package", &package.name);
    field("Version", version);
    field("Architecture", architecture);
    field("Maintainer", one_line("maintainer", &package.maintainer)?);
    field("Installed-Size", &installed_kib.to_string());
    for (name, relations) in relations(deb) {
        // dpkg treats an empty field as an error.
        if !relations.is_empty() {
            let relations: Vec<_> = relations.iter().map(Value::as_str).collect();
            field(name, &relations.join(", "));
        }
    }
    field("Section", deb.section.as_str());
    field("Priority", deb.priority.as_str());
    if let Some(homepage) = &package.homepage {
        field("Homepage", one_line("homepage", homepage)?);
    }
    let summary = one_line("summary", &package.summary)?;
    field("Description", summary.trim_end_matches('.'));
    control += &extended(&package.description);
    Ok(control)
}

/// The relations to other packages, in the order of Debian's own control files.
fn relations(deb: &Deb) -> [(&'static str, &[Value]); 9] {
    [
        ("Pre-Depends", &deb.pre_depends),
        ("Depends", &deb.depends),
        ("Recommends", &deb.recommends),
        ("Suggests", &deb.suggests),
        ("Enhances", &deb.enhances),
        ("Breaks", &deb.breaks),
        ("Conflicts", &deb.conflicts),
        ("Replaces", &deb.replaces),
        ("Provides", &deb.provides),
    ]
}

fn one_line<'a>(name: &str, value: &'a str) -> Result<&'a str, FormatError> {
    let value = value.trim();
    let invalid = |reason| FormatError::Invalid(format!("the {name} `{value}` {reason}"));
    match value {
        "" => Err(invalid("is empty, but a deb needs one")),
        v if v.contains(char::is_control) => Err(invalid("has more than one line")),
        v => Ok(v),
    }
}

/// The long description: paragraphs, which readers may rewrap, and list items, which they must not.
fn extended(description: &str) -> String {
    let mut text = String::new();
    let mut paragraph = String::new();
    let mut is_after_gap = false;
    let flush = |paragraph: &mut String, text: &mut String| {
        if !paragraph.is_empty() {
            *text += &wrap(paragraph, " ", " ");
            paragraph.clear();
        }
    };
    for line in description.lines() {
        let words = line.trim();
        let is_point = ["- ", "* "].iter().any(|mark| words.starts_with(mark));
        if words.is_empty() || is_point {
            flush(&mut paragraph, &mut text);
        }
        // A gap is written only before something that follows it, so that there is none at either end.
        if !words.is_empty() && std::mem::take(&mut is_after_gap) && !text.is_empty() {
            text += " .\n";
        }
        match (words.is_empty(), is_point) {
            (true, _) => is_after_gap = true,
            (_, true) => text += &wrap(words, "  ", "    "),
            _ => paragraph = format!("{paragraph} {words}"),
        }
    }
    flush(&mut paragraph, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::package;

    fn values(texts: &[&str]) -> Vec<Value> {
        let value = |text: &&str| text.parse().expect("valid");
        texts.iter().map(value).collect()
    }

    #[test]
    fn a_static_program_depends_on_nothing() {
        let text = control(&Deb::default(), &package(), "amd64", "1.2.3-1", 42).expect("valid");
        assert_eq!(
            text,
            "Package: hello\n\
             Version: 1.2.3-1\n\
             Architecture: amd64\n\
             Maintainer: Jo Doe <jo@example.org>\n\
             Installed-Size: 42\n\
             Section: utils\n\
             Priority: optional\n\
             Homepage: https://example.org/hello\n\
             Description: greets people\n \
             A program that greets people.\n \
             .\n \
             It does nothing else.\n"
        );
    }

    #[test]
    fn relations_are_joined_by_commas() {
        let deb = Deb {
            depends: values(&["libc6 (>= 2.36)", "ca-certificates | wget"]),
            ..Deb::default()
        };
        let text = control(&deb, &package(), "amd64", "1.2.3-1", 42).expect("valid");
        assert!(text.contains("\nDepends: libc6 (>= 2.36), ca-certificates | wget\n"));
    }

    #[test]
    fn descriptions_have_no_gap_at_their_ends_and_keep_lists() {
        assert_eq!(
            extended("\n\nOne\ttwo\nthree.\n\n\n- first\n- second\n\nEnd.\n\n"),
            " One two three.\n .\n  - first\n  - second\n .\n End.\n"
        );
        assert_eq!(extended(""), "");
    }

    #[test]
    fn no_value_can_add_a_field() {
        assert!("a\nEssential: yes".parse::<Value>().is_err());
        let mut package = package();
        package.maintainer = "Jo\nEssential: yes".to_owned();
        let error = control(&Deb::default(), &package, "amd64", "1", 1).expect_err("two lines");
        assert_eq!(
            error.to_string(),
            "the maintainer `Jo\nEssential: yes` has more than one line"
        );
    }
}
