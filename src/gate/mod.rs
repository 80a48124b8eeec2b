//! The gates that judge a release, in one table.

pub mod advisories;
pub mod annotations;
mod build_paths;
pub mod checks;
mod executable;
pub mod exhibit;
pub mod hardening;
pub mod licenses;
pub mod list;
pub mod macos;
pub mod memory;
mod observed;
pub mod packages;
pub mod parity;
pub mod patterns;
pub mod portable;
mod program;
mod references;
pub mod report;
pub mod reproducible;
pub mod sbom;
pub mod size;
pub mod soak;
pub mod start_up;
pub mod static_linking;
mod subject;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod unit;
pub mod waiver;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::evidence::{Advisories, Evidence};
use crate::format::{self, FormatError};
use crate::model::release::{RECORD, Release};

pub use exhibit::Exhibit;
pub use program::{Problems, Program, ProgramGate};
pub use subject::Subject;

/// Something that a release must be.
///
/// Law: the verdict depends only on the release, the evidence and the gate's table, and nothing is changed.
pub trait Gate {
    /// Judges a release. An error means that the gate could not run, which is never a pass.
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError>;

    /// What it shows of the release, whatever its verdict.
    fn exhibits(&self, _subject: &Subject<'_>) -> Vec<Exhibit> {
        Vec::new()
    }
}

/// A gate by what it judges.
pub enum Judge {
    /// A release as a whole.
    Release(Box<dyn Gate>),
    /// Each program in a release.
    Programs(Box<dyn ProgramGate>),
}

/// A release directory, the formats that open its artifacts, and the evidence about it.
#[derive(Clone, Copy)]
pub struct GateContext<'a> {
    /// The release directory.
    pub directory: &'a Path,
    /// The known formats.
    pub formats: &'static [format::Registration],
    /// What was seen of its programs where they run.
    pub evidence: &'a Evidence,
    /// The release before it, where one is known.
    pub previous: Option<&'a Release>,
    /// A database of security advisories, where one is given.
    pub advisories: Option<&'a Advisories>,
}

impl GateContext<'_> {
    /// A format by its name.
    pub fn format(&self, name: &str) -> Result<&'static format::Registration, GateError> {
        let found = self.formats.iter().find(|format| format.name == name);
        found.ok_or_else(|| GateError::UnknownFormat {
            format: name.to_owned(),
        })
    }
}

/// The verdict of a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No findings.
    Pass,
    /// The release is refused; there is at least one finding.
    Fail(Vec<GateFinding>),
    /// The gate has nothing to judge, for this reason.
    NotApplicable(String),
}

impl From<Vec<GateFinding>> for Verdict {
    fn from(findings: Vec<GateFinding>) -> Self {
        if findings.is_empty() {
            Self::Pass
        } else {
            Self::Fail(findings)
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct GateFinding {
    /// The file in the release directory, and the location in it.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl GateFinding {
    /// A problem: where it is, what was found, and what was expected.
    pub fn new(
        place: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            place: place.into(),
            found: found.into(),
            expected: expected.into(),
        }
    }
}

/// Why a gate could not run.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GateError {
    /// A file of the release could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The operating system's answer.
        source: Arc<io::Error>,
    },
    /// An artifact could not be opened.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The artifact.
        path: PathBuf,
        /// The format's error.
        source: Arc<FormatError>,
    },
    /// The release has an artifact of a format that this program does not know.
    #[error("format `{format}` is unknown")]
    UnknownFormat {
        /// The format's name.
        format: String,
    },
}

/// A gate's entry in the table [`GATES`].
pub struct GateRow {
    /// The name in manifests and reports.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// What to do about its findings, in a sentence.
    pub fix: &'static str,
    /// A finding: its place, what was found, and what was expected.
    pub example: (&'static str, &'static str, &'static str),
    /// What it judges, in Markdown.
    pub about: &'static str,
    /// Makes the gate with its table of the manifest.
    pub new: fn(&GateLimits) -> Judge,
}

/// The gates' tables of a manifest, each the struct of its gate.
#[derive(
    Clone, Debug, Default, PartialEq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct GateLimits {
    /// Limits of the gate `advisories`: which of them count, and how old their database may be.
    pub advisories: advisories::Advisories,
    /// Limits of the gate `checks`: the checks that must have been run.
    pub checks: checks::Checks,
    /// Limits of the gate `hardening`: what programs must be protected by.
    pub hardening: hardening::Hardening,
    /// Limits of the gate `licenses`: the licenses that crates may have.
    pub licenses: licenses::Licenses,
    /// Limits of the gate `macos`: the macOS versions that programs run on.
    pub macos: macos::MacOs,
    /// Limits of the gate `memory`: how much programs may need.
    pub memory: memory::Memory,
    /// The gate `packages` has no limits.
    pub packages: packages::Packages,
    /// Limits of the gate `parity`: how many cases there must be.
    pub parity: parity::Parity,
    /// Limits of the gate `portable`: the oldest glibc, and the libraries that programs may need.
    pub portable: portable::Portable,
    /// The gate `reproducible` has no limits.
    pub reproducible: reproducible::Reproducible,
    /// The gate `sbom` has no limits.
    pub sbom: sbom::Sbom,
    /// Limits of the gate `size`: how large downloads may be.
    pub size: size::Size,
    /// Limits of the gate `soak`: what programs that run for long may use.
    pub soak: soak::Soak,
    /// Limits of the gate `start-up`: how long programs may take to start.
    #[serde(rename = "start-up")]
    pub start_up: start_up::StartUp,
    /// Limits of the gate `static`: libraries that programs may need, and paths that they may contain.
    #[serde(rename = "static")]
    pub static_linking: static_linking::StaticLinking,
    /// Findings that are accepted, each with its reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<waiver::Waiver>,
}

/// The limits in a release's record are invalid.
#[derive(Debug, thiserror::Error)]
#[error("the limits in `{RECORD}` are not valid")]
pub struct LimitsError(#[source] serde_json::Error);

impl GateLimits {
    /// The limits that a release was made with.
    pub fn of(release: &Release) -> Result<Self, LimitsError> {
        serde_json::from_value(release.gates.clone().into()).map_err(LimitsError)
    }

    /// The limits in the form that a release records.
    pub fn to_map(&self) -> serde_json::Map<String, serde_json::Value> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(map)) => map,
            other => unreachable!("a struct of numbers, texts and lists is an object: {other:?}"),
        }
    }
}

/// Every gate, sorted by name.
pub const GATES: &[GateRow] = &[
    GateRow {
        name: "advisories",
        summary: "no crate in the programs has a known vulnerability",
        fix: "`cargo update -p CRATE`, or waive the advisory with the reason why it is none for this program",
        example: (
            "sbom/hello-1.2.3-x86_64-unknown-linux-musl.cdx.json: anyhow 1.0.104",
            "RUSTSEC-2026-0001: It reads what was freed",
            "version >=1.0.105",
        ),
        about: include_str!("advisories.md"),
        new: |limits| Judge::Release(Box::new(limits.advisories.clone())),
    },
    GateRow {
        name: "checks",
        summary: "the project's own checks have passed for what is released",
        fix: "mend what the check found, and run it again for the commit that is released",
        example: (
            "check `tests`: tests",
            "exit code 101, and at the end: 1 of 13 failed",
            "exit code 0",
        ),
        about: include_str!("checks/about.md"),
        new: |limits| Judge::Release(Box::new(limits.checks.clone())),
    },
    GateRow {
        name: "hardening",
        summary: "programs are hardened and have a build ID",
        fix: "compile position-independent code, as the flake's builds and `sealift make` do; for programs from elsewhere, shorten `require`",
        example: (
            "artifacts/hello-1.2.3.plain: usr/bin/hello",
            "no build id",
            "one (`--build-id=sha1`)",
        ),
        about: include_str!("hardening.md"),
        new: |limits| Judge::Programs(Box::new(limits.hardening.clone())),
    },
    GateRow {
        name: "licenses",
        summary: "crates have licenses that the project accepts",
        fix: "replace the crate, or accept its license: for all crates with `allow`, for one with `allow-for`",
        example: (
            "sbom/hello-1.2.3-x86_64-unknown-linux-musl.cdx.json: anyhow 1.0.104",
            "the license `GPL-3.0-only`",
            "a license that `allow` has",
        ),
        about: include_str!("licenses.md"),
        new: |limits| Judge::Release(Box::new(limits.licenses.clone())),
    },
    GateRow {
        name: "macos",
        summary: "macOS programs are signed and declare their minimum macOS version",
        fix: "build with Sealift, whose linker signs and sets the minimum version; declare further symbols in `[build.macos] symbols`",
        example: (
            "artifacts/hello-1.2.3.plain: usr/bin/hello",
            "no signature",
            "at least an ad-hoc one",
        ),
        about: include_str!("macos/about.md"),
        new: |limits| Judge::Programs(Box::new(limits.macos.clone())),
    },
    GateRow {
        name: "memory",
        summary: "programs need little memory, idle and at work",
        fix: "find what takes it with a heap profiler, such as heaptrack, on the program with its symbols, or raise the limit",
        example: (
            "1.json: `hello` for x86_64-unknown-linux-musl, peak of a process",
            "350000000 bytes",
            "less than 350000000 bytes",
        ),
        about: include_str!("memory/about.md"),
        new: |limits| Judge::Release(Box::new(limits.memory.clone())),
    },
    GateRow {
        name: "packages",
        summary: "every package opens and matches its record",
        fix: "make the release again; never edit what is in its directory",
        example: ("SHA256SUMS", "nothing", "a file with the artifacts' sums"),
        about: include_str!("packages/about.md"),
        new: |limits| Judge::Release(Box::new(limits.packages.clone())),
    },
    GateRow {
        name: "parity",
        summary: "programs do what a reference does, character for character",
        fix: "mend the program, or declare a normalization for what may differ, such as times and temporary paths",
        example: (
            "record.json: case `sort-reverse`, stdout, line 2, column 5",
            "\"bananaz\\n\"",
            "\"bananas\\n\"",
        ),
        about: include_str!("parity/about.md"),
        new: |limits| Judge::Release(Box::new(limits.parity.clone())),
    },
    GateRow {
        name: "portable",
        summary: "programs for glibc run with the oldest one, and contain no build paths",
        fix: "lower `glibc` in `[build.linux-gnu]`, or link the library into the program",
        example: (
            "artifacts/hello-1.2.3.plain: usr/bin/hello",
            "needs `libssl.so.3`",
            "only libraries of glibc",
        ),
        about: include_str!("portable/about.md"),
        new: |limits| {
            Judge::Programs(Box::new(portable::Gate {
                portable: limits.portable.clone(),
                paths: limits.static_linking.clone(),
            }))
        },
    },
    GateRow {
        name: "reproducible",
        summary: "another build of the release has the same bytes",
        fix: "build in a sandbox, as the flake does, and keep times, random numbers and the order of hash maps out of files",
        example: (
            "plain for x86_64-unknown-linux-musl: usr/share/doc/hello/README: line 1",
            "\"built at 12:00\\n\"",
            "\"built at 12:01\\n\", as in the other build",
        ),
        about: include_str!("reproducible.md"),
        new: |limits| Judge::Release(Box::new(limits.reproducible.clone())),
    },
    GateRow {
        name: "sbom",
        summary: "the SBOMs list what is in the programs",
        fix: "make the SBOM with the features and the lock that the program was compiled with, as `sealift make` and the flake do",
        example: (
            "artifacts/hello-1.2.3.plain: usr/bin/hello",
            "code of the crate `anyhow-1.0.105`",
            "only crates that sbom/hello-1.2.3-x86_64-unknown-linux-musl.cdx.json lists",
        ),
        about: include_str!("sbom.md"),
        new: |limits| Judge::Release(Box::new(limits.sbom.clone())),
    },
    GateRow {
        name: "size",
        summary: "downloads are small, and do not grow much",
        fix: "leave out features and debug data, compress harder, or raise the limit",
        example: (
            "artifacts/hello-1.2.3.plain",
            "30000149 bytes",
            "less than 25000000 bytes",
        ),
        about: include_str!("size.md"),
        new: |limits| Judge::Release(Box::new(limits.size.clone())),
    },
    GateRow {
        name: "soak",
        summary: "programs that run for long do not leak, fail or crash",
        fix: "find what grows with a heap profiler, such as heaptrack or `valgrind --tool=massif`, on the program with its symbols",
        example: (
            "soak.json",
            "a leak: bytes of memory grow by 600000 an hour (540000 to 660000 with 99.9 % certainty)",
            "at most 100000 an hour",
        ),
        about: include_str!("soak/about.md"),
        new: |limits| Judge::Release(Box::new(limits.soak.clone())),
    },
    GateRow {
        name: "start-up",
        summary: "programs start and answer fast",
        fix: "see what it does before it is ready, with `strace -r` or `perf record`, and do it later or not at all",
        example: (
            "1.json: `hello` for x86_64-unknown-linux-musl, warm start",
            "300.0 ms, the median of 3",
            "less than 100.0 ms",
        ),
        about: include_str!("start_up/about.md"),
        new: |limits| Judge::Release(Box::new(limits.start_up.clone())),
    },
    GateRow {
        name: "static",
        summary: "programs need only system libraries and contain no build paths",
        fix: "link libraries into the program, and keep paths out of it with `--remap-path-prefix`, as the flake's builds do",
        example: (
            "artifacts/hello-1.2.3.plain: usr/bin/hello",
            "interpreter `/lib/ld-musl-x86_64.so.1`",
            "no interpreter",
        ),
        about: include_str!("static_linking/about.md"),
        new: |limits| Judge::Programs(Box::new(limits.static_linking.clone())),
    },
];
