//! `sealift manifest`: about the manifest's own format.

use clap::Subcommand;
use sealift::project::manifest::json_schema::json_schema;

use super::exit::Exit;
use super::stdout;

/// Print the schema of the manifest
#[derive(clap::Args)]
pub struct Manifest {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the JSON schema of `sealift.toml`
    ///
    /// Editors complete and check manifests with it. With Taplo or Even Better TOML, write it to a file and name that file in
    /// the manifest's first line: `#:schema ./sealift.schema.json`.
    Schema,
}

impl Manifest {
    /// Prints the schema.
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Schema => stdout::print_json(&json_schema())?,
        }
        Ok(Exit::Done)
    }
}
