use super::*;
use crate::evidence::measurement::Load;
use crate::gate::observed::testing::{evidence, measurement};
use crate::gate::report::{GateReport, Outcome};
use crate::gate::testing::{lines, release_of, report_of, verdict_of};

const PROGRAM: &[u8] = b"#!/bin/sh\n";

fn judged(change: impl FnOnce(&mut Measurement)) -> GateReport {
    let mut changed = measurement(PROGRAM);
    change(&mut changed);
    report_of(&release_of(PROGRAM), "memory", &evidence(vec![changed]))
}

/// What a number of processes use, each with 30 MB of which 20 MB are shared by all.
fn usage(processes: u64) -> Usage {
    Usage {
        processes,
        rss_bytes: 30_000_000 * processes,
        pss_bytes: Some(20_000_000 + 10_000_000 * processes),
        threads: processes,
        descriptors: 3 * processes,
    }
}

fn load(highest: Usage) -> Load {
    Load {
        command: "curl http://127.0.0.1:8080/".to_owned(),
        samples: 10,
        highest,
    }
}

/// What the gate says of a program that needs too much at its peak.
pub(in crate::gate) fn refused() -> GateReport {
    judged(|it| it.memory.peak_bytes = Some(350_000_000))
}

/// What the gate says of a program that does not.
pub(in crate::gate) fn passed() -> GateReport {
    judged(|_| {})
}

#[test]
fn a_program_that_ends_is_judged_by_its_peak() {
    assert_eq!(judged(|_| {}).outcome, Outcome::Pass);
    let report = judged(|it| it.memory.peak_bytes = Some(350_000_000));
    let expected = "1.json: `hello` for x86_64-unknown-linux-musl, peak of a process: 350000000 bytes; expected less than \
                    350000000 bytes";
    assert_eq!(lines(&report.findings), [expected]);
}

#[test]
fn a_program_that_runs_on_is_judged_idle_and_at_work() {
    let idle = |usage: Usage| {
        judged(move |it| {
            it.memory.idle = Some(usage);
            // The work was not declared, so the peak says nothing.
            it.memory.peak_bytes = Some(1 << 40);
        })
    };
    assert_eq!(idle(usage(1)).outcome, Outcome::Pass);
    let report = idle(usage(3));
    assert!(report.findings.is_empty() == (50_000_000 > usage(3).taken_bytes()));
    assert_eq!(report.findings[0].found, "50000000 bytes");
    let report = judged(|it| {
        it.memory.idle = Some(usage(1));
        it.memory.load = Some(load(usage(40)));
    });
    let expected = "1.json: `hello` for x86_64-unknown-linux-musl, memory at work: 420000000 bytes; expected less than \
                    350000000 bytes";
    assert_eq!(lines(&report.findings), [expected]);
    assert!(
        report.exhibits[0]
            .note
            .contains("The work: `curl http://127.0.0.1:8080/`")
    );
}

#[test]
fn threads_and_open_files_are_judged_where_that_is_asked_for() {
    let mut measured = measurement(PROGRAM);
    measured.memory.idle = Some(usage(2));
    let limits = Memory {
        thread_limit: Some(2),
        descriptor_limit: Some(7),
        ..Memory::default()
    };
    let judged = limits.judged(&measured).into_iter();
    let findings: Vec<_> = judged
        .filter_map(|judged| judged.finding(judged.label.to_owned()))
        .collect();
    assert_eq!(lines(&findings), ["threads, idle: 2; expected less than 2"]);
}

#[test]
fn what_is_not_known_is_not_judged() {
    assert_eq!(
        verdict_of(&release_of(PROGRAM), "memory").outcome,
        Outcome::NotApplicable
    );
    let report = judged(|it| it.memory.peak_bytes = None);
    let reason = "the memory was not measured, as the system does not tell it";
    assert_eq!(report.reason.as_deref(), Some(reason));
    let report = judged(|it| {
        it.emulator = Some("qemu-aarch64".to_owned());
        it.memory.peak_bytes = Some(1 << 40);
    });
    let reason = "`qemu-aarch64` ran the programs, whose memory is shown and not judged";
    assert_eq!(report.reason.as_deref(), Some(reason));
    assert_eq!(report.exhibits.len(), 1);
}
