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
//!                                   Report ◀──judge── Release ◀──collect────┤
//!                                                                 ▲         │
//!                                                                 └─Catalog─┘
//! ```
//!
//! | noun | made by | is |
//! |---|---|---|
//! | [`Manifest`](project::manifest::Manifest) | [`Manifest::parse`](project::manifest::Manifest::parse) | `sealift.toml` as written |
//! | [`Project`](project::Project) | [`Project::resolve`](project::Project::resolve) | the manifest with `Cargo.toml`'s values, all looked up |
//! | [`Plan`](pipeline::plan::Plan) | [`plan::plan`](pipeline::plan::plan) | what would be made; what cannot be built is refused here |
//! | a directory | [`assemble::assemble`](pipeline::assemble::assemble) | the files to ship, as ordinary files |
//! | [`Tree`](model::tree::Tree) | [`load::load`](pipeline::load::load) | the files to ship for one target: path, mode, kind, content |
//! | the same | [`complete::complete`](pipeline::complete::complete) | with icons in sizes and an AppStream file |
//! | [`Artifact`](model::artifact::Artifact) | [`write::write`](pipeline::write::write) | one package, by one [`Format`](format::Format) |
//! | another artifact | [`Catalog`](catalog::Catalog) | what is made of the artifacts for several targets |
//! | [`Release`](model::release::Release) | [`collect`](pipeline::collect::collect) | the artifacts of one version in a directory |
//! | [`Report`](gate::report::Report) | [`gate::report::judge`] | what every [`Gate`](gate::Gate) found |
//! | a page | [`page::page`] | the same for people |
//!
//! `Plan`, `Artifact`, `Release` and `Report` are JSON as well, so that each stage can run alone and elsewhere.
//!
//! # Promises
//!
//! - The same input gives the same bytes: on one core or many, in any directory, on any day. The only clock is the date
//!   that [`write::Job`](pipeline::write::Job) is given.
//! - The library prints nothing, never exits, and reads neither the environment nor the clock. What happens while it
//!   works is told to a [`Reporter`](event::Reporter).
//! - Files and directories appear whole or not at all ([`output`]).
//! - Errors are types with the path, the place, what was found and what was expected; their causes are their sources.
//!
//! # What can be added
//!
//! Formats, what is made of a whole release, gates and targets are lines of tables: [`format::FORMATS`],
//! [`catalog::CATALOG`], [`gate::GATES`], [`target::PLATFORMS`](model::target::PLATFORMS). A new
//! one is a file and a line.
//!
//! # Example
//!
//! ```
//! use std::num::NonZeroUsize;
//!
//! use sealift::event::Silent;
//! use sealift::format::{FORMATS, Resources};
//! use sealift::gate::GateLimits;
//! use sealift::gate::report::{Outcome, judge};
//! use sealift::project::manifest::{Manifest, located::Source};
//! use sealift::pipeline::plan::{Selection, plan};
//! use sealift::project::Project;
//! use sealift::pipeline::collect::{Request, collect};
//! use sealift::pipeline::write::{Job, Part, write};
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
//!     license = "MIT"
//!     maintainer = "A. Person <person@example.org>"
//!
//!     [[files]]
//!     kind = "binary"
//!     source = "bin/hello"
//! "#;
//! let source = Source { path: "sealift.toml".into(), text: text.into() };
//! let manifest = Manifest::parse(source, FORMATS)?;
//! let project = Project::resolve(manifest, root.into(), FORMATS, &Resources::default())?;
//! let plan = plan(&project, &Selection::default())?;
//!
//! let target = &plan.targets[0];
//! let tree = sealift::pipeline::load::load(&project, target.target, &root.join("tree"))?;
//! let parts = [Part { plan: target, tree: &tree }];
//! let job = Job { commit: None, date: 0, threads: NonZeroUsize::MIN, out: &root.join("out") };
//! let artifacts = write(&project, &parts, &job, &Silent)?;
//! assert_eq!(artifacts[0].file.as_str(), "hello-1.0.0-x86_64-unknown-linux-musl.tar.gz");
//!
//! let request = Request {
//!     artifacts: vec![root.join("out").join(artifacts[0].file.as_str())],
//!     sboms: Vec::new(),
//!     commit: None,
//!     dirty: false,
//!     built_with: None,
//!     gates: project.gates.to_map(),
//!     project: Some(&project),
//! };
//! let release = collect(request, &root.join("release"), &Silent)?;
//! let evidence = sealift::evidence::Evidence::default();
//! let directory = &root.join("release");
//! let context = sealift::gate::GateContext { directory, formats: FORMATS, evidence: &evidence, previous: None, advisories: None };
//! let report = judge(&release, &context, &GateLimits::of(&release)?, &Silent);
//! assert_eq!(report.outcome, Outcome::Pass);
//! # Ok(())
//! # }
//! ```

extern crate alloc;

pub mod catalog;
pub mod check;
pub mod container;
pub mod diff;
pub mod doctor;
pub mod event;
pub mod evidence;
pub mod format;
pub mod frameworks;
#[cfg(test)]
#[path = "../fuzz/mod.rs"]
mod fuzz;
pub mod gate;
pub mod http;
pub mod init;
pub mod measure;
pub mod model;
pub mod output;
pub mod page;
pub mod parity;
pub mod pipeline;
pub mod process;
pub mod program;
pub mod project;
pub mod registry;
pub mod soak;
#[cfg(test)]
mod testing;
