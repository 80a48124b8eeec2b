//! `sealift completions`: completion scripts.

use clap_complete::Shell;

use super::exit::Exit;
use super::stdout;

/// Print a shell's completion script
#[derive(clap::Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(self, mut cli: clap::Command) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut cli, "sealift", &mut script);
        stdout::print(&script)?;
        Ok(Exit::Done)
    }
}
