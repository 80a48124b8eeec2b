//! `sealift.toml` as written. [`crate::project`] resolves it.

pub mod build;
pub mod cargo;
pub mod desktop;
pub mod destination;
pub mod environment;
pub mod glob;
pub mod json_schema;
pub mod located;
pub mod tool;
pub mod values;
pub mod windows;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use crate::format::{self, Registration};
use crate::gate;
use crate::model::hint::{Hint, did_you_mean};
use crate::model::license::License;
use crate::model::line::{Line, Paragraphs, Summary};
use crate::model::name::PackageName;
use crate::model::path::RelativePath;
use crate::model::person::Person;
use crate::model::schema::Schema;
use crate::model::systemd::Systemd;
use crate::model::text::split_advice;
use crate::model::tree::Kind;
use build::Build;
use desktop::{Icons, Metainfo};
use located::{Located, ReadError, Source};
use values::{Command, GenerateOutput, Mode, Origin, Version};
use windows::Windows;

/// A manifest as written: every value is valid by itself, and no defaults are filled in.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file, for errors about its values.
    pub source: Source,
    /// All tables except those of the formats.
    pub general: General,
    /// The formats' tables.
    pub tables: format::Tables,
}

/// A list of words, with the places of the list and of each word.
pub type Words = Spanned<Vec<Spanned<String>>>;

/// The part of a manifest that does not belong to a format.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct General {
    /// The version of the format of this file.
    #[serde(default)]
    pub schema: Schema,
    /// Metadata; what is missing here comes from `Cargo.toml`.
    #[serde(default)]
    pub package: PackageTable,
    /// Triples of the platforms to release for.
    #[schemars(schema_with = "json_schema::targets")]
    pub targets: Words,
    /// Names of the formats to write.
    #[schemars(schema_with = "json_schema::formats")]
    pub formats: Words,
    /// Formats in place of `formats`, by target or operating system.
    #[serde(default)]
    #[schemars(schema_with = "json_schema::formats_for")]
    pub formats_for: BTreeMap<Spanned<String>, Words>,
    /// How the programs are compiled.
    #[serde(default)]
    pub build: Build,
    /// The resources of Windows programs.
    #[serde(default)]
    pub windows: Windows,
    /// The AppStream file that is made for a project with a desktop entry.
    #[serde(default)]
    pub metainfo: Metainfo,
    /// The sizes of icons.
    #[serde(default)]
    pub icons: Icons,
    /// What becomes of systemd units when packages are installed.
    #[serde(default)]
    pub systemd: Systemd,
    /// The contents of the packages.
    #[serde(default)]
    pub files: Vec<FileRule>,
    /// Files that the built program generates.
    #[serde(default)]
    pub generate: Vec<GenerateRule>,
    /// Limits that the gates hold a release to.
    #[serde(default)]
    pub gates: gate::GateLimits,
}

/// The keys of [`General`], for the list of known keys.
const GENERAL_KEYS: [&str; 13] = [
    "build",
    "files",
    "formats",
    "formats-for",
    "gates",
    "generate",
    "icons",
    "metainfo",
    "package",
    "schema",
    "systemd",
    "targets",
    "windows",
];

/// Metadata; what is missing here comes from Cargo.toml.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PackageTable {
    /// The package's name.
    pub name: Option<PackageName>,
    /// The version, as Semantic Versioning 2.0.0 writes it.
    pub version: Option<Version>,
    /// One line about the program.
    pub summary: Option<Summary>,
    /// Paragraphs, separated by blank lines.
    pub description: Option<Paragraphs>,
    /// An SPDX license expression.
    pub license: Option<License>,
    /// Who answers for the package: `Name <address@example.org>`.
    pub maintainer: Option<Person>,
    /// The project's page.
    pub homepage: Option<Line>,
    /// The source repository's address.
    pub repository: Option<Line>,
}

/// Files that go into the packages.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRule {
    /// Their purpose.
    pub kind: Kind,
    /// A file, a directory with everything below it if the path ends with `/`, or a pattern such as `docs/**/*.md`.
    #[schemars(with = "Origin")]
    pub source: Spanned<Origin>,
    /// Where they are installed; by default at the path of their kind.
    pub destination: Option<RelativePath>,
    /// Permission bits; by default 0755 for binaries and 0644 for other files.
    pub mode: Option<Mode>,
    /// The targets or systems whose packages contain them; by default those that the kind is for.
    #[serde(default)]
    #[schemars(schema_with = "json_schema::selectors")]
    pub targets: Option<Words>,
}

/// What the built program generates.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerateRule {
    /// The program in the build directory, such as `bin/hello`, and its arguments.
    pub command: Command,
    /// The file that gets its standard output, or, with a trailing `/`, the directory that the command fills: its path takes
    /// the place of `{out}` in the arguments. `[[files]]` entries ship the files.
    #[schemars(with = "GenerateOutput")]
    pub output: Spanned<GenerateOutput>,
}

/// Why a manifest was refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something in it is wrong.
    #[error(transparent)]
    Invalid(#[from] Box<Located>),
}

impl Hint for ManifestError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Read(_) => None,
            Self::Invalid(located) => located.hint(),
        }
    }
}

impl Manifest {
    /// Reads and parses a manifest. `formats` are the formats that may have a table.
    pub fn read(path: &Path, formats: &[Registration]) -> Result<Self, ManifestError> {
        Ok(Self::parse(Source::read(path)?, formats)?)
    }

    /// Parses a manifest.
    pub fn parse(source: Source, formats: &[Registration]) -> Result<Self, Box<Located>> {
        let located = |error: toml::de::Error| toml_error(&source, &error);
        let mut root = DeTable::parse(&source.text).map_err(located)?;
        let span = root.span();
        let mut tables = DeTable::new();
        let keys: Vec<_> = root.get_ref().keys().cloned().collect();
        for key in keys {
            let name = key.get_ref().as_ref();
            if formats.iter().any(|format| format.name == name) {
                tables.extend(root.get_mut().remove_entry(&key));
            } else if !GENERAL_KEYS.contains(&name) {
                return Err(unknown_key(&source, &key, formats));
            }
        }
        let general = General::deserialize(toml::Deserializer::from(root)).map_err(located)?;
        let tables = toml::Deserializer::from(Spanned::new(span, tables));
        let tables = format::Tables::deserialize(tables).map_err(located)?;
        Ok(Self {
            source,
            general,
            tables,
        })
    }
}

/// Adds the place to an error of the TOML parser.
pub fn toml_error(source: &Source, error: &toml::de::Error) -> Box<Located> {
    let (message, advice) = split_advice(error.message());
    let located = source.error_at(error.span().unwrap_or(0..0), message);
    match advice.map(str::to_owned).or_else(|| meant(message)) {
        Some(hint) => located.with_hint(hint),
        None => located,
    }
}

/// Words that had another spelling in an earlier version: the old spelling and the current one.
const RENAMED: [(&str, &str); 1] = [("licence", "license")];

/// A hint at the intended word, from serde's message about an unknown one, which quotes that word first and then the
/// known ones.
fn meant(message: &str) -> Option<String> {
    let mut quoted = message
        .strip_prefix("unknown ")?
        .split('`')
        .skip(1)
        .step_by(2);
    let found = quoted.next()?;
    match RENAMED.into_iter().find(|(old, _)| *old == found) {
        Some((old, new)) => Some(format!("`{old}` is spelled `{new}`")),
        None => did_you_mean(found, quoted),
    }
}

fn unknown_key(
    source: &Source,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    formats: &[Registration],
) -> Box<Located> {
    let names = formats.iter().map(|format| format.name);
    let mut known: Vec<_> = GENERAL_KEYS.into_iter().chain(names).collect();
    known.sort_unstable();
    let message = format!(
        "unknown field `{}`, expected one of `{}`",
        key.get_ref(),
        known.join("`, `")
    );
    let located = source.error_at(key.span(), message);
    match did_you_mean(key.get_ref(), known) {
        Some(hint) => located.with_hint(hint),
        None => located,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FORMATS, TestProject, with_hint};

    fn error(text: &str) -> String {
        let source = Source {
            path: "sealift.toml".into(),
            text: text.to_owned(),
        };
        let error = Manifest::parse(source, FORMATS).expect_err("it is wrong");
        with_hint(&*error)
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        assert_eq!(
            error("targets = []\nformat = []\n"),
            "sealift.toml:2:1: unknown field `format`, expected one of `build`, `files`, `formats`, \
             `formats-for`, `full`, `gates`, `generate`, `icons`, `metainfo`, `nowhere`, `package`, `plain`, `schema`, `systemd`, `targets`, `twin`, `windows`\n  2 | format = []\n    | ^^^^^^\nhint: did you mean `formats`?"
        );
    }

    #[test]
    fn an_unknown_key_of_a_table_is_refused_with_the_known_ones() {
        let text =
            "targets = []\nformats = []\n[[files]]\nkind = 'doc'\nsource = 'x'\ndest = 'y'\n";
        assert_eq!(
            error(text),
            "sealift.toml:6:1: unknown field `dest`, expected one of `kind`, `source`, `destination`, `mode`, \
             `targets`\n  6 | dest = 'y'\n    | ^^^^"
        );
    }

    #[test]
    fn an_unknown_key_of_a_gate_is_refused() {
        let message = error("targets = []\nformats = []\n[gates.size]\nlimit = 5\n");
        let expected = "sealift.toml:4:1: unknown field `limit`, expected one of `artifact-limit-bytes`, `total-limit-bytes`, ";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_tool_that_no_universe_has_is_refused_with_those_that_there_are() {
        let message = error("targets = []\nformats = []\n[build]\ntools = ['cmake', 'ninja']\n");
        let expected = "sealift.toml:4:19: unknown variant `ninja`, expected one of `cmake`, `libclang`, `make`, `nasm`, `perl`, \
                        `pkg-config`, `protobuf`\n";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_variable_that_is_not_for_a_project_to_set_is_refused_with_its_place() {
        let message =
            error("targets = []\nformats = []\n[build.environment]\nA = 'b'\nPATH = '/bin'\n");
        let expected = "sealift.toml:5:1: environment variable `PATH` belongs to the sandbox that builds run in; expected ";
        assert!(message.starts_with(expected), "{message}");
        let message =
            error("targets = []\nformats = []\n[build.environment]\nA = 'b\\nc'\nB = \"b\\nc\"\n");
        let expected = "sealift.toml:5:5: value `b\\nc` is not valid; expected one line of text\n";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused() {
        assert_eq!(
            error("targets = []\nformats = 'deb'\n"),
            "sealift.toml:2:11: invalid type: string \"deb\", expected a sequence\n  2 | formats = 'deb'\n    |           ^^^^^"
        );
    }

    #[test]
    fn an_unknown_kind_is_refused_with_the_known_ones() {
        let message =
            error("targets = []\nformats = []\n[[files]]\nkind = 'program'\nsource = 'x'\n");
        let expected =
            "sealift.toml:4:8: unknown variant `program`, expected one of `binary`, `config`";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn an_old_spelling_is_refused_with_a_hint_at_the_new_one() {
        for text in [
            "[package]\nlicence = 'MIT'\n",
            "[[files]]\nkind = 'licence'\nsource = 'LICENSE'\n",
        ] {
            let message = error(&format!("targets = []\nformats = []\n{text}"));
            assert!(message.contains(": unknown "), "{message}");
            assert!(
                message.ends_with("\nhint: `licence` is spelled `license`"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_schema_that_is_newer_is_refused() {
        let message = error("schema = 2\ntargets = []\nformats = []\n");
        assert!(
            message.starts_with("sealift.toml:1:10: schema 2 is newer than this program"),
            "{message}"
        );
    }

    #[test]
    fn a_missing_key_is_named() {
        let message = error("targets = []\nformats = []\n[[files]]\nkind = 'doc'\n");
        assert!(
            message.starts_with("sealift.toml:3:1: missing field `source`"),
            "{message}"
        );
    }

    #[test]
    fn text_that_is_no_toml_is_refused_with_its_place() {
        let message = error("targets = [\n");
        assert!(message.starts_with("sealift.toml:"), "{message}");
    }

    #[test]
    fn a_path_out_of_the_tree_is_refused() {
        let message =
            error("targets = []\nformats = []\n[[files]]\nkind = 'doc'\nsource = '../secret'\n");
        let expected = "sealift.toml:5:10: path `../secret` has the component `..`, which leads outside the tree";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_decimal_mode_is_refused() {
        let message = error(
            "targets = []\nformats = []\n[[files]]\nkind = 'doc'\nsource = 'x'\nmode = 755\n",
        );
        let expected =
            "sealift.toml:6:8: mode 0o1363 has more than permission bits; expected at most 0o777";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_bad_version_is_refused() {
        let message = error("targets = []\nformats = []\n[package]\nversion = '1.2'\n");
        let expected = "sealift.toml:4:11: version `1.2` is not valid (unexpected end of input while parsing minor \
                        version number); expected one such as `1.2.3`";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_bad_name_is_refused() {
        let message = error("targets = []\nformats = []\n[package]\nname = 'Hello World'\n");
        let expected =
            "sealift.toml:4:8: package name `Hello World` is not valid; expected at least two of";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_manifest_that_is_no_text_is_refused_with_its_place() {
        let project = TestProject::new("").file("m.toml", b"targets = []\nname = \xff");
        let error = Manifest::read(&project.path("m.toml"), FORMATS).expect_err("not text");
        let expected = format!("{}:2:8: not valid UTF-8", project.path("m.toml").display());
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_named() {
        let project = TestProject::new("");
        for path in ["tree", "missing.toml"] {
            let error = Manifest::read(&project.path(path), FORMATS).expect_err("no file");
            let expected = format!("cannot read `{}`", project.path(path).display());
            assert_eq!(error.to_string(), expected);
        }
    }
}
