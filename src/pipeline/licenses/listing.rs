//! The file: what is linked, and after that each text once.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Licensed;
use super::texts::Text;
use crate::model::license::words;
use crate::model::target::{Libc, Target};

/// What follows the copyright notice under the MIT license.
const MIT: &str = include_str!("mit.txt");

/// What of the toolchain is linked into every program, or into those for targets with a C library.
struct Standard {
    name: &'static str,
    license: &'static str,
    authors: &'static str,
    repository: &'static str,
    notice: &'static str,
    libc: Option<Libc>,
}

const STANDARD: [Standard; 2] = [
    Standard {
        name: "The Rust standard library",
        license: "MIT OR Apache-2.0",
        authors: "The Rust Project Developers",
        repository: "https://github.com/rust-lang/rust",
        notice: "Copyright (c) The Rust Project Contributors",
        libc: None,
    },
    Standard {
        name: "musl, the C library",
        license: "MIT",
        authors: "Rich Felker and others",
        repository: "https://git.musl-libc.org/cgit/musl",
        notice: "Copyright \u{a9} 2005-2020 Rich Felker, et al.",
        libc: Some(Libc::Musl),
    },
];

/// The licenses whose texts name no holder, by how they begin: that of one crate is that of all.
const COMMON: [(&str, &str); 5] = [
    ("Apache-2.0", "Apache License Version 2.0, January 2004"),
    ("BSL-1.0", "Boost Software License - Version 1.0"),
    ("CC0-1.0", "Creative Commons Legal Code CC0 1.0 Universal"),
    ("MPL-2.0", "Mozilla Public License Version 2.0"),
    (
        "Unlicense",
        "This is free and unencumbered software released into the public domain.",
    ),
];

const WIDTH: usize = 78;

/// Writes the file of a package for a target. The crates are sorted.
pub(super) fn text(package: &str, target: Target, crates: &[Licensed]) -> String {
    let mut list = Listing::default();
    for each in crates {
        for text in &each.texts {
            list.add(text, &title(each));
        }
    }
    let mut out = format!(
        "Third-party licenses of {package}\n\n\
         The programs of {package} contain the software below. Each part is under the\n\
         license that its authors chose, whose text follows the list.\n\n{}\n",
        "=".repeat(WIDTH)
    );
    for each in crates {
        let of = &each.of;
        let texts = list.texts_of(each);
        let license = of.license.as_deref().unwrap_or(match &texts {
            Some(_) => "see the texts",
            None => "none",
        });
        let texts = texts.unwrap_or_else(|| list.without_text(of.license.as_deref()));
        out += &paragraph(
            &title(each),
            &[
                ("License", license),
                ("Authors", &of.authors.join(", ")),
                ("Repository", of.repository.as_deref().unwrap_or_default()),
                ("Texts", &texts),
            ],
        );
    }
    for part in STANDARD {
        if part.libc.is_none() || part.libc == target.libc {
            let text = Text {
                path: String::new(),
                text: format!("{}\n\n{}", part.notice, MIT.trim_end()),
            };
            list.add(&text, part.name);
            out += &paragraph(
                part.name,
                &[
                    ("License", part.license),
                    ("Authors", part.authors),
                    ("Repository", part.repository),
                    ("Texts", &list.number(&text).to_string()),
                ],
            );
        }
    }
    out + &list.texts()
}

fn title(each: &Licensed) -> String {
    format!("{} {}", each.of.name, each.of.version)
}

/// A part of the list. Values may have come from anywhere: each stays in its line.
fn paragraph(title: &str, fields: &[(&str, &str)]) -> String {
    let mut text = format!("\n{title}\n");
    for (name, value) in fields {
        let value: Vec<_> = value.split_whitespace().collect();
        if !value.is_empty() {
            let name = format!("{name}:");
            writeln!(text, "    {name:11} {}", value.join(" ")).expect("a string takes all text");
        }
    }
    text
}

/// The different texts, in the order of their first use.
#[derive(Default)]
struct Listing {
    texts: Vec<Used>,
    /// Numbers of texts, by their words: another line width makes no other text.
    numbers: BTreeMap<String, usize>,
}

struct Used {
    text: String,
    by: Vec<String>,
}

impl Listing {
    fn add(&mut self, text: &Text, user: &str) {
        let next = self.texts.len();
        let index = *self.numbers.entry(key(&text.text)).or_insert(next);
        if index == next {
            self.texts.push(Used {
                text: text.text.clone(),
                by: Vec::new(),
            });
        }
        let user = match text.path.as_str() {
            "" => user.to_owned(),
            path => format!("{user} ({path})"),
        };
        self.texts[index].by.push(user);
    }

    /// The number of a text that was added; the first has 1.
    fn number(&self, text: &Text) -> usize {
        self.numbers[&key(&text.text)] + 1
    }

    /// The numbers of a crate's texts; `None` if it has none.
    fn texts_of(&self, each: &Licensed) -> Option<String> {
        let mut numbers: Vec<_> = each.texts.iter().map(|text| self.number(text)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        (!numbers.is_empty()).then(|| numbers.join(", "))
    }

    /// What is said in place of a crate's texts, with those of other crates that are the same for everybody.
    fn without_text(&self, license: Option<&str>) -> String {
        let begins = |index: &&usize, begin: &str| {
            key(&self.texts[**index].text)
                .to_lowercase()
                .starts_with(&begin.to_lowercase())
        };
        let of_word = |word: &str| {
            let (name, begin) = COMMON.iter().find(|(name, _)| *name == word)?;
            let index = self.numbers.values().filter(|i| begins(i, begin)).min()?;
            Some(format!("{name} is {}", index + 1))
        };
        let common: Vec<_> = words(license.unwrap_or_default())
            .filter_map(of_word)
            .collect();
        match common.as_slice() {
            [] => "the crate has none".to_owned(),
            common => format!("the crate has none; {}", common.join(", ")),
        }
    }

    fn texts(&self) -> String {
        let mut out = String::new();
        for (index, Used { text, by }) in self.texts.iter().enumerate() {
            let line = "=".repeat(WIDTH);
            write!(
                out,
                "\n{line}\nText {}, of\n    {}\n{line}\n\n{text}\n",
                index + 1,
                by.join("\n    ")
            )
            .expect("a string takes all text");
        }
        out
    }
}

/// The words of a text, which are the same in lines of another width.
fn key(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::pipeline::crates::Crate;

    fn krate(name: &str, license: Option<&str>, texts: &[(&str, &str)]) -> Licensed {
        let text = |(path, text): &(&str, &str)| Text {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Licensed {
            of: Crate {
                name: name.to_owned(),
                version: "1.2.3".to_owned(),
                license: license.map(str::to_owned),
                authors: vec!["A\n One <a@example.org>".to_owned(), "B".to_owned()],
                repository: None,
                license_file: None,
                directory: PathBuf::new(),
                source: None,
                is_own: false,
            },
            texts: texts.iter().map(text).collect(),
        }
    }

    fn of(triple: &str, crates: &[Licensed]) -> String {
        text("hello", triple.parse().expect("known"), crates)
    }

    #[test]
    fn a_text_stands_once_with_all_that_use_it() {
        let apache = "  Apache License\nVersion 2.0, January 2004\nterms";
        let crates = [
            krate(
                "a",
                Some("Apache-2.0 OR MIT"),
                &[("LICENSE-APACHE", apache), ("LICENSE-MIT", "of a")],
            ),
            krate(
                "b",
                Some("MIT/Apache-2.0"),
                &[("LICENSE", "Apache License Version 2.0, January 2004 terms")],
            ),
            krate("c", Some("Apache-2.0 OR MIT"), &[]),
            krate("d", Some("MIT"), &[]),
            krate("e", None, &[("terms", "of e")]),
            krate("f", None, &[]),
        ];
        let text = of("x86_64-pc-windows-gnullvm", &crates);
        let (list, texts) = text.split_once("\nText 1").expect("there is a first text");
        let expected = "\
a 1.2.3
    License:    Apache-2.0 OR MIT
    Authors:    A One <a@example.org>, B
    Texts:      1, 2

b 1.2.3
    License:    MIT/Apache-2.0
    Authors:    A One <a@example.org>, B
    Texts:      1

c 1.2.3
    License:    Apache-2.0 OR MIT
    Authors:    A One <a@example.org>, B
    Texts:      the crate has none; Apache-2.0 is 1

d 1.2.3
    License:    MIT
    Authors:    A One <a@example.org>, B
    Texts:      the crate has none

e 1.2.3
    License:    see the texts
    Authors:    A One <a@example.org>, B
    Texts:      3

f 1.2.3
    License:    none
    Authors:    A One <a@example.org>, B
    Texts:      the crate has none

The Rust standard library
";
        assert!(list.contains(expected), "{list}");
        let users = "    a 1.2.3 (LICENSE-APACHE)\n    b 1.2.3 (LICENSE)\n";
        assert!(texts.contains(users), "{texts}");
        assert_eq!(texts.matches("January 2004").count(), 1);
        assert_eq!(texts.matches("Text ").count(), 3);
    }

    #[test]
    fn what_the_toolchain_links_is_named_with_its_notice() {
        let windows = of("x86_64-pc-windows-gnullvm", &[]);
        assert!(windows.contains("Copyright (c) The Rust Project Contributors\n\nPermission is"));
        assert!(!windows.contains("musl"));
        let glibc = of("x86_64-unknown-linux-gnu", &[]);
        assert_eq!(glibc, windows);
        let musl = of("x86_64-unknown-linux-musl", &[]);
        assert!(musl.contains("\nmusl, the C library\n    License:    MIT\n"));
        assert!(musl.contains("Rich Felker, et al.\n\nPermission is"));
    }
}
