//! `sealift universal`: one macOS program for all machines.

use std::path::PathBuf;

use super::exit::Exit;

/// Merge macOS programs for one machine each into one for all
///
/// Each is signed ad hoc under the file name of the result. The order of the programs does not matter.
#[derive(clap::Args)]
pub struct Universal {
    /// The programs: Mach-O, one for each machine
    #[arg(value_name = "FILE", required = true)]
    programs: Vec<PathBuf>,

    /// Where the universal program goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Universal {
    /// Merges the programs.
    pub fn run(self) -> anyhow::Result<Exit> {
        sealift::program::macho::universal(&self.programs, &self.out)?;
        Ok(Exit::Done)
    }
}
