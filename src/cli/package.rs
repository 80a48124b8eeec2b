//! `sealift package`: from a tree to artifacts.

use std::fmt::Write;
use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sealift::model::artifact::Artifact;
use sealift::model::commit::Commit;
use sealift::model::target::Target;
use sealift::pipeline::complete::{Pictures, complete};
use sealift::pipeline::load::load;
use sealift::pipeline::plan::{Selection, plan};
use sealift::pipeline::write::{Job, Part, write};

use super::exit::{Advised, Exit};
use super::progress::Progress;
use super::project::{FormatArgs, ProjectArgs};
use super::stdout;
use super::values;

/// The date of packages where none is given: 1980-01-01 UTC, the earliest that every format can hold. It is a
/// constant, because the same input has to give the same bytes on any day.
const DEFAULT_DATE: i64 = 315_532_800;

/// Write packages from a tree directory
///
/// Writes all formats in parallel and prints the paths of the packages. Beside each package it writes the record
/// `<file>.artifact.json`, which `sealift release` reads. After an error, no package appears.
#[derive(clap::Args)]
pub struct Package {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    formats: FormatArgs,

    /// The target that the tree is for
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Target,

    /// The tree directory, as `sealift tree` makes it
    #[arg(long, value_name = "DIR")]
    tree: PathBuf,

    /// A format to write [default: all formats of the manifest]
    #[arg(long, value_name = "NAME", value_parser = values::format())]
    format: Vec<String>,

    /// The directory for the packages; created if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The commit that was built
    #[arg(long, value_name = "HEX")]
    commit: Option<Commit>,

    /// The date of the packages, in seconds since 1970 [default: `SOURCE_DATE_EPOCH`, else 315532800 (1980-01-01)]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..))]
    date: Option<i64>,

    /// How many threads to use [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Print the artifacts' records as JSON
    #[arg(long)]
    json: bool,
}

impl Package {
    /// Writes the packages.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = self.project.read(&self.formats)?;
        let selection = Selection {
            targets: vec![self.target],
            formats: self.format,
        };
        let plan = plan(&project, &selection)?;
        let [plan] = plan.targets.as_slice() else {
            bail!("expected a plan for one target");
        };
        let date = date_or(self.date, || None)?;
        let tree = load(&project, self.target, &self.tree)?;
        let tree = complete(&project, self.target, tree, date, &Pictures::default())?;
        std::fs::create_dir_all(&self.out)
            .with_context(|| format!("cannot make the directory `{}`", self.out.display()))?;
        refuse_inside(&self.out, &self.tree)?;
        let parts = [Part { plan, tree: &tree }];
        let job = Job {
            commit: self.commit,
            date,
            threads: self.threads.unwrap_or_else(cores),
            out: &self.out,
        };
        let progress = Progress::new(plan.artifacts.len());
        let artifacts = write(&project, &parts, &job, &progress);
        progress.finish();
        let artifacts = artifacts?;
        // Who sees both streams has just been told the names, with sizes and times.
        let is_told = progress.is_shown() && std::io::stdout().is_terminal();
        if self.json {
            stdout::print_json(&artifacts)?;
        } else if !is_told {
            print_paths(&artifacts, &self.out)?;
        }
        Ok(Exit::Done)
    }
}

/// Packages in the tree would be packaged by the next run.
fn refuse_inside(out: &Path, tree: &Path) -> anyhow::Result<()> {
    let resolve = |path: &Path| {
        let resolved = path.canonicalize();
        resolved.with_context(|| format!("cannot read `{}`", path.display()))
    };
    if resolve(out)?.starts_with(resolve(tree)?) {
        let (out, tree) = (out.display(), tree.display());
        return Err(Advised {
            message: format!("`{out}` is in the tree `{tree}`; expected another directory"),
            hint: "what is in the tree is packaged; name a directory outside with `--out`"
                .to_owned(),
        }
        .into());
    }
    Ok(())
}

/// The date of packages: the given one, else the environment's, else another that is known.
pub fn date_or(given: Option<i64>, other: impl FnOnce() -> Option<i64>) -> anyhow::Result<i64> {
    if let Some(date) = given {
        return Ok(date);
    }
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok(other().unwrap_or(DEFAULT_DATE));
    };
    let date = text.to_str().and_then(|text| text.parse().ok());
    date.filter(|date| *date >= 0).with_context(|| {
        format!(
            "SOURCE_DATE_EPOCH is `{}`; expected seconds since 1970",
            text.display()
        )
    })
}

/// How many threads are used unless somebody says otherwise.
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Prints the path of each artifact in a directory.
pub fn print_paths(artifacts: &[Artifact], out: &Path) -> anyhow::Result<()> {
    let mut lines = String::new();
    for artifact in artifacts {
        let path = out.join(artifact.file.as_str());
        writeln!(lines, "{}", path.display()).expect("a string takes all text");
    }
    Ok(stdout::print_text(&lines)?)
}
