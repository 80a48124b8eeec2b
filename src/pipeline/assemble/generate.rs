//! Runs the built program to generate a file from its output, or the files of a directory that it fills.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use crate::model::path::{RelativePath, slashed};
use crate::output::path_error::PathError;
use crate::output::{OutputError, Scratch};
use crate::project::manifest::GenerateRule;
use crate::project::manifest::values::{Command, GenerateOutput, OUT};

/// Files that a program has generated, by their paths in the tree.
pub(super) type Generated = BTreeMap<RelativePath, Vec<u8>>;

/// Why a program did not generate a file.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The program is missing or cannot be run on this machine.
    #[error("cannot run `{command}` (`{}`)", program.display())]
    Start {
        /// The command line of the manifest.
        command: Command,
        /// The program.
        program: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The program failed.
    #[error("`{command}` failed ({status}){}", said(stderr))]
    Failed {
        /// The command line of the manifest.
        command: Command,
        /// Its exit status.
        status: ExitStatus,
        /// Its standard error.
        stderr: String,
    },
    /// The program succeeded and printed nothing.
    #[error("`{command}` printed nothing")]
    Nothing {
        /// The command line of the manifest.
        command: Command,
    },
    /// The program succeeded and wrote no file.
    #[error("`{command}` wrote no file into `{OUT}`")]
    NoFile {
        /// The command line of the manifest.
        command: Command,
    },
    /// The program wrote something that cannot be shipped.
    #[error("`{command}` wrote `{file}`, which {problem}; expected regular files")]
    Unfit {
        /// The command line of the manifest.
        command: Command,
        /// Its path below the directory.
        file: String,
        /// What is wrong with it, as a verb phrase.
        problem: String,
    },
    /// What the program wrote could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// There is no directory that the program could fill.
    #[error(transparent)]
    Output(#[from] OutputError),
}

fn said(stderr: &str) -> String {
    match stderr.trim_end() {
        "" => ", and said nothing".to_owned(),
        text => format!(" and said:\n{text}"),
    }
}

/// What a rule generates with a program from a build for this machine. A directory that the program fills is in `scratch`
/// until it has been read.
pub(super) fn generate(
    rule: &GenerateRule,
    build: &Path,
    scratch: &Path,
) -> Result<Generated, GenerateError> {
    let command = &rule.command;
    match rule.output.get_ref() {
        GenerateOutput::File(path) => {
            let printed = run(command, build, None)?;
            if printed.is_empty() {
                let command = command.clone();
                return Err(GenerateError::Nothing { command });
            }
            Ok(BTreeMap::from([(path.clone(), printed)]))
        }
        GenerateOutput::Directory(path) => {
            let scratch = Scratch::create(scratch)?;
            // The program starts in another directory.
            let out =
                std::path::absolute(scratch.path()).map_err(PathError::reading(scratch.path()))?;
            run(command, build, Some(&out))?;
            let mut generated = Generated::new();
            read_directory(command, &out, &out, path, &mut generated)?;
            if generated.is_empty() {
                let command = command.clone();
                return Err(GenerateError::NoFile { command });
            }
            Ok(generated)
        }
    }
}

/// Runs the program without an environment or input; gives its standard output.
fn run(command: &Command, build: &Path, out: Option<&Path>) -> Result<Vec<u8>, GenerateError> {
    let start_error = |program: &Path, source| GenerateError::Start {
        command: command.clone(),
        program: program.to_owned(),
        source,
    };
    let program = build.join(command.program.as_str());
    // Absolute, because the program starts in another directory.
    let program = std::path::absolute(&program).map_err(|e| start_error(&program, e))?;
    let output = std::process::Command::new(&program)
        .args(command.arguments.iter().map(|text| argument(text, out)))
        .env_clear()
        .current_dir(build)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| start_error(&program, source))?;
    if !output.status.success() {
        return Err(GenerateError::Failed {
            command: command.clone(),
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(output.stdout)
}

/// An argument with the directory in place of its name. The path of a directory need not be UTF-8.
fn argument(text: &str, out: Option<&Path>) -> OsString {
    let Some(out) = out else {
        return text.into();
    };
    let mut parts = text.split(OUT);
    let mut argument = OsString::from(parts.next().unwrap_or_default());
    for part in parts {
        argument.push(out);
        argument.push(part);
    }
    argument
}

/// Reads all files below a directory of what was generated. `place` is that of the whole in the tree.
fn read_directory(
    command: &Command,
    root: &Path,
    directory: &Path,
    place: &RelativePath,
    generated: &mut Generated,
) -> Result<(), GenerateError> {
    for entry in fs::read_dir(directory).map_err(PathError::reading(directory))? {
        let path = entry.map_err(PathError::reading(directory))?.path();
        let below = path.strip_prefix(root).expect("it was found below");
        let unfit = |problem: &str| GenerateError::Unfit {
            command: command.clone(),
            file: below.display().to_string(),
            problem: problem.to_owned(),
        };
        let kind = path.symlink_metadata().map_err(PathError::reading(&path))?;
        if kind.is_symlink() {
            return Err(unfit("is a link"));
        } else if kind.is_dir() {
            read_directory(command, root, &path, place, generated)?;
            continue;
        } else if !kind.is_file() {
            return Err(unfit("is a special file"));
        }
        let below = slashed(below).ok_or_else(|| unfit("has a name that is not UTF-8"))?;
        let below: RelativePath = below
            .parse()
            .map_err(|_| unfit("has a name that cannot be packaged"))?;
        let content = fs::read(&path).map_err(PathError::reading(&path))?;
        generated.insert(place.join(&below), content);
    }
    Ok(())
}
