use super::*;
use crate::gate::exhibit::Amount;
use crate::gate::report::ReportArtifact;
use crate::model::schema::Schema;

fn report(version: &str, date: Option<i64>, gates: &[(&str, Outcome)], size: u64) -> Report {
    let gate = |(name, outcome): &(&str, Outcome)| GateReport {
        gate: (*name).to_owned(),
        summary: String::new(),
        outcome: *outcome,
        findings: Vec::new(),
        reason: None,
        waived: Vec::new(),
        exhibits: vec![
            ExhibitContent::Samples {
                unit: Unit::Seconds,
                samples: vec![size as f64, 1.0, 1e9],
                limit: None,
            }
            .titled("start".to_owned(), ""),
            ExhibitContent::Amounts {
                unit: Unit::Bytes,
                amounts: vec![Amount {
                    label: "text".to_owned(),
                    value: 7.0,
                    limit: None,
                }],
            }
            .titled("sections".to_owned(), ""),
        ],
    };
    let artifact = ReportArtifact {
        file: format!("hello-{version}.deb"),
        target: Some("x86_64".to_owned()),
        format: "deb".to_owned(),
        size,
        sha256: String::new(),
    };
    Report {
        unused_waivers: Vec::new(),
        schema: Schema::default(),
        name: "hello".to_owned(),
        version: version.to_owned(),
        commit: None,
        dirty: false,
        date,
        outcome: Outcome::Pass,
        artifacts: match size {
            0 => Vec::new(),
            _ => vec![artifact],
        },
        gates: gates.iter().map(gate).collect(),
        limits: serde_json::Map::new(),
    }
}

fn versions(comparison: &Comparison) -> Vec<&str> {
    let reports = comparison.reports().iter();
    reports.map(|report| report.version.as_str()).collect()
}

#[test]
fn releases_are_sorted_by_date_and_then_as_versions_are() {
    let of = |releases: &[(&str, Option<i64>)]| {
        let report = |(version, date): &(&str, Option<i64>)| report(version, *date, &[], 1);
        Comparison::of(releases.iter().map(report).collect())
    };
    let dated = of(&[("1.0.1", Some(3)), ("2.0.0", Some(2)), ("1.0.0", Some(1))]);
    assert_eq!(versions(&dated), ["1.0.0", "2.0.0", "1.0.1"]);
    let same = of(&[
        ("1.10.0", Some(5)),
        ("1.9.0", Some(5)),
        ("1.9.0-rc.1", Some(5)),
    ]);
    assert_eq!(versions(&same), ["1.9.0-rc.1", "1.9.0", "1.10.0"]);
    let unknown = of(&[("1.0.0", Some(5)), ("0.9.0", None)]);
    assert_eq!(versions(&unknown), ["0.9.0", "1.0.0"]);
}

#[test]
fn gates_that_a_release_does_not_have_are_left_open() {
    use Outcome::{Fail, Pass};
    let comparison = Comparison::of(vec![
        report("1.0.0", Some(1), &[("size", Fail), ("old", Pass)], 0),
        report("2.0.0", Some(2), &[("size", Pass), ("new", Pass)], 5),
    ]);
    let rows: Vec<_> = comparison
        .gates()
        .into_iter()
        .map(|row| (row.gate, row.outcomes))
        .collect();
    let expected = [
        ("new", [None, Some(Pass)]),
        ("old", [Some(Pass), None]),
        ("size", [Some(Fail), Some(Pass)]),
    ];
    let expected = expected.map(|(gate, outcomes)| (gate.to_owned(), outcomes.to_vec()));
    assert_eq!(rows, expected);
    let sizes: Vec<_> = comparison
        .sizes()
        .into_iter()
        .map(|row| (row.label, row.sizes))
        .collect();
    assert_eq!(sizes[0], ("all artifacts".to_owned(), vec![None, Some(5)]));
    assert_eq!(sizes[1], ("deb, x86_64".to_owned(), vec![None, Some(5)]));
}

#[test]
fn numbers_of_the_same_title_become_curves() {
    let gates = [("speed", Outcome::Pass)];
    let comparison = Comparison::of(vec![
        report("1.0.0", Some(86_400), &gates, 20),
        report("2.0.0", Some(172_800), &gates, 30),
    ]);
    let exhibits = comparison.exhibits();
    let titles: Vec<_> = exhibits
        .iter()
        .map(|exhibit| exhibit.title.as_str())
        .collect();
    let expected = [
        "Size of all artifacts",
        "Size of each artifact",
        "speed: sections",
        "speed: start",
    ];
    assert_eq!(titles, expected);
    let ExhibitContent::Curves { x, curves, .. } = &exhibits[3].content else {
        panic!("no curves");
    };
    assert_eq!(x.unit, Unit::Date);
    assert_eq!(curves[0].label, "median");
    assert_eq!(curves[0].points, [(86_400.0, 20.0), (172_800.0, 30.0)]);
}

#[test]
fn releases_of_one_date_are_one_after_the_other() {
    let report = |version: &str| report(version, Some(315_532_800), &[], 9);
    let comparison = Comparison::of(vec![report("1.0.0"), report("1.1.0")]);
    let (axis, places) = comparison.places();
    assert_eq!((axis.unit, places), (Unit::Count, vec![1.0, 2.0]));
}
