//! `sealift diff`: where two releases differ.

use std::fmt::Write;
use std::path::PathBuf;

use sealift::diff::{Difference, differences};
use sealift::evidence::{Comparison, Observation, Record};
use sealift::format::FORMATS;
use sealift::model::release::Release;
use sealift::model::schema::Schema;
use sealift::output::{json, write_file};

use super::exit::Exit;
use super::stdout;

/// Compare two releases
///
/// Packages of the same format and target are compared, whatever their names: their members, modes and links, and of each file
/// the first line, byte, or section and symbol of a program. Exits with 1 if anything differs.
#[derive(clap::Args)]
pub struct Diff {
    /// The first release directory
    #[arg(value_name = "LEFT")]
    left: PathBuf,

    /// The second release directory
    #[arg(value_name = "RIGHT")]
    right: PathBuf,

    /// Print the differences as JSON
    #[arg(long)]
    json: bool,

    /// The file to record the comparison in, for the gate `reproducible`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(serde::Serialize)]
struct Differences {
    schema: Schema,
    equal: bool,
    differences: Vec<Difference>,
}

impl Diff {
    /// Compares the releases.
    pub fn run(self) -> anyhow::Result<Exit> {
        let differences = differences(&self.left, &self.right, FORMATS, &std::env::temp_dir())?;
        let equal = differences.is_empty();
        if let Some(path) = &self.record {
            let observation = Observation::Comparison(Comparison {
                left: Release::read(&self.left)?.sum(),
                right: Release::read(&self.right)?.sum(),
                differences: differences.clone(),
            });
            write_file(path, json::to_text(&Record::new(observation)).as_bytes())?;
        }
        if self.json {
            stdout::print_json(&Differences {
                schema: Schema::default(),
                equal,
                differences,
            })?;
        } else {
            stdout::print_text(&to_text(&differences))?;
        }
        Ok(if equal { Exit::Done } else { Exit::Differs })
    }
}

fn to_text(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "the releases are the same, byte for byte\n".to_owned();
    }
    let mut text = String::new();
    for Difference { place, left, right } in differences {
        // A line break in a file name must not look like another difference.
        let [place, left, right] = [place, left, right].map(|text| text.replace('\n', "\\n"));
        writeln!(text, "{place}\n  left   {left}\n  right  {right}")
            .expect("a string takes all text");
    }
    text
}
