//! CodeResources: the hashes of a bundle's files, which the signature of its main program covers.
//!
//! The form is that of `codesign` since macOS 10.9.5 (Technical Note TN2206): `rules2` tell how files are treated, and
//! `files2` has each of them. The older `rules` and `files`, with SHA-1, are read by no macOS that the programs run on.

use crate::container::hfsplus::decomposed;
use crate::format::FormatError;
use crate::model::plist::Plist;
use crate::model::tree::{Content, TreeFile};
use crate::program::macho::{self, MachError};

/// The rules that `codesign` writes for every bundle: a pattern, a flag, and which pattern counts where several match.
const RULES: &[(&str, Option<&str>, u32)] = &[
    (r".*\.dSYM($|/)", None, 11),
    (r"^(.*/)?\.DS_Store$", Some("omit"), 2000),
    (NESTED, Some("nested"), 10),
    ("^.*", None, 1),
    (r"^Info\.plist$", Some("omit"), 20),
    ("^PkgInfo$", Some("omit"), 20),
    ("^Resources/", None, 20),
    (r"^Resources/.*\.lproj/", Some("optional"), 1000),
    (
        r"^Resources/.*\.lproj/locversion.plist$",
        Some("omit"),
        1100,
    ),
    (r"^Resources/Base\.lproj/", None, 1010),
    ("^[^/]+$", Some("nested"), 10),
    (r"^embedded\.provisionprofile$", None, 20),
    (r"^version\.plist$", None, 20),
];
const NESTED: &str = "^(Frameworks|SharedFrameworks|PlugIns|Plug-ins|XPCServices|Helpers|MacOS|Library/(Automator|Spotlight|LoginItems))/";

/// How a file is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Treatment {
    /// Its hash counts.
    Whole,
    /// It may be missing, as a translation that the user does not want.
    Optional,
    /// It has a signature of its own.
    Nested,
    /// It is not sealed.
    Omitted,
}

/// What the rules say of a path below `Contents`, as far as this format puts files there.
fn treatment(path: &str) -> Treatment {
    if path == ".DS_Store" || path.ends_with("/.DS_Store") || path == "Info.plist" {
        return Treatment::Omitted;
    }
    let Some(resource) = path.strip_prefix("Resources/") else {
        return Treatment::Nested;
    };
    match resource.rfind(".lproj/") {
        Some(end) if &resource[end..] == ".lproj/locversion.plist" => Treatment::Omitted,
        _ if resource.starts_with("Base.lproj/") => Treatment::Whole,
        Some(_) => Treatment::Optional,
        None => Treatment::Whole,
    }
}

/// CodeResources of files whose paths are below `Contents`, without the main program.
pub(super) fn code_resources<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a TreeFile)>,
) -> Result<String, FormatError> {
    let mut sealed = Vec::new();
    for (path, file) in files {
        if let Some(value) = sealed_value(file, treatment(path))? {
            // As the names are in the volume.
            sealed.push((decomposed(path), value));
        }
    }
    sealed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let rules = RULES.iter().map(|(pattern, flag, weight)| {
        let flags = flag.map(|flag| (flag, Plist::Flag(true)));
        let weights = (*weight != 1).then_some(("weight", Plist::Real(*weight)));
        let rule = match (&flags, &weights) {
            (None, None) => Plist::Flag(true),
            _ => Plist::dictionary(flags.into_iter().chain(weights)),
        };
        (*pattern, rule)
    });
    let list = Plist::dictionary([
        ("files2", Plist::Dictionary(sealed)),
        ("rules2", Plist::dictionary(rules)),
    ]);
    Ok(list.to_xml())
}

fn sealed_value(file: &TreeFile, treatment: Treatment) -> Result<Option<Plist>, FormatError> {
    let optional = ("optional", Plist::Flag(true));
    let optional = (treatment == Treatment::Optional).then_some(optional);
    let value = match (&file.content, treatment) {
        (_, Treatment::Omitted) => return Ok(None),
        (Content::Symlink(target), _) => ("symlink", Plist::text(target)),
        (_, Treatment::Nested) => return nested(file).map(Some),
        _ => ("hash2", Plist::Data(file.sha256()?.0.to_vec())),
    };
    Ok(Some(Plist::dictionary([value].into_iter().chain(optional))))
}

/// Signed code, by the hashes of its signature: one for each machine.
fn nested(file: &TreeFile) -> Result<Plist, FormatError> {
    let refuse = |error: MachError| FormatError::Invalid(format!("`/{}`: {error}", file.path));
    let hashes = macho::code_hashes(&file.bytes()?).map_err(refuse)?;
    let hex = |hash: &[u8]| -> String { hash.iter().map(|byte| format!("{byte:02x}")).collect() };
    let requirements = hashes
        .iter()
        .map(|hash| format!("cdhash H\"{}\"", hex(hash)));
    let requirement = requirements.collect::<Vec<_>>().join(" or ");
    let first = hashes.first().map(|hash| hash.to_vec());
    Ok(Plist::dictionary([
        ("cdhash", Plist::Data(first.unwrap_or_default())),
        ("requirement", Plist::text(requirement)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{file, link};
    use crate::model::tree::Kind;

    #[test]
    fn the_rules_are_followed() {
        use Treatment::{Nested, Omitted, Optional, Whole};
        for (path, expected) in [
            ("Info.plist", Omitted),
            ("MacOS/tool", Nested),
            ("Resources/.DS_Store", Omitted),
            ("Resources/a.DS_Store", Whole),
            ("Resources/Base.lproj/a", Whole),
            ("Resources/de.lproj/a", Optional),
            ("Resources/de.lproj/locversion.plist", Omitted),
            ("Resources/hello.icns", Whole),
            ("Resources/x/de.lproj/a", Optional),
        ] {
            assert_eq!(treatment(path), expected, "{path}");
        }
    }

    #[test]
    fn files_links_and_translations_are_sealed_under_the_names_that_they_have_in_the_volume() {
        let files = [
            file("Resources/caf\u{e9}", Kind::Data, "hello"),
            link("MacOS/hi", Kind::Binary, "hello"),
            file("Resources/de.lproj/x", Kind::Data, ""),
            file("Info.plist", Kind::Data, ""),
        ];
        let xml = code_resources(files.iter().map(|file| (file.path.as_str(), file)))
            .expect("no program");
        assert!(xml.contains("<key>Resources/cafe\u{301}</key>"), "{xml}");
        assert!(
            xml.contains("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
            "{xml}"
        );
        assert!(
            xml.contains("<key>symlink</key>\n\t\t\t<string>hello</string>"),
            "{xml}"
        );
        assert_eq!(xml.matches("<key>optional</key>").count(), 2, "{xml}");
        assert!(!xml.contains("<key>Info.plist</key>"), "{xml}");
    }

    #[test]
    fn what_is_no_program_is_not_sealed_as_one() {
        let script = file("MacOS/x", Kind::Binary, "#!/bin/sh\n");
        let error = code_resources([("MacOS/x", &script)]).expect_err("a script");
        assert_eq!(error.to_string(), "`/MacOS/x`: not a Mach-O program");
    }
}
