//! Gate `static`: programs need only what every machine of their platform has, and reveal nothing about the machine
//! that they were built on.
//!
//! On Linux that is only the kernel; programs for glibc are judged by `portable`. On Windows and macOS, whose kernels are accessible only through libraries, it is
//! the libraries of the system.

mod libraries;
#[cfg(test)]
mod tests;

use super::build_paths::{Match, Scanner};
use super::executable::macho::named;
use super::executable::{Executable, macho, pe};
use super::patterns::{
    BuildDirectory, Extension, LibraryDirectory, PathStart, SourcePrefix, WindowsLibrary,
};
use super::{Problems, Program, ProgramGate};
use crate::model::target::{ProgramKind, Target};
use crate::program::elf;

/// The table `[gates.static]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StaticLinking {
    /// Directories that programs are built in, as absolute paths; a component `*` matches any name. A path below one
    /// of them is a finding.
    pub build_directories: Vec<BuildDirectory>,
    /// Extensions of source files, without the dot. The absolute path of such a file is a finding.
    pub source_extensions: Vec<Extension>,
    /// Allowed prefixes for the absolute path of a source file.
    pub allowed_source_prefixes: Vec<SourcePrefix>,
    /// Allowed prefixes for absolute paths of any kind.
    pub allowed_paths: Vec<PathStart>,
    /// Libraries that Windows programs may need.
    pub windows_libraries: Vec<WindowsLibrary>,
    /// Directories of libraries that macOS programs may need.
    pub macos_library_directories: Vec<LibraryDirectory>,
}

/// Written without the leading `/`; otherwise they would be findings in Sealift's own program.
const BUILD_DIRECTORIES: [&str; 4] = ["build", "home/*", "root/.cargo", "Users/*"];
/// Directories of every machine that programs name, and where nobody compiles.
const ALLOWED_PATHS: [&str; 4] = ["/dev/", "/etc/", "/proc/", "/sys/"];
const SOURCE_EXTENSIONS: [&str; 9] = ["rs", "c", "cc", "cpp", "h", "hpp", "S", "s", "zig"];
/// The source locations in the Rust project's own builds, and in builds that also map real directories to made-up ones.
/// None of them reveals anything about a machine.
const ALLOWED_SOURCE_PREFIXES: [&str; 6] = [
    "/rustc/", "/rust/", "/cargo/", "/source/", "/target/",
    // What the crate aws-lc-sys replaces its own directory by.
    "/aws-lc/",
];

impl Default for StaticLinking {
    fn default() -> Self {
        let valid = "the defaults are tested";
        let directory = |text: &&str| BuildDirectory::new(format!("/{text}")).expect(valid);
        let extension = |text: &&str| Extension::new((*text).to_owned()).expect(valid);
        let prefix = |text: &&str| SourcePrefix::new((*text).to_owned()).expect(valid);
        let start = |text: &&str| PathStart::new((*text).to_owned()).expect(valid);
        Self {
            build_directories: BUILD_DIRECTORIES.iter().map(directory).collect(),
            source_extensions: SOURCE_EXTENSIONS.iter().map(extension).collect(),
            allowed_source_prefixes: ALLOWED_SOURCE_PREFIXES.iter().map(prefix).collect(),
            allowed_paths: ALLOWED_PATHS.iter().map(start).collect(),
            windows_libraries: libraries::windows_default(),
            macos_library_directories: libraries::macos_default(),
        }
    }
}

/// More findings than this in one file are not helpful.
const MAX_PATHS_SHOWN: usize = 10;

impl ProgramGate for StaticLinking {
    fn judge(&self, program: &Program<'_>, problems: &mut Problems) -> bool {
        // Those are for `portable`.
        if program.target.has_glibc() {
            return false;
        }
        self.judge_linking(program, problems);
        self.judge_paths(program, problems);
        true
    }
}

impl StaticLinking {
    /// Checks that a program reveals nothing about the machine that it was built on.
    pub(super) fn judge_paths(&self, program: &Program<'_>, problems: &mut Problems) {
        let scanner = Scanner {
            directories: &self.build_directories,
            extensions: &self.source_extensions,
            allowed_sources: &self.allowed_source_prefixes,
            allowed: &self.allowed_paths,
        };
        report_paths(&scanner.scan_program(program.bytes), problems);
    }

    fn judge_linking(&self, program: &Program<'_>, problems: &mut Problems) {
        judge_kind(&program.executable.kind(), program.target, problems);
        match (&program.executable, program.target.program) {
            (Executable::Elf(facts), ProgramKind::Elf { .. }) => judge_elf(facts, problems),
            (Executable::Pe(facts), ProgramKind::Pe { .. }) => {
                self.judge_pe(facts, problems);
            }
            (Executable::MachO(parts), ProgramKind::MachO { .. }) => {
                self.judge_macho(parts, problems);
            }
            // The other kind has already been reported.
            _ => {}
        }
    }

    fn judge_pe(&self, facts: &pe::Facts, problems: &mut Problems) {
        for library in &facts.libraries {
            if !self.windows_libraries.iter().any(|known| known.is(library)) {
                problems.add(
                    format!("needs `{library}`"),
                    "only libraries that come with Windows",
                );
            }
        }
    }

    fn judge_macho(&self, parts: &[macho::Facts], problems: &mut Problems) {
        let known = &self.macos_library_directories;
        for (name, part) in named(parts) {
            for library in &part.libraries {
                if !known.iter().any(|directory| directory.holds(library)) {
                    problems.add(
                        format!("{name}needs `{library}`"),
                        "only libraries that come with macOS",
                    );
                }
            }
            for path in &part.run_paths {
                problems.add(
                    format!("{name}looks for libraries in `{path}`"),
                    "no run path",
                );
            }
        }
    }
}

/// Checks that a program runs on its target's machines.
pub(super) fn judge_kind(found: &ProgramKind, target: Target, problems: &mut Problems) {
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
    problems.add(found, expected);
}

fn list(cpus: &[u32]) -> String {
    let texts: Vec<_> = cpus.iter().map(|cpu| format!("{cpu:#x}")).collect();
    texts.join(" and ")
}

fn judge_elf(facts: &elf::Facts, problems: &mut Problems) {
    if let Some(interpreter) = &facts.interpreter {
        let found = format!("interpreter `{interpreter}`");
        problems.add(found, "no interpreter");
    }
    for library in &facts.needed {
        problems.add(format!("needs `{library}`"), "no shared library");
    }
}

fn report_paths(matches: &[Match], problems: &mut Problems) {
    for found in matches.iter().take(MAX_PATHS_SHOWN) {
        let expected = if found.in_store {
            "no reference to the Nix store"
        } else {
            "no path of the machine that it was built on"
        };
        problems.add_at(found.offset, format!("`{}`", found.text), expected);
    }
    let more = matches.len().saturating_sub(MAX_PATHS_SHOWN);
    if more > 0 {
        problems.add(format!("{more} more such paths"), "none");
    }
}
