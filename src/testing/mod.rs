//! What unit tests share: formats that need no specification, and projects in temporary directories.

pub(crate) mod tree;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::container::{Malformed, Output, Visit};
use crate::event::Silent;
use crate::format::{Format, FormatError, Registration, Resources, Tables, Unsupported};
use crate::gate::GateLimits;
use crate::model::artifact::Artifact;
use crate::model::entry::{Entry, EntryContent};
use crate::model::hint::Hint;
use crate::model::package::{Context, Package};
use crate::model::target::Target;
use crate::model::tree::{Content, Tree};
use crate::pipeline::collect::{Request, collect};
use crate::pipeline::load::load;
use crate::pipeline::plan::{Selection, plan};
use crate::pipeline::write::{Job, Part, WriteError, write};
use crate::project::manifest::Manifest;
use crate::project::manifest::located::Source;
use crate::project::{Project, ProjectError};

/// `plain` works, `full` runs out of disk space, `nowhere` supports no target, `twin` has `plain`'s file name.
pub(crate) const FORMATS: &[Registration] = &[
    registration("full", |_, _| Box::new(Fake { name: "full" })),
    registration("nowhere", |_, _| Box::new(Fake { name: "nowhere" })),
    registration("plain", |_, _| Box::new(Fake { name: "plain" })),
    registration("twin", |_, _| Box::new(Fake { name: "twin" })),
];

const fn registration(
    name: &'static str,
    new: fn(&Tables, &Resources) -> Box<dyn Format>,
) -> Registration {
    Registration {
        name,
        summary: "a format for tests",
        new,
        read,
    }
}

struct Fake {
    name: &'static str,
}

impl Format for Fake {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        match self.name {
            "nowhere" => Err(Unsupported {
                format: "nowhere",
                target: target.triple,
                reason: "it is only a test",
            }),
            _ => Ok(()),
        }
    }

    fn file_name(&self, package: &Package, _: Target) -> String {
        let extension = match self.name {
            "twin" => "plain",
            name => name,
        };
        format!("{}-{}.{extension}", package.name, package.version)
    }

    fn write(
        &self,
        _: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let mut entries = Vec::new();
        for file in context.tree.files() {
            let content = match &file.content {
                Content::Symlink(target) => EntryContent::Symlink(target.clone()),
                _ => EntryContent::File {
                    size: file.size(),
                    sha256: file.sha256()?,
                },
            };
            let entry = Entry {
                path: file.path.clone(),
                mode: file.mode,
                content,
            };
            serde_json::to_writer(&mut *out, &entry).expect("entries are plain");
            writeln!(out)?;
            io::copy(&mut file.open()?, out)?;
            entries.push(entry);
        }
        match self.name {
            "full" => Err(FormatError::Io(io::ErrorKind::StorageFull.into())),
            _ => Ok(entries),
        }
    }
}

fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let bytes = std::fs::read(artifact)?;
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let offset = (bytes.len() - rest.len()) as u64;
        let malformed = |what: &str| Malformed {
            what: what.to_owned(),
            offset,
        };
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (line, after) = rest.split_at(end.ok_or_else(|| malformed("no line break"))? + 1);
        let entry: Entry = serde_json::from_slice(line).map_err(|_| malformed("no entry"))?;
        let size = match entry.content {
            EntryContent::File { size, .. } => usize::try_from(size).expect("tests are small"),
            _ => 0,
        };
        let (content, after) = after
            .split_at_checked(size)
            .ok_or_else(|| malformed("content that is too short"))?;
        visit(&entry, &mut { content })?;
        rest = after;
    }
    Ok(())
}

/// Lines that every manifest of a test needs.
pub(crate) const PACKAGE: &str = "[package]\nname = 'hello'\nversion = '1.2.3'\nsummary = 'greets'\nlicense = 'MIT'\nmaintainer = 'A <a@example.org>'\n";

/// A project in a temporary directory: `tree/` is its tree, `out/` is for artifacts.
pub(crate) struct TestProject {
    root: tempfile::TempDir,
    manifest: String,
}

impl TestProject {
    /// A project whose manifest has some lines besides those of its package; the formats are `plain` alone.
    pub fn new(rules: &str) -> Self {
        Self::with_formats("'plain'", rules)
    }

    /// A project whose manifest has no `[package]` but what the lines bring.
    pub fn without_package(rules: &str) -> Self {
        let mut project = Self::new("");
        project.manifest = project.manifest.replace(PACKAGE, rules);
        project
    }

    /// A project with certain formats.
    pub fn with_formats(formats: &str, rules: &str) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        for directory in ["tree", "out"] {
            std::fs::create_dir(root.path().join(directory)).expect("writable");
        }
        let top = format!("targets = ['x86_64-unknown-linux-musl']\nformats = [{formats}]\n");
        Self {
            root,
            manifest: format!("{top}{rules}{PACKAGE}"),
        }
    }

    /// The project for other targets.
    pub fn targets(mut self, triples: &[&str]) -> Self {
        let list = format!("targets = ['{}']\n", triples.join("', '"));
        let rest = self
            .manifest
            .split_once('\n')
            .expect("targets come first")
            .1;
        self.manifest = list + rest;
        self
    }

    /// A path below the project.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    /// Adds a file, with the directories above it.
    pub fn file(self, relative: &str, content: &[u8]) -> Self {
        let path = self.path(relative);
        let parent = path.parent().expect("it is below the root");
        std::fs::create_dir_all(parent).expect("writable");
        std::fs::write(&path, content).expect("writable");
        self
    }

    /// Adds a symbolic link.
    pub fn link(self, relative: &str, target: &str) -> Self {
        let path = self.path(relative);
        let parent = path.parent().expect("it is below the root");
        std::fs::create_dir_all(parent).expect("writable");
        std::os::unix::fs::symlink(target, &path).expect("writable");
        self
    }

    /// Resolves the project.
    pub fn resolve(&self) -> Result<Project, ProjectError> {
        let source = Source {
            path: "sealift.toml".into(),
            text: self.manifest.clone(),
        };
        let manifest = Manifest::parse(source, FORMATS)?;
        Project::resolve(
            manifest,
            self.root.path().to_owned(),
            FORMATS,
            &Resources::default(),
        )
    }

    /// The project, which is known to be valid.
    pub fn project(&self) -> Project {
        self.resolve().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The message of the manifest's error, with its hint.
    pub fn error(&self) -> String {
        match self.resolve() {
            Ok(_) => panic!("the manifest is valid:\n{}", self.manifest),
            Err(error) => with_hint(&error),
        }
    }

    /// The tree of the first target, which is known to be valid.
    pub fn tree(&self) -> Tree {
        let project = self.project();
        let tree = load(&project, project.targets[0], &self.path("tree"));
        tree.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Writes all artifacts.
    pub fn write(&self) -> Result<Vec<Artifact>, WriteError> {
        self.write_with(&self.tree(), NonZeroUsize::MIN)
    }

    /// Writes all artifacts of a tree with some threads.
    pub fn write_with(
        &self,
        tree: &Tree,
        threads: NonZeroUsize,
    ) -> Result<Vec<Artifact>, WriteError> {
        let project = self.project();
        let plan = plan(&project, &Selection::default()).expect("it can be built");
        let out = self.path("out");
        let parts = [Part {
            plan: &plan.targets[0],
            tree,
        }];
        let job = Job {
            commit: None,
            date: 0,
            threads,
            out: &out,
        };
        write(&project, &parts, &job, &Silent)
    }

    /// Writes the package of the one target in the format `plain`, and a release of it to `release/`.
    pub fn release(&self, dirty: bool) {
        self.write().expect("writable");
        let request = Request {
            artifacts: vec![self.path("out/hello-1.2.3.plain")],
            sboms: Vec::new(),
            commit: None,
            dirty,
            built_with: None,
            gates: GateLimits::default().to_map(),
            project: None,
        };
        collect(request, &self.path("release"), &Silent).expect("valid");
    }

    /// The names in a directory of the project, sorted.
    pub fn names(&self, relative: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(relative)).expect("it exists");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("readable").file_name())
            .map(|name| name.into_string().expect("UTF-8"))
            .collect();
        names.sort();
        names
    }
}

/// An error as people see it.
pub(crate) fn with_hint<E: Hint + std::fmt::Display>(error: &E) -> String {
    match error.hint() {
        Some(hint) => format!("{error}\nhint: {hint}"),
        None => error.to_string(),
    }
}

/// The target of all test projects.
pub(crate) fn target() -> Target {
    "x86_64-unknown-linux-musl"
        .parse()
        .expect("it is in the table")
}

/// The names in a directory, hidden ones too, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it was just made");
    let name = |entry: io::Result<fs::DirEntry>| entry.expect("readable").file_name();
    let mut names: Vec<_> = entries
        .map(|entry| name(entry).into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}
