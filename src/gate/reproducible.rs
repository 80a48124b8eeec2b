//! Gate `reproducible`: another build of the release has the same bytes.

use super::{Gate, GateError, GateFinding, Subject, Verdict};
use crate::evidence::{Comparison, Difference, Observation};

/// The most differences that are told one by one.
const MAX_FINDINGS: usize = 50;

/// The table `[gates.reproducible]`, which has no keys.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Reproducible {}

impl Gate for Reproducible {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let comparisons = subject.evidence.of(|observation| match observation {
            Observation::Comparison(comparison) => Some(comparison),
            _ => None,
        });
        let mut findings = Vec::new();
        let mut count = 0;
        for (name, comparison) in comparisons {
            count += 1;
            judge(subject, name, comparison, &mut findings);
        }
        if count == 0 {
            let reason = "it was compared with no other build; `sealift diff --record` does so";
            return Ok(Verdict::NotApplicable(reason.to_owned()));
        }
        Ok(findings.into())
    }
}

fn judge(
    subject: &Subject<'_>,
    name: &str,
    comparison: &Comparison,
    findings: &mut Vec<GateFinding>,
) {
    let own = subject.release.sum();
    if own != comparison.left && own != comparison.right {
        findings.push(GateFinding {
            place: name.to_owned(),
            found: "a comparison of other releases".to_owned(),
            expected: format!("one of this release, whose SHA256SUMS has the sum {own}"),
        });
        return;
    }
    let is_left = own == comparison.left;
    let finding = |difference: &Difference| {
        let Difference { place, left, right } = difference;
        let (here, there) = if is_left {
            (left, right)
        } else {
            (right, left)
        };
        GateFinding {
            place: place.clone(),
            found: here.clone(),
            expected: format!("{there}, as in the other build"),
        }
    };
    let differences = &comparison.differences;
    findings.extend(differences.iter().take(MAX_FINDINGS).map(finding));
    if let Some(more) = differences
        .len()
        .checked_sub(MAX_FINDINGS)
        .filter(|more| *more > 0)
    {
        findings.push(GateFinding {
            place: name.to_owned(),
            found: format!("{more} more differences"),
            expected: "none".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::gate::report::{GateReport, Outcome};
    use crate::gate::testing::{evidence_of, lines, release_of, report_of};
    use crate::model::digest::Sha256Sum;
    use crate::model::release::Release;

    fn verdict(comparison: impl FnOnce(Sha256Sum) -> Comparison) -> GateReport {
        let project = release_of(b"text");
        let own = Release::read(&project.path("release"))
            .expect("valid")
            .sum();
        let evidence: Evidence = evidence_of(Observation::Comparison(comparison(own)));
        report_of(&project, "reproducible", &evidence)
    }

    fn difference() -> Difference {
        Difference {
            place: "plain for x: README".to_owned(),
            left: "mode 644".to_owned(),
            right: "mode 755".to_owned(),
        }
    }

    #[test]
    fn equal_builds_pass_and_each_difference_is_a_finding() {
        let equal = verdict(|own| Comparison {
            left: own,
            right: own,
            differences: vec![],
        });
        assert_eq!(equal.outcome, Outcome::Pass);
        let other = Sha256Sum::of(b"other");
        let differences = vec![difference()];
        let right = verdict(|own| Comparison {
            left: other,
            right: own,
            differences,
        });
        assert_eq!(
            lines(&right.findings),
            ["plain for x: README: mode 755; expected mode 644, as in the other build"]
        );
    }

    #[test]
    fn a_comparison_of_other_releases_is_no_evidence() {
        let other = Sha256Sum::of(b"other");
        let stale = verdict(|_| Comparison {
            left: other,
            right: other,
            differences: vec![],
        });
        assert_eq!(stale.outcome, Outcome::Fail);
        assert_eq!(stale.findings[0].found, "a comparison of other releases");
    }

    #[test]
    fn many_differences_are_counted() {
        let other = Sha256Sum::of(b"other");
        let differences = vec![difference(); 52];
        let many = verdict(|own| Comparison {
            left: own,
            right: other,
            differences,
        });
        assert_eq!(many.findings.len(), MAX_FINDINGS + 1);
        assert_eq!(many.findings[MAX_FINDINGS].found, "2 more differences");
    }
}
