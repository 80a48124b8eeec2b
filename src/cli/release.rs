//! `sealift release`: from artifacts to a release directory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::event::Silent;
use sealift::model::commit::Commit;
use sealift::model::macos_symbol::{Framework, MacOsSymbols};
use sealift::model::target::Target;
use sealift::pipeline::collect::{Request, collect};

use super::exit::{self, Exit};
use super::project::{FormatArgs, ProjectArgs};
use super::values;

/// Collect packages into a release directory
///
/// The directory gets `artifacts/`, `SHA256SUMS` (checked by `sha256sum -c SHA256SUMS` in the release directory) and
/// `release.json`. With a manifest, it also gets what is made of the packages for several targets, such as one container
/// image for all of them. Without one, the gates use their default limits.
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

    /// Lines `FRAMEWORK SYMBOL`: what frameworks of macOS export beyond Sealift's lists, for the gate `macos`
    #[arg(long, value_name = "FILE")]
    macos_symbols: Option<PathBuf>,

    /// The list of what is in the programs for a target, as `sealift sbom` writes it
    #[arg(long, value_name = "TRIPLE=FILE", value_parser = values::sbom)]
    sbom: Vec<(Target, PathBuf)>,

    /// A JSON object that describes what the release was built with
    #[arg(long, value_name = "FILE")]
    built_with: Option<PathBuf>,
}

impl Release {
    /// Fills the directory.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = match self.project.find() {
            Some(_) => Some(self.project.read(&FormatArgs::default())?),
            None => None,
        };
        let mut gates = match &project {
            Some(project) => project.gates.clone(),
            None => sealift::gate::GateLimits::default(),
        };
        if let Some(file) = self.macos_symbols {
            read_symbols(&file, &mut gates.macos.symbols)?;
        }
        let built_with = self.built_with.as_deref().map(sealift::output::json::read);
        let request = Request {
            artifacts: self.artifact,
            sboms: self.sbom,
            commit: self.commit,
            dirty: self.dirty,
            built_with: built_with.transpose()?,
            gates: gates.to_map(),
            project: project.as_ref(),
        };
        let release = collect(request, &self.out, &Silent)?;
        exit::warn_of_dirt(&release);
        Ok(Exit::Done)
    }
}

fn read_symbols(file: &Path, symbols: &mut MacOsSymbols) -> anyhow::Result<()> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
    {
        let place = || format!("{}:{}", file.display(), number + 1);
        let expected = || {
            format!(
                "{}: `{line}` is not valid; expected `FRAMEWORK SYMBOL`",
                place()
            )
        };
        let (framework, symbol) = line.split_once(' ').with_context(expected)?;
        let framework: Framework = framework.parse().with_context(place)?;
        symbols
            .entry(framework)
            .or_default()
            .push(symbol.parse().with_context(place)?);
    }
    Ok(())
}
