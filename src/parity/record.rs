//! Makes cases of what a reference implementation does.

use std::ffi::OsString;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;

use super::ParityError;
use super::bytes::Bytes;
use super::case::{Case, Expected, Input, VariableName};
use super::compare::{differences, ending};
use super::corpus::{Corpus, is_case_name};
use super::files::{self, Node};
use super::normalize::Counts;
use super::settings::Settings;
use super::subject::Candidate;
use crate::model::text::InvalidText;
use crate::model::threads::Threads;
use crate::output::path_error::PathError;
use crate::output::{OutputError, Scratch};
use crate::process::{End, Limits};
use crate::project::manifest::located::Source;

/// A case to record.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The corpus; made if there is none.
    pub corpus: &'a Path,
    /// The case's name.
    pub case: &'a str,
    /// The arguments.
    pub arguments: Vec<OsString>,
    /// A file to read.
    pub stdin: Option<&'a Path>,
    /// A directory of files to begin with.
    pub files: Option<&'a Path>,
    /// Variables of the environment.
    pub environment: Vec<(String, OsString)>,
    /// Names of normalizations.
    pub normalize: Vec<String>,
    /// The time that the case has, where the corpus' default does not do.
    pub timeout: Option<Duration>,
    /// Whether a case that exists is recorded again.
    pub replace: bool,
}

/// Runs the reference twice and writes a case; nothing is written where the two runs differ.
pub fn record(
    request: Request<'_>,
    reference: &Candidate,
    temporary: &Path,
) -> Result<PathBuf, ParityError> {
    let name = request.case;
    if !is_case_name(name) {
        return Err(ParityError::Name(name.to_owned()));
    }
    let directory = request.corpus.join(name);
    if directory.symlink_metadata().is_ok() && !request.replace {
        return Err(ParityError::Exists {
            case: name.to_owned(),
            path: directory,
        });
    }
    let settings = Settings::read(request.corpus)?;
    let input = input(&request, &settings)?;
    let case = recorded(name, input, reference, settings.limits, temporary)?;
    fs::create_dir_all(request.corpus).map_err(|source| OutputError::Directory {
        path: request.corpus.to_owned(),
        source,
    })?;
    write(&case, request.corpus)?;
    Ok(directory)
}

/// Records all cases of a corpus again, with another reference or another version of it. Nothing is written unless all can
/// be recorded. Gives the names of those that changed.
pub fn record_all(
    corpus: Corpus,
    reference: &Candidate,
    jobs: NonZeroUsize,
    temporary: &Path,
) -> Result<Vec<String>, ParityError> {
    let limits = corpus.settings.limits;
    let cases = Threads::each(jobs, corpus.cases, |_, case| {
        let again = recorded(&case.name, case.input.clone(), reference, limits, temporary)?;
        Ok((case.expected != again.expected, again))
    });
    let cases = cases.into_iter().collect::<Result<Vec<_>, ParityError>>()?;
    let mut changed = Vec::new();
    for (is_changed, case) in &cases {
        write(case, &corpus.path)?;
        if *is_changed {
            changed.push(case.name.clone());
        }
    }
    Ok(changed)
}

fn input(request: &Request<'_>, settings: &Settings) -> Result<Input, ParityError> {
    let not_text = || ParityError::NotText(request.case.to_owned());
    let bytes = |text: &OsString| Bytes::of(text).ok_or_else(not_text);
    let variable = |(name, value): &(String, OsString)| {
        let name: VariableName = name
            .parse()
            .map_err(|error: InvalidText| option("--env", name, &error))?;
        Ok::<_, ParityError>((name, bytes(value)?))
    };
    // Errors about names that are not in a file yet show the option that they are in.
    let names = request.normalize.join(" ");
    let source = Source {
        path: "--normalize".into(),
        text: names.clone(),
    };
    let mut at = 0;
    let spanned = request.normalize.iter().map(|name| {
        let span = at..at + name.len();
        at = span.end + 1;
        Spanned::new(span, name.clone())
    });
    let stdin = request.stdin.map(|path| {
        let content = files::read_file(path)?;
        content.ok_or_else(|| PathError::reading(path)(std::io::ErrorKind::NotFound.into()))
    });
    Ok(Input {
        arguments: request
            .arguments
            .iter()
            .map(bytes)
            .collect::<Result<_, _>>()?,
        environment: request
            .environment
            .iter()
            .map(variable)
            .collect::<Result<_, _>>()?,
        stdin: stdin.transpose()?,
        files: request
            .files
            .map(|path| files::read(path, false))
            .transpose()?
            .unwrap_or_default(),
        timeout: request.timeout,
        rules: settings.rules_with(&source, &spanned.collect::<Vec<_>>())?,
        normalize: request.normalize.clone(),
    })
}

/// An error about an option's value.
fn option(option: &str, value: &str, error: &InvalidText) -> ParityError {
    let source = Source {
        path: option.into(),
        text: value.to_owned(),
    };
    source.invalid_at(0..value.len(), error).into()
}

/// Runs the reference twice, and makes a case of it if it does the same.
fn recorded(
    name: &str,
    input: Input,
    reference: &Candidate,
    limits: Limits,
    temporary: &Path,
) -> Result<Case, ParityError> {
    let run = || {
        let outcome = reference.run(name, &input, limits, temporary)?;
        let done = outcome.normalized(&input.rules, &mut Counts::new());
        match problem(&done, outcome.left_behind) {
            None => Ok(done),
            Some(problem) => Err(ParityError::NotRecordable {
                case: name.to_owned(),
                problem,
            }),
        }
    };
    let (first, second) = (run()?, run()?);
    let differences = differences(&first, &second);
    if !differences.is_empty() {
        return Err(ParityError::Differs {
            case: name.to_owned(),
            program: reference.program().to_owned(),
            differences,
        });
    }
    let case = Case {
        name: name.to_owned(),
        input,
        expected: first,
        recorded_from: reference.observed.clone(),
    };
    match case.unwritable() {
        None => Ok(case),
        Some(path) => Err(ParityError::NotRecordable {
            case: name.to_owned(),
            problem: format!("`case.toml` cannot hold the path {path:?}"),
        }),
    }
}

/// What no case can expect.
fn problem(done: &Expected, left_behind: bool) -> Option<String> {
    if matches!(done.end, End::TimedOut | End::TooMuchOutput(_)) {
        return Some(ending(done.end));
    }
    if left_behind {
        return Some("it left processes running, which were killed".to_owned());
    }
    let other = done.files.iter().find(|(_, node)| **node == Node::Other);
    other.map(|(path, node)| format!("it left {} at `{}`", node.kind(), path.display()))
}

/// Puts a case in its place, whole. One that is there gives way just before.
fn write(case: &Case, corpus: &Path) -> Result<(), ParityError> {
    let path = corpus.join(&case.name);
    let scratch = Scratch::create(corpus)?;
    let made = scratch.path().join("new");
    let fail = |source| OutputError::Directory {
        path: path.clone(),
        source,
    };
    fs::create_dir(&made).map_err(fail)?;
    case.write(&made)?;
    if path.symlink_metadata().is_ok() {
        fs::rename(&path, scratch.path().join("old")).map_err(fail)?;
    }
    Ok(fs::rename(&made, &path).map_err(fail)?)
}
