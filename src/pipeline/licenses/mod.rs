//! The licenses of everything that is linked into the programs for a target, in one file.
//!
//! ```text
//! cargo tree ──the crates──▶ ┐
//!                            ├ Crate ──texts──▶ Licensed ──text──▶ the file
//! cargo metadata ──where──▶  ┘
//! ```
//!
//! The file depends on the crates only: not on where they lie, and not on who compiles.

mod listing;
mod texts;

use crate::event::{Event, Reporter};
use crate::model::hint::Hint;
use crate::model::target::Target;
use crate::output::path_error::PathError;
use crate::project::Project;

use super::crates::{Crate, CratesError, linked};
use texts::Text;

/// Why the licenses could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum LicensesError {
    /// The crates are not known.
    #[error(transparent)]
    Crates(#[from] CratesError),
    /// A crate could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
}

impl Hint for LicensesError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Crates(CratesError::Start { .. }) => Some(
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
    let mut licensed = Vec::new();
    for of in linked(project, target)?.crates {
        if of.is_own {
            continue;
        }
        let texts = texts::find(&of.directory, of.license_file.as_deref())?;
        if of.license.is_none() && texts.is_empty() {
            let (name, version) = (&of.name, &of.version);
            reporter.report(Event::Unlicensed { name, version });
        }
        licensed.push(Licensed { of, texts });
    }
    Ok(listing::text(&project.package.name, target, &licensed))
}
