//! Releases for the gates' tests, and programs made by hand.

use crate::event::Silent;
use crate::evidence::Evidence;
use crate::gate::report::{GateReport, Report, judge};
use crate::gate::{GateContext, GateFinding, GateLimits};
use crate::model::release::{RECORD, Release};
use crate::output::json;
use crate::testing::{FORMATS, TestProject};

const FILE: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";

/// A release of the one format `plain` in `release/` of a project, whose program has some bytes.
pub(super) fn release_of(program: &[u8]) -> TestProject {
    release_for("x86_64-unknown-linux-musl", program)
}

/// The same for another target.
pub(super) fn release_for(target: &str, program: &[u8]) -> TestProject {
    let project = TestProject::new(FILE).targets(&[target]);
    // Windows has its suffix; the place of the one that is installed is the same for all.
    let project = if target.contains("windows") {
        project.file("tree/bin/hello.exe", program)
    } else {
        project.file("tree/bin/hello", program)
    };
    project.release(false);
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
pub(super) fn report_with(project: &TestProject, tables: &GateLimits) -> Report {
    report(project, tables, &Evidence::default())
}

/// What one gate says with the default limits and some evidence.
pub(super) fn report_of(project: &TestProject, gate: &str, evidence: &Evidence) -> GateReport {
    let report = report(project, &GateLimits::default(), evidence);
    let found = report.gates.into_iter().find(|report| report.gate == gate);
    found.expect("the gate is in the table")
}

fn report(project: &TestProject, tables: &GateLimits, evidence: &Evidence) -> Report {
    let directory = project.path("release");
    let release = Release::read(&directory).expect("valid");
    let context = GateContext {
        directory: &directory,
        formats: FORMATS,
        evidence,
    };
    judge(&release, &context, tables, &Silent)
}

/// What one gate finds with the default limits.
pub(super) fn verdict_of(project: &TestProject, gate: &str) -> GateReport {
    report_of(project, gate, &Evidence::default())
}

/// Findings as text: place, found, expected.
pub(super) fn lines(findings: &[GateFinding]) -> Vec<String> {
    let line = |f: &GateFinding| format!("{}: {}; expected {}", f.place, f.found, f.expected);
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

/// An ELF file that lacks nothing: position independent, with read-only relocations, a stack without code, and a build id.
pub(super) fn hardened_elf() -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for number in [3u16, 62, 1, 0] {
        file.extend(number.to_le_bytes());
    }
    for number in [0u64, 64, 0] {
        file.extend(number.to_le_bytes());
    }
    for number in [0u16, 0, 64, 56, 3, 64, 0, 0] {
        file.extend(number.to_le_bytes());
    }
    let note_at = 64 + 3 * 56;
    for (kind, flags, offset, size) in [
        (0x6474_e552, 4, 0, 0),
        (0x6474_e551, 6, 0, 0),
        (4, 4, note_at, 20),
    ] {
        for number in [kind, flags] {
            file.extend(u32::to_le_bytes(number));
        }
        for number in [offset, offset, offset, size, size, 4] {
            file.extend(u64::to_le_bytes(number));
        }
    }
    // A note: sizes of name and content, type, name, content.
    for number in [4u32, 4, 3] {
        file.extend(number.to_le_bytes());
    }
    file.extend(b"GNU\0\x12\x34\x56\x78");
    file
}

/// A program of Windows without sections, with the two fields of flags: `DllCharacteristics` and `Characteristics`.
pub(super) fn windows_program(flags: u16, file_flags: u16) -> Vec<u8> {
    windows_program_that_needs(&[], flags, file_flags)
}

/// A program of Windows that asks for libraries.
pub(super) fn windows_program_that_needs(
    libraries: &[&str],
    flags: u16,
    file_flags: u16,
) -> Vec<u8> {
    const ADDRESS: u32 = 0x1000;
    let mut names = Vec::new();
    let table = 20 * (libraries.len() as u32 + 1);
    let mut imports = Vec::new();
    for library in libraries {
        let name = ADDRESS + table + names.len() as u32;
        for number in [0, 0, 0, name, 0] {
            imports.extend(u32::to_le_bytes(number));
        }
        names.extend(library.bytes().chain([0]));
    }
    imports.resize(table as usize, 0);
    imports.extend(names);
    let mut file = crate::program::pe::testing::program(&[(".idata", ADDRESS, &imports)], b"");
    // The COFF header is behind the signature at 0x80; the optional header follows its 20 bytes.
    let coff = 0x84;
    file[coff + 18..][..2].copy_from_slice(&file_flags.to_le_bytes());
    file[coff + 20 + 70..][..2].copy_from_slice(&flags.to_le_bytes());
    // The second data directory is that of imports.
    let directory = coff + 20 + 112 + 8;
    file[directory..][..4].copy_from_slice(&ADDRESS.to_le_bytes());
    file[directory + 4..][..4].copy_from_slice(&table.to_le_bytes());
    file
}

/// What a program of macOS to make is like.
#[derive(Clone)]
pub(super) struct MachO<'a> {
    pub(super) cpu: u32,
    pub(super) flags: u32,
    pub(super) uuid: bool,
    /// The oldest version, as 16, 8 and 8 bits.
    pub(super) minimum: Option<u32>,
    pub(super) libraries: &'a [&'a str],
    pub(super) run_path: Option<&'a str>,
    pub(super) signed: bool,
}

impl MachO<'_> {
    /// One that lacks nothing.
    pub(super) fn good(cpu: u32) -> Self {
        Self {
            cpu,
            flags: 0x20_0085,
            uuid: true,
            minimum: Some(0x000b_0000),
            libraries: &["/usr/lib/libSystem.B.dylib"],
            run_path: None,
            signed: true,
        }
    }

    /// Its bytes.
    pub(super) fn program(&self) -> Vec<u8> {
        let mut commands = Vec::new();
        let mut add = |kind: u32, numbers: &[u32], text: &[u8]| {
            let size = (8 + 4 * numbers.len() + text.len()).next_multiple_of(8);
            let mut command = Vec::new();
            for number in [kind, size as u32].iter().chain(numbers) {
                command.extend(number.to_le_bytes());
            }
            command.extend(text);
            command.resize(size, 0);
            commands.push(command);
        };
        if self.uuid {
            add(0x1b, &[], &[7; 16]);
        }
        if let Some(minimum) = self.minimum {
            add(0x32, &[1, minimum, minimum, 0], b"");
        }
        for library in self.libraries {
            add(0xc, &[24, 0, 0, 0], format!("{library}\0").as_bytes());
        }
        if let Some(path) = self.run_path {
            add(0x8000_001c, &[12], format!("{path}\0").as_bytes());
        }
        let shape = crate::program::macho::testing::Shape {
            room: 1024,
            ..crate::program::macho::testing::Shape::program(self.cpu)
        };
        let mut program = shape.bytes();
        let number = |at: usize, program: &[u8]| {
            u32::from_le_bytes(*program[at..].first_chunk().expect("four bytes"))
        };
        let (count, size) = (number(16, &program), number(20, &program));
        let all = commands.concat();
        program[32 + size as usize..][..all.len()].copy_from_slice(&all);
        for (at, number) in [
            (16, count + commands.len() as u32),
            (20, size + all.len() as u32),
            (24, self.flags),
        ] {
            program[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        if self.signed {
            crate::program::macho::sign(program, "hello").expect("it can be signed")
        } else {
            program
        }
    }
}
