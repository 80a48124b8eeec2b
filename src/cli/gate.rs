//! `sealift gate`: judges a release.

use std::path::{Path, PathBuf};

use sealift::evidence::{Advisories, Evidence};
use sealift::format::FORMATS;
use sealift::gate::annotations::{self, annotations};
use sealift::gate::list;
use sealift::gate::report::{Outcome, REPORT, Report, judge};
use sealift::gate::{GateContext, GateLimits};
use sealift::model::release::Release;
use sealift::output::{OutputError, json, write_files};
use sealift::page::page;

use super::exit::{self, Advised, Exit};
use super::judgment;
use super::progress::Progress;
use super::project::{FormatArgs, ProjectArgs};
use super::stdout;

/// Judge a release directory with the gates
///
/// Writes `report.json`, and the page `report.html` beside it. The limits are those that the release was made with, or those of the manifest given with
/// `--manifest`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Gate {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    judgement: JudgeArgs,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print every gate: what it judges, its limits by default, and what to do about its findings
    List {
        /// How to print them
        #[arg(long, value_name = "NOTATION", default_value = "text")]
        format: ListNotation,
    },
}

/// In what the gates are printed.
#[derive(Clone, Copy, clap::ValueEnum)]
enum ListNotation {
    /// A paragraph for each
    Text,
    /// A list of objects
    Json,
    /// The page of Sealift's documentation
    Markdown,
}

#[derive(clap::Args)]
struct JudgeArgs {
    /// The release directory
    #[arg(value_name = "DIR", required = true)]
    directory: Option<PathBuf>,

    /// A manifest whose limits replace those of the release
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// A record of what was measured, or a directory of such records; can be given more than once
    #[arg(long, value_name = "PATH")]
    evidence: Vec<PathBuf>,

    /// The directory of the release before, which this one is held against
    #[arg(long, value_name = "DIR")]
    previous: Option<PathBuf>,

    /// A database of security advisories in the format of RustSec, for the gate `advisories`
    #[arg(long, value_name = "DIR")]
    advisories: Option<PathBuf>,

    /// Print the report as JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// How to print the report; the files are written as well
    #[arg(long, value_name = "NOTATION", default_value = "text")]
    format: Notation,

    /// The file to write the report to, with its page beside it as `.html` [default: `report.json` in the release directory]
    #[arg(long, value_name = "FILE", value_parser = report_path)]
    report: Option<PathBuf>,
}

/// In what the report is printed.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Notation {
    /// A table with the findings
    Text,
    /// The report
    Json,
    /// Commands for annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// Test cases of JUnit
    Junit,
}

impl Gate {
    /// Runs the gates, or lists them.
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            None => self.judgement.run(),
            Some(Command::List { format }) => {
                match format {
                    ListNotation::Text => stdout::print_text(&list::to_text())?,
                    ListNotation::Json => stdout::print_json(&list::described())?,
                    ListNotation::Markdown => stdout::print_text(&list::to_markdown())?,
                }
                Ok(Exit::Done)
            }
        }
    }
}

impl JudgeArgs {
    fn run(self) -> anyhow::Result<Exit> {
        let directory = self
            .directory
            .expect("clap wants it where there is no subcommand");
        let release = read(&directory)?;
        let limits = match self.manifest {
            None => GateLimits::of(&release)?,
            manifest => limits_of(manifest)?,
        };
        let evidence = Evidence::read(&self.evidence)?;
        let previous = self.previous.as_deref().map(read).transpose()?;
        let advisories = self
            .advisories
            .as_deref()
            .map(Advisories::read)
            .transpose()?;
        let context = GateContext {
            directory: &directory,
            formats: FORMATS,
            evidence: &evidence,
            previous: previous.as_ref(),
            advisories: advisories.as_ref(),
        };
        let report = judged(&release, &context, &limits);
        let path = self.report.unwrap_or_else(|| directory.join(REPORT));
        // The findings first: they are worth reading where the report cannot be written.
        let notation = if self.json {
            Notation::Json
        } else {
            self.format
        };
        let for_ci = |notation| stdout::print_text(&annotations(&report, notation));
        match notation {
            Notation::Text => stdout::print_report(&judgment::to_text(&report))?,
            Notation::Json => stdout::print_json(&report)?,
            Notation::Github => for_ci(annotations::Notation::GitHub)?,
            Notation::Gitlab => for_ci(annotations::Notation::GitLab)?,
            Notation::Junit => for_ci(annotations::Notation::JUnit)?,
        }
        exit::warn_of_dirt(&release);
        write(&report, &path)?;
        Ok(exit_of(report.outcome))
    }
}

/// Judges a release, with progress.
pub fn judged(release: &Release, context: &GateContext<'_>, limits: &GateLimits) -> Report {
    let progress = Progress::new(0);
    let report = judge(release, context, limits, &progress);
    progress.finish();
    report
}

/// Writes a report, and its page beside it.
pub fn write(report: &Report, path: &Path) -> Result<(), OutputError> {
    let (text, page) = (json::to_text(report), page(report));
    let beside = path.with_extension("html");
    write_files(&[(path, text.as_bytes()), (&beside, page.as_bytes())])
}

/// A path whose page has another one.
fn report_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if extension == "html" => Err(
            "that is the name of the report's page; expected another one, such as `report.json`"
                .to_owned(),
        ),
        _ => Ok(path),
    }
}

/// How the program ends after a report.
pub fn exit_of(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::NotApplicable | Outcome::Pass => Exit::Done,
        Outcome::Fail => Exit::GateFailed,
        Outcome::Error => Exit::CouldNotRun,
    }
}

fn read(directory: &Path) -> anyhow::Result<Release> {
    Release::read(directory).map_err(|error| {
        let is_missing = error.is_missing();
        let error = anyhow::Error::from(error);
        if !is_missing {
            return error;
        }
        let message = format!("{error:#}");
        let hint = "name a directory that `sealift release` has filled".to_owned();
        Advised { message, hint }.into()
    })
}

fn limits_of(manifest: Option<PathBuf>) -> anyhow::Result<GateLimits> {
    let project = ProjectArgs {
        manifest,
        source: None,
    };
    Ok(project.read(&FormatArgs::default())?.gates)
}
