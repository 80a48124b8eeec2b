//! Releases for the gates' tests, and ELF files made by hand.

use crate::event::Silent;
use crate::gate::report::{GateReport, Report, judge};
use crate::gate::{Context, Finding, Tables};
use crate::json;
use crate::release::{RECORD, Release, Request, collect};
use crate::testing::{FORMATS, TestProject};

const FILE: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";

/// A release of the one format `plain` in `release/` of a project, whose program has some bytes.
pub(super) fn release_of(program: &[u8]) -> TestProject {
    let project = TestProject::new(FILE).file("tree/bin/hello", program);
    project.write().expect("writable");
    let request = Request {
        artifacts: vec![project.path("out/hello-1.2.3.plain")],
        commit: None,
        built_with: None,
        gates: Tables::default(),
    };
    collect(request, &project.path("release")).expect("valid");
    project
}

/// Changes the release's record.
pub(super) fn alter(project: &TestProject, change: impl FnOnce(&mut Release)) {
    let directory = project.path("release");
    let mut release = Release::read(&directory).expect("valid");
    change(&mut release);
    std::fs::write(directory.join(RECORD), json::to_text(&release)).expect("writable");
}

/// Runs all gates with certain limits.
pub(super) fn report_with(project: &TestProject, tables: &Tables) -> Report {
    let directory = project.path("release");
    let release = Release::read(&directory).expect("valid");
    let context = Context {
        directory: &directory,
        formats: FORMATS,
    };
    judge(&release, &context, tables, &Silent)
}

/// What one gate finds with the default limits.
pub(super) fn verdict_of(project: &TestProject, gate: &str) -> GateReport {
    let report = report_with(project, &Tables::default());
    let found = report.gates.into_iter().find(|report| report.gate == gate);
    found.expect("the gate is in the table")
}

/// Findings as text: place, found, expected.
pub(super) fn lines(findings: &[Finding]) -> Vec<String> {
    let line = |f: &Finding| format!("{}: {}; expected {}", f.place, f.found, f.expected);
    findings.iter().map(line).collect()
}

/// A 64-bit little-endian ELF file for a machine: a header, program headers, and the segments' bytes, then a tail.
///
/// An interpreter becomes a `PT_INTERP`, needed libraries a `PT_DYNAMIC` whose string table is in a `PT_LOAD` at
/// address 0 that spans the file.
pub(super) fn elf(
    machine: u16,
    interpreter: Option<&str>,
    needed: &[&str],
    tail: &[u8],
) -> Vec<u8> {
    const HEADER: usize = 64;
    const PROGRAM_HEADER: usize = 56;
    let headers = 1 + usize::from(interpreter.is_some()) + usize::from(!needed.is_empty());
    let start = HEADER + headers * PROGRAM_HEADER;

    let (mut strings, mut dynamic) = (Vec::new(), Vec::new());
    for name in needed {
        dynamic.push((1, strings.len() + 1));
        strings.extend(b"\0");
        strings.extend(name.bytes());
    }
    strings.push(0);
    let interpreter = interpreter.map(|path| format!("{path}\0").into_bytes());
    let interpreter_size = interpreter.as_ref().map_or(0, Vec::len).next_multiple_of(8);
    let dynamic_at = start + interpreter_size;
    let dynamic_size = if needed.is_empty() {
        0
    } else {
        16 * (needed.len() + 2)
    };
    let strings_at = dynamic_at + dynamic_size;
    dynamic.extend([(5, strings_at), (0, 0)]);

    let mut body = interpreter.clone().unwrap_or_default();
    body.resize(interpreter_size, 0);
    if !needed.is_empty() {
        for (tag, value) in &dynamic {
            body.extend(u64::to_le_bytes(*tag));
            body.extend((*value as u64).to_le_bytes());
        }
    }
    body.extend(&strings);
    body.extend(tail);

    let segment = |kind: u32, offset: usize, size: usize| {
        let mut header = Vec::new();
        header.extend(kind.to_le_bytes());
        header.extend(4u32.to_le_bytes());
        for value in [offset, offset, offset, size, size, 8] {
            header.extend((value as u64).to_le_bytes());
        }
        header
    };
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(2u16.to_le_bytes());
    file.extend(machine.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    for value in [0, HEADER as u64, 0] {
        file.extend(value.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    for value in [HEADER, PROGRAM_HEADER, headers, 64, 0, 0] {
        file.extend(u16::try_from(value).expect("small").to_le_bytes());
    }
    file.extend(segment(1, 0, start + body.len()));
    if let Some(path) = &interpreter {
        file.extend(segment(3, start, path.len()));
    }
    if !needed.is_empty() {
        file.extend(segment(2, dynamic_at, dynamic_size));
    }
    file.extend(body);
    file
}
