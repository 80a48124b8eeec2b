//! Gate `static`: programs need nothing from the machine that they run on but what every such machine has, and tell
//! nothing of the one that they were built on.
//!
//! On Linux that is the kernel alone; on Windows and macOS, whose kernels are only to be had through libraries, those of
//! the system.

mod libraries;
#[cfg(test)]
mod tests;

use super::build_paths::{Match, Scanner};
use super::executable::{Executable, macho, pe};
use super::patterns::{BuildDirectory, Extension, LibraryDirectory, SourcePrefix, WindowsLibrary};
use super::programs::{Findings, Program, judge_programs};
use super::{Gate, GateContext, GateError, Verdict};
use crate::model::release::Release;
use crate::model::target::{ProgramKind, Target};
use crate::program::elf;

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

    fn run(&self, release: &Release, context: &GateContext<'_>) -> Result<Verdict, GateError> {
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
        let place = program.place.as_str();
        judge_kind(place, &program.executable.kind(), program.target, findings);
        match (&program.executable, program.target.program) {
            (Executable::Elf(facts), ProgramKind::Elf { .. }) => judge_elf(place, facts, findings),
            (Executable::Pe(facts), ProgramKind::Pe { .. }) => {
                self.judge_pe(place, facts, findings);
            }
            (Executable::MachO(parts), ProgramKind::MachO { .. }) => {
                self.judge_macho(place, parts, findings);
            }
            // That it is of another kind has been said.
            _ => {}
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

/// A program runs on its target's machines.
fn judge_kind(place: &str, found: &ProgramKind, target: Target, findings: &mut Findings) {
    use ProgramKind::{Elf, MachO, Pe};
    if found == target.program {
        return;
    }
    let (found, expected) = match (found, target.program) {
        (
            Elf { machine, bits },
            Elf {
                machine: expected,
                bits: expected_bits,
            },
        ) if machine == expected => (
            format!("{bits} bits"),
            format!("{expected_bits} bits of `{target}`"),
        ),
        (
            Elf { machine, .. },
            Elf {
                machine: expected, ..
            },
        )
        | (Pe { machine }, Pe { machine: expected }) => (
            format!("machine {machine}"),
            format!("machine {expected} of `{target}`"),
        ),
        (MachO { cpus }, MachO { cpus: expected }) => (
            format!("processor type {}", list(cpus)),
            format!("{} of `{target}`", list(expected)),
        ),
        (found, _) => {
            let found = match found {
                Elf { .. } => "an ELF file, which runs on Linux",
                Pe { .. } => "a PE file, which runs on Windows",
                MachO { .. } => "a Mach-O file, which runs on macOS",
            };
            (found.to_owned(), format!("a program of `{target}`"))
        }
    };
    findings.add(place, found, expected);
}

fn list(cpus: &[u32]) -> String {
    let texts: Vec<_> = cpus.iter().map(|cpu| format!("{cpu:#x}")).collect();
    texts.join(" and ")
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
