//! `sealift man`: manual pages.

use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::output::write_file;

use super::exit::Exit;
use super::stdout;

/// Print the manual page, or write all of them
#[derive(clap::Args)]
pub struct Man {
    /// The directory for all pages; made where it is missing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    /// Prints or writes the pages.
    pub fn run(self, mut cli: clap::Command) -> anyhow::Result<Exit> {
        // Subcommands get their full names, such as `sealift-plan`, by being built.
        cli.build();
        match self.out {
            None => stdout::print(&page(cli)?)?,
            Some(directory) => write_all(&cli, &directory)?,
        }
        Ok(Exit::Done)
    }
}

fn page(command: clap::Command) -> anyhow::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .manual("Sealift")
        .render(&mut page)
        .context("cannot render the manual page")?;
    Ok(page)
}

fn write_all(cli: &clap::Command, directory: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make the directory `{}`", directory.display()))?;
    let subcommands = cli
        .get_subcommands()
        .filter(|command| command.get_name() != "help");
    for command in std::iter::once(cli).chain(subcommands) {
        let name = command.get_display_name().unwrap_or(command.get_name());
        write_file(
            &directory.join(format!("{name}.1")),
            &page(command.clone())?,
        )?;
    }
    Ok(())
}
