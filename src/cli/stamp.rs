//! `sealift stamp`: the commit in a finished program.

use std::path::PathBuf;

use sealift::commit::Commit;

use super::exit::Exit;

/// Write the commit into a finished program
///
/// It goes into a field that the linker placed; no other byte changes.
#[derive(clap::Args)]
pub struct Stamp {
    /// The program
    #[arg(value_name = "FILE")]
    program: PathBuf,

    /// The commit: up to 64 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    commit: Commit,

    /// Where the stamped program goes [default: in place]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Stamp {
    /// Stamps the program.
    pub fn run(self) -> anyhow::Result<Exit> {
        let out = self.out.as_ref().unwrap_or(&self.program);
        sealift::stamp::stamp(&self.program, &self.commit, out)?;
        Ok(Exit::Done)
    }
}
