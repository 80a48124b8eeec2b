//! `sealift plan`: what would be made.

use std::fmt::Write;

use sealift::model::target::Target;
use sealift::pipeline::plan::{self, PlannedArtifact, PlannedFile, Selection, TargetPlan};
use sealift::project::sources;

use super::exit::{self, Exit};
use super::expectation::Expectation;
use super::git;
use super::project::{FormatArgs, ProjectArgs};
use super::stdout;
use super::values;

/// Show what would be made
///
/// Nothing is built. Anything that cannot be built is refused here.
#[derive(clap::Args)]
pub struct Plan {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    formats: FormatArgs,

    /// A target to plan for [default: all targets of the manifest]
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Vec<Target>,

    /// A format to plan for [default: all formats of the manifest]
    #[arg(long, value_name = "NAME", value_parser = values::format())]
    format: Vec<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    expectation: Expectation,
}

impl Plan {
    /// Prints the plan.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = self.project.read(&self.formats)?;
        let selection = Selection {
            targets: self.target,
            formats: self.format,
        };
        let plan = plan::plan(&project, &selection)?;
        sources::check(&project)?;
        if self.expectation.check(&plan)? {
            return Ok(Exit::Done);
        }
        if self.json {
            stdout::print_json(&plan)?
        } else {
            stdout::print_text(&to_text(&plan))?
        }
        if git::is_dirty(&project.root) {
            exit::eprint_quietly(
                "warning: the source has uncommitted changes; a release of it would name no commit\n",
            );
        }
        Ok(Exit::Done)
    }
}

fn to_text(plan: &plan::Plan) -> String {
    let mut text = format!("{} {}\n", plan.name, plan.version);
    for target in &plan.targets {
        target_to_text(&mut text, target);
    }
    if !plan.release.is_empty() {
        text += "\nof all targets\n  artifacts\n";
        artifacts_to_text(&mut text, &plan.release);
    }
    text
}

/// Adds a line for each artifact; gives the width of the column with the formats.
fn artifacts_to_text(text: &mut String, artifacts: &[PlannedArtifact]) -> usize {
    let formats = artifacts.iter().map(|artifact| artifact.format.len());
    let width = formats.max().unwrap_or(0);
    for PlannedArtifact { format, file } in artifacts {
        *text += &format!("    {format:width$}  {file}\n");
    }
    width
}

fn target_to_text(text: &mut String, plan: &TargetPlan) {
    *text += &format!("\n{}\n  artifacts\n", plan.target);
    let width = artifacts_to_text(text, &plan.artifacts);
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes all text");
    if !plan.skipped.is_empty() {
        line("  skipped".to_owned());
    }
    for (format, reason) in &plan.skipped {
        line(format!("    {format:width$}  {reason}"));
    }
    line("  files".to_owned());
    for PlannedFile {
        source,
        destination,
        mode,
        ..
    } in &plan.files
    {
        let destination = match destination {
            Some(path) => format!("/{path}"),
            None => "each where its kind says".to_owned(),
        };
        line(format!("    {mode}  {source} -> {destination}"));
    }
}
