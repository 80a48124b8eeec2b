//! Gate `static`: programs need nothing from the machine that they run on but what every such machine has, and tell
//! nothing of the one that they were built on.
//!
//! On Linux that is the kernel alone; on Windows and macOS, whose kernels are only to be had through libraries, those of
//! the system.

mod libraries;

use super::build_paths::{Match, Scanner};
use super::executable::{Executable, macho, pe};
use super::patterns::{BuildDirectory, Extension, LibraryDirectory, SourcePrefix, WindowsLibrary};
use super::programs::{Findings, Program, judge_programs};
use super::{Context, Gate, GateError, Verdict};
use crate::elf;
use crate::release::Release;
use crate::target::{self, Target};

/// The table `[gates.static]`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StaticLinking {
    /// Directories that programs are built in, as absolute paths; a component `*` stands for any name. A path below
    /// one of them is a finding.
    pub build_directories: Vec<BuildDirectory>,
    /// Extensions of source files, without the dot. The absolute path of such a file is a finding.
    pub source_extensions: Vec<Extension>,
    /// Prefixes that an absolute path of a source file may have.
    pub allowed_source_prefixes: Vec<SourcePrefix>,
    /// Libraries that programs of Windows may need.
    pub windows_libraries: Vec<WindowsLibrary>,
    /// Directories of libraries that programs of macOS may need.
    pub macos_library_directories: Vec<LibraryDirectory>,
}

/// Written without the `/` at their start: they would be findings in Sealift's own program otherwise.
const BUILD_DIRECTORIES: [&str; 4] = ["build", "home/*", "root/.cargo", "Users/*"];
const SOURCE_EXTENSIONS: [&str; 9] = ["rs", "c", "cc", "cpp", "h", "hpp", "S", "s", "zig"];
/// Where the Rust project's own builds, and builds that follow them in mapping real directories to made-up ones, say
/// that sources were. None of them tells anything of a machine.
const ALLOWED_SOURCE_PREFIXES: [&str; 5] = ["/rustc/", "/rust/", "/cargo/", "/source/", "/target/"];

impl Default for StaticLinking {
    fn default() -> Self {
        let valid = "the defaults are tested";
        let directory = |text: &&str| BuildDirectory::new(format!("/{text}")).expect(valid);
        let extension = |text: &&str| Extension::new((*text).to_owned()).expect(valid);
        let prefix = |text: &&str| SourcePrefix::new((*text).to_owned()).expect(valid);
        Self {
            build_directories: BUILD_DIRECTORIES.iter().map(directory).collect(),
            source_extensions: SOURCE_EXTENSIONS.iter().map(extension).collect(),
            allowed_source_prefixes: ALLOWED_SOURCE_PREFIXES.iter().map(prefix).collect(),
            windows_libraries: libraries::windows_default(),
            macos_library_directories: libraries::macos_default(),
        }
    }
}

/// More findings than this in one file help nobody.
const MAX_PATHS_SHOWN: usize = 10;

impl Gate for StaticLinking {
    fn name(&self) -> &'static str {
        "static"
    }

    fn run(&self, release: &Release, context: &Context<'_>) -> Result<Verdict, GateError> {
        let scanner = Scanner {
            directories: &self.build_directories,
            extensions: &self.source_extensions,
            allowed: &self.allowed_source_prefixes,
        };
        judge_programs(release, context, "a program", &mut |program, findings| {
            self.judge_linking(program, findings);
            let end = program.executable.end(program.bytes);
            report_paths(
                &program.place,
                &scanner.scan(&program.bytes[..end]),
                findings,
            );
            true
        })
    }
}

impl StaticLinking {
    fn judge_linking(&self, program: &Program<'_>, findings: &mut Findings) {
        let (place, target) = (program.place.as_str(), program.target);
        match (&program.executable, target.executable) {
            (Executable::Elf(facts), target::Executable::Elf { machine, .. }) => {
                judge_machine(place, target, (facts.machine, machine), findings);
                judge_elf(place, facts, findings);
            }
            (Executable::Pe(facts), target::Executable::Pe { machine }) => {
                judge_machine(place, target, (facts.machine, machine), findings);
                self.judge_pe(place, facts, findings);
            }
            (Executable::MachO(parts), target::Executable::MachO { cpus }) => {
                judge_processors(place, target, parts, cpus, findings);
                self.judge_macho(place, parts, findings);
            }
            (found, _) => {
                let found = match found {
                    Executable::Elf(_) => "an ELF file, which runs on Linux",
                    Executable::Pe(_) => "a PE file, which runs on Windows",
                    Executable::MachO(_) => "a Mach-O file, which runs on macOS",
                };
                findings.add(place, found, format!("a program of `{target}`"));
            }
        }
    }

    fn judge_pe(&self, place: &str, facts: &pe::Facts, findings: &mut Findings) {
        for library in &facts.libraries {
            if !self.windows_libraries.iter().any(|known| known.is(library)) {
                findings.add(
                    place,
                    format!("needs `{library}`"),
                    "only libraries that come with Windows",
                );
            }
        }
    }

    fn judge_macho(&self, place: &str, parts: &[macho::Facts], findings: &mut Findings) {
        let known = &self.macos_library_directories;
        for (name, part) in named(parts) {
            for library in &part.libraries {
                if !known.iter().any(|directory| directory.holds(library)) {
                    findings.add(
                        place,
                        format!("{name}needs `{library}`"),
                        "only libraries that come with macOS",
                    );
                }
            }
            for path in &part.run_paths {
                findings.add(
                    place,
                    format!("{name}looks for libraries in `{path}`"),
                    "no run path",
                );
            }
        }
    }
}

/// The parts of a program, each with the words that tell which one is meant where there are several.
pub(super) fn named(parts: &[macho::Facts]) -> impl Iterator<Item = (String, &macho::Facts)> {
    let many = parts.len() > 1;
    parts.iter().map(move |part| match many {
        true => (format!("for processor type {:#x}, ", part.cpu), part),
        false => (String::new(), part),
    })
}

fn judge_machine(place: &str, target: Target, machines: (u16, u16), findings: &mut Findings) {
    let (found, expected) = machines;
    if found != expected {
        let expected = format!("machine {expected} of `{target}`");
        findings.add(place, format!("machine {found}"), expected);
    }
}

fn judge_processors(
    place: &str,
    target: Target,
    parts: &[macho::Facts],
    expected: &[u32],
    findings: &mut Findings,
) {
    let list = |cpus: &[u32]| {
        let texts: Vec<_> = cpus.iter().map(|cpu| format!("{cpu:#x}")).collect();
        texts.join(" and ")
    };
    let mut found: Vec<_> = parts.iter().map(|part| part.cpu).collect();
    found.sort_unstable();
    if found != expected {
        findings.add(
            place,
            format!("processor type {}", list(&found)),
            format!("{} of `{target}`", list(expected)),
        );
    }
}

fn judge_elf(place: &str, facts: &elf::Facts, findings: &mut Findings) {
    if let Some(interpreter) = &facts.interpreter {
        let found = format!("interpreter `{interpreter}`");
        findings.add(place, found, "no interpreter");
    }
    for library in &facts.needed {
        findings.add(place, format!("needs `{library}`"), "no shared library");
    }
}

fn report_paths(place: &str, matches: &[Match], findings: &mut Findings) {
    for found in matches.iter().take(MAX_PATHS_SHOWN) {
        let expected = match found.in_store {
            true => "no reference to the Nix store",
            false => "no path of the machine that it was built on",
        };
        let place = format!("{place} at byte {}", found.offset);
        findings.add(&place, format!("`{}`", found.text), expected);
    }
    let more = matches.len().saturating_sub(MAX_PATHS_SHOWN);
    if more > 0 {
        findings.add(place, format!("{more} more such paths"), "none");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Registration;
    use crate::gate::report::Outcome;
    use crate::gate::testing::{
        MachO, elf, lines, release_for, release_of, verdict_of, windows_program,
        windows_program_that_needs,
    };
    use crate::macho;
    use crate::macho::testing::ARM64;

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
            findings(&elf(X86_64, None, &[], b"/rustc/1/a.rs\0/etc/hello\0")),
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

    /// The format's reader refuses what is behind it here, after the program at the front was judged.
    #[test]
    fn an_artifact_that_is_a_program_is_judged_without_what_is_behind_it() {
        let project = release_of(b"text");
        let path = project.path("release/artifacts/hello-1.2.3.plain");
        let mut program = elf(X86_64, Some("/lib/ld.so"), &[], b"");
        program.extend(b"\0/build/behind\0");
        std::fs::write(&path, program).expect("writable");
        let directory = project.path("release");
        let mut release = Release::read(&directory).expect("valid");
        release.artifacts[0].format = "raw".to_owned();
        let context = Context {
            directory: &directory,
            formats: RAW,
        };
        let verdict = StaticLinking::default().run(&release, &context);
        let Ok(Verdict::Fail(findings)) = verdict else {
            panic!("{verdict:?}")
        };
        let expected =
            "artifacts/hello-1.2.3.plain: interpreter `/lib/ld.so`; expected no interpreter";
        assert_eq!(lines(&findings), [expected]);
    }

    /// A format that holds nothing.
    const RAW: &[Registration] = &[Registration {
        name: "raw",
        summary: "a format for this test",
        new: |_| unreachable!("nothing is written"),
        read: |_, _| Ok(()),
    }];
}
