//! `sealift licenses`: the licenses of the dependencies in one file.

use std::path::PathBuf;

use sealift::event::{Event, Reporter};
use sealift::model::target::Target;
use sealift::output::write_file;
use sealift::pipeline::licenses::licenses;

use super::exit::{self, Exit};
use super::project::{FormatArgs, ProjectArgs};
use super::tree::one_target;
use super::{stdout, values};

/// Collect the licenses of the dependencies in one file
///
/// Asks cargo for the crates that are linked into the programs for a target, with the features of the manifest, and prints
/// what each is licensed under and every license text that is in its directory. Warns of crates without a license.
#[derive(clap::Args)]
pub struct Licenses {
    #[command(flatten)]
    project: ProjectArgs,

    /// The target [default: the manifest's, where it has one only]
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Option<Target>,

    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Shows what is wrong with a crate.
struct Warnings;

impl Reporter for Warnings {
    fn report(&self, event: Event<'_>) {
        if let Event::Unlicensed { name, version } = event {
            exit::warn_of_unlicensed(name, version);
        }
    }
}

impl Licenses {
    /// Writes the file.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = self.project.read(&FormatArgs::default())?;
        let target = one_target(&project, self.target, "a list of licenses")?;
        let text = licenses(&project, target, &Warnings)?;
        match &self.out {
            Some(path) => write_file(path, text.as_bytes())?,
            None => stdout::print_text(&text)?,
        }
        Ok(Exit::Done)
    }
}
