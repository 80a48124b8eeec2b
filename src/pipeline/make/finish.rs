//! Programs as they ship: merged, without their symbols, and stamped.

use std::path::{Path, PathBuf};

use super::builds::{Build, parts};
use super::{Make, MakeError};
use crate::model::target::{Os, Target};
use crate::output::Workspace;
use crate::program::file::Program;
use crate::program::macho::{file_name, universal};
use crate::program::stamp::{Stamp, StampError, stamp};
use crate::program::symbols::symbols;
use crate::project::cargo::names;

/// The directory of finished programs in a workspace.
pub(super) const PROGRAMS: &str = "programs";

impl Make<'_> {
    /// The directory whose `bin/` has the finished programs for a target. They are finished when they are first asked for.
    pub(super) fn programs(
        &self,
        target: Target,
        workspace: &Workspace,
    ) -> Result<PathBuf, MakeError> {
        let below = format!("{PROGRAMS}/{}", target.triple);
        let directory = workspace.path().join(&below);
        if directory.is_dir() {
            return Ok(directory);
        }
        let bin = workspace.directory(&format!("{below}/bin"))?;
        match self.builds.of(target) {
            Some(build) => {
                for program in &build.programs {
                    let from = self.without_symbols(program, target, &bin)?;
                    self.stamp(target, &from, &bin.join(file_name(program)))?;
                }
                copy_scripts(build, &bin)?;
            }
            None => self.merge(target, &bin)?,
        }
        Ok(directory)
    }

    /// Merges the programs of a universal target.
    fn merge(&self, target: Target, bin: &Path) -> Result<(), MakeError> {
        let members = parts(target);
        let members: Vec<_> = members
            .iter()
            .filter_map(|part| self.builds.of(*part))
            .collect();
        let Some(first) = members.first() else {
            return Ok(());
        };
        for program in &first.programs {
            let name = file_name(program);
            let of_member = |member: &&Build| member.place.join(&name);
            let programs: Vec<_> = members.iter().map(of_member).collect();
            let out = bin.join(&name);
            universal(&programs, &out)?;
            self.stamp(target, &out, &out)?;
        }
        Ok(())
    }

    /// The program to stamp: without its symbols if they have a place to go to.
    fn without_symbols(
        &self,
        program: &Path,
        target: Target,
        bin: &Path,
    ) -> Result<PathBuf, MakeError> {
        match self.symbols {
            // Programs for macOS do not have them in themselves.
            Some(directory) if target.os != Os::MacOs => {
                let out = bin.join(file_name(program));
                symbols(program, &out, directory)?;
                Ok(out)
            }
            _ => Ok(program.to_owned()),
        }
    }

    fn stamp(&self, target: Target, program: &Path, out: &Path) -> Result<(), StampError> {
        let icon = self.project.windows_icon();
        let what = Stamp {
            commit: self.commit.as_ref(),
            needs_field: false,
            target: Some(target),
            package: Some(&self.project.package),
            icon: icon.as_deref(),
        };
        stamp(program, &what, out)
    }

    /// The directory with the programs of this machine that are not packaged, if there are any.
    pub(super) fn unpackaged(&self, workspace: &Workspace) -> Result<Option<PathBuf>, MakeError> {
        if self.builds.unpackaged.is_empty() {
            return Ok(None);
        }
        let bin = workspace.directory(&format!("{PROGRAMS}/host/bin"))?;
        for path in &self.builds.unpackaged {
            copy(path, &bin)?;
        }
        Ok(bin.parent().map(Path::to_owned))
    }
}

/// Copies what is beside the programs, which they or `[[generate]]` may run. cargo's directory has nothing of that kind.
fn copy_scripts(build: &Build, bin: &Path) -> Result<(), MakeError> {
    if build.others.is_none() {
        return Ok(());
    }
    for name in names(&build.place).map_err(StampError::Read)? {
        let path = build.place.join(name);
        if path.is_file() && !build.programs.contains(&path) {
            copy(&path, bin)?;
        }
    }
    Ok(())
}

/// Copies a file with its permissions.
fn copy(path: &Path, directory: &Path) -> Result<(), MakeError> {
    let program = Program::read(path).map_err(StampError::Read)?;
    Ok(program.write(&program.bytes, &directory.join(file_name(path)))?)
}
