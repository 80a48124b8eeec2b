use crate::evidence::measurement::{Cache, Measurement, Noise};
use crate::gate::exhibit::ExhibitContent;
use crate::gate::observed::testing::{evidence, measurement, starts};
use crate::gate::report::{GateReport, Outcome};
use crate::gate::testing::{lines, release_of, report_of, verdict_of};

const PROGRAM: &[u8] = b"#!/bin/sh\n";

/// What the gate says of a measurement of the released program that was changed.
fn judged(change: impl FnOnce(&mut Measurement)) -> GateReport {
    let mut changed = measurement(PROGRAM);
    change(&mut changed);
    report_of(&release_of(PROGRAM), "start-up", &evidence(vec![changed]))
}

/// What the gate says of a program that sleeps before it is ready.
pub(in crate::gate) fn refused() -> GateReport {
    judged(|it| it.warm = starts(&[0.3, 0.3, 0.3]))
}

/// What the gate says of a program that does not.
pub(in crate::gate) fn passed() -> GateReport {
    judged(|_| {})
}

#[test]
fn fast_starts_pass() {
    let report = judged(|_| {});
    assert_eq!(report.outcome, Outcome::Pass, "{report:?}");
    assert_eq!(report.exhibits.len(), 2);
}

#[test]
fn each_limit_refuses_a_median_that_reaches_it() {
    for (change, what, found, expected) in [
        (
            (|it| it.warm = starts(&[0.3, 0.1, 0.09])) as fn(&mut Measurement),
            "warm start",
            "100.0 ms, the median of 3",
            "less than 100.0 ms",
        ),
        (
            |it| it.cold = starts(&[1.9, 2.1]),
            "cold start",
            "2.00 s, the median of 2",
            "less than 2.00 s",
        ),
        (
            |it| it.first_responses = starts(&[6.0]),
            "first response",
            "6.00 s, the median of 1",
            "less than 5.00 s",
        ),
    ] {
        let report = judged(change);
        let place = format!("1.json: `hello` for x86_64-unknown-linux-musl, {what}");
        let expected = format!("{place}: {found}; expected {expected}");
        assert_eq!(lines(&report.findings), [expected]);
        assert_eq!(report.outcome, Outcome::Fail);
    }
}

#[test]
fn a_slow_start_among_fast_ones_is_not_the_median() {
    let report = judged(|it| it.warm = starts(&[0.01, 0.01, 9.0]));
    assert_eq!(report.outcome, Outcome::Pass, "{report:?}");
}

#[test]
fn without_a_measurement_there_is_nothing_to_judge() {
    let report = verdict_of(&release_of(PROGRAM), "start-up");
    assert_eq!(report.outcome, Outcome::NotApplicable);
    let reason = "no evidence of running programs is given; `sealift measure` makes it";
    assert_eq!(report.reason.as_deref(), Some(reason));
}

#[test]
fn a_measurement_of_another_program_is_a_finding() {
    for gate in ["start-up", "memory"] {
        let stale = evidence(vec![measurement(b"another"), measurement(PROGRAM)]);
        let report = report_of(&release_of(PROGRAM), gate, &stale);
        assert_eq!(report.outcome, Outcome::Fail, "{gate}");
        let found = lines(&report.findings);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("1.json: a measurement of `hello` with the sum "),
            "{found:?}"
        );
        assert!(
            found[0].ends_with("; expected one of a program of this release"),
            "{found:?}"
        );
    }
}

#[test]
fn what_waiting_for_a_processor_explains_fails_nothing() {
    let report = judged(|it| {
        it.warm = starts(&[0.12, 0.13, 0.14]);
        for timing in &mut it.warm {
            timing.waiting_seconds = Some(0.05);
        }
    });
    assert_eq!(report.outcome, Outcome::NotApplicable);
    let reason = report.reason.expect("a reason");
    let expected = "1.json: `hello` for x86_64-unknown-linux-musl, warm start: 130.0 ms, the median of 3 says nothing, as the \
                    machine was busy: it waited up to 50.0 ms for a processor";
    assert_eq!(reason, expected);
}

#[test]
fn a_program_that_sleeps_fails_on_a_busy_machine_too() {
    let busy = Noise {
        others_share: Some(0.99),
        ..Noise::default()
    };
    let report = judged(|it| {
        it.warm = starts(&[0.32, 0.31, 0.33]);
        it.noise = busy;
        for timing in &mut it.warm {
            timing.waiting_seconds = Some(0.02);
        }
    });
    let expected = "320.0 ms, the median of 3, and 298.4 ms without the waiting for a processor";
    assert_eq!(report.findings[0].found, expected);
    // Half of what processors worked for it may be due to the others.
    let report = judged(|it| {
        it.warm = starts(&[0.12]);
        it.warm[0].cpu_seconds = Some(0.1);
        it.noise = busy;
    });
    assert_eq!(report.outcome, Outcome::NotApplicable);
    let reason = report.reason.expect("a reason");
    assert!(
        reason.ends_with("other programs had 99 % of its processors"),
        "{reason}"
    );
}

#[test]
fn where_the_system_tells_nothing_a_wide_spread_is_noise() {
    let blind = |seconds: &[f64]| {
        let mut all = starts(seconds);
        for timing in &mut all {
            (timing.waiting_seconds, timing.cpu_seconds) = (None, None);
        }
        all
    };
    let change = |seconds: &'static [f64]| {
        judged(move |it| {
            it.warm = blind(seconds);
            it.noise = Noise::default();
        })
    };
    assert_eq!(change(&[0.2, 0.21, 0.2]).outcome, Outcome::Fail);
    let report = change(&[0.05, 0.2, 0.5]);
    let reason = report.reason.expect("it is noise");
    assert!(
        reason.ends_with("the median deviation is 150.0 ms"),
        "{reason}"
    );
}

#[test]
fn what_an_emulator_ran_is_shown_and_not_judged() {
    let emulate = |it: &mut Measurement| {
        it.emulator = Some("qemu-aarch64".to_owned());
        it.warm = starts(&[3.0]);
    };
    let report = judged(emulate);
    assert_eq!(report.outcome, Outcome::NotApplicable);
    let reason = report.reason.expect("a reason");
    assert!(
        reason.contains("`qemu-aarch64` ran it, whose times are shown and not judged"),
        "{reason}"
    );
    assert!(
        report.exhibits[0]
            .note
            .contains("`qemu-aarch64` ran it, so this is not judged.")
    );
    // Beside one that is judged, it changes nothing.
    let mut emulated = measurement(PROGRAM);
    emulate(&mut emulated);
    let both = evidence(vec![emulated, measurement(PROGRAM)]);
    let report = report_of(&release_of(PROGRAM), "start-up", &both);
    assert_eq!(report.outcome, Outcome::Pass);
}

#[test]
fn the_distribution_is_shown_with_what_became_of_the_page_cache() {
    let report = judged(|it| it.cache = Cache::Kept("it is on a memory disk".to_owned()));
    let cold = &report.exhibits[1];
    assert!(cold.title.ends_with(", cold start"), "{}", cold.title);
    let kept = "The page cache was not dropped, so these starts were warm: it is on a memory disk.";
    assert!(cold.note.contains(kept), "{}", cold.note);
    let ExhibitContent::Samples { samples, limit, .. } = &report.exhibits[0].content else {
        panic!("starts are samples");
    };
    assert_eq!(
        (samples.as_slice(), *limit),
        (&[0.002, 0.003, 0.002][..], Some(0.1))
    );
}
