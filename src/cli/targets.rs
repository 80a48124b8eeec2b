//! `sealift targets`: the platforms that a release can be made for.

use std::collections::BTreeMap;
use std::fmt::Write;

use sealift::format::{FORMATS, Resources, Tables};
use sealift::model::target::{Platform, Target};

use super::exit::Exit;
use super::expectation::Expectation;
use super::stdout;

/// List the targets
///
/// Each line shows a target and the formats that this program can write for it.
#[derive(clap::Args)]
pub struct Targets {
    /// Print JSON, with the name that each kind of package has for each target
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    expectation: Expectation,
}

impl Targets {
    /// Prints the table.
    pub fn run(self) -> anyhow::Result<Exit> {
        if self.expectation.check(&by_triple())? {
            return Ok(Exit::Done);
        }
        if self.json {
            stdout::print_json(&by_triple())?
        } else {
            stdout::print_text(&to_text())?
        }
        Ok(Exit::Done)
    }
}

fn by_triple() -> BTreeMap<&'static str, &'static Platform> {
    let platforms = sealift::model::target::PLATFORMS.iter();
    platforms
        .map(|platform| (platform.triple, platform))
        .collect()
}

fn to_text() -> String {
    let width = Target::all().map(|target| target.triple.len()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for target in Target::all() {
        let formats = formats_for(target).join(" ");
        writeln!(text, "{:width$}  {formats}", target.triple).expect("a string takes all text");
    }
    text
}

/// The formats that can be written for a target, regardless of settings.
fn formats_for(target: Target) -> Vec<&'static str> {
    let (tables, resources) = (Tables::default(), Resources::default());
    let supporting = FORMATS
        .iter()
        .filter(|line| (line.new)(&tables, &resources).supports(target).is_ok());
    supporting.map(|line| line.name).collect()
}
