//! How the program ends.

use std::io::Write;
use std::process::ExitCode;

use sealift::init::InitError;
use sealift::measure::MeasureError;
use sealift::measure::shipped::ShippedError;
use sealift::model::hint::Hint;
use sealift::model::text::InvalidText;
use sealift::output::OutputError;
use sealift::parity::ParityError;
use sealift::pipeline::assemble::AssembleError;
use sealift::pipeline::collect::CollectError;
use sealift::pipeline::complete::CompleteError;
use sealift::pipeline::licenses::LicensesError;
use sealift::pipeline::load::LoadError;
use sealift::pipeline::make::MakeError;
use sealift::pipeline::make::builds::BuildsError;
use sealift::pipeline::make::toolchain::NoRust;
use sealift::pipeline::plan::PlanError;
use sealift::pipeline::sbom::SbomError;
use sealift::program::kind::OtherTarget;
use sealift::program::macho::MachError;
use sealift::program::stamp::Fault;
use sealift::program::symbols::SplitError;
use sealift::project::ProjectError;
use sealift::project::manifest::ManifestError;
use sealift::registry::RegistryError;
use sealift::soak::SoakError;

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
    /// 1: a limit was passed while a program was soaked.
    LimitPassed,
    /// 1: two releases, or two programs, are not the same.
    Differs,
    /// 1: this machine lacks something without which nothing can be built.
    HostLacks,
    /// 2: the command could not be run, or not to its end.
    CouldNotRun,
}

/// The exit codes, for the end of `--help`.
pub const HELP: &str = "\
Exit status:
  0  all was done
  1  a gate refused the release, `soak` passed a limit, `diff` or `parity` found a difference, or `doctor` found that nothing can be built here
  2  the command could not be run";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => 0.into(),
            Exit::GateFailed | Exit::LimitPassed | Exit::Differs | Exit::HostLacks => 1.into(),
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
    if let Some(hint) = hint(error) {
        eprint_quietly(&format!("hint: {hint}\n"));
    }
    Exit::CouldNotRun
}

/// Warns of a release that nobody can make again.
pub fn warn_of_dirt(release: &sealift::model::release::Release) {
    if release.dirty {
        eprint_quietly(
            "warning: the release was made from a source with uncommitted changes, so nobody can make it again\n",
        );
    }
}

/// Warns of a crate that nobody has allowed to be passed on.
pub fn warn_of_unlicensed(name: &str, version: &str) {
    eprint_quietly(&format!(
        "warning: the crate `{name}` {version} has no license, neither an expression in its Cargo.toml nor a text\n"
    ));
}

/// An error of the command line itself that knows what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Advised {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Hint for Advised {
    fn hint(&self) -> Option<String> {
        Some(self.hint.clone())
    }
}

/// The advice of the first cause that has any.
fn hint(error: &anyhow::Error) -> Option<String> {
    // What a transparent error holds is no cause of its own, so each type here asks what it holds.
    const ADVISERS: &[fn(&Cause) -> Option<String>] = &[
        hint_of::<Advised>,
        hint_of::<AssembleError>,
        hint_of::<BuildsError>,
        hint_of::<CollectError>,
        hint_of::<CompleteError>,
        hint_of::<Fault>,
        hint_of::<InitError>,
        hint_of::<InvalidText>,
        hint_of::<LicensesError>,
        hint_of::<LoadError>,
        hint_of::<MachError>,
        hint_of::<MakeError>,
        hint_of::<ManifestError>,
        hint_of::<MeasureError>,
        hint_of::<NoRust>,
        hint_of::<OtherTarget>,
        hint_of::<OutputError>,
        hint_of::<ParityError>,
        hint_of::<SbomError>,
        hint_of::<SoakError>,
        hint_of::<PlanError>,
        hint_of::<ProjectError>,
        hint_of::<RegistryError>,
        hint_of::<ShippedError>,
        hint_of::<SplitError>,
    ];
    let of_cause = |cause: &Cause| ADVISERS.iter().find_map(|adviser| adviser(cause));
    error.chain().find_map(of_cause)
}

type Cause = dyn std::error::Error + 'static;

fn hint_of<E: Hint + std::error::Error + 'static>(cause: &Cause) -> Option<String> {
    cause.downcast_ref::<E>()?.hint()
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
