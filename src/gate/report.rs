//! Runs all gates and writes down what they find.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::waiver::{UnusedWaiver, WaivedFinding, Waiver};
use super::{
    Exhibit, GATES, GateContext, GateError, GateFinding, GateLimits, GateRow, Judge, Subject,
    Verdict,
};
use crate::event::{Event, Reporter};
use crate::model::artifact::Artifact;
use crate::model::release::Release;
use crate::model::schema::Schema;
use crate::output::json::{self, JsonError};

/// The file with the report in a release directory.
pub const REPORT: &str = "report.json";
/// The same for people, beside it.
pub const PAGE: &str = "report.html";

/// What all gates found. Serializes to `report.json`.
///
/// One that another version of Sealift wrote can be read: it has other gates, and may lack what came later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this report's schema.
    #[serde(default)]
    pub schema: Schema,
    /// The package's name.
    pub name: String,
    /// The package's version.
    pub version: String,
    /// The commit that was released, if it is known.
    #[serde(default)]
    pub commit: Option<String>,
    /// Whether the source had changes that are in no commit.
    #[serde(default)]
    pub dirty: bool,
    /// The time that the release claims to be from, in seconds since the epoch; `None` in reports from before this member.
    #[serde(default)]
    pub date: Option<i64>,
    /// The worst outcome of all gates.
    pub outcome: Outcome,
    /// The packages as they are recorded, sorted by file name.
    #[serde(default)]
    pub artifacts: Vec<ReportArtifact>,
    /// One per gate, in the order of the table.
    pub gates: Vec<GateReport>,
    /// The waivers that accept nothing of this release: what they were for is mended, or is called otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused_waivers: Vec<UnusedWaiver>,
    /// The limits that were applied, by gate.
    #[serde(default)]
    pub limits: serde_json::Map<String, serde_json::Value>,
}

/// A package of the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportArtifact {
    /// The file's name.
    pub file: String,
    /// The platform that it is for; `None` for what was made of the artifacts for several.
    pub target: Option<String>,
    /// The format's name.
    pub format: String,
    /// The file's size in bytes.
    pub size: u64,
    /// The file's SHA-256.
    pub sha256: String,
}

/// What one gate found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// The gate's name.
    pub gate: String,
    /// What the gate is about.
    pub summary: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What is wrong; empty unless the gate failed.
    pub findings: Vec<GateFinding>,
    /// What is wrong and accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<WaivedFinding>,
    /// Why the gate has nothing to judge, or why it could not be run.
    pub reason: Option<String>,
    /// What there is to see of the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exhibits: Vec<Exhibit>,
}

/// How a gate ended, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There is nothing to judge.
    NotApplicable,
    /// All is well.
    Pass,
    /// Something is wrong with the release.
    Fail,
    /// The gate could not be run.
    Error,
}

impl Outcome {
    /// The word for it, on the page as on a terminal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "n/a",
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Error => "ERROR",
        }
    }
}

/// A report that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It could not be read, or is no report.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It says something else of the release than of its gates.
    #[error("`{}` has the outcome `{}`; expected `{}`, that of its gates", path.display(), found.word(), expected.word())]
    Outcome {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: Outcome,
        /// What its gates say.
        expected: Outcome,
    },
}

impl ReportError {
    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Json(error) if error.is_missing())
    }
}

impl Report {
    /// Reads a report, which somebody else may have written.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let report: Self = json::read_foreign(path)?;
        let (found, expected) = (report.outcome, worst(&report.gates));
        if found == expected {
            return Ok(report);
        }
        let path = path.to_owned();
        Err(ReportError::Outcome {
            path,
            found,
            expected,
        })
    }

    /// The verdict on the release, in one sentence without its period.
    pub fn verdict(&self) -> String {
        let release = format!("{} {}", self.name, self.version);
        let count = |outcome| self.gates.iter().filter(|g| g.outcome == outcome).count();
        let of_all = |number: usize| format!("{number} of {}", counted(self.gates.len(), "gate"));
        let findings = self.gates.iter().map(|gate| gate.findings.len()).sum();
        let findings = counted(findings, "finding");
        let (failed, broken) = (count(Outcome::Fail), count(Outcome::Error));
        match (self.outcome, failed) {
            (Outcome::NotApplicable, _) => format!("{release} has nothing that a gate judges"),
            (Outcome::Pass, _) => {
                let passed = of_all(count(Outcome::Pass));
                match count(Outcome::NotApplicable) {
                    0 => format!("{release} passes all {}", counted(self.gates.len(), "gate")),
                    idle => format!("{release} passes {passed}; {idle} had nothing to judge"),
                }
            }
            (Outcome::Fail, _) => {
                format!("{release} is refused by {} with {findings}", of_all(failed))
            }
            (Outcome::Error, 0) => {
                format!("{release} is not judged: {} could not run", of_all(broken))
            }
            (Outcome::Error, _) => format!(
                "{release} is refused by {} with {findings}; {broken} could not run",
                of_all(failed)
            ),
        }
    }

    /// The sizes of all artifacts together, in bytes.
    pub fn total_size(&self) -> u64 {
        let sizes = self.artifacts.iter().map(|artifact| artifact.size);
        sizes.fold(0, u64::saturating_add)
    }
}

impl GateReport {
    /// What there is to say of it in one line: the reason, or else what it is about.
    pub fn about(&self) -> &str {
        self.reason.as_deref().unwrap_or(&self.summary)
    }
}

impl From<&Artifact> for ReportArtifact {
    fn from(artifact: &Artifact) -> Self {
        Self {
            file: artifact.file.to_string(),
            target: artifact.target.map(|target| target.to_string()),
            format: artifact.format.clone(),
            size: artifact.size,
            sha256: artifact.sha256.to_string(),
        }
    }
}

/// A number with its noun: `1 gate`, `2 gates`.
pub fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

fn worst(gates: &[GateReport]) -> Outcome {
    let outcomes = gates.iter().map(|gate| gate.outcome);
    outcomes.max().unwrap_or(Outcome::NotApplicable)
}

/// Runs every gate, whatever the others find.
pub fn judge(
    release: &Release,
    context: &GateContext<'_>,
    limits: &GateLimits,
    reporter: &dyn Reporter,
) -> Report {
    let gates: Vec<_> = GATES.iter().map(|row| (row, (row.new)(limits))).collect();
    let mut programs = Vec::new();
    for (row, gate) in &gates {
        if let Judge::Programs(gate) = gate {
            programs.push((row.name, gate.as_ref()));
        }
    }
    let subject = Subject::open(release, context, &programs);
    let run = |(row, gate): &(&'static GateRow, Judge)| {
        reporter.report(Event::GateStarted { gate: row.name });
        let (verdict, exhibits) = match gate {
            Judge::Release(gate) => (gate.run(&subject), gate.exhibits(&subject)),
            Judge::Programs(gate) => (subject.verdict(row.name, gate.what()), Vec::new()),
        };
        let mut report = gate_report(row, verdict, exhibits);
        waive(&mut report, &limits.waivers, release.date);
        report
    };
    let gates: Vec<_> = gates.iter().map(run).collect();
    let unused_waivers = unused(&limits.waivers, &gates, release.date);
    Report {
        schema: Schema::default(),
        name: release.name.to_string(),
        version: release.version.to_string(),
        commit: release.commit.as_ref().map(ToString::to_string),
        dirty: release.dirty,
        date: Some(release.date),
        outcome: worst(&gates),
        artifacts: release.artifacts.iter().map(Into::into).collect(),
        gates,
        unused_waivers,
        limits: limits.to_map(),
    }
}

fn gate_report(
    row: &GateRow,
    verdict: Result<Verdict, GateError>,
    exhibits: Vec<Exhibit>,
) -> GateReport {
    let (outcome, findings, reason) = match verdict {
        Ok(Verdict::Pass) => (Outcome::Pass, Vec::new(), None),
        Ok(Verdict::Fail(findings)) => (Outcome::Fail, findings, None),
        Ok(Verdict::NotApplicable(reason)) => (Outcome::NotApplicable, Vec::new(), Some(reason)),
        Err(error) => (Outcome::Error, Vec::new(), Some(chain(&error))),
    };
    GateReport {
        gate: row.name.to_owned(),
        summary: row.summary.to_owned(),
        outcome,
        findings,
        waived: Vec::new(),
        reason,
        exhibits,
    }
}

/// Takes the findings that are accepted out of those that refuse the release.
fn waive(report: &mut GateReport, waivers: &[Waiver], date: i64) {
    for mut finding in std::mem::take(&mut report.findings) {
        let accepts = |waiver: &&Waiver| waiver.accepts(&report.gate, &finding, date);
        if let Some(waiver) = waivers.iter().find(accepts) {
            report.waived.push(waiver.waive(finding));
            continue;
        }
        let over = |waiver: &Waiver| waiver.over(&report.gate, &finding, date).map(str::to_owned);
        if let Some(day) = waivers.iter().find_map(over) {
            finding.expected += &format!("; its waiver ended on {day}");
        }
        report.findings.push(finding);
    }
    if report.outcome == Outcome::Fail && report.findings.is_empty() {
        report.outcome = Outcome::Pass;
    }
}

fn unused(waivers: &[Waiver], gates: &[GateReport], date: i64) -> Vec<UnusedWaiver> {
    let is_used = |waiver: &Waiver| {
        gates.iter().any(|gate| {
            let mut findings = gate.waived.iter().map(|waived| &waived.finding);
            findings.any(|finding| waiver.accepts(&gate.gate, finding, date))
        })
    };
    let unused = waivers.iter().filter(|waiver| !is_used(waiver));
    unused.map(Waiver::to_unused).collect()
}

/// An error with its causes, which are what a reader of the report has instead of the error itself.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::{release_of, report_with};

    #[test]
    fn every_gate_is_in_the_report_and_the_worst_one_decides() {
        let project = release_of(b"text");
        let mut tables = GateLimits::default();
        let report = report_with(&project, &tables);
        let names: Vec<_> = report.gates.iter().map(|gate| gate.gate.as_str()).collect();
        assert_eq!(
            names,
            GATES.iter().map(|line| line.name).collect::<Vec<_>>()
        );
        assert_eq!(report.outcome, Outcome::Pass);

        tables.size.artifact_limit_bytes = 10;
        assert_eq!(report_with(&project, &tables).outcome, Outcome::Fail);

        std::fs::remove_dir_all(project.path("release/artifacts")).expect("it was there");
        assert_eq!(report_with(&project, &tables).outcome, Outcome::Error);
    }

    #[test]
    fn a_report_of_the_same_release_is_the_same_text() {
        let project = release_of(b"text");
        let text = || crate::output::json::to_text(&report_with(&project, &GateLimits::default()));
        assert_eq!(text(), text());
    }

    #[test]
    fn the_total_is_judged_too() {
        let project = release_of(b"text");
        let mut tables = GateLimits::default();
        tables.size.total_limit_bytes = Some(5);
        let report = report_with(&project, &tables);
        let size = report.gates.iter().find(|gate| gate.gate == "size");
        let findings = &size.expect("it is in the table").findings;
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "artifacts/, all together");
        assert_eq!(findings[0].expected, "less than 5 bytes");
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let project = release_of(b"text");
        let report = report_with(&project, &GateLimits::default());
        let path = project.path("report.json");
        std::fs::write(&path, json::to_text(&report)).expect("writable");
        assert_eq!(Report::read(&path).expect("valid"), report);
        assert_eq!(report.artifacts.len(), 1);
        assert_eq!(report.total_size(), report.artifacts[0].size);
    }

    fn read(text: &str) -> Result<Report, String> {
        let directory = tempfile::tempdir().expect("a place");
        let path = directory.path().join("report.json");
        std::fs::write(&path, text).expect("writable");
        Report::read(&path).map_err(|error| {
            let path = path.display().to_string();
            chain(&error).replace(&path, "PATH")
        })
    }

    #[test]
    fn reports_of_other_versions_are_read() {
        let first = r#"{"schema": 1, "name": "hello", "version": "1.0.0", "outcome": "pass", "limits": {"speed": {"x": 1}},
            "gates": [{"gate": "speed", "summary": "it is fast", "outcome": "pass", "findings": [], "reason": null}],
            "color": "blue"}"#;
        let report = read(first).expect("readable");
        assert_eq!((report.date, report.artifacts.len()), (None, 0));
        assert_eq!(report.gates[0].gate, "speed");
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_reason() {
        let error = read("{").expect_err("no JSON");
        assert!(error.starts_with("`PATH` is not valid: EOF"), "{error}");
        let newer = read(r#"{"schema": 2}"#).expect_err("newer");
        assert!(newer.contains("schema 2 is newer"), "{newer}");
        // A headline must not contradict what is below it.
        let denied = r#"{"name": "a", "version": "1", "outcome": "pass", "gates": [
            {"gate": "size", "summary": "", "outcome": "fail", "findings": [], "reason": null}]}"#;
        let expected = "`PATH` has the outcome `pass`; expected `FAIL`, that of its gates";
        assert_eq!(read(denied), Err(expected.to_owned()));
    }

    #[test]
    fn the_verdict_is_a_sentence() {
        let report = |outcomes: &[Outcome]| {
            let gate = |outcome: &Outcome| GateReport {
                gate: "size".to_owned(),
                summary: "small".to_owned(),
                outcome: *outcome,
                findings: Vec::new(),
                reason: None,
                waived: Vec::new(),
                exhibits: Vec::new(),
            };
            let project = release_of(b"text");
            let gates: Vec<_> = outcomes.iter().map(gate).collect();
            Report {
                outcome: worst(&gates),
                gates,
                ..report_with(&project, &GateLimits::default())
            }
            .verdict()
        };
        use Outcome::{Error, Fail, NotApplicable, Pass};
        for (outcomes, expected) in [
            (&[] as &[_], "hello 1.2.3 has nothing that a gate judges"),
            (&[Pass, Pass], "hello 1.2.3 passes all 2 gates"),
            (
                &[Pass, NotApplicable],
                "hello 1.2.3 passes 1 of 2 gates; 1 had nothing to judge",
            ),
            (
                &[Pass, Fail],
                "hello 1.2.3 is refused by 1 of 2 gates with 0 findings",
            ),
            (
                &[Error, Pass],
                "hello 1.2.3 is not judged: 1 of 2 gates could not run",
            ),
            (
                &[Error, Fail],
                "hello 1.2.3 is refused by 1 of 2 gates with 0 findings; 1 could not run",
            ),
        ] {
            assert_eq!(report(outcomes), expected);
        }
    }
}
