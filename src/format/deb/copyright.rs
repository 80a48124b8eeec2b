//! The copyright file, in Debian's machine-readable format 1.0.

use super::license::{License, translate};
use crate::model::date::year;
use crate::model::package::Package;

const FORMAT: &str = "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/";

/// A file with the text of a license.
#[derive(Clone, Debug)]
pub(super) struct LicenseText {
    /// The file's name, without folders.
    pub(super) name: String,
    /// Its content.
    pub(super) text: String,
}

/// A copyright file, and the texts that are not part of it.
pub(super) struct Copyright {
    pub(super) text: String,
    /// The indices of the texts that belong to no license of the expression.
    pub(super) unused: Vec<usize>,
}

/// Makes the copyright file of a package that is released at this date. `of_others` are the files of the package with the
/// licenses of what its programs are made of.
pub(super) fn copyright(
    package: &Package,
    texts: &[LicenseText],
    of_others: &[String],
    date: i64,
) -> Copyright {
    let expression = translate(&package.license);
    let mut unused: Vec<usize> = (0..texts.len()).collect();
    let mut paragraphs = vec![head(package, of_others)];
    paragraphs.push(format!(
        "Files: *\nCopyright: {}\nLicense: {}\n{}",
        holders(package, texts, year(date)).join("\n           "),
        expression.field,
        comment(&package.license),
    ));
    for license in &expression.licenses {
        let is_only_pair = texts.len() == 1 && expression.licenses.len() == 1;
        let own = |i: &usize| is_only_pair || license.is_text(&texts[*i].name, &texts[*i].text);
        // The same license can be there with its exception and without.
        let fits = |i: &usize| exception(&texts[*i].text).is_some() == license.has_exception();
        let found = (0..texts.len()).find(|i| own(i) && fits(i));
        let found = found.or_else(|| (0..texts.len()).find(own));
        unused.retain(|i| !own(i));
        let text = text(license, found.map(|i| texts[i].text.as_str()));
        paragraphs.push(format!("License: {}\n{text}", license.debian()));
    }
    Copyright {
        text: paragraphs.join("\n"),
        unused,
    }
}

fn head(package: &Package, of_others: &[String]) -> String {
    let mut head = format!(
        "Format: {FORMAT}\nUpstream-Name: {}\nUpstream-Contact: {}\n",
        package.name, package.maintainer
    );
    if let Some(source) = package.repository.as_ref().or(package.homepage.as_ref()) {
        head += &format!("Source: {source}\n");
    }
    if !of_others.is_empty() {
        head += "Comment: The programs contain software of others. Its licenses are in\n";
        head.extend(of_others.iter().map(|place| format!(" /{place}\n")));
    }
    head
}

/// If the translation loses information, the original expression is kept.
fn comment(spdx: &str) -> String {
    match spdx.contains('(') {
        true => format!("Comment: SPDX-License-Identifier: {spdx}\n"),
        false => String::new(),
    }
}

/// The text of a license, in the form of a field's continuation lines.
fn text(license: &License, found: Option<&str>) -> String {
    // Debian has its own copy of some, and its tools complain about a second one.
    let common = license.common().map(|common| {
        format!(
            " On Debian systems, the full text of this license is in\n /usr/share/common-licenses/{common}.\n"
        )
    });
    match (common, found) {
        (Some(common), _) if !license.has_exception() => common,
        (Some(common), Some(text)) => match exception(text) {
            Some(exception) => format!("{common} .\n{}", continuation(exception)),
            None => continuation(text),
        },
        (None, Some(text)) => continuation(text),
        (_, None) => format!(
            " The text of this license is at\n https://spdx.org/licenses/{}.html\n",
            license.spdx()
        ),
    }
}

/// The exception in a text that has the whole license before it: from its first line to the end.
fn exception(text: &str) -> Option<&str> {
    let (_, mut rest) = text.split_once("END OF TERMS AND CONDITIONS")?;
    while let Some((line, after)) = rest.split_once('\n') {
        if line.to_lowercase().contains("exception") {
            return Some(rest);
        }
        rest = after;
    }
    None
}

fn continuation(text: &str) -> String {
    let text = text.replace('\t', "    ");
    let line = |line: &str| match line.trim_end() {
        "" => " .\n".to_owned(),
        line => format!(" {line}\n"),
    };
    text.trim_matches(['\n', '\r']).lines().map(line).collect()
}

/// The holders named in the license texts, or else the maintainer. A notice needs a year; the default is that of the
/// release.
fn holders(package: &Package, texts: &[LicenseText], year: i64) -> Vec<String> {
    let mut holders: Vec<String> = Vec::new();
    for line in texts.iter().flat_map(|text| text.text.lines()) {
        if let Some(holder) = holder(line)
            && !holders.contains(&holder)
        {
            holders.push(holder);
        }
    }
    if holders.is_empty() {
        holders.push(package.maintainer.to_string());
    }
    for holder in &mut holders {
        if !holder.starts_with(|c: char| c.is_ascii_digit()) {
            *holder = format!("{year} {holder}");
        }
    }
    holders
}

/// The rest of a line such as `Copyright (c) 2026 Jo Doe`.
fn holder(line: &str) -> Option<String> {
    let rest = line.trim().strip_prefix("Copyright ")?.trim_start();
    let marked = ["(c)", "(C)", "©"]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark));
    let holder = marked.unwrap_or(rest).trim();
    let has_year = holder.starts_with(|c: char| c.is_ascii_digit());
    // Placeholders in templates, and the holder of a license's own text.
    let is_template = holder.contains("yyyy") || holder.contains("Free Software Foundation");
    let is_holder = (marked.is_some() || has_year) && !holder.is_empty() && !is_template;
    is_holder.then(|| holder.trim_end_matches(". All rights reserved.").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{DATE, package};

    fn text(name: &str, text: &str) -> LicenseText {
        LicenseText {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn each_license_has_a_paragraph() {
        let texts = [
            text(
                "LICENSE-APACHE",
                "Apache License\nVersion 2.0\nCopyright [yyyy] [name]\n",
            ),
            text(
                "LICENSE-MIT",
                "Copyright (c) 2026 Jo Doe\n\nPermission is hereby granted, free of charge, to any\nperson\n",
            ),
            text("NOTICE", "Thanks.\n"),
        ];
        let made = copyright(&package(), &texts, &[], DATE);
        assert_eq!(made.unused, [2]);
        assert_eq!(
            made.text,
            "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
             Upstream-Name: hello\n\
             Upstream-Contact: Jo Doe <jo@example.org>\n\
             Source: https://example.org/hello.git\n\
             \n\
             Files: *\n\
             Copyright: 2026 Jo Doe\n\
             License: Expat or Apache-2.0\n\
             \n\
             License: Expat\n \
             Copyright (c) 2026 Jo Doe\n \
             .\n \
             Permission is hereby granted, free of charge, to any\n \
             person\n\
             \n\
             License: Apache-2.0\n \
             On Debian systems, the full text of this license is in\n \
             /usr/share/common-licenses/Apache-2.0.\n"
        );
    }

    #[test]
    fn of_a_license_with_an_exception_only_the_exception_is_repeated() {
        let mut package = package();
        package.license = "Apache-2.0 OR Apache-2.0 WITH LLVM-exception"
            .parse()
            .expect("an expression");
        let license = "Apache License\nVersion 2.0\nEND OF TERMS AND CONDITIONS\nAPPENDIX\n";
        let both = format!("{license}\n--- LLVM Exceptions ---\n\nAs an exception, if\n");
        let texts = [text("LICENSE_A2", license), text("LICENSE_A2LLVM", &both)];
        let made = copyright(&package, &texts, &[], DATE);
        assert!(made.unused.is_empty());
        let common = "On Debian systems, the full text of this license is in\n /usr/share/common-licenses/Apache-2.0.\n";
        let (_, licenses) = made
            .text
            .split_once("License: Apache-2.0\n")
            .expect("first");
        assert_eq!(
            licenses,
            format!(
                " {common}\nLicense: Apache-2.0 with LLVM-exception exception\n {common} .\n --- LLVM Exceptions ---\n .\n \
                 As an exception, if\n"
            )
        );
    }

    #[test]
    fn without_texts_the_maintainer_holds_the_copyright() {
        let made = copyright(&package(), &[], &[], DATE);
        assert!(
            made.text
                .contains("\nCopyright: 2026 Jo Doe <jo@example.org>\n")
        );
        assert!(
            made.text
                .contains("\nLicense: Expat\n The text of this license is at\n")
        );
    }

    #[test]
    fn the_licenses_of_others_are_mentioned_where_they_are() {
        let place = "usr/share/doc/hello/THIRD-PARTY-LICENSES".to_owned();
        let made = copyright(&package(), &[], &[place], DATE);
        let expected = "Source: https://example.org/hello.git\n\
                        Comment: The programs contain software of others. Its licenses are in\n \
                        /usr/share/doc/hello/THIRD-PARTY-LICENSES\n\nFiles: *\n";
        assert!(made.text.contains(expected), "{}", made.text);
    }

    #[test]
    fn a_sentence_about_copyright_names_no_holder() {
        assert_eq!(holder("Copyright notices must be kept."), None);
        assert_eq!(holder("copyright license to reproduce"), None);
        assert_eq!(
            holder("  Copyright 2020-2026 A and B"),
            Some("2020-2026 A and B".to_owned())
        );
    }
}
