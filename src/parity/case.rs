//! A case, and the directory that it is in.
//!
//! ```text
//! NAME/case.toml        arguments, environment, and how the program ends
//! NAME/stdin            what it reads; nothing if there is none
//! NAME/files/           what is in its directory before
//! NAME/expected/stdout  what it writes; nothing if there is none
//! NAME/expected/stderr
//! NAME/expected/files/  what it makes or changes in its directory
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::ParityError;
use super::bytes::Bytes;
use super::files::{self, Files, Node};
use super::normalize::Rules;
use super::settings::{Settings, seconds};
use crate::evidence::ObservedProgram;
use crate::model::path::RelativePath;
use crate::model::text::{InvalidText, typed_text};
use crate::model::toml_text::{array, quoted};
use crate::output::path_error::PathError;
use crate::process::{End, Signal};
use crate::project::manifest::located::{Located, Source};
use crate::project::manifest::toml_error;

/// The file that makes a directory a case.
pub(super) const CASE: &str = "case.toml";
const STDIN: &str = "stdin";
const FILES: &str = "files";
const EXPECTED: &str = "expected";
const STDOUT: &str = "stdout";
const STDERR: &str = "stderr";

/// What a program is given, and what it does then.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) input: Input,
    pub(super) expected: Expected,
    /// What the expectation was recorded from.
    pub(super) recorded_from: ObservedProgram,
}

/// What a program is given.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) arguments: Vec<Bytes>,
    pub(super) environment: BTreeMap<VariableName, Bytes>,
    pub(super) stdin: Option<Vec<u8>>,
    pub(super) files: Files,
    /// The time that it has, where the corpus' default does not do.
    pub(super) timeout: Option<Duration>,
    /// The names of normalizations, besides those of the corpus.
    pub(super) normalize: Vec<String>,
    pub(super) rules: Rules,
}

/// What a program does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) end: End,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// All that is in its directory afterwards.
    pub(super) files: Files,
}

/// The name of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VariableName(String);

impl std::str::FromStr for VariableName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() || text.contains(['=', '\0']) {
            let expected = "a name without `=` and NUL";
            return Err(InvalidText::new("variable", text, expected));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(VariableName(String));

/// `case.toml` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    #[serde(default)]
    args: Vec<Bytes>,
    #[serde(default)]
    env: BTreeMap<VariableName, Bytes>,
    timeout_seconds: Option<Spanned<u64>>,
    #[serde(default)]
    normalize: Vec<Spanned<String>>,
    /// Directories that hold nothing, which git does not keep.
    #[serde(default)]
    directories: Vec<RelativePath>,
    expected: Spanned<WrittenExpected>,
    recorded_from: ObservedProgram,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenExpected {
    exit_code: Option<i32>,
    signal: Option<Signal>,
    /// What the program removes of what was there before.
    #[serde(default)]
    removed: Vec<Spanned<RelativePath>>,
    /// Directories that hold nothing, which the program makes.
    #[serde(default)]
    directories: Vec<RelativePath>,
}

impl Case {
    /// Reads a case from its directory.
    pub(super) fn read(
        directory: &Path,
        name: &str,
        settings: &Settings,
    ) -> Result<Self, ParityError> {
        refuse_unknown(directory, "a case", &[CASE, EXPECTED, FILES, STDIN])?;
        let expected = directory.join(EXPECTED);
        if expected.symlink_metadata().is_ok() {
            refuse_unknown(&expected, "an expectation", &[FILES, STDERR, STDOUT])?;
        }
        let source = Source::from_bytes(&directory.join(CASE), required(&directory.join(CASE))?)?;
        let written: Written =
            toml::from_str(&source.text).map_err(|error| toml_error(&source, &error))?;
        let input = Input {
            stdin: files::read_file(&directory.join(STDIN))?,
            files: with_directories(
                files::read_directory(&directory.join(FILES))?,
                &written.directories,
            ),
            timeout: written
                .timeout_seconds
                .as_ref()
                .map(|value| seconds(&source, value))
                .transpose()?,
            rules: settings.rules_with(&source, &written.normalize)?,
            arguments: written.args,
            environment: written.env,
            normalize: written
                .normalize
                .into_iter()
                .map(Spanned::into_inner)
                .collect(),
        };
        let made = files::read_directory(&expected.join(FILES))?;
        let made = with_directories(made, &written.expected.get_ref().directories);
        let expected = Expected {
            end: end(&source, &written.expected)?,
            stdout: files::read_file(&expected.join(STDOUT))?.unwrap_or_default(),
            stderr: files::read_file(&expected.join(STDERR))?.unwrap_or_default(),
            files: afterwards(
                &source,
                &input.files,
                made,
                &written.expected.get_ref().removed,
            )?,
        };
        Ok(Self {
            name: name.to_owned(),
            input,
            expected,
            recorded_from: written.recorded_from,
        })
    }

    /// Writes the case into its directory, which is empty.
    pub(super) fn write(&self, directory: &Path) -> Result<(), ParityError> {
        let Self {
            input, expected, ..
        } = self;
        let mut all = Files::new();
        let mut add = |path: &[&str], content: &[u8]| {
            let content = content.to_vec();
            let executable = false;
            all.insert(
                path.iter().collect(),
                Node::File {
                    content,
                    executable,
                },
            );
        };
        add(&[CASE], self.to_toml().as_bytes());
        if let Some(stdin) = &input.stdin {
            add(&[STDIN], stdin);
        }
        for (name, content) in [(STDOUT, &expected.stdout), (STDERR, &expected.stderr)] {
            if !content.is_empty() {
                add(&[EXPECTED, name], content);
            }
        }
        let before = input
            .files
            .iter()
            .map(|file| (Path::new(FILES).to_owned(), file));
        let made = self
            .made()
            .map(|file| (Path::new(EXPECTED).join(FILES), file));
        for (parent, (path, node)) in before.chain(made) {
            if *node != Node::Directory {
                all.insert(parent.join(path), node.clone());
            }
        }
        Ok(files::write(directory, &all)?)
    }

    /// What the program makes or changes.
    fn made(&self) -> impl Iterator<Item = (&PathBuf, &Node)> {
        let before = &self.input.files;
        let after = self.expected.files.iter();
        after.filter(move |(path, node)| before.get(*path) != Some(*node))
    }

    fn removed(&self) -> impl Iterator<Item = &PathBuf> {
        let after = &self.expected.files;
        let before = self.input.files.keys();
        before.filter(move |path| !after.contains_key(*path))
    }

    fn to_toml(&self) -> String {
        let Self {
            input, expected, ..
        } = self;
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        let arguments: Vec<_> = input.arguments.iter().map(Bytes::to_toml).collect();
        line(format!("args = [{}]", arguments.join(", ")));
        if let Some(timeout) = input.timeout {
            line(format!("timeout-seconds = {}", timeout.as_secs()));
        }
        let mut list = |key: &str, list: Vec<String>| {
            if !list.is_empty() {
                line(format!("{key} = {}", array(&list)));
            }
        };
        list("normalize", input.normalize.clone());
        list("directories", directories(input.files.iter()));
        let ObservedProgram { name, sha256 } = &self.recorded_from;
        line(format!(
            "recorded-from = {{ name = {}, sha256 = \"{sha256}\" }}",
            quoted(name)
        ));
        if !input.environment.is_empty() {
            line("\n[env]".to_owned());
            for (name, value) in &input.environment {
                line(format!("{} = {}", quoted(name), value.to_toml()));
            }
        }
        line("\n[expected]".to_owned());
        line(match expected.end {
            End::Signal(signal) => format!("signal = \"{signal}\""),
            End::Code(code) => format!("exit-code = {code}"),
            End::TimedOut | End::TooMuchOutput(_) => unreachable!("such an end is not recorded"),
        });
        let mut list = |key: &str, list: Vec<String>| {
            if !list.is_empty() {
                writeln!(text, "{key} = {}", array(&list)).expect("a string takes all text");
            }
        };
        list(
            "removed",
            self.removed().filter_map(|path| path_text(path)).collect(),
        );
        list("directories", directories(self.made()));
        text
    }

    /// A path that cannot be written in `case.toml`: an empty directory or a removed file whose name is no text.
    pub(super) fn unwritable(&self) -> Option<&PathBuf> {
        let listed = self.input.files.iter().chain(self.made());
        let listed = listed.filter(|(_, node)| **node == Node::Directory);
        let mut listed = listed.map(|(path, _)| path).chain(self.removed());
        listed.find(|path| path_text(path).is_none())
    }
}

fn path_text(path: &Path) -> Option<String> {
    let path = crate::model::path::slashed(path)?;
    path.parse::<RelativePath>().is_ok().then_some(path)
}

fn directories<'f>(files: impl Iterator<Item = (&'f PathBuf, &'f Node)>) -> Vec<String> {
    let empty = files.filter(|(_, node)| **node == Node::Directory);
    empty.filter_map(|(path, _)| path_text(path)).collect()
}

fn with_directories(mut files: Files, directories: &[RelativePath]) -> Files {
    for directory in directories {
        files
            .entry(directory.as_str().into())
            .or_insert(Node::Directory);
    }
    files
}

fn end(source: &Source, expected: &Spanned<WrittenExpected>) -> Result<End, Box<Located>> {
    let WrittenExpected {
        exit_code, signal, ..
    } = expected.get_ref();
    match (exit_code, signal) {
        (Some(code), None) => Ok(End::Code(*code)),
        (None, Some(signal)) => Ok(End::Signal(*signal)),
        _ => {
            let message = "expected either `exit-code` or `signal`";
            Err(source.error_at(expected.span(), message))
        }
    }
}

/// What is there afterwards: what was there, without what is removed, and with what is made.
fn afterwards(
    source: &Source,
    before: &Files,
    made: Files,
    removed: &[Spanned<RelativePath>],
) -> Result<Files, Box<Located>> {
    let mut after = before.clone();
    for path in removed {
        if after.remove(Path::new(path.get_ref().as_str())).is_none() {
            let message = format!("`{}` is removed but is not in `{FILES}/`", path.get_ref());
            return Err(source.error_at(path.span(), message));
        }
    }
    after.extend(made);
    Ok(after)
}

fn required(path: &Path) -> Result<Vec<u8>, ParityError> {
    let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let content = files::read_file(path)?;
    content.ok_or_else(|| PathError::reading(path)(missing()).into())
}

/// Refuses entries that have no meaning, such as misspelled ones.
fn refuse_unknown(
    directory: &Path,
    place: &'static str,
    known: &'static [&'static str],
) -> Result<(), ParityError> {
    let entries = std::fs::read_dir(directory).map_err(PathError::reading(directory))?;
    for entry in entries {
        let path = entry.map_err(PathError::reading(directory))?.path();
        let name = path.file_name().and_then(std::ffi::OsStr::to_str);
        if !name.is_some_and(|name| known.contains(&name)) {
            return Err(ParityError::Unknown { path, place, known });
        }
    }
    Ok(())
}
