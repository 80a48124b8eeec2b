//! Writes the planned artifacts of some targets from their trees, in parallel.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::event::{Event, Reporter};
use crate::format::{Format, FormatError};
use crate::model::artifact::{Artifact, TreeEntry, record_path};
use crate::model::commit::Commit;
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::Target;
use crate::model::threads::Threads;
use crate::model::tree::Tree;
use crate::output::json;
use crate::output::{AtomicFile, OutputError};
use crate::pipeline::plan::{PlannedArtifact, TargetPlan};
use crate::program::kind::Magic;
use crate::project::Project;

/// The artifacts of one target.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// What is made.
    pub plan: &'a TargetPlan,
    /// The files.
    pub tree: &'a Tree,
}

/// The parameters for writing artifacts.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The commit that they were built from.
    pub commit: Option<Commit>,
    /// The only clock: seconds since the epoch, not negative.
    pub date: i64,
    /// The number of threads that all targets and formats share.
    pub threads: NonZeroUsize,
    /// An existing directory for the artifacts.
    pub out: &'a Path,
}

/// Why an artifact could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The format failed.
    #[error("cannot make `{}`", path.display())]
    Format {
        /// The artifact.
        path: PathBuf,
        /// What went wrong.
        source: FormatError,
    },
    /// The artifact could not be read back, or a file of the tree could not be hashed.
    #[error("cannot record what is in `{}`", path.display())]
    Record {
        /// The artifact.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The file could not be created.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Writes the artifacts of some targets, each with its record beside it. All of them appear, or none after an error.
pub fn write(
    project: &Project,
    parts: &[Part<'_>],
    job: &Job<'_>,
    reporter: &dyn Reporter,
) -> Result<Vec<Artifact>, WriteError> {
    let package = Package {
        commit: job.commit.clone(),
        ..project.package.clone()
    };
    let planned: Vec<_> = parts
        .iter()
        .flat_map(|part| {
            part.plan
                .artifacts
                .iter()
                .map(move |planned| (part, planned))
        })
        .collect();
    let writer = Writer {
        package,
        project,
        job,
        reporter,
    };
    publish(writer.write_all(&planned)?)
}

/// Syncs all files to disk before the first one gets its name, because that is the step that can still fail.
fn publish(written: Vec<Written>) -> Result<Vec<Artifact>, WriteError> {
    let (mut files, mut artifacts) = (Vec::new(), Vec::new());
    for (artifact, file) in written {
        let path = record_path(file.path());
        let mut record = AtomicFile::create(&path, 0o644)?;
        record
            .write_all(json::to_text(&artifact).as_bytes())
            .map_err(|source| OutputError::Write { path, source })?;
        files.extend([file, record]);
        artifacts.push(artifact);
    }
    AtomicFile::commit_all(files)?;
    Ok(artifacts)
}

type Written = (Artifact, AtomicFile);

struct Writer<'a> {
    package: Package,
    project: &'a Project,
    job: &'a Job<'a>,
    reporter: &'a dyn Reporter,
}

impl Writer<'_> {
    /// Begins with those that take longest. After a failure, no other one is begun, because no artifact will appear.
    fn write_all(
        &self,
        planned: &[(&Part<'_>, &PlannedArtifact)],
    ) -> Result<Vec<Written>, WriteError> {
        let mut order: Vec<_> = planned.iter().enumerate().collect();
        order.sort_by_key(|(_, (part, planned))| {
            let effort = self.format(part.plan.target, planned.format).effort();
            std::cmp::Reverse(part.tree.size().saturating_mul(effort.into()))
        });
        let failed = AtomicBool::new(false);
        let mut results = Threads::each(
            self.job.threads,
            order,
            |threads, (index, (part, planned))| {
                if failed.load(Ordering::Relaxed) {
                    return None;
                }
                let result = self.write_one(part, planned, threads);
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                Some((index, result))
            },
        );
        results.sort_by_key(|result| result.as_ref().map(|(index, _)| *index));
        results
            .into_iter()
            .flatten()
            .map(|(_, result)| result)
            .collect()
    }

    fn write_one(
        &self,
        part: &Part<'_>,
        planned: &PlannedArtifact,
        threads: &Threads,
    ) -> Result<Written, WriteError> {
        let PlannedArtifact { format, file } = planned;
        let target = part.plan.target;
        self.reporter.report(Event::ArtifactStarted {
            target: Some(target),
            format,
            file,
        });
        let path = self.job.out.join(file.as_str());
        let mut output = AtomicFile::create(&path, 0o644)?;
        let contents = self
            .fill(self.format(target, format), part, threads, &mut output)
            .map_err(|source| WriteError::Format {
                path: path.clone(),
                source,
            })?;
        let artifact = self
            .record(part, planned, contents, &mut output)
            .map_err(|source| WriteError::Record { path, source })?;
        let written = Event::ArtifactWritten {
            artifact: &artifact,
        };
        self.reporter.report(written);
        Ok((artifact, output))
    }

    fn format(&self, target: Target, name: &str) -> &dyn Format {
        let chosen = self
            .project
            .formats_for(target)
            .iter()
            .find(|c| c.registration.name == name);
        let chosen = chosen.expect("a plan names only formats of its project");
        chosen.format.as_ref()
    }

    fn fill(
        &self,
        format: &dyn Format,
        part: &Part<'_>,
        threads: &Threads,
        out: &mut AtomicFile,
    ) -> Result<Vec<Entry>, FormatError> {
        let context = Context {
            target: part.plan.target,
            tree: part.tree,
            date: self.job.date,
            threads,
        };
        format.write(&self.package, &context, out)
    }

    fn record(
        &self,
        part: &Part<'_>,
        planned: &PlannedArtifact,
        contents: Vec<Entry>,
        output: &mut AtomicFile,
    ) -> io::Result<Artifact> {
        let written = output.written()?;
        let sha256 = Sha256Sum::of_reader(written)?;
        let size = written.metadata()?.len();
        if Magic::read(output.written()?)? == Some(Magic::Elf) {
            output.make_executable()?;
        }
        Ok(Artifact {
            name: self.package.name.clone(),
            version: self.package.version.clone(),
            target: Some(part.plan.target),
            format: planned.format.to_owned(),
            file: planned.file.clone(),
            size,
            sha256,
            commit: self.job.commit.clone(),
            date: self.job.date,
            contents,
            tree: part
                .tree
                .files()
                .iter()
                .map(TreeEntry::of)
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    const FILE: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";

    fn project(formats: &str) -> TestProject {
        TestProject::with_formats(formats, FILE).file("tree/bin/hello", b"program")
    }

    #[test]
    fn each_artifact_appears_with_its_record() {
        let project = project("'plain'");
        let artifacts = project.write().expect("writable");
        let names = ["hello-1.2.3.plain", "hello-1.2.3.plain.artifact.json"];
        assert_eq!(project.names("out"), names);
        let record: Artifact = json::read(&project.path("out").join(names[1])).expect("valid");
        assert_eq!([&record], artifacts.iter().collect::<Vec<_>>().as_slice());
        let bytes = std::fs::read(project.path("out").join(names[0])).expect("readable");
        assert_eq!(record.sha256, Sha256Sum::of(&bytes));
        assert_eq!(record.size, bytes.len() as u64);
        assert_eq!(record.tree[0].path, "usr/bin/hello");
    }

    #[test]
    fn a_full_disk_leaves_nothing_of_any_format() {
        let project = project("'plain', 'full'");
        let error = project.write().expect_err("the disk is full");
        let path = project.path("out").join("hello-1.2.3.full");
        assert_eq!(
            error.to_string(),
            format!("cannot make `{}`", path.display())
        );
        assert_eq!(project.names("out"), [""; 0]);
    }

    #[test]
    fn an_artifact_of_an_earlier_run_survives_a_failure() {
        let project = project("'full'").file("out/hello-1.2.3.full", b"earlier");
        project.write().expect_err("the disk is full");
        assert_eq!(project.names("out"), ["hello-1.2.3.full"]);
        let kept = std::fs::read(project.path("out/hello-1.2.3.full")).expect("readable");
        assert_eq!(kept, b"earlier");
    }

    #[test]
    fn a_tree_that_changes_meanwhile_is_refused_and_leaves_nothing() {
        let project = project("'plain'");
        let tree = project.tree();
        std::fs::write(project.path("tree/bin/hello"), "other bytes").expect("writable");
        let error = project
            .write_with(&tree, NonZeroUsize::MIN)
            .expect_err("it changed");
        let causes: Vec<_> =
            std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source())
                .map(ToString::to_string)
                .collect();
        let changed = project
            .path("tree/bin/hello")
            .canonicalize()
            .expect("it exists");
        let expected = format!(
            "`{}` changed while it was being packaged",
            changed.display()
        );
        assert!(causes.contains(&expected), "{causes:?}");
        assert_eq!(project.names("out"), [""; 0]);
    }

    #[test]
    fn a_directory_in_the_place_of_an_artifact_is_named() {
        let project = project("'plain'").file("out/hello-1.2.3.plain/x", b"");
        let error = project.write().expect_err("a directory is there");
        let path = project.path("out").join("hello-1.2.3.plain");
        assert_eq!(
            error.to_string(),
            format!("cannot write `{}`", path.display())
        );
        assert_eq!(project.names("out"), ["hello-1.2.3.plain"]);
    }

    #[test]
    fn more_threads_than_formats_write_the_same() {
        let project = project("'plain'");
        let one = project.write().expect("writable");
        let threads = NonZeroUsize::new(9).expect("not zero");
        let many = project
            .write_with(&project.tree(), threads)
            .expect("writable");
        assert_eq!(one, many);
    }
}
