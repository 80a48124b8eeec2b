//! Where the programs come from: a build directory, or cargo.

use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::event::Reporter;
use sealift::model::target::Target;
use sealift::pipeline::make::builds::Builds;
use sealift::pipeline::make::cargo::compile;
pub use sealift::pipeline::make::compilation::LeftOut;
use sealift::pipeline::make::compilation::{Circumstances, Compilation};
use sealift::pipeline::make::host::Host;
use sealift::pipeline::make::toolchain::Toolchain;
use sealift::project::Project;
use sealift::project::cargo::packages::CargoProject;

use super::this_machine::{ThisMachine, directories};
use crate::cli::exit::Advised;
use crate::cli::terminal;

/// Who has built the programs, or builds them.
pub enum Origin<'a> {
    /// Whoever filled a directory.
    Directory(&'a Path),
    /// cargo.
    Cargo,
}

/// What is known before anything is compiled.
pub enum Prepared {
    /// There are programs.
    Built(Builds, Vec<LeftOut>),
    /// Programs are to be compiled.
    ToCompile(Compilation, Toolchain),
}

impl<'a> Origin<'a> {
    /// What the command line says, else cargo for a Cargo project.
    pub fn of(project: &Project, build: Option<&'a Path>, cargo: bool) -> Result<Self, Advised> {
        match build {
            Some(directory) => Ok(Self::Directory(directory)),
            None if cargo || project.root.join("Cargo.toml").is_file() => Ok(Self::Cargo),
            None => Err(Advised {
                message: format!(
                    "`{}` has no Cargo.toml, so there is nothing to compile",
                    project.root.join("").display()
                ),
                hint: "name a directory of built programs with `--build DIR`".to_owned(),
            }),
        }
    }

    /// Finds programs, or decides what to compile. `needs_host` is whether a build for this machine may be needed.
    pub fn prepare(
        &self,
        project: &Project,
        targets: &[Target],
        host: &Host,
        needs_host: bool,
    ) -> anyhow::Result<Prepared> {
        match self {
            Self::Directory(directory) => {
                // cargo has a directory of the profile's name.
                let profile = project.build.cargo_profile.get_ref().as_str();
                let builds = Builds::find(directory, targets, profile)?;
                let missing = targets.iter().filter(|target| !builds.has(**target));
                let left_out = missing.map(|target| LeftOut {
                    target: *target,
                    reason: format!("`{}` has no programs for it", directory.display()),
                });
                let left_out = left_out.collect();
                Ok(Prepared::Built(builds, left_out))
            }
            Self::Cargo => {
                let toolchain = Toolchain::of(&ThisMachine(&project.root))?;
                let workspace = Workspace::of(project)?;
                let mut remap: Vec<_> = toolchain.std_source.iter().cloned().collect();
                remap.extend(directories(&workspace.directory));
                let circumstances = Circumstances {
                    project,
                    cargo_toml: &workspace.cargo_toml,
                    remap: &remap,
                    host,
                    needs_host: needs_host && !project.generate.is_empty(),
                    quiet: terminal::is_quiet(),
                };
                let compilation = Compilation::plan(targets, &toolchain, &circumstances);
                Ok(Prepared::ToCompile(compilation, toolchain))
            }
        }
    }
}

/// The workspace that a project is in.
struct Workspace {
    directory: PathBuf,
    /// The text of its `Cargo.toml`.
    cargo_toml: String,
}

impl Workspace {
    fn of(project: &Project) -> anyhow::Result<Self> {
        let root = std::path::absolute(&project.root)
            .with_context(|| format!("cannot find `{}`", project.root.display()))?;
        let path = match CargoProject::read_whole(&root)? {
            Some(project) => project.cargo_toml,
            None => root.join("Cargo.toml"),
        };
        let cargo_toml = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok(Self {
            directory: path.parent().unwrap_or(&root).to_owned(),
            cargo_toml,
        })
    }
}

impl Prepared {
    /// The targets that there will be no programs for.
    pub fn left_out(&self) -> &[LeftOut] {
        match self {
            Self::Built(_, left_out) => left_out,
            Self::ToCompile(compilation, _) => &compilation.left_out,
        }
    }

    /// What the release will record of its origin.
    pub fn built_with(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut versions = serde_json::Map::new();
        versions.insert("sealift".to_owned(), env!("CARGO_PKG_VERSION").into());
        let command = match self {
            Self::Built(..) => "sealift make --build",
            Self::ToCompile(_, toolchain) => {
                let known = toolchain.versions.iter();
                versions.extend(
                    known.map(|(name, version)| ((*name).to_owned(), version.as_str().into())),
                );
                "sealift make --cargo"
            }
        };
        let entries = [
            ("command", command.into()),
            ("hermetic", false.into()),
            ("versions", versions.into()),
        ];
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .into_iter()
            .collect()
    }

    /// The programs, compiled if they have to be.
    pub fn build(self, project: &Project, reporter: &dyn Reporter) -> anyhow::Result<Builds> {
        match self {
            Self::Built(builds, _) => Ok(builds),
            Self::ToCompile(compilation, _) => Ok(compile(&compilation.steps, project, reporter)?),
        }
    }
}
