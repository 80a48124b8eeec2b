//! A release in one run, without Nix: from built programs to a collected release.
//!
//! ```text
//! a build directory ──Builds::find──▶ ┐
//!                                     ├ Builds ──make──▶ trees ──▶ artifacts ──▶ Release
//! Toolchain ──compilation──▶ cargo ─▶ ┘
//! ```
//!
//! The steps are those of the other commands, in the order in which Nix takes them.

mod bins;
pub mod builds;
pub mod cargo;
pub mod compilation;
mod finish;
pub mod host;
pub mod profile;
#[cfg(test)]
mod tests;
pub mod toolchain;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::event::Reporter;
use crate::format::FormatError;
use crate::model::commit::Commit;
use crate::model::hint::Hint;
use crate::model::release::Release;
use crate::model::target::Target;
use crate::model::tree::{Kind, Tree};
use crate::output::{OutputError, Workspace, write_file};
use crate::pipeline::assemble::{AssembleError, GenerateError, Sources, assemble};
use crate::pipeline::collect::{CollectError, Request, collect};
use crate::pipeline::complete::{CompleteError, Pictures, complete};
use crate::pipeline::licenses::{LicensesError, licenses};
use crate::pipeline::load::{LoadError, load};
use crate::pipeline::plan::{Plan, TargetPlan};
use crate::pipeline::sbom::{SbomError, sbom};
use crate::pipeline::write::{Job, Part, WriteError, write};
use crate::program::macho::UniversalError;
use crate::program::stamp::StampError;
use crate::program::symbols::SymbolsError;
use crate::project::Project;
use crate::project::manifest::located::Located;
use crate::project::manifest::values::Origin;
use crate::project::sources::{PROGRAMS, is_there};

use builds::{Builds, OutDirs, parts};
use host::Host;

/// The directory of the release in a workspace.
pub const RELEASE: &str = "release";

/// What is made, and what of.
pub struct Make<'a> {
    /// The project.
    pub project: &'a Project,
    /// The artifacts, for targets that have programs.
    pub plan: &'a Plan,
    /// The programs.
    pub builds: &'a Builds,
    /// The machine whose programs `[[generate]]` can run.
    pub host: &'a Host,
    /// A build for this machine, in place of the one in `builds`.
    pub generate_with: Option<&'a Path>,
    /// The OUT_DIR of packages' build scripts, in place of those in `builds`.
    pub out_dirs: &'a OutDirs,
    /// Where the symbols of programs go; without it, programs keep those that they have.
    pub symbols: Option<&'a Path>,
    /// The commit that was built.
    pub commit: Option<Commit>,
    /// Whether the source had changes that are in no commit.
    pub dirty: bool,
    /// Seconds since the epoch, not negative.
    pub date: i64,
    /// The number of threads.
    pub threads: NonZeroUsize,
    /// What it is built with.
    pub built_with: serde_json::Map<String, serde_json::Value>,
    /// Whether cargo has compiled the programs, so that it knows the crates in them.
    pub lists_crates: bool,
}

/// Why a release could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// A format lacks something for a target.
    #[error("cannot make the `{format}` for `{target}`")]
    NotReady {
        /// The format.
        format: &'static str,
        /// The platform.
        target: Target,
        /// What is missing.
        source: FormatError,
    },
    /// A program of the manifest was not built.
    #[error(transparent)]
    Program(Box<Located>),
    /// Programs cannot be merged.
    #[error(transparent)]
    Universal(#[from] UniversalError),
    /// Symbols cannot be split off.
    #[error(transparent)]
    Symbols(#[from] SymbolsError),
    /// A program cannot be stamped.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// A tree could not be assembled.
    #[error("cannot assemble the files for `{target}`")]
    Assemble {
        /// The platform.
        target: Target,
        /// What went wrong.
        source: AssembleError,
    },
    /// The crates in the programs could not be listed.
    #[error(transparent)]
    Sbom(#[from] SbomError),
    /// The licenses of the dependencies could not be collected.
    #[error(transparent)]
    Licenses(#[from] LicensesError),
    /// A tree could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A tree could not be completed.
    #[error(transparent)]
    Complete(#[from] CompleteError),
    /// An artifact could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The artifacts do not make a release.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// The workspace could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Hint for MakeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotReady { .. } => Some("leave it out by naming the others with `--format`".to_owned()),
            Self::Program(located) => located.hint(),
            Self::Assemble { source, .. } => match source {
                AssembleError::Generate(GenerateError::Start { .. }) => Some(
                    "where the build is for another machine, name one for this machine with `--generate-with DIR`"
                        .to_owned(),
                ),
                _ => source.hint(),
            },
            Self::Licenses(error) => error.hint(),
            Self::Sbom(error) => error.hint(),
            Self::Load(error) => error.hint(),
            Self::Complete(error) => error.hint(),
            Self::Collect(error) => error.hint(),
            Self::Output(error) => error.hint(),
            Self::Stamp(StampError::Program { source, .. }) => source.hint(),
            Self::Symbols(SymbolsError::Program { source, .. }) => source.hint(),
            Self::Universal(_) | Self::Stamp(_) | Self::Symbols(_) | Self::Write(_) => None,
        }
    }
}

/// Refuses a plan with packages that this build of Sealift cannot write, before anything is compiled.
pub fn refuse_unready(project: &Project, plan: &Plan) -> Result<(), MakeError> {
    for TargetPlan {
        target, artifacts, ..
    } in &plan.targets
    {
        let is_planned = |format: &str| artifacts.iter().any(|artifact| artifact.format == format);
        for chosen in project.formats_for(*target) {
            let format = chosen.registration.name;
            if is_planned(format) {
                let ready = chosen.format.ready(*target);
                ready.map_err(|source| MakeError::NotReady {
                    format,
                    target: *target,
                    source,
                })?;
            }
        }
    }
    Ok(())
}

impl Make<'_> {
    /// Makes the release, in the directory [`RELEASE`] of a workspace.
    pub fn run(
        &self,
        workspace: &Workspace,
        reporter: &dyn Reporter,
    ) -> Result<Release, MakeError> {
        for plan in &self.plan.targets {
            self.refuse_missing(plan.target)?;
        }
        let (mut trees, pictures) = (Vec::new(), Pictures::default());
        for plan in &self.plan.targets {
            let tree = self.tree(plan.target, workspace, reporter)?;
            let whole = complete(self.project, plan.target, tree, self.date, &pictures)?;
            trees.push(whole);
        }
        let parts = self.plan.targets.iter().zip(&trees);
        let parts: Vec<_> = parts.map(|(plan, tree)| Part { plan, tree }).collect();
        let job = Job {
            commit: self.commit.clone(),
            date: self.date,
            threads: self.threads,
            out: &workspace.directory("packages")?,
        };
        let artifacts = write(self.project, &parts, &job, reporter)?;
        let paths = artifacts
            .iter()
            .map(|artifact| job.out.join(artifact.file.as_str()));
        let request = Request {
            artifacts: paths.collect(),
            sboms: self.sboms(workspace)?,
            commit: self.commit.clone(),
            dirty: self.dirty,
            built_with: Some(self.built_with.clone()),
            gates: self.project.gates.to_map(),
            project: Some(self.project),
        };
        Ok(collect(request, &workspace.path().join(RELEASE), reporter)?)
    }

    /// The files to ship for a target.
    fn tree(
        &self,
        target: Target,
        workspace: &Workspace,
        reporter: &dyn Reporter,
    ) -> Result<Tree, MakeError> {
        let programs = self.programs(target, workspace)?;
        let build = self
            .builds
            .of(target)
            .and_then(|build| build.others.as_deref());
        let build = build.unwrap_or(&programs);
        let host_build = self.host_build(target, workspace)?;
        let licenses = self.licenses(target, workspace, reporter)?;
        let sources = Sources {
            source: &self.project.root,
            programs: Some(&programs),
            build,
            licenses: licenses.as_deref(),
            out_dirs: self.out_dirs(target),
            host_build: host_build.as_deref().unwrap_or(build),
        };
        let out = workspace.path().join("trees").join(target.triple);
        assemble(self.project, target, sources, &out)
            .map_err(|source| MakeError::Assemble { target, source })?;
        Ok(load(self.project, target, &out)?)
    }

    /// The lists of what is in the programs, if cargo has compiled them.
    fn sboms(&self, workspace: &Workspace) -> Result<Vec<(Target, PathBuf)>, MakeError> {
        if !self.lists_crates {
            return Ok(Vec::new());
        }
        let directory = workspace.directory("sboms")?;
        let list = |plan: &TargetPlan| {
            let path = directory.join(plan.target.triple);
            write_file(&path, sbom(self.project, plan.target)?.as_bytes())?;
            Ok((plan.target, path))
        };
        self.plan.targets.iter().map(list).collect()
    }

    /// The file with the licenses of the dependencies; `None` if no rule for the target ships it.
    fn licenses(
        &self,
        target: Target,
        workspace: &Workspace,
        reporter: &dyn Reporter,
    ) -> Result<Option<PathBuf>, MakeError> {
        let mut rules = self.project.files_for(target);
        if !rules.any(|rule| rule.origin.is_licenses()) {
            return Ok(None);
        }
        let text = licenses(self.project, target, reporter)?;
        let path = workspace.directory("licenses")?.join(target.triple);
        write_file(&path, text.as_bytes())?;
        Ok(Some(path))
    }

    /// What build scripts wrote: where somebody says, or as cargo has said it.
    fn out_dirs(&self, target: Target) -> &OutDirs {
        let builds = parts(target)
            .into_iter()
            .filter_map(|part| self.builds.of(part));
        let of_build = self.builds.of(target).into_iter().chain(builds).next();
        match of_build {
            Some(build) if self.out_dirs.is_empty() => &build.out_dirs,
            _ => self.out_dirs,
        }
    }

    /// The directory with the build that `[[generate]]` runs; `None` if there is none for this machine.
    fn host_build(
        &self,
        target: Target,
        workspace: &Workspace,
    ) -> Result<Option<PathBuf>, MakeError> {
        if self.project.generate.is_empty() {
            return Ok(None);
        }
        if let Some(directory) = self.generate_with {
            return Ok(Some(directory.to_owned()));
        }
        let wanted: Vec<_> = self.plan.targets.iter().map(|plan| plan.target).collect();
        match self.builds.that_run(self.host, &wanted) {
            Some(runs) if runs != target => self.programs(runs, workspace).map(Some),
            Some(_) => Ok(Some(
                workspace.path().join(finish::PROGRAMS).join(target.triple),
            )),
            None => self.unpackaged(workspace),
        }
    }

    /// Refuses a target without one of the programs that the manifest names.
    fn refuse_missing(&self, target: Target) -> Result<(), MakeError> {
        let suffix = target.os.program_suffix();
        let parts = parts(target)
            .into_iter()
            .filter_map(|part| self.builds.of(part));
        let builds: Vec<_> = match self.builds.of(target) {
            Some(build) => vec![build],
            None => parts.collect(),
        };
        for rule in self.project.files_for(target) {
            let Origin::File(path) = &rule.origin else {
                continue;
            };
            let Some(name) = path.as_str().strip_prefix(PROGRAMS) else {
                continue;
            };
            if rule.kind != Kind::Binary || is_there(self.project, path) {
                continue;
            }
            let lacks = |build: &&&builds::Build| !build.has(name);
            if let Some(build) = builds.iter().find(lacks) {
                let message = format!("`{}` has no program `{name}`", build.place.display());
                let error = self.project.manifest.error_at(rule.span.clone(), message);
                let error = error.with_hint(build.known(name, suffix));
                return Err(MakeError::Program(error));
            }
        }
        Ok(())
    }
}

impl builds::Build {
    /// Whether there is such a program, which may be a script.
    fn has(&self, name: &str) -> bool {
        let path = self.place.join(name);
        self.programs.contains(&path) || self.others.is_some() && path.is_file()
    }

    /// What to do about a program that is not there.
    fn known(&self, name: &str, suffix: &str) -> String {
        let names = self
            .programs
            .iter()
            .filter_map(|path| path.file_name()?.to_str());
        let names: Vec<_> = names.collect();
        match crate::model::hint::nearest(name, names.iter().copied()) {
            Some(meant) => {
                let meant = meant.strip_suffix(suffix).unwrap_or(meant);
                format!("did you mean `{PROGRAMS}{meant}`?")
            }
            None if names.is_empty() => "build the program first".to_owned(),
            None => format!("there are `{}`", names.join("`, `")),
        }
    }
}
