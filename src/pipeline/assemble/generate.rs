//! Runs the built program to generate a file from its output.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use crate::project::manifest::values::Command;

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
}

fn said(stderr: &str) -> String {
    match stderr.trim_end() {
        "" => ", and said nothing".to_owned(),
        text => format!(" and said:\n{text}"),
    }
}

/// The standard output of a program from a build for this machine, which runs without an environment or input.
pub(super) fn generate(command: &Command, build: &Path) -> Result<Vec<u8>, GenerateError> {
    let start_error = |program: &Path, source| GenerateError::Start {
        command: command.clone(),
        program: program.to_owned(),
        source,
    };
    let program = build.join(command.program.as_str());
    // Absolute, because the program starts in another directory.
    let program = std::path::absolute(&program).map_err(|e| start_error(&program, e))?;
    let output = std::process::Command::new(&program)
        .args(&command.arguments)
        .env_clear()
        .current_dir(build)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| start_error(&program, source))?;
    let command = command.clone();
    if !output.status.success() {
        return Err(GenerateError::Failed {
            command,
            status: output.status,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    if output.stdout.is_empty() {
        return Err(GenerateError::Nothing { command });
    }
    Ok(output.stdout)
}
