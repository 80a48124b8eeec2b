//! What will be made, decided before anything is built.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::FormatError;
use crate::model::hint::{Hint, did_you_mean};
use crate::model::path::FileName;
use crate::model::target::Target;
use crate::model::text::InvalidText;
use crate::model::tree::Kind;
use crate::project::manifest::build::Build;
use crate::project::manifest::glob::GlobError;
use crate::project::manifest::located::Located;
use crate::project::manifest::values::{GenerateOutput, Origin};
use crate::project::manifest::windows::Windows;
use crate::project::{Chosen, FileRule, Project};

/// What would be made of a project. Serializes to the output of `sealift plan --json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// The package's name.
    pub name: String,
    /// The package's version.
    pub version: String,
    /// How the programs are compiled.
    pub build: Build,
    /// The resources of Windows programs.
    pub windows: Windows,
    /// One per target.
    pub targets: Vec<TargetPlan>,
    /// What is made of the artifacts for all targets.
    pub release: Vec<PlannedArtifact>,
}

/// What would be made for one target.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TargetPlan {
    /// The platform.
    pub target: Target,
    /// The artifacts, in the order of the formats in the manifest.
    pub artifacts: Vec<PlannedArtifact>,
    /// The formats for all targets that this one cannot have, each with the reason.
    pub skipped: BTreeMap<&'static str, &'static str>,
    /// The contents of each of them, in the manifest's order.
    pub files: Vec<PlannedFile>,
}

/// An artifact that would be made.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PlannedArtifact {
    /// The format's name.
    pub format: &'static str,
    /// The file's name.
    pub file: FileName,
}

/// Files that would be installed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PlannedFile {
    /// Their purpose.
    pub kind: Kind,
    /// The path in the tree directory; a directory ends with `/`. A pattern that no file of the project matches stands for
    /// files of the build.
    pub source: String,
    /// The path on the user's machine, without the leading `/`; `None` for files of a directory that each go to the
    /// default path of their kind.
    pub destination: Option<String>,
    /// Permission bits, in octal such as `0755`.
    pub mode: String,
}

/// The longest name of an artifact in bytes. File systems take 255, and files beside it have longer names.
const MAX_FILE_NAME: usize = 200;

/// Why something cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A format does not support a target.
    #[error(transparent)]
    Unsupported(#[from] crate::format::Unsupported),
    /// A target was requested that is not in the manifest.
    #[error("target `{target}` is not in the manifest; expected one of `{}`", known.join("`, `"))]
    UnplannedTarget {
        /// What was requested.
        target: Target,
        /// What is in the manifest.
        known: Vec<&'static str>,
    },
    /// A format was requested that the manifest does not have for the targets.
    #[error("format `{format}` is not planned; expected one of `{}`", known.join("`, `"))]
    UnplannedFormat {
        /// What was requested.
        format: String,
        /// What is in the manifest.
        known: Vec<&'static str>,
    },
    /// No file is for a target.
    #[error("no file of the manifest is for `{target}`, so there is nothing to package")]
    Empty {
        /// The platform.
        target: Target,
    },
    /// A format's file name is unusable.
    #[error("format `{format}` made an unusable name")]
    FileName {
        /// The format.
        format: &'static str,
        /// What is wrong with it.
        source: InvalidText,
    },
    /// A format's file name is too long for the files that are written beside it.
    #[error("format `{format}` would write `{file}`, a name of {} bytes; expected at most {MAX_FILE_NAME}", file.len())]
    LongFileName {
        /// The format.
        format: &'static str,
        /// The name.
        file: FileName,
    },
    /// A format cannot hold the package.
    #[error("format `{format}` cannot hold the package")]
    Package {
        /// The format.
        format: &'static str,
        /// What is wrong.
        source: FormatError,
    },
    /// A file that a rule's pattern matches has no place.
    #[error(transparent)]
    Rule(#[from] Box<Located>),
    /// The files of a pattern cannot be found.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// Two artifacts would have the same name.
    #[error("formats `{first}` and `{second}` would both write `{file}`")]
    SameFile {
        /// The file's name.
        file: FileName,
        /// One format.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
}

impl Hint for PlanError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnplannedTarget { target, known } => {
                did_you_mean(target.triple, known.iter().copied())
            }
            Self::UnplannedFormat { format, known } => did_you_mean(format, known.iter().copied()),
            Self::Rule(located) => located.hint(),
            _ => None,
        }
    }
}

/// The selected targets and formats of a project; empty lists mean all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Platforms.
    pub targets: Vec<Target>,
    /// Names of formats.
    pub formats: Vec<String>,
}

/// Plans a project. Anything that cannot be built is refused here. Targets without any of the requested formats are
/// left out.
pub fn plan(project: &Project, selection: &Selection) -> Result<Plan, PlanError> {
    let targets = select_targets(project, &selection.targets)?;
    refuse_stray_formats(project, &targets, &selection.formats)?;
    let is_wanted = |name: &str| {
        selection.formats.is_empty() || selection.formats.iter().any(|wanted| wanted == name)
    };
    let mut plans = Vec::new();
    for target in targets {
        let formats = project.formats_for(target).iter();
        let formats: Vec<_> = formats
            .filter(|chosen| is_wanted(chosen.registration.name))
            .collect();
        if !formats.is_empty() {
            plans.push(plan_target(project, target, &formats)?);
        }
    }
    Ok(Plan {
        name: project.package.name.to_string(),
        version: project.package.version.to_string(),
        build: project.build.clone(),
        windows: project.windows.clone(),
        release: plan_release(project, &plans)?,
        targets: plans,
    })
}

impl Plan {
    /// Takes targets out of the plan.
    pub fn leave_out(
        &mut self,
        project: &Project,
        is_out: impl Fn(Target) -> bool,
    ) -> Result<(), PlanError> {
        self.targets.retain(|plan| !is_out(plan.target));
        self.release = plan_release(project, &self.targets)?;
        Ok(())
    }

    /// The number of artifacts.
    pub fn count(&self) -> usize {
        let of_targets = self.targets.iter().map(|plan| plan.artifacts.len());
        of_targets.sum::<usize>() + self.release.len()
    }
}

/// Plans what is made of the artifacts for some targets.
fn plan_release(
    project: &Project,
    targets: &[TargetPlan],
) -> Result<Vec<PlannedArtifact>, PlanError> {
    let mut planned = Vec::new();
    for chosen in &project.catalogs {
        let format = chosen.registration.format;
        let has_format = |plan: &&TargetPlan| plan.artifacts.iter().any(|a| a.format == format);
        let parts: Vec<_> = targets.iter().filter(has_format).collect();
        let parts: Vec<_> = parts.iter().map(|plan| plan.target).collect();
        if parts.is_empty() {
            continue;
        }
        if let Some(name) = chosen.catalog.file_name(&project.package, &parts) {
            let artifact = planned_artifact(format, &name)?;
            let mut others = targets.iter().flat_map(|plan| &plan.artifacts);
            if let Some(other) = others.find(|other| other.file == artifact.file) {
                return Err(PlanError::SameFile {
                    file: artifact.file,
                    first: other.format,
                    second: format,
                });
            }
            planned.push(artifact);
        }
    }
    Ok(planned)
}

fn select_targets(project: &Project, wanted: &[Target]) -> Result<Vec<Target>, PlanError> {
    if let Some(stray) = wanted.iter().find(|t| !project.targets.contains(t)) {
        return Err(PlanError::UnplannedTarget {
            target: *stray,
            known: project.targets.iter().map(|target| target.triple).collect(),
        });
    }
    let is_wanted = |target: &&Target| wanted.is_empty() || wanted.contains(target);
    Ok(project.targets.iter().filter(is_wanted).copied().collect())
}

fn refuse_stray_formats(
    project: &Project,
    targets: &[Target],
    wanted: &[String],
) -> Result<(), PlanError> {
    let mut known = Vec::new();
    for target in targets {
        for chosen in project.formats_for(*target) {
            if !known.contains(&chosen.registration.name) {
                known.push(chosen.registration.name);
            }
        }
    }
    let stray = wanted.iter().find(|name| !known.contains(&name.as_str()));
    let mut skipped = targets
        .iter()
        .flat_map(|target| project.skipped_for(*target));
    if let Some(unsupported) = skipped.find(|each| stray.is_some_and(|name| name == each.format)) {
        return Err(unsupported.clone().into());
    }
    match stray {
        Some(stray) => Err(PlanError::UnplannedFormat {
            format: stray.clone(),
            known,
        }),
        None => Ok(()),
    }
}

fn plan_target(
    project: &Project,
    target: Target,
    formats: &[&Chosen],
) -> Result<TargetPlan, PlanError> {
    let mut files = Vec::new();
    for rule in project.files_for(target) {
        files.extend(planned_files(project, &rule)?);
    }
    if files.is_empty() {
        return Err(PlanError::Empty { target });
    }
    let mut artifacts: Vec<PlannedArtifact> = Vec::new();
    for chosen in formats {
        let planned = plan_artifact(project, target, chosen)?;
        if let Some(other) = artifacts.iter().find(|other| other.file == planned.file) {
            return Err(PlanError::SameFile {
                file: planned.file,
                first: other.format,
                second: planned.format,
            });
        }
        artifacts.push(planned);
    }
    let skipped = project.skipped_for(target).iter();
    Ok(TargetPlan {
        target,
        artifacts,
        skipped: skipped.map(|each| (each.format, each.reason)).collect(),
        files,
    })
}

fn plan_artifact(
    project: &Project,
    target: Target,
    chosen: &Chosen,
) -> Result<PlannedArtifact, PlanError> {
    let format = chosen.registration.name;
    chosen.format.supports(target)?;
    let package = &project.package;
    let checked = chosen.format.check(package);
    checked.map_err(|source| PlanError::Package { format, source })?;
    planned_artifact(format, &chosen.format.file_name(&project.package, target))
}

fn planned_artifact(format: &'static str, name: &str) -> Result<PlannedArtifact, PlanError> {
    let file: FileName = name
        .parse()
        .map_err(|source| PlanError::FileName { format, source })?;
    if file.len() > MAX_FILE_NAME {
        return Err(PlanError::LongFileName { format, file });
    }
    Ok(PlannedArtifact { format, file })
}

/// What a rule ships. A pattern stands for the files of the project that match it and the ones that are generated; it stands
/// for itself if there are none, because the build may have some.
fn planned_files(project: &Project, rule: &FileRule) -> Result<Vec<PlannedFile>, PlanError> {
    let planned = |source: String, destination: Option<String>| PlannedFile {
        kind: rule.kind,
        source,
        destination,
        mode: format!("{:04o}", rule.mode),
    };
    let directory = || rule.destination.as_ref().map(|path| format!("{path}/"));
    let glob = match &rule.origin {
        Origin::File(_) => {
            let place = rule.destination.as_ref().map(ToString::to_string);
            return Ok(vec![planned(rule.origin.to_string(), place)]);
        }
        Origin::Directory(_) => return Ok(vec![planned(rule.origin.to_string(), directory())]),
        Origin::Glob(glob) => glob,
    };
    let mut paths = BTreeSet::from_iter(glob.files(&project.root)?);
    let generated = project.generate.iter().map(|rule| rule.output.get_ref());
    // What fills a directory shows only when it is run.
    paths.extend(generated.filter_map(|output| match output {
        GenerateOutput::File(path) => Some(path.clone()),
        GenerateOutput::Directory(_) => None,
    }));
    let mut files = Vec::new();
    for path in paths {
        if let Some(relative) = glob.below_base(&path) {
            let place = rule.install_path(&project.package.name, &relative);
            let place = place.map_err(|error| {
                let error = project
                    .manifest
                    .error_at(rule.span.clone(), error.to_string());
                error.with_hint("give the rule a `destination`, or narrow the pattern")
            })?;
            files.push(planned(path.to_string(), Some(place.to_string())));
        }
    }
    if files.is_empty() {
        files.push(planned(rule.origin.to_string(), directory()));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    const FILES: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n[[files]]\nkind = 'doc'\nsource = 'doc/'\n";

    fn plan_of(formats: &str, selection: &Selection) -> Result<Plan, String> {
        let project = TestProject::with_formats(formats, FILES).project();
        plan(&project, selection).map_err(|error| error.to_string())
    }

    fn only(format: &str) -> Selection {
        Selection {
            targets: Vec::new(),
            formats: vec![format.to_owned()],
        }
    }

    #[test]
    fn a_plan_is_plain_json() {
        let plan = plan_of("'plain', 'full'", &Selection::default()).expect("it can be built");
        let expected = serde_json::json!({
            "name": "hello",
            "version": "1.2.3",
            "build": {
                "profile": "release",
                "cargo-profile": "release",
                "features": [],
                "default-features": true,
                "packages": [],
                "targets": {},
                "sources": [],
                "git-hashes": {},
                "linux-gnu": { "glibc": "2.28" },
                "tools": [],
                "environment": {},
                "macos": { "symbols": {} },
            },
            "windows": { "icon": null },
            "targets": [{
                "target": "x86_64-unknown-linux-musl",
                "artifacts": [
                    { "format": "plain", "file": "hello-1.2.3.plain" },
                    { "format": "full", "file": "hello-1.2.3.full" },
                ],
                "skipped": {},
                "files": [
                    { "kind": "binary", "source": "bin/hello", "destination": "usr/bin/hello", "mode": "0755" },
                    { "kind": "doc", "source": "doc/", "destination": null, "mode": "0644" },
                ],
            }],
            "release": [],
        });
        assert_eq!(serde_json::to_value(plan).expect("plain structs"), expected);
    }

    #[test]
    fn a_format_that_a_target_cannot_have_is_skipped_and_said() {
        let plan = plan_of("'plain', 'nowhere'", &Selection::default()).expect("it can be built");
        let skipped = BTreeMap::from([("nowhere", "it is only a test")]);
        assert_eq!(plan.targets[0].skipped, skipped);
        assert_eq!(plan.targets[0].artifacts.len(), 1);
        let error = plan_of("'plain', 'nowhere'", &only("nowhere"));
        let expected =
            "format `nowhere` cannot be made for `x86_64-unknown-linux-musl`: it is only a test";
        assert_eq!(error, Err(expected.to_owned()));
    }

    #[test]
    fn a_format_that_is_not_asked_for_is_not_judged() {
        let plan = plan_of("'plain', 'nowhere'", &only("plain")).expect("it can be built");
        assert_eq!(plan.targets[0].artifacts.len(), 1);
    }

    #[test]
    fn a_format_that_the_manifest_does_not_have_is_refused() {
        let error = plan_of("'plain', 'full'", &only("twin"));
        let expected = "format `twin` is not planned; expected one of `plain`, `full`";
        assert_eq!(error, Err(expected.to_owned()));
    }

    #[test]
    fn two_artifacts_of_one_name_are_refused() {
        let error = plan_of("'plain', 'twin'", &Selection::default());
        let expected = "formats `plain` and `twin` would both write `hello-1.2.3.plain`";
        assert_eq!(error, Err(expected.to_owned()));
    }
}
