//! The licenses of everything that is linked into the programs for a target, in one file.
//!
//! ```text
//! cargo tree ──the crates──▶ ┐
//!                            ├ Crate ──texts──▶ Licensed ──text──▶ the file
//! cargo metadata ──where──▶  ┘
//! ```
//!
//! The file depends on the crates only: not on where they lie, and not on who compiles.

mod cargo;
mod listing;
mod texts;

use std::io;
use std::process::ExitStatus;

use crate::event::{Event, Reporter};
use crate::model::hint::Hint;
use crate::model::target::Target;
use crate::output::path_error::PathError;
use crate::pipeline::make::builds::parts;
use crate::pipeline::make::compilation::selection;
use crate::project::Project;

use cargo::Crate;
use texts::Text;

/// Why the licenses could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum LicensesError {
    /// cargo could not be started.
    #[error("cannot run `cargo {command}`, which knows the crates whose licenses are shipped")]
    Start {
        /// Its command.
        command: &'static str,
        /// The operating system's answer.
        source: io::Error,
    },
    /// cargo failed.
    #[error("`cargo {command}` failed ({status}) and said:\n{}", stderr.trim_end())]
    Failed {
        /// Its command.
        command: &'static str,
        /// Its exit status.
        status: ExitStatus,
        /// Its standard error.
        stderr: String,
    },
    /// cargo printed something else than expected.
    #[error("cannot read what `cargo {command}` printed: {problem}")]
    Unexpected {
        /// Its command.
        command: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A crate could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
}

impl Hint for LicensesError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Start { .. } => Some(
                "install Rust, or leave out the entry of `[[files]]` with the source `{licenses}`"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// A crate with the texts in its directory.
struct Licensed {
    of: Crate,
    texts: Vec<Text>,
}

/// The text of the file for a target. Reports each crate that has no license at all.
pub fn licenses(
    project: &Project,
    target: Target,
    reporter: &dyn Reporter,
) -> Result<String, LicensesError> {
    let mut crates: Vec<Crate> = Vec::new();
    for part in parts(target) {
        let selection = selection(project, Some(part));
        crates.extend(cargo::linked(&project.root, part.triple, &selection)?);
    }
    crates.sort();
    crates.dedup();
    let mut licensed = Vec::new();
    for of in crates {
        let texts = texts::find(&of.directory, of.license_file.as_deref())?;
        if of.license.is_none() && texts.is_empty() {
            let (name, version) = (&of.name, &of.version);
            reporter.report(Event::Unlicensed { name, version });
        }
        licensed.push(Licensed { of, texts });
    }
    Ok(listing::text(&project.package.name, target, &licensed))
}
