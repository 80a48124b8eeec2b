//! Each verdict of the gate.

use super::*;
use crate::evidence::{
    CaseDifference, DanglingPath, NormalizationUse, Observation, ObservedProgram, Record, Recorded,
};
use crate::gate::exhibit::ExhibitContent;
use crate::gate::report::{GateReport, Outcome};
use crate::gate::testing::{lines, release_of, report_of};
use crate::model::digest::Sha256Sum;

const PROGRAM: &[u8] = b"text";

fn program(name: &str, content: &[u8]) -> ObservedProgram {
    ObservedProgram {
        name: name.to_owned(),
        sha256: Sha256Sum::of(content),
    }
}

fn replay() -> Replay {
    Replay {
        program: program("hello", PROGRAM),
        corpus: "cases".to_owned(),
        references: vec![program("old-hello", b"another")],
        cases: 2,
        differing: Vec::new(),
        normalizations: vec![NormalizationUse {
            name: "iso-times".to_owned(),
            cases: 1,
            replacements: 3,
        }],
    }
}

fn differing(case: &str) -> DifferingCase {
    let difference = CaseDifference {
        place: "stdout, line 2, column 5".to_owned(),
        found: "\"bananaz\\n\"".to_owned(),
        expected: "\"bananas\\n\"".to_owned(),
    };
    DifferingCase {
        case: case.to_owned(),
        differences: vec![difference],
    }
}

fn coverage() -> Coverage {
    Coverage {
        map: "map.toml".to_owned(),
        commit: None,
        dirty: false,
        mapped: 3,
        omitted: 1,
        unmapped: Vec::new(),
        dangling: Vec::new(),
    }
}

fn judged(observations: Vec<Observation>) -> GateReport {
    let records = observations.into_iter().map(|observation| Recorded {
        name: "record.json".to_owned(),
        record: Record {
            schema: Default::default(),
            observation,
        },
    });
    report_of(&release_of(PROGRAM), "parity", &records.collect())
}

/// What the gate says of a program that differs in a case.
pub(in crate::gate) fn refused() -> GateReport {
    let mut replay = replay();
    replay.differing = vec![differing("sort-reverse")];
    judged(vec![Observation::Parity(replay)])
}

/// What the gate says of a program that differs in none.
pub(in crate::gate) fn passed() -> GateReport {
    judged(vec![Observation::Parity(replay())])
}

#[test]
fn without_a_record_there_is_nothing_to_judge() {
    let report = judged(Vec::new());
    assert_eq!(report.outcome, Outcome::NotApplicable);
    let reason = "no evidence of parity is given; `sealift parity` makes it";
    assert_eq!(report.reason.as_deref(), Some(reason));
    assert!(report.exhibits.is_empty());
}

#[test]
fn equal_cases_and_whole_coverage_pass_and_are_shown() {
    let report = judged(vec![
        Observation::Parity(replay()),
        Observation::Coverage(coverage()),
    ]);
    assert_eq!(report.outcome, Outcome::Pass, "{report:?}");
    let titles: Vec<_> = report
        .exhibits
        .iter()
        .map(|exhibit| exhibit.title.as_str())
        .collect();
    assert_eq!(
        titles,
        ["Cases", "Normalizations", "Files of the reference"]
    );
    let ExhibitContent::Table { rows, .. } = &report.exhibits[0].content else {
        panic!("{:?}", report.exhibits[0]);
    };
    assert_eq!(
        rows[0],
        ["record.json", "hello", "cases", "old-hello", "2", "2"]
    );
}

#[test]
fn a_case_that_differs_is_a_finding_with_its_place() {
    let mut replay = replay();
    replay.differing = vec![differing("sort-reverse")];
    let report = judged(vec![Observation::Parity(replay)]);
    assert_eq!(report.outcome, Outcome::Fail);
    let expected = "record.json: case `sort-reverse`, stdout, line 2, column 5: \"bananaz\\n\"; expected \"bananas\\n\"";
    assert_eq!(lines(&report.findings), [expected]);
}

#[test]
fn of_many_cases_the_first_are_told() {
    let mut replay = replay();
    replay.cases = 30;
    replay.differing = (0..30)
        .map(|number| differing(&number.to_string()))
        .collect();
    let report = judged(vec![Observation::Parity(replay)]);
    assert_eq!(report.findings.len(), 21);
    let last = lines(&report.findings[20..]);
    assert_eq!(
        last,
        ["record.json: 10 more cases that differ; expected none"]
    );
}

#[test]
fn a_record_of_another_program_or_of_itself_is_no_evidence() {
    let mut stale = replay();
    stale.program = program("hello", b"an older one");
    let report = judged(vec![Observation::Parity(stale)]);
    let found = lines(&report.findings);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with("expected a program that the release holds; replay the corpus with it"),
        "{found:?}"
    );

    let mut itself = replay();
    itself.references.push(program("hello", PROGRAM));
    itself.cases = 0;
    let expected = [
        "record.json: cases that were recorded from `hello` itself; expected cases of another program, since every program is equal to itself",
        "record.json: 0 cases; expected at least 1",
    ];
    assert_eq!(
        lines(&judged(vec![Observation::Parity(itself)]).findings),
        expected
    );
}

#[test]
fn a_record_that_contradicts_itself_is_a_finding() {
    let mut replay = replay();
    replay.cases = 1;
    replay.differing = vec![differing("a"), differing("b")];
    replay.differing[1].differences.clear();
    let found = lines(&judged(vec![Observation::Parity(replay)]).findings);
    assert_eq!(
        found[0],
        "record.json: 2 differing cases of 1; expected a record that does not contradict itself"
    );
    assert_eq!(
        found[2],
        "record.json: case `b`: a difference that is not told; expected no difference"
    );
}

#[test]
fn what_is_not_covered_is_a_finding() {
    let mut coverage = coverage();
    coverage.dirty = true;
    coverage.unmapped = vec!["src/b.c".to_owned()];
    coverage.dangling = vec![DanglingPath {
        path: "src/c.rs".to_owned(),
        line: 4,
        in_reference: false,
    }];
    let expected = [
        "record.json: a record of a tree with uncommitted changes; expected one of the commit that was released",
        "record.json: the reference's `src/b.c`: a file that `map.toml` does not name; expected its counterpart, or the reason for leaving it out",
        "record.json: map.toml:4: `src/c.rs`, which does not exist; expected a path of the tree",
    ];
    assert_eq!(
        lines(&judged(vec![Observation::Coverage(coverage)]).findings),
        expected
    );
}
