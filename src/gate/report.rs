//! Runs all gates and writes down what they find.

use serde::Serialize;

use super::waiver::{WaivedFinding, Waiver};
use super::{
    Exhibit, GATES, GateContext, GateError, GateFinding, GateLimits, GateRow, Judge, Subject,
    Verdict,
};
use crate::event::{Event, Reporter};
use crate::model::release::Release;
use crate::model::schema::Schema;

/// The file with the report in a release directory.
pub const REPORT: &str = "report.json";

/// What all gates found. Serializes to `report.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The version of this report's schema.
    pub schema: Schema,
    /// The package's name.
    pub name: String,
    /// The package's version.
    pub version: String,
    /// The worst outcome of all gates.
    pub outcome: Outcome,
    /// One per gate, in the order of the table.
    pub gates: Vec<GateReport>,
    /// The waivers that accept nothing of this release: what they were for is mended, or is called otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused_waivers: Vec<Waiver>,
    /// The limits that were applied.
    pub limits: GateLimits,
}

/// What one gate found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateReport {
    /// The gate's name.
    pub gate: &'static str,
    /// What the gate is about.
    pub summary: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What is wrong; empty unless the gate failed.
    pub findings: Vec<GateFinding>,
    /// What is wrong and accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<WaivedFinding>,
    /// Why the gate has nothing to judge, or why it could not be run.
    pub reason: Option<String>,
    /// What there is to see of the release.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exhibits: Vec<Exhibit>,
}

/// How a gate ended, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
    let worst = gates.iter().map(|gate| gate.outcome).max();
    Report {
        schema: Schema::default(),
        name: release.name.to_string(),
        version: release.version.to_string(),
        outcome: worst.unwrap_or(Outcome::NotApplicable),
        gates,
        unused_waivers,
        limits: limits.clone(),
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
        gate: row.name,
        summary: row.summary,
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
        let accepts = |waiver: &&Waiver| waiver.accepts(report.gate, &finding, date);
        if let Some(waiver) = waivers.iter().find(accepts) {
            report.waived.push(waiver.waive(finding));
            continue;
        }
        let over = |waiver: &Waiver| waiver.over(report.gate, &finding, date).map(str::to_owned);
        if let Some(day) = waivers.iter().find_map(over) {
            finding.expected += &format!("; its waiver ended on {day}");
        }
        report.findings.push(finding);
    }
    if report.outcome == Outcome::Fail && report.findings.is_empty() {
        report.outcome = Outcome::Pass;
    }
}

fn unused(waivers: &[Waiver], gates: &[GateReport], date: i64) -> Vec<Waiver> {
    let is_used = |waiver: &Waiver| {
        gates.iter().any(|gate| {
            let mut findings = gate.waived.iter().map(|waived| &waived.finding);
            findings.any(|finding| waiver.accepts(gate.gate, finding, date))
        })
    };
    let unused = waivers.iter().filter(|waiver| !is_used(waiver));
    unused.cloned().collect()
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
        let names: Vec<_> = report.gates.iter().map(|gate| gate.gate).collect();
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
}
