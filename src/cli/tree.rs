//! `sealift tree`: the directory of the files to ship.

use std::path::PathBuf;

use anyhow::bail;
use sealift::model::target::Target;
use sealift::pipeline::assemble::{AssembleError, GenerateError, Sources, assemble};
use sealift::project::Project;
use sealift::project::manifest::build::CargoPackage;

use super::exit::{Advised, Exit};
use super::project::{FormatArgs, ProjectArgs};
use super::values;

/// Assemble the directory of the files to ship
///
/// Each file of the manifest is taken from the project's source, else from what was built, else from what the built
/// program generates.
#[derive(clap::Args)]
pub struct Tree {
    /// The manifest [default: `sealift.toml`, else `packaging/sealift.toml`, in the source]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// The project's source
    #[arg(long, value_name = "DIR")]
    source: PathBuf,

    /// What was built, with programs in `bin/`
    #[arg(long, value_name = "DIR")]
    build: PathBuf,

    /// What was built for this machine, whose programs `[[generate]]` runs [default: that of `--build`]
    #[arg(long, value_name = "DIR")]
    generate_with: Option<PathBuf>,

    /// The OUT_DIR of a package's build script, for sources such as `{out_dir:hello}/hello.1`; cargo has it at
    /// `target/TRIPLE/release/build/PACKAGE-…/out`
    #[arg(long, value_name = "PACKAGE=DIR", value_parser = values::out_dir)]
    out_dir: Vec<(CargoPackage, PathBuf)>,

    /// The licenses of the dependencies, as `sealift licenses` writes them, for the source `{licenses}`
    #[arg(long, value_name = "FILE")]
    licenses: Option<PathBuf>,

    /// The directory to fill; must be empty or not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The target [default: the manifest's, where it has one only]
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Option<Target>,
}

impl Tree {
    /// Fills the directory.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = ProjectArgs {
            manifest: self.manifest,
            source: Some(self.source.clone()),
        };
        let project = project.read(&FormatArgs::default())?;
        let target = one_target(&project, self.target, "a tree")?;
        let out_dirs = self.out_dir.into_iter().collect();
        let sources = Sources {
            source: &self.source,
            programs: None,
            build: &self.build,
            host_build: self.generate_with.as_ref().unwrap_or(&self.build),
            licenses: self.licenses.as_deref(),
            out_dirs: &out_dirs,
        };
        match assemble(&project, target, sources, &self.out) {
            Ok(()) => Ok(Exit::Done),
            Err(error) if self.generate_with.is_none() => Err(explain(error)),
            Err(error) => Err(error.into()),
        }
    }
}

/// The target that is named, or the manifest's only one. `what` is what is made for it, with its article.
pub(super) fn one_target(
    project: &Project,
    named: Option<Target>,
    what: &str,
) -> anyhow::Result<Target> {
    match (named, project.targets.as_slice()) {
        (Some(target), planned) if planned.contains(&target) => Ok(target),
        (None, [target]) => Ok(*target),
        (Some(target), _) => bail!("target `{target}` is not in the manifest"),
        (None, several) => Err(name_one(several, what).into()),
    }
}

fn name_one(targets: &[Target], what: &str) -> Advised {
    let triples: Vec<_> = targets.iter().map(|target| target.triple).collect();
    Advised {
        message: format!("the manifest has several targets, and {what} is for one"),
        hint: format!("name one with `--target`: `{}`", triples.join("` or `")),
    }
}

/// Says how a file can be printed by a program that does not run here.
fn explain(error: AssembleError) -> anyhow::Error {
    let is_start = matches!(error, AssembleError::Generate(GenerateError::Start { .. }));
    let error = anyhow::Error::from(error);
    if is_start {
        Advised {
            message: format!("{error:#}"),
            hint: "where the build is for another machine, name one for this machine with `--generate-with DIR`"
                .to_owned(),
        }
        .into()
    } else {
        error
    }
}
