//! Gate `checks`: the project's own checks have passed for the commit that is released.

#[cfg(test)]
pub(super) mod tests;

use super::exhibit::ExhibitContent;
use super::{Exhibit, Gate, GateError, GateFinding, Subject, Verdict};
use crate::evidence::{CheckFinding, Observation, Results};
use crate::model::commit::Commit;
use crate::model::release::Release;

/// The table `[gates.checks]`.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Checks {
    /// The checks that must have been run, by their names.
    pub required: Vec<String>,
}

impl Gate for Checks {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let mut findings = Vec::new();
        let records: Vec<_> = records(subject).collect();
        if records.is_empty() && self.required.is_empty() {
            let reason = "no record of a check is given; `sealift check` makes one";
            return Ok(Verdict::NotApplicable(reason.to_owned()));
        }
        for (name, results) in &records {
            findings.extend(stale(name, results, subject.release));
            findings.extend(
                results
                    .findings
                    .iter()
                    .map(|finding| told(results, finding)),
            );
        }
        let is_missing = |check: &&String| !records.iter().any(|(_, each)| each.check == **check);
        findings.extend(
            self.required
                .iter()
                .filter(is_missing)
                .map(|check| GateFinding {
                    place: format!("check `{check}`"),
                    found: "no record".to_owned(),
                    expected: format!("one of `sealift check {check}`"),
                }),
        );
        Ok(findings.into())
    }

    fn exhibits(&self, subject: &Subject<'_>) -> Vec<Exhibit> {
        let row = |(_, results): (&str, &Results)| {
            let passed = results
                .passed
                .map_or("not told".to_owned(), |passed| passed.to_string());
            vec![
                results.check.clone(),
                results.command.join(" "),
                passed,
                results.findings.len().to_string(),
            ]
        };
        let rows: Vec<_> = records(subject).map(row).collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let columns = ["check", "command", "passed", "findings"];
        vec![Exhibit {
            title: "Checks of the source".to_owned(),
            note: String::new(),
            content: ExhibitContent::Table {
                columns: columns.map(str::to_owned).to_vec(),
                rows,
            },
        }]
    }
}

fn records<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = (&'s str, &'s Results)> {
    subject.evidence.of(|observation| match observation {
        Observation::Results(results) => Some(results),
        _ => None,
    })
}

fn told(results: &Results, finding: &CheckFinding) -> GateFinding {
    GateFinding {
        place: format!("check `{}`: {}", results.check, finding.place),
        found: finding.found.clone(),
        expected: finding.expected.clone(),
    }
}

/// A record of another source says nothing of this one.
fn stale(name: &str, results: &Results, release: &Release) -> Option<GateFinding> {
    let of = |commit: Option<&Commit>, dirty: bool| {
        let commit = commit.map_or("an unknown commit", Commit::as_str);
        let changes = if dirty { " with changes" } else { "" };
        format!("{commit}{changes}")
    };
    let found = of(results.commit.as_ref(), results.dirty);
    let expected = of(release.commit.as_ref(), release.dirty);
    (found != expected).then(|| GateFinding {
        place: format!("{name}: check `{}`", results.check),
        found: format!("a record of {found}"),
        expected: format!("one of {expected}, which is released"),
    })
}
