//! `sealift release`: from artifacts to a release directory.

use std::path::PathBuf;

use sealift::model::commit::Commit;
use sealift::pipeline::collect::{Request, collect};

use super::exit::{self, Exit};
use super::project::{FormatArgs, ProjectArgs};

/// Collect packages into a release directory
///
/// The directory gets `artifacts/`, `SHA256SUMS` (checked by `sha256sum -c SHA256SUMS` in the release directory) and
/// `release.json`. Without a manifest, the gates use their default limits.
#[derive(clap::Args)]
pub struct Release {
    #[command(flatten)]
    project: ProjectArgs,

    /// A package, with its record `<file>.artifact.json` beside it
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    artifact: Vec<PathBuf>,

    /// The directory to fill; must be empty or missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The released commit [default: the commit in the packages' records]
    #[arg(long, value_name = "HEX")]
    commit: Option<Commit>,

    /// Record that the source had changes that are in no commit
    #[arg(long)]
    dirty: bool,

    /// A JSON object that describes what the release was built with
    #[arg(long, value_name = "FILE")]
    built_with: Option<PathBuf>,
}

impl Release {
    /// Fills the directory.
    pub fn run(self) -> anyhow::Result<Exit> {
        let gates = match self.project.find() {
            Some(_) => self.project.read(&FormatArgs::default())?.gates.to_map(),
            None => sealift::gate::GateLimits::default().to_map(),
        };
        let built_with = self.built_with.as_deref().map(sealift::output::json::read);
        let request = Request {
            artifacts: self.artifact,
            commit: self.commit,
            dirty: self.dirty,
            built_with: built_with.transpose()?,
            gates,
        };
        let release = collect(request, &self.out)?;
        exit::warn_of_dirt(&release);
        Ok(Exit::Done)
    }
}
