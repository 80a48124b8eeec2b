//! What a program for glibc may ask for.

use crate::gate::report::Outcome;
use crate::gate::testing::{elf, lines, release_for, report_with, verdict_of, windows_program};
use crate::gate::{GateFinding, GateLimits};
use crate::program::elf::testing::Shape;

const TARGET: &str = "x86_64-unknown-linux-gnu";
const PLACE: &str = "artifacts/hello-1.2.3.plain: usr/bin/hello";

fn findings_for(target: &str, program: &[u8]) -> Vec<String> {
    let report = verdict_of(&release_for(target, program), "portable");
    assert!(
        matches!(report.outcome, Outcome::Pass | Outcome::Fail),
        "{report:?}"
    );
    without_place(&report.findings)
}

fn without_place(findings: &[GateFinding]) -> Vec<String> {
    let strip = |line: String| {
        let line = line.strip_prefix(PLACE).expect("of the program");
        line.trim_start_matches(": ").to_owned()
    };
    lines(findings).into_iter().map(strip).collect()
}

fn findings(shape: &Shape<'_>) -> Vec<String> {
    findings_for(TARGET, &shape.bytes())
}

#[test]
fn a_program_that_asks_for_nothing_but_an_old_glibc_passes() {
    assert_eq!(findings(&Shape::good()), [""; 0]);
    let arm = Shape {
        machine: 183,
        interpreter: "/lib/ld-linux-aarch64.so.1",
        needed: &[("ld-linux-aarch64.so.1", &["GLIBC_2.17"])],
        ..Shape::good()
    };
    assert_eq!(
        findings_for("aarch64-unknown-linux-gnu", &arm.bytes()),
        [""; 0]
    );
    // Such as what is at the start of an AppImage.
    assert_eq!(findings_for(TARGET, &elf(62, None, &[], b"")), [""; 0]);
}

#[test]
fn symbols_of_a_newer_glibc_are_found() {
    let shape = Shape {
        needed: &[
            ("libm.so.6", &["GLIBC_2.29", "GLIBC_2.2.5"]),
            ("libc.so.6", &["GLIBC_2.34", "GLIBC_PRIVATE", "GLIBC_2.9"]),
        ],
        ..Shape::good()
    };
    assert_eq!(
        findings(&shape),
        [
            "needs `GLIBC_2.34` of `libc.so.6`; expected at most `GLIBC_2.28`",
            "needs `GLIBC_PRIVATE` of `libc.so.6`; expected at most `GLIBC_2.28`",
            "needs `GLIBC_2.29` of `libm.so.6`; expected at most `GLIBC_2.28`",
        ]
    );
}

#[test]
fn the_limit_is_that_of_the_project() {
    let project = release_for(TARGET, &Shape::good().bytes());
    let with = |floor: &str| {
        let mut limits = GateLimits::default();
        limits.portable.glibc = Some(floor.parse().expect("a floor"));
        let report = report_with(&project, &limits);
        let mut gates = report.gates.into_iter();
        let gate = gates.find(|gate| gate.gate == "portable");
        without_place(&gate.expect("it is in the table").findings)
    };
    assert_eq!(with("2.28"), [""; 0]);
    assert_eq!(
        with("2.17"),
        ["needs `GLIBC_2.28` of `libc.so.6`; expected at most `GLIBC_2.17`"]
    );
}

#[test]
fn other_libraries_run_paths_and_loaders_are_found() {
    let shape = Shape {
        interpreter: "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        needed: &[("libgcc_s.so.1", &["GCC_3.0"]), ("libc.so.6", &[])],
        run_path: Some("$ORIGIN/../lib"),
        ..Shape::good()
    };
    assert_eq!(
        findings(&shape),
        [
            "interpreter `/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2`; expected `/lib64/ld-linux-x86-64.so.2`, which \
             every system has",
            "needs `libgcc_s.so.1`; expected only libraries of glibc",
            "looks for libraries in `$ORIGIN/../lib`; expected no run path",
        ]
    );
}

#[test]
fn paths_of_the_build_machine_and_programs_of_another_kind_are_found() {
    let mut program = Shape::good().bytes();
    program.extend(b"\0/opt/work/main.rs\0");
    // What follows the last segment is not a part of the program.
    let size = program.len() as u64;
    for place in [32, 40] {
        program[64 + place..][..8].copy_from_slice(&size.to_le_bytes());
    }
    let found = findings_for(TARGET, &program);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`/opt/work/main.rs`; expected no path of the machine"));
    assert_eq!(
        findings_for(TARGET, &windows_program(0x160, 0x22)),
        ["a PE file, which runs on Windows; expected a program of `x86_64-unknown-linux-gnu`"]
    );
}

#[test]
fn either_gate_judges_programs_for_its_c_library_only() {
    for (gate, target) in [
        ("portable", "x86_64-unknown-linux-musl"),
        ("static", TARGET),
    ] {
        let report = verdict_of(&release_for(target, &Shape::good().bytes()), gate);
        assert_eq!(report.outcome, Outcome::NotApplicable, "{gate}");
    }
}
