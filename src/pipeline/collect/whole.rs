//! Makes what is made of the artifacts for all targets.

use std::fs::File;
use std::path::PathBuf;

use super::{CollectError, Collected};
use crate::catalog::Part;
use crate::event::{Event, Reporter};
use crate::model::artifact::Artifact;
use crate::model::commit::Commit;
use crate::model::digest::Sha256Sum;
use crate::model::package::Package;
use crate::model::path::FileName;
use crate::model::release::ARTIFACTS;
use crate::model::target::Target;
use crate::output::NewDirectory;
use crate::output::path_error::PathError;
use crate::project::{ChosenCatalog, Project};

/// Makes all of it in the directory of a release, which holds the artifacts already.
pub(super) fn make(
    project: &Project,
    commit: Option<&Commit>,
    collected: &[Collected],
    directory: &mut NewDirectory,
    reporter: &dyn Reporter,
) -> Result<Vec<Artifact>, CollectError> {
    let mut made = Vec::new();
    for chosen in &project.catalogs {
        let mut parts: Vec<_> = collected
            .iter()
            .filter(|each| each.artifact.format == chosen.registration.format)
            .filter_map(|each| {
                Some(Part {
                    target: each.artifact.target?,
                    artifact: &each.artifact,
                    path: &each.path,
                })
            })
            .collect();
        parts.sort_by_key(|part| part.target.triple);
        let Some(first) = parts.first() else {
            continue;
        };
        // Of the release, whatever the manifest says today.
        let package = Package {
            name: first.artifact.name.clone(),
            version: first.artifact.version.clone(),
            commit: commit.cloned(),
            ..project.package.clone()
        };
        let targets: Vec<Target> = parts.iter().map(|part| part.target).collect();
        if let Some(name) = chosen.catalog.file_name(&package, &targets) {
            let one = One {
                chosen,
                package: &package,
                parts: &parts,
            };
            made.push(one.make(&name, directory, reporter)?);
        }
    }
    Ok(made)
}

/// One artifact that is made.
struct One<'a> {
    chosen: &'a ChosenCatalog,
    package: &'a Package,
    parts: &'a [Part<'a>],
}

impl One<'_> {
    fn make(
        &self,
        name: &str,
        directory: &mut NewDirectory,
        reporter: &dyn Reporter,
    ) -> Result<Artifact, CollectError> {
        let format = self.chosen.registration.format;
        let invalid = |problem: String| CollectError::Whole {
            path: PathBuf::from(name),
            source: crate::format::FormatError::Invalid(problem),
        };
        let file: FileName = name.parse().map_err(|error| invalid(format!("{error}")))?;
        reporter.report(Event::ArtifactStarted {
            target: None,
            format,
            file: &file,
        });
        let first = self.parts[0].artifact;
        let below = format!("{ARTIFACTS}/{file}");
        let mut out = directory.file(&below, 0o644)?;
        let path = out.path().to_owned();
        let contents = self
            .chosen
            .catalog
            .write(self.package, self.parts, first.date, &mut out)
            .map_err(|source| CollectError::Whole { path, source })?;
        out.finish()?;
        let staged = directory.staged().join(&below);
        let read_error = PathError::reading(&staged);
        let mut written = File::open(&staged).map_err(read_error)?;
        let artifact = Artifact {
            name: self.package.name.clone(),
            version: self.package.version.clone(),
            target: None,
            format: format.to_owned(),
            file,
            size: written.metadata().map_err(read_error)?.len(),
            sha256: Sha256Sum::of_reader(&mut written).map_err(read_error)?,
            commit: first.commit.clone(),
            date: first.date,
            contents,
            tree: Vec::new(),
        };
        reporter.report(Event::ArtifactWritten {
            artifact: &artifact,
        });
        Ok(artifact)
    }
}
