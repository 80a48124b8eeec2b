//! `sealift check`: runs a command of the project within bounds, and makes its end a record.

#[cfg(all(test, unix))]
mod tests;

use std::ffi::OsString;
use std::path::Path;

use serde::Deserialize;

use crate::evidence::CheckFinding;
use crate::process::{self, End, Job, ProcessError, Ran};

/// How much of what a command wrote last is told.
const LAST_LINES: usize = 10;

/// A check to run.
#[derive(Clone, Debug)]
pub struct Check {
    /// The check's name.
    pub name: String,
    /// The command.
    pub job: Job,
    /// Whether standard output tells the findings; otherwise the exit code does.
    pub reads_output: bool,
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many parts of it passed, if it tells.
    pub passed: Option<u64>,
    /// What is wrong.
    pub findings: Vec<CheckFinding>,
}

/// A check that has no result.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The command could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// What the command printed is no result.
    #[error(
        "what `{command}` printed is not valid: {problem}; expected a JSON object with `findings`, a list of objects with `place`, `found` and `expected`"
    )]
    Output {
        /// The command.
        command: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// What a command prints that tells its findings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Printed {
    #[serde(default)]
    passed: Option<u64>,
    findings: Vec<CheckFinding>,
}

impl Check {
    /// Runs the command to its end.
    pub fn run(&self) -> Result<Checked, CheckError> {
        let ran = process::run(&self.job)?;
        let mut checked = Checked {
            passed: None,
            findings: Vec::new(),
        };
        if self.reads_output && matches!(ran.end, End::Code(_)) {
            let printed = self.parse(&ran.stdout)?;
            checked.passed = printed.passed;
            checked.findings = printed.findings;
        }
        // A command may say with its exit code that it has findings; one that fails without any has failed otherwise.
        let has_told = !checked.findings.is_empty() && matches!(ran.end, End::Code(_));
        if !has_told {
            checked.findings.extend(self.unexpected_end(&ran));
        }
        if ran.left_behind {
            checked
                .findings
                .push(self.finding("processes that ran on after it", "none"));
        }
        Ok(checked)
    }

    fn parse(&self, stdout: &[u8]) -> Result<Printed, CheckError> {
        serde_json::from_slice(stdout).map_err(|error| CheckError::Output {
            command: self.job.program.display().to_string(),
            problem: error.to_string(),
        })
    }

    fn unexpected_end(&self, ran: &Ran) -> Option<CheckFinding> {
        let seconds = self.job.limits.time.as_secs_f64();
        let found = match ran.end {
            End::Code(0) => return None,
            End::Code(code) => format!("exit code {code}"),
            End::Signal(signal) => format!("{signal}"),
            End::TimedOut => format!("no end within {seconds} s"),
            End::TooMuchOutput(stream) => format!(
                "more than {} bytes on {}",
                self.job.limits.output_bytes,
                stream.name()
            ),
        };
        let last = last_lines(&[&ran.stderr, &ran.stdout]);
        let found = match last.is_empty() {
            true => found,
            false => format!("{found}, and at the end: {last}"),
        };
        Some(self.finding(&found, "exit code 0"))
    }

    fn finding(&self, found: &str, expected: &str) -> CheckFinding {
        CheckFinding {
            place: self.name.clone(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// The last lines of the first stream that has any.
fn last_lines(streams: &[&[u8]]) -> String {
    let texts = streams.iter().map(|bytes| String::from_utf8_lossy(bytes));
    let mut texts = texts.filter(|text| !text.trim().is_empty());
    let Some(text) = texts.next() else {
        return String::new();
    };
    let lines: Vec<_> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

/// A command line for people and records.
pub fn words(program: &Path, arguments: &[OsString]) -> Vec<String> {
    let arguments = arguments
        .iter()
        .map(|each| each.to_string_lossy().into_owned());
    let program = program.to_string_lossy().into_owned();
    std::iter::once(program).chain(arguments).collect()
}
