//! `sealift sbom`: what is linked into the programs.

use std::path::PathBuf;

use sealift::model::target::Target;
use sealift::output::write_file;
use sealift::pipeline::sbom::sbom;

use super::exit::Exit;
use super::project::{FormatArgs, ProjectArgs};
use super::tree::one_target;
use super::{stdout, values};

/// List the crates in the programs as a CycloneDX SBOM
///
/// Asks cargo for the crates that are linked into the programs for a target, with the features of the manifest, and prints a
/// CycloneDX 1.6 document: each crate with its version, package URL, SHA-256 sum and license, and what it uses.
#[derive(clap::Args)]
pub struct Sbom {
    #[command(flatten)]
    project: ProjectArgs,

    /// The target [default: the manifest's, where it has one only]
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Option<Target>,

    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Sbom {
    /// Writes the document.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = self.project.read(&FormatArgs::default())?;
        let target = one_target(&project, self.target, "an SBOM")?;
        let text = sbom(&project, target)?;
        match &self.out {
            Some(path) => write_file(path, text.as_bytes())?,
            None => stdout::print_text(&text)?,
        }
        Ok(Exit::Done)
    }
}
