//! Gate `portable`: programs that are linked with glibc run on every machine whose glibc is not older than the project says,
//! need no other libraries, and reveal nothing about the machine that they were built on.

#[cfg(test)]
mod tests;

use super::executable::Executable;
use super::patterns::Library;
use super::static_linking::{StaticLinking, judge_kind};
use super::{Problems, Program, ProgramGate};
use crate::model::glibc::{GlibcFloor, GlibcVersion};
use crate::model::target::Target;
use crate::program::elf;

/// The table `[gates.portable]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Portable {
    /// The oldest glibc that programs must run with; by default that of `[build.linux-gnu]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glibc: Option<GlibcFloor>,
    /// Libraries that programs may need.
    pub libraries: Vec<Library>,
}

/// The libraries of every glibc since the oldest that a program may ask for. The loader is one, too.
const LIBRARIES: [&str; 9] = [
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
];

impl Default for Portable {
    fn default() -> Self {
        let library = |name: &&str| Library::new((*name).to_owned());
        let libraries: Result<_, _> = LIBRARIES.iter().map(library).collect();
        Self {
            glibc: None,
            libraries: libraries.expect("the defaults are tested"),
        }
    }
}

/// The gate, which takes what is allowed of paths from the table of `static`.
pub(super) struct Gate {
    /// Its own table.
    pub(super) portable: Portable,
    /// For the paths in programs.
    pub(super) paths: StaticLinking,
}

impl ProgramGate for Gate {
    fn what(&self) -> &'static str {
        "a program for glibc"
    }

    fn judge(&self, program: &Program<'_>, problems: &mut Problems) -> bool {
        if !program.target.has_glibc() {
            return false;
        }
        judge_kind(&program.executable.kind(), program.target, problems);
        // The other kinds have already been reported.
        if let Executable::Elf(facts) = &program.executable {
            self.portable.judge_linking(facts, program.target, problems);
        }
        self.paths.judge_paths(program, problems);
        true
    }
}

impl Portable {
    /// Judges what the loader is asked for. A program that asks for nothing, such as an AppImage's own, runs everywhere.
    fn judge_linking(&self, facts: &elf::Facts, target: Target, problems: &mut Problems) {
        let loader = loader(target);
        match facts.interpreter.as_deref() {
            Some(found) if Some(found) != loader => problems.add(
                format!("interpreter `{found}`"),
                format!("`{}`, which every system has", loader.unwrap_or_default()),
            ),
            _ => {}
        }
        for library in &facts.needed {
            if !self.libraries.iter().any(|known| **known == **library) {
                problems.add(format!("needs `{library}`"), "only libraries of glibc");
            }
        }
        for path in &facts.run_paths {
            problems.add(format!("looks for libraries in `{path}`"), "no run path");
        }
        self.judge_versions(facts, problems);
    }

    /// Of a library that was allowed by name, nothing is known about its versions.
    fn judge_versions(&self, facts: &elf::Facts, problems: &mut Problems) {
        let floor = self.glibc.unwrap_or_default();
        let is_of_glibc = |library: &str| LIBRARIES.contains(&library);
        let mut found: Vec<_> = facts
            .versions
            .iter()
            .filter(|version| is_of_glibc(&version.library))
            .filter(|version| match GlibcVersion::of_symbol(&version.name) {
                Some(version) => version > floor.version(),
                // `GLIBC_PRIVATE`, or a property of the loader that is newer than it.
                None => true,
            })
            .collect();
        found.sort();
        for elf::NeededVersion { library, name } in found {
            problems.add(
                format!("needs `{name}` of `{library}`"),
                format!("at most `GLIBC_{floor}`"),
            );
        }
    }
}

/// Where a system's loader is (System V ABI supplements; glibc's `shlib-versions`).
fn loader(target: Target) -> Option<&'static str> {
    match target.machine {
        "aarch64" => Some("/lib/ld-linux-aarch64.so.1"),
        "x86_64" => Some("/lib64/ld-linux-x86-64.so.2"),
        _ => None,
    }
}
