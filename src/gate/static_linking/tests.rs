//! Programs for every system are judged.

use super::*;
use crate::event::Silent;
use crate::format::Registration;
use crate::gate::report::{Outcome, judge};
use crate::gate::testing::{
    MachO, elf, lines, release_for, release_of, verdict_of, windows_program,
    windows_program_that_needs,
};
use crate::gate::{GateContext, GateLimits};
use crate::model::digest::Sha256Sum;
use crate::model::release::Release;
use crate::program::macho;
use crate::program::macho::testing::ARM64;

const X86_64: u16 = 62;
const PLACE: &str = "artifacts/hello-1.2.3.plain: usr/bin/hello";

fn findings(program: &[u8]) -> Vec<String> {
    let report = verdict_of(&release_of(program), "static");
    assert!(
        matches!(report.outcome, Outcome::Pass | Outcome::Fail),
        "{report:?}"
    );
    lines(&report.findings)
}

#[test]
fn a_static_program_passes() {
    assert_eq!(
        findings(&elf(
            X86_64,
            None,
            &[],
            b"/rustc/1/a.rs\0/aws-lc/crypto/a.c\0/etc/hello\0"
        )),
        [""; 0]
    );
}

#[test]
fn an_interpreter_and_shared_libraries_are_found() {
    let program = elf(X86_64, Some("/lib/ld.so"), &["libc.so.6", "libm.so.6"], b"");
    assert_eq!(
        findings(&program),
        [
            format!("{PLACE}: interpreter `/lib/ld.so`; expected no interpreter"),
            format!("{PLACE}: needs `libc.so.6`; expected no shared library"),
            format!("{PLACE}: needs `libm.so.6`; expected no shared library"),
        ]
    );
}

fn findings_for(target: &str, program: &[u8]) -> Vec<String> {
    lines(&verdict_of(&release_for(target, program), "static").findings)
}

#[test]
fn a_program_for_windows_may_need_what_comes_with_windows_and_nothing_else() {
    let libraries = [
        "KERNEL32.dll",
        "libunwind.dll",
        "api-ms-win-crt-heap-l1-1-0.dll",
    ];
    let program = windows_program_that_needs(&libraries, 0x160, 0x22);
    let place = "artifacts/hello-1.2.3.plain: usr/bin/hello.exe";
    assert_eq!(
        findings_for("x86_64-pc-windows-gnullvm", &program),
        [format!(
            "{place}: needs `libunwind.dll`; expected only libraries that come with Windows"
        )]
    );
    assert_eq!(
        findings_for("aarch64-pc-windows-gnullvm", &windows_program(0x160, 0x22)),
        [format!(
            "{place}: machine 34404; expected machine 43620 of `aarch64-pc-windows-gnullvm`"
        )]
    );
}

#[test]
fn a_program_for_macos_may_need_what_comes_with_macos_and_nothing_else() {
    let program = MachO {
        libraries: &["/usr/lib/libSystem.B.dylib", "@rpath/libz.dylib"],
        run_path: Some("/opt/lib"),
        ..MachO::good(ARM64)
    };
    assert_eq!(
        findings_for("aarch64-apple-darwin", &program.program()),
        [
            format!(
                "{PLACE}: needs `@rpath/libz.dylib`; expected only libraries that come with macOS"
            ),
            format!("{PLACE}: looks for libraries in `/opt/lib`; expected no run path"),
        ]
    );
}

#[test]
fn a_universal_program_has_all_processors_of_its_target() {
    let parts = [ARM64, macho::testing::X86_64].map(|cpu| MachO::good(cpu).program());
    let both = macho::merge(&parts).expect("two programs");
    assert_eq!(findings_for("universal2-apple-darwin", &both), [""; 0]);
    assert_eq!(
        findings_for("universal2-apple-darwin", &parts[0]),
        [format!(
            "{PLACE}: processor type 0x100000c; expected 0x1000007 and 0x100000c of `universal2-apple-darwin`"
        )]
    );
}

#[test]
fn a_program_of_another_system_is_found() {
    let expected =
        "a PE file, which runs on Windows; expected a program of `x86_64-unknown-linux-musl`";
    assert_eq!(
        findings(&windows_program(0x160, 0x22)),
        [format!("{PLACE}: {expected}")]
    );
}

#[test]
fn paths_of_the_build_machine_are_found_in_programs_of_every_system() {
    let mut windows = windows_program(0x160, 0x22);
    windows.extend(b"\0/build/x\0");
    let mut macos = MachO::good(macho::testing::X86_64);
    macos.signed = false;
    let macos = [macos.program(), b"\0/build/x\0".to_vec()].concat();
    for (target, program) in [
        ("x86_64-pc-windows-gnullvm", windows),
        ("x86_64-apple-darwin", macos),
    ] {
        let found = findings_for(target, &program);
        assert!(found[0].contains("`/build/x`"), "{found:?}");
    }
}

#[test]
fn a_program_for_another_machine_is_found() {
    let expected =
        format!("{PLACE}: machine 183; expected machine 62 of `x86_64-unknown-linux-musl`");
    assert_eq!(findings(&elf(183, None, &[], b"")), [expected]);
}

#[test]
fn paths_of_the_build_machine_are_found_with_their_offset() {
    let store = format!("/nix/store/{}-dep/lib", "a".repeat(32));
    let program = elf(
        X86_64,
        None,
        &[],
        format!("\0/build/x/y\0{store}\0").as_bytes(),
    );
    let at = program.len() - store.len() - 1;
    let first = at - "/build/x/y\0".len();
    assert_eq!(
        findings(&program),
        [
            format!(
                "{PLACE} at byte {first}: `/build/x/y`; expected no path of the machine that it was built on"
            ),
            format!("{PLACE} at byte {at}: `{store}`; expected no reference to the Nix store"),
        ]
    );
}

#[test]
fn many_paths_are_counted_and_not_all_shown() {
    let tail: String = (0..25).map(|n| format!("/build/{n}\0")).collect();
    let findings = findings(&elf(X86_64, None, &[], tail.as_bytes()));
    assert_eq!(findings.len(), MAX_PATHS_SHOWN + 1);
    assert!(
        findings[MAX_PATHS_SHOWN].contains("15 more such paths"),
        "{findings:?}"
    );
}

#[test]
fn the_gate_s_own_words_are_no_findings() {
    let words = [
        &BUILD_DIRECTORIES[..],
        &SOURCE_EXTENSIONS,
        &ALLOWED_SOURCE_PREFIXES,
        &ALLOWED_PATHS,
    ]
    .concat();
    for between in ["", "\0", " "] {
        let tail = words.join(between);
        assert_eq!(findings(&elf(X86_64, None, &[], tail.as_bytes())), [""; 0]);
    }
}

#[test]
fn a_broken_program_is_found() {
    let findings = findings(b"\x7fELF\x02\x01\x01and nothing else");
    assert!(findings[0].contains("malformed ELF file"), "{findings:?}");
}

#[test]
fn a_release_without_programs_has_nothing_to_judge() {
    let report = verdict_of(&release_of(b"#!/usr/bin/env hello\n"), "static");
    assert_eq!(report.outcome, Outcome::NotApplicable);
    assert_eq!(
        report.reason.as_deref(),
        Some("no artifact holds a program")
    );
}

/// The format's reader refuses the data after the program here, after the program itself was judged.
#[test]
fn an_artifact_that_is_a_program_is_judged_without_what_is_behind_it() {
    let project = release_of(b"text");
    let path = project.path("release/artifacts/hello-1.2.3.plain");
    let mut program = elf(X86_64, Some("/lib/ld.so"), &[], b"");
    program.extend(b"\0/build/behind\0");
    std::fs::write(&path, &program).expect("writable");
    let directory = project.path("release");
    let mut release = Release::read(&directory).expect("valid");
    let artifact = &mut release.artifacts[0];
    artifact.format = "raw".to_owned();
    (artifact.size, artifact.sha256) = (program.len() as u64, Sha256Sum::of(&program));
    let context = GateContext {
        directory: &directory,
        formats: RAW,
        evidence: &crate::evidence::Evidence::default(),
        previous: None,
        advisories: None,
    };
    let report = judge(&release, &context, &GateLimits::default(), &Silent);
    let gate = report.gates.iter().find(|gate| gate.gate == "static");
    let findings = &gate.expect("it is in the table").findings;
    let expected = "artifacts/hello-1.2.3.plain: interpreter `/lib/ld.so`; expected no interpreter";
    assert_eq!(lines(findings), [expected]);
}

/// A format without contents.
const RAW: &[Registration] = &[Registration {
    name: "raw",
    summary: "a format for this test",
    new: |_, _| unreachable!("nothing is written"),
    read: |_, _| Ok(()),
}];
