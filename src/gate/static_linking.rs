//! Gate `static`: programs need nothing from the machine that they run on, and tell nothing of the one that they were
//! built on.
//!
//! Every ELF file in every artifact is judged, and so is an artifact that is a program itself, as an AppImage is.

use std::fs::File;
use std::io::{Read, Seek};

use super::build_paths::{Match, Scanner};
use super::patterns::{BuildDirectory, Extension, SourcePrefix};
use super::{Context, Finding, Gate, GateError, Verdict};
use crate::artifact::Artifact;
use crate::elf::{self, Facts};
use crate::entry::EntryContent;
use crate::release::{ARTIFACTS, Release, artifact_path};
use crate::target::Target;

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
        let mut judge = Judge {
            scanner: Scanner {
                directories: &self.build_directories,
                extensions: &self.source_extensions,
                allowed: &self.allowed_source_prefixes,
            },
            programs: 0,
            findings: Vec::new(),
        };
        for artifact in &release.artifacts {
            judge.judge_itself(artifact, context)?;
            judge.judge_contents(artifact, context)?;
        }
        match judge.programs {
            0 => Ok(Verdict::NotApplicable(
                "no artifact holds an ELF file".to_owned(),
            )),
            _ => Ok(judge.findings.into()),
        }
    }
}

struct Judge<'a> {
    scanner: Scanner<'a>,
    programs: usize,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    /// An artifact may be a program with something behind it: that something is judged as contents.
    fn judge_itself(
        &mut self,
        artifact: &Artifact,
        context: &Context<'_>,
    ) -> Result<(), GateError> {
        let path = artifact_path(context.directory, artifact);
        let bytes = File::open(&path).and_then(|mut file| {
            if !elf::is_elf(&mut file)? {
                return Ok(None);
            }
            file.rewind()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        });
        let bytes = bytes.map_err(|source| GateError::Read { path, source })?;
        if let Some(bytes) = bytes {
            let place = format!("{ARTIFACTS}/{}", artifact.file);
            self.judge_program(&place, &bytes, artifact.target);
        }
        Ok(())
    }

    fn judge_contents(
        &mut self,
        artifact: &Artifact,
        context: &Context<'_>,
    ) -> Result<(), GateError> {
        let path = artifact_path(context.directory, artifact);
        let format = context.format(&artifact.format)?;
        let visit = &mut |entry: &crate::entry::Entry, content: &mut dyn Read| {
            let mut start = Vec::new();
            content.take(4).read_to_end(&mut start)?;
            if matches!(entry.content, EntryContent::File { .. }) && elf::is_elf(&mut &start[..])? {
                content.read_to_end(&mut start)?;
                let place = format!("{ARTIFACTS}/{}: {}", artifact.file, entry.path);
                self.judge_program(&place, &start, artifact.target);
            }
            Ok(())
        };
        (format.read)(&path, visit).map_err(|source| GateError::Open { path, source })
    }

    fn judge_program(&mut self, place: &str, bytes: &[u8], target: Target) {
        self.programs += 1;
        let facts = match elf::facts(bytes) {
            Ok(facts) => facts,
            Err(error) => {
                let cause = std::error::Error::source(&error);
                let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
                return self.find(
                    place,
                    format!("{error}{cause}"),
                    "a program that can be read",
                );
            }
        };
        self.judge_linking(place, &facts, target);
        let matches = self.scanner.scan(&bytes[..facts.end]);
        self.report_paths(place, &matches);
    }

    fn judge_linking(&mut self, place: &str, facts: &Facts, target: Target) {
        if Some(facts.machine) != target.elf_machine() {
            let expected = match target.elf_machine() {
                Some(machine) => format!("machine {machine} of `{target}`"),
                None => format!("a program of `{target}`, which is no ELF file"),
            };
            self.find(place, format!("machine {}", facts.machine), &expected);
        }
        if let Some(interpreter) = &facts.interpreter {
            self.find(
                place,
                format!("interpreter `{interpreter}`"),
                "no interpreter",
            );
        }
        for library in &facts.needed {
            self.find(place, format!("needs `{library}`"), "no shared library");
        }
    }

    fn report_paths(&mut self, place: &str, matches: &[Match]) {
        for found in matches.iter().take(MAX_PATHS_SHOWN) {
            let expected = match found.in_store {
                true => "no reference to the Nix store",
                false => "no path of the machine that it was built on",
            };
            let place = format!("{place} at byte {}", found.offset);
            self.find(&place, format!("`{}`", found.text), expected);
        }
        let more = matches.len().saturating_sub(MAX_PATHS_SHOWN);
        if more > 0 {
            self.find(place, format!("{more} more such paths"), "none");
        }
    }

    fn find(&mut self, place: &str, found: String, expected: &str) {
        self.findings.push(Finding {
            place: place.to_owned(),
            found,
            expected: expected.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::report::Outcome;
    use crate::gate::testing::{elf, lines, release_of, verdict_of};

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
            Some("no artifact holds an ELF file")
        );
    }

    #[test]
    fn an_artifact_that_is_a_program_is_judged_without_what_is_behind_it() {
        let project = release_of(b"text");
        let path = project.path("release/artifacts/hello-1.2.3.plain");
        let contents = std::fs::read(&path).expect("readable");
        let mut judge = Judge {
            scanner: Scanner {
                directories: &StaticLinking::default().build_directories,
                extensions: &[],
                allowed: &[],
            },
            programs: 0,
            findings: Vec::new(),
        };
        let mut program = elf(X86_64, Some("/lib/ld.so"), &[], b"");
        program.extend(contents);
        program.extend(b"\0/build/behind\0");
        std::fs::write(&path, program).expect("writable");
        let directory = project.path("release");
        let release = Release::read(&directory).expect("valid");
        let context = Context {
            directory: &directory,
            formats: crate::testing::FORMATS,
        };
        judge
            .judge_itself(&release.artifacts[0], &context)
            .expect("readable");
        let expected =
            "artifacts/hello-1.2.3.plain: interpreter `/lib/ld.so`; expected no interpreter";
        assert_eq!(lines(&judge.findings), [expected]);
    }
}
