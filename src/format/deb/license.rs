//! License expressions and texts in the terms of Debian's copyright format.

/// A license that Debian knows.
struct Known {
    /// The identifier of the SPDX list.
    spdx: &'static str,
    /// The short name of the copyright format, version 1.0.
    debian: &'static str,
    /// The file in `/usr/share/common-licenses`, or `None` if Debian has no copy of the text.
    common: &'static str,
    /// Words that only this license's text contains, ignoring white space.
    mark: &'static str,
}

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    Known { spdx: "0BSD", debian: "0BSD", common: "", mark: "" },
    Known { spdx: "AGPL-3.0-only", debian: "AGPL-3", common: "", mark: "GNU AFFERO GENERAL PUBLIC LICENSE Version 3" },
    Known { spdx: "AGPL-3.0-or-later", debian: "AGPL-3+", common: "", mark: "GNU AFFERO GENERAL PUBLIC LICENSE Version 3" },
    Known { spdx: "Apache-2.0", debian: "Apache-2.0", common: "Apache-2.0", mark: "Apache License Version 2.0" },
    Known { spdx: "BSD-2-Clause", debian: "BSD-2-clause", common: "", mark: "" },
    Known { spdx: "BSD-3-Clause", debian: "BSD-3-clause", common: "", mark: "Neither the name of" },
    Known { spdx: "BSL-1.0", debian: "BSL-1.0", common: "", mark: "Boost Software License" },
    Known { spdx: "CC0-1.0", debian: "CC0-1.0", common: "CC0-1.0", mark: "CC0 1.0 Universal" },
    Known { spdx: "GPL-2.0-only", debian: "GPL-2", common: "GPL-2", mark: "GNU GENERAL PUBLIC LICENSE Version 2" },
    Known { spdx: "GPL-2.0-or-later", debian: "GPL-2+", common: "GPL-2", mark: "GNU GENERAL PUBLIC LICENSE Version 2" },
    Known { spdx: "GPL-3.0-only", debian: "GPL-3", common: "GPL-3", mark: "GNU GENERAL PUBLIC LICENSE Version 3" },
    Known { spdx: "GPL-3.0-or-later", debian: "GPL-3+", common: "GPL-3", mark: "GNU GENERAL PUBLIC LICENSE Version 3" },
    Known { spdx: "ISC", debian: "ISC", common: "", mark: "Permission to use, copy, modify, and/or distribute" },
    Known { spdx: "LGPL-2.1-only", debian: "LGPL-2.1", common: "LGPL-2.1", mark: "GNU LESSER GENERAL PUBLIC LICENSE Version 2.1" },
    Known { spdx: "LGPL-2.1-or-later", debian: "LGPL-2.1+", common: "LGPL-2.1", mark: "GNU LESSER GENERAL PUBLIC LICENSE Version 2.1" },
    Known { spdx: "LGPL-3.0-only", debian: "LGPL-3", common: "LGPL-3", mark: "GNU LESSER GENERAL PUBLIC LICENSE Version 3" },
    Known { spdx: "LGPL-3.0-or-later", debian: "LGPL-3+", common: "LGPL-3", mark: "GNU LESSER GENERAL PUBLIC LICENSE Version 3" },
    Known { spdx: "MIT", debian: "Expat", common: "", mark: "Permission is hereby granted, free of charge, to any person" },
    Known { spdx: "MPL-1.1", debian: "MPL-1.1", common: "MPL-1.1", mark: "MOZILLA PUBLIC LICENSE Version 1.1" },
    Known { spdx: "MPL-2.0", debian: "MPL-2.0", common: "MPL-2.0", mark: "Mozilla Public License Version 2.0" },
    Known { spdx: "Unlicense", debian: "Unlicense", common: "", mark: "This is free and unencumbered software" },
    Known { spdx: "Zlib", debian: "Zlib", common: "", mark: "This software is provided 'as-is', without any express" },
];

/// One license of an expression, optionally with an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct License {
    /// The identifier of the SPDX list, without the exception.
    spdx: String,
    exception: Option<String>,
}

impl License {
    fn known(&self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.spdx == self.spdx)
    }

    /// The SPDX identifier.
    pub(super) fn spdx(&self) -> &str {
        &self.spdx
    }

    /// The name in a copyright file.
    pub(super) fn debian(&self) -> String {
        let name = self
            .known()
            .map_or(self.spdx.as_str(), |known| known.debian);
        match &self.exception {
            Some(exception) => format!("{name} with {exception} exception"),
            None => name.to_owned(),
        }
    }

    /// Whether it has an exception.
    pub(super) fn has_exception(&self) -> bool {
        self.exception.is_some()
    }

    /// The file in `/usr/share/common-licenses` that has the text, without an exception.
    pub(super) fn common(&self) -> Option<&'static str> {
        let known = self.known()?;
        (!known.common.is_empty()).then_some(known.common)
    }

    /// Whether a file of this name and text is about this license.
    pub(super) fn is_text(&self, name: &str, text: &str) -> bool {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mark = self.known().map_or("", |known| known.mark);
        let has_mark =
            !mark.is_empty() && words(text).to_lowercase().contains(&mark.to_lowercase());
        // `LICENSE-BSD-3-Clause`, `LICENSE.0BSD` and the like.
        has_mark || name.to_lowercase().contains(&self.spdx.to_lowercase())
    }
}

/// An SPDX expression in the notation of a copyright file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// The licenses, each once.
    pub(super) licenses: Vec<License>,
    /// The value of the field `License`.
    pub(super) field: String,
}

/// Translates an expression. `and` binds closer than `or` in both notations; if parentheses change that, Debian
/// writes a comma before the weaker operator.
pub(super) fn translate(spdx: &str) -> Expression {
    let spaced = spdx.replace('(', " ( ").replace(')', " ) ");
    let has_parentheses = spdx.contains('(');
    let mut words = spaced.split_whitespace().peekable();
    let (mut licenses, mut field, mut depth) = (Vec::new(), String::new(), 0usize);
    while let Some(word) = words.next() {
        match word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "AND" | "OR" => {
                let comma = if has_parentheses && depth == 0 {
                    ","
                } else {
                    ""
                };
                field += &format!("{comma} {} ", word.to_lowercase());
            }
            spdx => {
                let exception = words
                    .next_if_eq(&"WITH")
                    .and_then(|_| words.next())
                    .map(str::to_owned);
                let license = License {
                    spdx: spdx.to_owned(),
                    exception,
                };
                field += &license.debian();
                if !licenses.contains(&license) {
                    licenses.push(license);
                }
            }
        }
    }
    Expression { licenses, field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_written_as_debian_does() {
        for (spdx, debian) in [
            ("MIT", "Expat"),
            ("MIT OR Apache-2.0", "Expat or Apache-2.0"),
            ("GPL-3.0-or-later", "GPL-3+"),
            (
                "(MIT OR Apache-2.0) AND Unicode-3.0",
                "Expat or Apache-2.0, and Unicode-3.0",
            ),
            (
                "GPL-2.0-only WITH Classpath-exception-2.0",
                "GPL-2 with Classpath-exception-2.0 exception",
            ),
        ] {
            assert_eq!(translate(spdx).field, debian);
        }
    }

    #[test]
    fn a_license_stands_once_in_the_list() {
        let licenses = translate("(MIT OR Apache-2.0) AND MIT").licenses;
        let names: Vec<_> = licenses.iter().map(License::spdx).collect();
        assert_eq!(names, ["MIT", "Apache-2.0"]);
    }

    #[test]
    fn texts_are_known_by_their_words_or_name() {
        let license = |spdx: &str| translate(spdx).licenses.remove(0);
        let apache = "   Apache License\n   Version 2.0, January 2004\n";
        assert!(license("Apache-2.0").is_text("COPYING", apache));
        assert!(!license("MIT").is_text("LICENSE-APACHE", apache));
        assert!(license("0BSD").is_text("LICENSE-0BSD", "Permission"));
    }

    #[test]
    fn an_exception_leaves_the_common_license() {
        let license = |spdx: &str| translate(spdx).licenses.remove(0);
        let facts = |spdx| (license(spdx).common(), license(spdx).has_exception());
        assert_eq!(facts("GPL-2.0-only"), (Some("GPL-2"), false));
        assert_eq!(facts("GPL-2.0-only WITH X"), (Some("GPL-2"), true));
    }

    #[test]
    fn the_table_is_sorted_and_has_no_duplicates() {
        assert!(KNOWN.windows(2).all(|pair| pair[0].spdx < pair[1].spdx));
    }
}
