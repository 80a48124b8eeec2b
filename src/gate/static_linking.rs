//! Gate `static`: programs need nothing from the machine that they run on, and tell nothing of the one that they were
//! built on.
//!
//! Every ELF file in every artifact is judged, and so is an artifact that is a program itself, as an AppImage is.

use std::fs::File;
use std::io::{Read, Seek};

use super::build_paths::{Match, Scanner};
use super::{Context, Finding, Gate, GateError, Verdict};
use crate::artifact::Artifact;
use crate::elf::{self, Facts};
use crate::entry::EntryContent;
use crate::release::{ARTIFACTS, Release, artifact_path};
use crate::target::Target;

/// The table `[gates.static]`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct StaticLinking {
    /// Directories that programs are built in, as absolute paths; a component `*` stands for any name. A path below
    /// one of them is a finding.
    pub build_directories: Vec<String>,
    /// Extensions of source files, without the dot. The absolute path of such a file is a finding.
    pub source_extensions: Vec<String>,
    /// Prefixes that an absolute path of a source file may have.
    pub allowed_source_prefixes: Vec<String>,
}

/// Written without the `/` at their start: they would be findings in Sealift's own program otherwise.
const BUILD_DIRECTORIES: [&str; 4] = ["build", "home/*", "root/.cargo", "Users/*"];
const SOURCE_EXTENSIONS: [&str; 9] = ["rs", "c", "cc", "cpp", "h", "hpp", "S", "s", "zig"];
/// Where the Rust compiler says that the standard library's sources are.
const ALLOWED_SOURCE_PREFIXES: [&str; 1] = ["/rustc/"];

impl Default for StaticLinking {
    fn default() -> Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            build_directories: BUILD_DIRECTORIES.iter().map(|d| format!("/{d}")).collect(),
            source_extensions: owned(&SOURCE_EXTENSIONS),
            allowed_source_prefixes: owned(&ALLOWED_SOURCE_PREFIXES),
        }
    }
}

/// More findings than this in one file help nobody.
const MAX_PATHS_SHOWN: usize = 10;

impl Gate for StaticLinking {
    fn name(&self) -> &'static str {
        "static"
    }

    fn run(&self, release: &Release, context: &Context<'_>) -> Result<Verdict, GateError> {
        let mut judge = Judge {
            scanner: Scanner {
                directories: &self.build_directories,
                extensions: &self.source_extensions,
                allowed: &self.allowed_source_prefixes,
            },
            programs: 0,
            findings: Vec::new(),
        };
        for artifact in &release.artifacts {
            judge.judge_itself(artifact, context)?;
            judge.judge_contents(artifact, context)?;
        }
        match judge.programs {
            0 => Ok(Verdict::NotApplicable(
                "no artifact holds an ELF file".to_owned(),
            )),
            _ => Ok(judge.findings.into()),
        }
    }
}

struct Judge<'a> {
    scanner: Scanner<'a>,
    programs: usize,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    /// An artifact may be a program with something behind it: that something is judged as contents.
    fn judge_itself(
        &mut self,
        artifact: &Artifact,
        context: &Context<'_>,
    ) -> Result<(), GateError> {
        let path = artifact_path(context.directory, artifact);
        let bytes = File::open(&path).and_then(|mut file| {
            if !elf::is_elf(&mut file)? {
                return Ok(None);
            }
            file.rewind()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        });
        let bytes = bytes.map_err(|source| GateError::Read { path, source })?;
        if let Some(bytes) = bytes {
            let place = format!("{ARTIFACTS}/{}", artifact.file);
            self.judge_program(&place, &bytes, artifact.target);
        }
        Ok(())
    }

    fn judge_contents(
        &mut self,
        artifact: &Artifact,
        context: &Context<'_>,
    ) -> Result<(), GateError> {
        let path = artifact_path(context.directory, artifact);
        let format = context.format(&artifact.format)?;
        let visit = &mut |entry: &crate::entry::Entry, content: &mut dyn Read| {
            let mut start = Vec::new();
            content.take(4).read_to_end(&mut start)?;
            if matches!(entry.content, EntryContent::File { .. }) && elf::is_elf(&mut &start[..])? {
                content.read_to_end(&mut start)?;
                let place = format!("{ARTIFACTS}/{}: {}", artifact.file, entry.path);
                self.judge_program(&place, &start, artifact.target);
            }
            Ok(())
        };
        (format.read)(&path, visit).map_err(|source| GateError::Open { path, source })
    }

    fn judge_program(&mut self, place: &str, bytes: &[u8], target: Target) {
        self.programs += 1;
        let facts = match elf::facts(bytes) {
            Ok(facts) => facts,
            Err(error) => {
                let cause = std::error::Error::source(&error);
                let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
                return self.find(
                    place,
                    format!("{error}{cause}"),
                    "a program that can be read",
                );
            }
        };
        self.judge_linking(place, &facts, target);
        let matches = self.scanner.scan(&bytes[..facts.end]);
        self.report_paths(place, &matches);
    }

    fn judge_linking(&mut self, place: &str, facts: &Facts, target: Target) {
        if facts.machine != target.elf_machine {
            let expected = format!("machine {} of `{target}`", target.elf_machine);
            self.find(place, format!("machine {}", facts.machine), &expected);
        }
        if let Some(interpreter) = &facts.interpreter {
            self.find(
                place,
                format!("interpreter `{interpreter}`"),
                "no interpreter",
            );
        }
        for library in &facts.needed {
            self.find(place, format!("needs `{library}`"), "no shared library");
        }
    }

    fn report_paths(&mut self, place: &str, matches: &[Match]) {
        for found in matches.iter().take(MAX_PATHS_SHOWN) {
            let expected = match found.in_store {
                true => "no reference to the Nix store",
                false => "no path of the machine that it was built on",
            };
            let place = format!("{place} at byte {}", found.offset);
            self.find(&place, format!("`{}`", found.text), expected);
        }
        let more = matches.len().saturating_sub(MAX_PATHS_SHOWN);
        if more > 0 {
            self.find(place, format!("{more} more such paths"), "none");
        }
    }

    fn find(&mut self, place: &str, found: String, expected: &str) {
        self.findings.push(Finding {
            place: place.to_owned(),
            found,
            expected: expected.to_owned(),
        });
    }
}
