//! How the program ends.

use std::io::Write;
use std::process::ExitCode;

use super::stdout;
use super::terminal::colored;
use super::text::printable;

/// The program's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all was done.
    Done,
    /// 1: a gate refused the release.
    GateFailed,
    /// 1: this machine lacks something without which nothing can be built.
    HostLacks,
    /// 2: the command could not be run, or not to its end.
    CouldNotRun,
}

/// The exit codes, for the end of `--help`.
pub const HELP: &str = "\
Exit status:
  0  all was done
  1  a gate refused the release, or `doctor` found that nothing can be built here
  2  the command could not be run";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => 0.into(),
            Exit::GateFailed | Exit::HostLacks => 1.into(),
            Exit::CouldNotRun => 2.into(),
        }
    }
}

/// Answers a wrong command line, or a call for help.
pub fn usage(error: &clap::Error) -> Exit {
    let text = error.to_string();
    if error.use_stderr() {
        eprint_quietly(&text);
        return Exit::CouldNotRun;
    }
    match stdout::print_text(&text) {
        Ok(()) => Exit::Done,
        Err(error) => could_not_run(&error.into()),
    }
}

/// Answers a command line that asks for nothing.
pub fn no_command(cli: &mut clap::Command) -> Exit {
    eprint_quietly(&cli.render_help().to_string());
    Exit::CouldNotRun
}

/// Reports an error with its causes.
pub fn could_not_run(error: &anyhow::Error) -> Exit {
    if is_closed_pipe(error) {
        // Whoever reads the output has seen enough, as `head` has.
        return Exit::Done;
    }
    eprint_quietly(&format!("error: {error:#}\n"));
    Exit::CouldNotRun
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<super::stdout::CannotPrint>();
    cause.is_some_and(|cause| cause.0.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Writes to standard error, where nothing but text may go; there is nowhere to report that this failed.
pub fn eprint_quietly(text: &str) {
    let mut stderr = std::io::stderr();
    let text = colored(printable(text), &stderr);
    let _ = stderr.write_all(text.as_bytes());
}
