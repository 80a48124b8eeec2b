use super::*;
use crate::evidence::Evidence;
use crate::gate::GateLimits;
use crate::gate::report::{GateReport, Outcome};
use crate::gate::testing::{evidence_of, lines, release_of, report_given, report_of};

fn results() -> Results {
    Results {
        check: "tests".to_owned(),
        command: vec!["cargo".to_owned(), "test".to_owned()],
        commit: None,
        dirty: false,
        passed: Some(12),
        findings: Vec::new(),
    }
}

fn judged(results: Results) -> GateReport {
    let evidence = evidence_of(Observation::Results(results));
    report_of(&release_of(b"text"), "checks", &evidence)
}

/// What the gate says of tests that failed.
pub(in crate::gate) fn refused() -> GateReport {
    let mut failed = results();
    failed.findings.push(CheckFinding {
        place: "tests".to_owned(),
        found: "exit code 101, and at the end: 1 of 13 failed".to_owned(),
        expected: "exit code 0".to_owned(),
    });
    judged(failed)
}

/// What the gate says of tests that passed.
pub(in crate::gate) fn passed() -> GateReport {
    judged(results())
}

#[test]
fn a_check_that_passed_is_shown() {
    let report = passed();
    assert_eq!(report.outcome, Outcome::Pass);
    let ExhibitContent::Table { rows, .. } = &report.exhibits[0].content else {
        panic!("{report:?}");
    };
    assert_eq!(rows[0], ["tests", "cargo test", "12", "0"]);
}

#[test]
fn a_record_of_another_source_is_stale() {
    let mut other = results();
    other.commit = Some("abc1".parse().expect("hexadecimal"));
    other.dirty = true;
    assert_eq!(
        lines(&judged(other).findings),
        [
            "record.json: check `tests`: a record of abc1 with changes; expected one of an unknown commit, which is released"
        ]
    );
}

#[test]
fn a_check_that_is_required_must_have_been_run() {
    let project = release_of(b"text");
    let limits: GateLimits =
        toml::from_str("[checks]\nrequired = ['tests', 'lints']").expect("valid limits");
    let evidence = evidence_of(Observation::Results(results()));
    let report = report_given(&project, "checks", &limits, &evidence);
    assert_eq!(
        lines(&report.findings),
        ["check `lints`: no record; expected one of `sealift check lints`"]
    );
    let report = report_given(&project, "checks", &limits, &Evidence::default());
    assert_eq!(report.findings.len(), 2);
    let report = report_of(&project, "checks", &Evidence::default());
    assert_eq!(report.outcome, Outcome::NotApplicable);
}
