//! The gates that judge a release, in one table.

pub mod annotations;
mod build_paths;
mod executable;
pub mod exhibit;
pub mod hardening;
pub mod macos;
pub mod memory;
mod observed;
pub mod packages;
pub mod patterns;
pub mod portable;
mod program;
mod references;
pub mod report;
pub mod size;
pub mod start_up;
pub mod static_linking;
mod subject;
#[cfg(test)]
mod testing;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::evidence::Evidence;
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
    /// Makes the gate with its table of the manifest.
    pub new: fn(&GateLimits) -> Judge,
}

/// The gates' tables of a manifest, each the struct of its gate.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct GateLimits {
    /// Limits of the gate `hardening`: what programs must be protected by.
    pub hardening: hardening::Hardening,
    /// Limits of the gate `macos`: the macOS versions that programs run on.
    pub macos: macos::MacOs,
    /// Limits of the gate `memory`: how much programs may need.
    pub memory: memory::Memory,
    /// The gate `packages` has no limits.
    pub packages: packages::Packages,
    /// Limits of the gate `portable`: the oldest glibc, and the libraries that programs may need.
    pub portable: portable::Portable,
    /// Limits of the gate `size`: how large downloads may be.
    pub size: size::Size,
    /// Limits of the gate `start-up`: how long programs may take to start.
    #[serde(rename = "start-up")]
    pub start_up: start_up::StartUp,
    /// Limits of the gate `static`: libraries that programs may need, and paths that they may contain.
    #[serde(rename = "static")]
    pub static_linking: static_linking::StaticLinking,
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
        name: "hardening",
        summary: "programs are hardened and have a build ID",
        new: |limits| Judge::Programs(Box::new(limits.hardening.clone())),
    },
    GateRow {
        name: "macos",
        summary: "macOS programs are signed and declare their minimum macOS version",
        new: |limits| Judge::Programs(Box::new(limits.macos.clone())),
    },
    GateRow {
        name: "memory",
        summary: "programs need little memory, idle and at work",
        new: |limits| Judge::Release(Box::new(limits.memory.clone())),
    },
    GateRow {
        name: "packages",
        summary: "every package opens and matches its record",
        new: |limits| Judge::Release(Box::new(limits.packages.clone())),
    },
    GateRow {
        name: "portable",
        summary: "programs for glibc run with the oldest one, and contain no build paths",
        new: |limits| {
            Judge::Programs(Box::new(portable::Gate {
                portable: limits.portable.clone(),
                paths: limits.static_linking.clone(),
            }))
        },
    },
    GateRow {
        name: "size",
        summary: "downloads are small",
        new: |limits| Judge::Release(Box::new(limits.size.clone())),
    },
    GateRow {
        name: "start-up",
        summary: "programs start and answer fast",
        new: |limits| Judge::Release(Box::new(limits.start_up.clone())),
    },
    GateRow {
        name: "static",
        summary: "programs need only system libraries and contain no build paths",
        new: |limits| Judge::Programs(Box::new(limits.static_linking.clone())),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_the_limits_that_it_was_made_with() {
        let project = testing::release_of(b"text");
        let directory = project.path("release");
        let mut release = Release::read(&directory).expect("valid");
        assert_eq!(
            GateLimits::of(&release).expect("valid"),
            GateLimits::default()
        );
        release.gates.insert("speed".to_owned(), 1.into());
        let error = GateLimits::of(&release).expect_err("no such gate");
        assert_eq!(
            error.to_string(),
            "the limits in `release.json` are not valid"
        );
    }

    #[test]
    fn the_table_is_sorted_and_documented_and_has_no_duplicates() {
        assert!(GATES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for line in GATES {
            assert!(
                !line.summary.is_empty() && !line.summary.ends_with('.'),
                "{}",
                line.name
            );
        }
    }

    #[test]
    fn every_gate_has_its_table_in_the_manifest() {
        let tables = serde_json::to_value(GateLimits::default()).expect("plain structs");
        let keys: Vec<_> = tables
            .as_object()
            .expect("a table")
            .keys()
            .cloned()
            .collect();
        let names: Vec<_> = GATES.iter().map(|line| line.name).collect();
        assert_eq!(keys, names);
    }
}
