use super::*;
use crate::evidence::soak::{Crash, Host, Latency, Requests, Series, Trend};
use crate::evidence::{Evidence, ObservedProgram, Record, Recorded};
use crate::gate::GateLimits;
use crate::gate::exhibit::ExhibitContent;
use crate::gate::report::{GateReport, Outcome};
use crate::gate::testing::{lines, release_of, report_given};
use crate::model::digest::Sha256Sum;

const PROGRAM: &[u8] = b"a program";

fn series(quantity: Quantity, value: f64, per_hour: f64) -> Series {
    Series {
        quantity,
        minimum: value,
        median: value,
        maximum: value,
        last: value,
        trend: Some(Trend {
            samples: 480,
            from_seconds: 120.0,
            to_seconds: 600.0,
            per_hour,
            low_per_hour: per_hour * 0.9,
            high_per_hour: per_hour * 1.1,
            late_per_hour: per_hour,
            confidence: 0.999,
        }),
        points: vec![(1.0, value), (600.0, value)],
    }
}

/// A soak of ten minutes that lacks nothing.
fn good() -> Seen {
    Seen {
        program: ObservedProgram {
            name: "hello".to_owned(),
            sha256: Sha256Sum::of(PROGRAM),
        },
        command: vec!["./hello".to_owned()],
        workload: "none".to_owned(),
        host: Host {
            system: "linux".to_owned(),
            machine: "x86_64".to_owned(),
            kernel: "6.1".to_owned(),
            processors: 2,
            memory_bytes: 1 << 30,
            page_bytes: 4096,
        },
        started: 0,
        planned_seconds: 600.0,
        seconds: 600.0,
        interval_seconds: 1.0,
        samples: 600,
        gaps: Vec::new(),
        ended: Ended::Complete,
        series: vec![
            series(Quantity::Pss, 30e6, 1000.0),
            series(Quantity::Descriptors, 9.0, 0.0),
            series(Quantity::Threads, 4.0, 0.0),
        ],
        requests: Requests {
            count: 1000,
            errors: 0,
            first_errors: Vec::new(),
            latency: Some(Latency {
                p50: 0.001,
                p90: 0.002,
                p99: 0.003,
                max: 0.1,
            }),
        },
        crashes: 0,
        first_crashes: Vec::new(),
    }
}

fn report(limits: &GateLimits, records: Vec<Seen>) -> GateReport {
    let project = release_of(PROGRAM);
    let recorded = |seen| Recorded {
        name: "soak.json".to_owned(),
        record: Record {
            schema: crate::model::schema::Schema::default(),
            observation: Observation::Soak(Box::new(seen)),
        },
    };
    let evidence: Evidence = records.into_iter().map(recorded).collect();
    report_given(&project, "soak", limits, &evidence)
}

/// What the gate says of a soak that leaked.
pub(in crate::gate) fn refused() -> GateReport {
    let mut seen = good();
    seen.series[0] = series(Quantity::Pss, 30e6, 600_000.0);
    report(&GateLimits::default(), vec![seen])
}

/// What the gate says of a soak that lacks nothing.
pub(in crate::gate) fn passed() -> GateReport {
    report(&GateLimits::default(), vec![good()])
}

fn findings(change: impl FnOnce(&mut Seen)) -> Vec<String> {
    let mut seen = good();
    change(&mut seen);
    lines(&report(&GateLimits::default(), vec![seen]).findings)
}

#[test]
fn without_evidence_there_is_nothing_to_judge() {
    let report = report(&GateLimits::default(), Vec::new());
    assert_eq!(report.outcome, Outcome::NotApplicable);
    assert!(
        report
            .reason
            .is_some_and(|reason| reason.contains("`sealift soak` makes it"))
    );
}

#[test]
fn a_steady_program_passes_and_is_shown() {
    let report = report(&GateLimits::default(), vec![good()]);
    assert_eq!(report.outcome, Outcome::Pass, "{:?}", report.findings);
    let titles: Vec<_> = report
        .exhibits
        .iter()
        .map(|shown| shown.title.as_str())
        .collect();
    assert_eq!(
        titles,
        [
            "soak.json: memory",
            "soak.json: descriptors",
            "soak.json: threads",
            "soak.json: growth per hour",
            "soak.json: requests and crashes"
        ]
    );
    let ExhibitContent::Curves { limit, curves, .. } = &report.exhibits[0].content else {
        panic!("memory is a curve");
    };
    assert_eq!((*limit, curves.len()), (Some(350e6), 1));
}

#[test]
fn a_soak_of_another_program_is_never_a_pass() {
    let found = findings(|seen| seen.program.sha256 = Sha256Sum::of(b"older"));
    let expected =
        "soak.json: a soak of another `hello`; expected one of a program that the release holds";
    assert_eq!(found, [expected]);
}

#[test]
fn a_leak_is_refused_and_one_that_has_come_to_rest_is_none() {
    let found = findings(|seen| seen.series[0] = series(Quantity::Pss, 30e6, 600_000.0));
    let expected = "soak.json: a leak: bytes of memory grow by 600000 an hour (540000 to 660000 with 99.9 % certainty); \
                    expected at most 100000 an hour";
    assert_eq!(found, [expected]);
    let found = findings(|seen| {
        seen.series[0] = series(Quantity::Pss, 30e6, 600_000.0);
        let trend = seen.series[0].trend.as_mut().expect("there is one");
        trend.late_per_hour = 50_000.0;
    });
    assert_eq!(found, [""; 0]);
    let found = findings(|seen| seen.series[1] = series(Quantity::Descriptors, 9.0, 60.0));
    assert!(
        found[0].contains("a leak: descriptors grow by 60 an hour"),
        "{found:?}"
    );
}

#[test]
fn failures_are_refused() {
    let found = findings(|seen| {
        seen.requests.errors = 2;
        seen.requests.first_errors = vec!["status 500".to_owned()];
        seen.crashes = 1;
        seen.first_crashes = vec![Crash {
            at_seconds: 3.0,
            reason: "signal: 11 (SIGSEGV) (core dumped)".to_owned(),
            output: String::new(),
        }];
    });
    let expected = [
        "soak.json: 2 of 1000 requests failed: status 500; expected at most 0 failures",
        "soak.json: 1 crashes: signal: 11 (SIGSEGV) (core dumped); expected at most 0",
    ];
    assert_eq!(found, expected);
    let found = findings(|seen| seen.series[0].maximum = 350e6);
    assert_eq!(
        found,
        ["soak.json: 350000000 bytes of memory; expected less than 350000000 bytes"]
    );
}

#[test]
fn what_is_too_short_or_was_ended_is_no_pass() {
    let found = findings(|seen| {
        seen.seconds = 20.0;
        seen.ended = Ended::Interrupted("SIGINT".to_owned());
        for series in &mut seen.series {
            series.trend = None;
        }
    });
    assert_eq!(found.len(), 5, "{found:?}");
    assert_eq!(
        found[0],
        "soak.json: a soak of 20 seconds; expected one of at least 600 seconds"
    );
    let found = findings(|seen| seen.ended = Ended::Limit("memory: 9 bytes".to_owned()));
    assert_eq!(
        found,
        ["soak.json: an early end: memory: 9 bytes; expected a soak of 600 seconds"]
    );
    let found = findings(|seen| seen.series.clear());
    assert_eq!(
        found[0],
        "soak.json: no sample of memory; expected at least one"
    );
}

#[test]
fn limits_that_are_asked_for_are_judged() {
    let mut limits = GateLimits::default();
    limits.soak.latency_limit_microseconds = Some(3000);
    limits.soak.disk_leak_limit_bytes_per_hour = Some(1_000_000);
    let mut seen = good();
    seen.series.push(series(Quantity::Disk, 1e6, 2e6));
    let found = lines(&report(&limits, vec![seen]).findings);
    assert_eq!(
        found,
        [
            "soak.json: a leak: bytes on disk grow by 2000000 an hour (1800000 to 2200000 with 99.9 % certainty); expected \
             at most 1000000 an hour",
            "soak.json: a 99th percentile of 3000 microseconds; expected less than 3000 microseconds",
        ]
    );
    let mut silent = good();
    silent.requests.latency = None;
    let found = lines(&report(&limits, vec![silent]).findings);
    assert_eq!(
        found,
        ["soak.json: no request that was answered; expected less than 3000 microseconds"]
    );
}
