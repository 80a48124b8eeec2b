//! `sealift man`: manual pages.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sealift::output::write_file;

use super::exit::Exit;
use super::manual::MANUALS;
use super::stdout;

/// Print a manual page, or write all of them
#[derive(clap::Args)]
pub struct Man {
    /// The subcommand whose page to print [default: the page of the program itself]
    #[arg(value_name = "SUBCOMMAND")]
    subcommand: Vec<String>,

    /// The directory for all pages; created if missing
    #[arg(long, value_name = "DIR", conflicts_with = "subcommand")]
    out: Option<PathBuf>,
}

impl Man {
    /// Prints or writes the pages.
    pub fn run(self, mut cli: clap::Command) -> anyhow::Result<Exit> {
        // Subcommands get their full names, such as `sealift-plan`, by being built.
        cli = cli.disable_help_subcommand(true);
        cli.build();
        if let Some(directory) = self.out {
            write_all(&cli, &directory)?;
        } else {
            let find = |command, name: &String| find(command, name);
            stdout::print(&page(self.subcommand.iter().try_fold(&cli, find)?)?)?;
        }
        Ok(Exit::Done)
    }
}

fn find<'a>(cli: &'a clap::Command, name: &str) -> anyhow::Result<&'a clap::Command> {
    match cli.find_subcommand(name) {
        Some(command) => Ok(command),
        None => {
            let names: Vec<_> = cli.get_subcommands().map(clap::Command::get_name).collect();
            bail!(
                "there is no subcommand `{name}`; expected one of `{}`",
                names.join("`, `")
            )
        }
    }
}

fn page(command: &clap::Command) -> anyhow::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .manual("Sealift")
        .render(&mut page)
        .context("cannot render the manual page")?;
    // The page of the program itself has the empty name. What is below a command has its name only in the full one.
    let full = command.get_display_name().unwrap_or_default();
    let name = full.strip_prefix("sealift-").unwrap_or_default();
    let more = MANUALS.iter().filter(|manual| manual.command == name);
    page.extend(more.flat_map(|manual| manual.to_roff().into_bytes()));
    Ok(page)
}

/// A command and all below it.
fn all(command: &clap::Command) -> Vec<&clap::Command> {
    let below = command.get_subcommands().flat_map(all);
    std::iter::once(command).chain(below).collect()
}

fn write_all(cli: &clap::Command, directory: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make the directory `{}`", directory.display()))?;
    for command in all(cli) {
        let name = command.get_display_name().unwrap_or(command.get_name());
        write_file(&directory.join(format!("{name}.1")), &page(command)?)?;
    }
    Ok(())
}
