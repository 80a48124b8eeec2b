//! Sealift's library: from a manifest and a directory of built files to a release that has been judged.
//!
//! # The way of a release
//!
//! Every arrow is one function, every noun one type:
//!
//! ```text
//! sealift.toml ──parse──▶ Manifest ──resolve──▶ Project ──plan──▶ Plan
//!                                                  │                │
//!      source, build ──assemble──▶ a directory ──load──▶ Tree ──write──▶ Artifact…
//!                                                                           │
//!                                   Report ◀──judge── Release ◀──collect────┘
//! ```
//!
//! | noun | made by | is |
//! |---|---|---|
//! | [`Manifest`](manifest::Manifest) | [`Manifest::parse`](manifest::Manifest::parse) | `sealift.toml` as written |
//! | [`Project`](project::Project) | [`Project::resolve`](project::Project::resolve) | the manifest with `Cargo.toml`'s values, all looked up |
//! | [`Plan`](plan::Plan) | [`plan::plan`] | what would be made; what cannot be built is refused here |
//! | a directory | [`assemble::assemble`] | the files to ship, as ordinary files |
//! | [`Tree`](tree::Tree) | [`load::load`] | the files to ship for one target: path, mode, kind, content |
//! | [`Artifact`](artifact::Artifact) | [`write::write`] | one package, by one [`Format`](format::Format) |
//! | [`Release`](release::Release) | [`release::collect`] | the artifacts of one version in a directory |
//! | [`Report`](gate::report::Report) | [`gate::report::judge`] | what every [`Gate`](gate::Gate) found |
//!
//! `Plan`, `Artifact`, `Release` and `Report` are JSON as well, so that each stage can run alone and elsewhere.
//!
//! # Promises
//!
//! - The same input gives the same bytes: on one core or many, in any directory, on any day. The only clock is the date
//!   that [`write::Job`] is given.
//! - The library prints nothing, never exits, and reads neither the environment nor the clock. What happens while it
//!   works is told to a [`Reporter`](event::Reporter).
//! - Files and directories appear whole or not at all ([`output`]).
//! - Errors are types with the path, the place, what was found and what was expected; their causes are their sources.
//!
//! # What can be added
//!
//! Formats, gates and targets are lines of tables: [`format::FORMATS`], [`gate::GATES`], [`target::PLATFORMS`]. A new
//! one is a file and a line.
//!
//! # Example
//!
//! ```
//! use std::num::NonZeroUsize;
//!
//! use sealift::event::Silent;
//! use sealift::format::FORMATS;
//! use sealift::gate::report::{Outcome, judge};
//! use sealift::manifest::{Manifest, located::Source};
//! use sealift::plan::{Selection, plan};
//! use sealift::project::Project;
//! use sealift::release::{Request, collect};
//! use sealift::write::{Job, write};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = tempfile::tempdir()?;
//! let root = directory.path();
//! std::fs::create_dir_all(root.join("tree/bin"))?;
//! std::fs::create_dir(root.join("out"))?;
//! std::fs::write(root.join("tree/bin/hello"), "#!/usr/bin/env python3\nprint('hello')\n")?;
//!
//! let text = r#"
//!     targets = ["x86_64-unknown-linux-musl"]
//!     formats = ["archive"]
//!
//!     [package]
//!     name = "hello"
//!     version = "1.0.0"
//!     summary = "greets the world"
//!     licence = "MIT"
//!     maintainer = "A. Person <person@example.org>"
//!
//!     [[files]]
//!     kind = "binary"
//!     source = "bin/hello"
//! "#;
//! let source = Source { path: "sealift.toml".into(), text: text.into() };
//! let manifest = Manifest::parse(source, FORMATS)?;
//! let project = Project::resolve(manifest, root.into(), FORMATS)?;
//! let plan = plan(&project, &Selection::default())?;
//!
//! let target = &plan.targets[0];
//! let tree = sealift::load::load(&project, target.target, &root.join("tree"))?;
//! let job = Job { tree: &tree, commit: None, date: 0, threads: NonZeroUsize::MIN, out: &root.join("out") };
//! let artifacts = write(&project, target, &job, &Silent)?;
//! assert_eq!(artifacts[0].file.as_str(), "hello-1.0.0-x86_64-unknown-linux-musl.tar.gz");
//!
//! let request = Request {
//!     artifacts: vec![root.join("out").join(artifacts[0].file.as_str())],
//!     commit: None,
//!     built_with: None,
//!     gates: project.gates.clone(),
//! };
//! let release = collect(request, &root.join("release"))?;
//! let context = sealift::gate::Context { directory: &root.join("release"), formats: FORMATS };
//! let report = judge(&release, &context, &release.gates, &Silent);
//! assert_eq!(report.outcome, Outcome::Pass);
//! # Ok(())
//! # }
//! ```

pub mod artifact;
pub mod assemble;
pub mod commit;
pub mod compress;
pub mod digest;
pub mod doctor;
pub mod elf;
pub mod entry;
pub mod event;
pub mod format;
pub mod gate;
pub mod init;
pub mod json;
pub mod load;
pub mod macho;
pub mod manifest;
pub mod name;
pub mod output;
pub mod package;
pub mod path;
pub mod pe;
pub mod plan;
pub mod program;
pub mod project;
pub mod release;
pub mod runtimes;
pub mod squashfs;
pub mod stamp;
pub mod symbols;
pub mod target;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod write;
