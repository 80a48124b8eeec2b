//! The control file (deb-control(5)) and the values that a manifest may give for it.

use std::str::FromStr;

use super::{Deb, Dependency, Relation};
use crate::format::wrap::paragraphs;
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
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Deserialize,
    schemars::JsonSchema,
    serde::Serialize,
)]
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
    glibc: Option<&str>,
) -> String {
    let mut control = String::new();
    let mut field = |name: &str, value: &str| control += &format!("{name}: {value}\n");
    field("Package", &package.name);
    field("Version", version);
    field("Architecture", architecture);
    field("Maintainer", &package.maintainer.to_string());
    field("Installed-Size", &installed_kib.to_string());
    for (name, mut relations) in relations(deb) {
        if name == "Depends" {
            // Also beside a relation of the manifest: all of them have to hold.
            let written = relations.clone();
            relations.extend(glibc.filter(|glibc| !written.contains(glibc)));
        }
        // dpkg treats an empty field as an error.
        if !relations.is_empty() {
            field(name, &relations.join(", "));
        }
    }
    field("Section", deb.section.as_str());
    field("Priority", deb.priority.as_str());
    if let Some(homepage) = &package.homepage {
        field("Homepage", homepage);
    }
    field("Description", &synopsis(package));
    control += &match package.description.as_str() {
        // A package without a long description is an error to Debian's checker.
        "" => extended(&format!(
            "This package installs {}: {}.",
            package.name, package.summary
        )),
        description => extended(description),
    };
    control
}

/// The relations to other packages, in the order of Debian's own control files.
fn relations(deb: &Deb) -> [(&'static str, Vec<&str>); 9] {
    fn several(all: &[Dependency]) -> Vec<&str> {
        all.iter().map(Dependency::as_str).collect()
    }
    fn one(all: &[Relation]) -> Vec<&str> {
        all.iter().map(Relation::as_str).collect()
    }
    [
        ("Pre-Depends", several(&deb.pre_depends)),
        ("Depends", several(&deb.depends)),
        ("Recommends", several(&deb.recommends)),
        ("Suggests", several(&deb.suggests)),
        ("Enhances", one(&deb.enhances)),
        ("Breaks", one(&deb.breaks)),
        ("Conflicts", one(&deb.conflicts)),
        ("Replaces", one(&deb.replaces)),
        ("Provides", one(&deb.provides)),
    ]
}

/// The most characters of a synopsis.
const MAX_SYNOPSIS: usize = 80;

/// The summary as Debian wants it (Debian Developer's Reference, 6.2.2): it does not begin with the package's name, which
/// stands before it everywhere, or with an article, and it is short.
fn synopsis(package: &Package) -> String {
    let summary = package.summary.as_str();
    let without_name = strip_word(summary, &package.name).map(|rest| {
        let rest = rest.trim_start_matches([':', ',', '-', '–', '—', ' ']);
        strip_word(rest, "is").map_or(rest, str::trim_start)
    });
    let text = without_name.unwrap_or(summary);
    let articles = ["a", "an", "the"];
    let text = articles
        .iter()
        .find_map(|article| strip_word(text, article)?.strip_prefix(' '))
        .unwrap_or(text);
    let text = if text.trim().is_empty() {
        summary
    } else {
        text
    };
    let mut short = String::new();
    for word in text.split_whitespace() {
        if !short.is_empty() && short.chars().count() + 1 + word.chars().count() > MAX_SYNOPSIS {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short += word;
    }
    short.trim_end_matches([',', ';', ':', '.']).to_owned()
}

/// What follows a word at the start of a text, capitals aside.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    let ends =
        !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' && !rest.starts_with("- "));
    (start.eq_ignore_ascii_case(word) && ends).then_some(rest)
}

/// The long description (Debian Policy 5.6.13).
fn extended(description: &str) -> String {
    paragraphs(description, " ", " .\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::package;

    fn dependencies(texts: &[&str]) -> Vec<Dependency> {
        let value = |text: &&str| text.parse().expect("valid");
        texts.iter().map(value).collect()
    }

    #[test]
    fn a_static_program_depends_on_nothing() {
        let text = control(&Deb::default(), &package(), "amd64", "1.2.3-1", 42, None);
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
    fn a_synopsis_is_short_and_does_not_repeat_the_name() {
        let of = |summary: &str| {
            let mut package = package();
            package.summary = summary.parse().expect("a summary");
            synopsis(&package)
        };
        for (summary, expected) in [
            ("greets people", "greets people"),
            ("hello: greets people", "greets people"),
            ("Hello - a greeter", "greeter"),
            ("hello is a program that greets", "program that greets"),
            ("A program that greets", "program that greets"),
            ("another greeter", "another greeter"),
            ("hello-world greeter", "hello-world greeter"),
            ("hello", "hello"),
        ] {
            assert_eq!(of(summary), expected, "{summary}");
        }
        let long = of("word ".repeat(30).trim_end());
        assert_eq!(long, ["word"; 16].join(" "));
    }

    #[test]
    fn a_package_without_a_description_gets_one_for_debian() {
        let mut package = package();
        package.description = Default::default();
        let text = control(&Deb::default(), &package, "amd64", "1.2.3-1", 42, None);
        let expected =
            "\nDescription: greets people\n This package installs hello: greets people.\n";
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn relations_are_joined_by_commas() {
        let deb = Deb {
            depends: dependencies(&["libc6 (>= 2.36)", "ca-certificates | wget"]),
            ..Deb::default()
        };
        let text = control(&deb, &package(), "amd64", "1.2.3-1", 42, None);
        assert!(text.contains("\nDepends: libc6 (>= 2.36), ca-certificates | wget\n"));
    }

    #[test]
    fn a_program_for_glibc_depends_on_it_besides_what_is_written() {
        let of = |depends: &[&str]| {
            let deb = Deb {
                depends: dependencies(depends),
                ..Deb::default()
            };
            control(
                &deb,
                &package(),
                "amd64",
                "1.2.3-1",
                42,
                Some("libc6 (>= 2.28)"),
            )
        };
        assert!(of(&[]).contains("\nDepends: libc6 (>= 2.28)\n"));
        assert!(of(&["git"]).contains("\nDepends: git, libc6 (>= 2.28)\n"));
        assert!(of(&["libc6 (>= 2.28)"]).contains("\nDepends: libc6 (>= 2.28)\n"));
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
    }
}
