//! `sealift universal`: one macOS program for all machines.

use std::path::PathBuf;

use super::exit::Exit;

/// Merge macOS programs, one per processor, into a universal one
///
/// Signs each part ad hoc, with the file name of the result as identifier. The order of the programs does not matter.
#[derive(clap::Args)]
pub struct Universal {
    /// The programs: Mach-O files, one per processor
    #[arg(value_name = "FILE", required = true)]
    programs: Vec<PathBuf>,

    /// The file to write the universal program to
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
