//! Gate `hardening`: programs have the protections that compilers offer at no cost, and a build ID that identifies the
//! build.

use super::executable::macho::named;
use super::executable::{Executable, macho, pe};
use super::{Problems, Program, ProgramGate};
use crate::program::elf;

/// The table `[gates.hardening]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Hardening {
    /// The requirements.
    pub require: Vec<Property>,
}

/// A requirement on programs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// It can be loaded anywhere in memory, so that addresses are not predictable.
    PositionIndependent,
    /// Relocated data is read-only after loading, and all of it is relocated then. Only for ELF.
    Relro,
    /// No data memory, above all the stack, is executable.
    NoExecute,
    /// It has an identifier by which crash reports and debuggers find its symbols.
    BuildId,
}

impl Default for Hardening {
    fn default() -> Self {
        Self {
            require: vec![
                Property::PositionIndependent,
                Property::Relro,
                Property::NoExecute,
                Property::BuildId,
            ],
        }
    }
}

impl ProgramGate for Hardening {
    fn judge(&self, program: &Program<'_>, problems: &mut Problems) -> bool {
        for property in &self.require {
            match &program.executable {
                Executable::Elf(facts) if facts.is_linked() => {
                    judge_elf(facts, *property, problems);
                }
                // Files for a linker are not loaded directly.
                Executable::Elf(_) => {}
                Executable::Pe(facts) => judge_pe(facts, *property, problems),
                Executable::MachO(parts) => judge_macho(parts, *property, problems),
            }
        }
        true
    }
}

fn judge_elf(facts: &elf::Facts, property: Property, problems: &mut Problems) {
    match property {
        Property::PositionIndependent if !facts.header.is_position_independent() => {
            problems.add(
                format!("type {}, at a fixed address", facts.header.kind),
                "type 3 (`ET_DYN`), position independent",
            );
        }
        // A file with a fixed address has no relocations for a loader.
        Property::Relro if facts.header.is_position_independent() && !facts.relro => {
            problems.add("no `PT_GNU_RELRO`", "one (`-z relro`)");
        }
        // The loader would write into a table of addresses as long as the program runs.
        Property::Relro if !facts.needed.is_empty() && !facts.binds_at_start => {
            problems.add(
                "functions bound when first called",
                "all at start (`-z now`)",
            );
        }
        Property::NoExecute if facts.executable_stack => {
            problems.add(
                "an executable stack",
                "a `PT_GNU_STACK` that forbids it (`-z noexecstack`)",
            );
        }
        Property::BuildId if !facts.has_build_id => {
            problems.add("no build id", "one (`--build-id=sha1`)");
        }
        _ => {}
    }
}

fn judge_pe(facts: &pe::Facts, property: Property, problems: &mut Problems) {
    match property {
        Property::PositionIndependent if !facts.position_independent => {
            problems.add(
                "loaded at a fixed address",
                "`DYNAMIC_BASE` and relocations",
            );
        }
        Property::PositionIndependent if !facts.high_entropy => {
            problems.add(
                "loaded below 4 GiB",
                "`HIGH_ENTROPY_VA` (`--high-entropy-va`)",
            );
        }
        Property::NoExecute if !facts.no_execute => {
            problems.add("executable data", "`NX_COMPAT` (`--nxcompat`)");
        }
        Property::BuildId if !facts.has_build_id => {
            problems.add("no build id", "a CodeView record (`sealift stamp`)");
        }
        _ => {}
    }
}

fn judge_macho(parts: &[macho::Facts], property: Property, problems: &mut Problems) {
    for (name, part) in named(parts) {
        match property {
            Property::PositionIndependent if part.is_executable && !part.position_independent => {
                problems.add(format!("{name}loaded at a fixed address"), "`MH_PIE`");
            }
            Property::NoExecute if part.executable_stack => {
                problems.add(
                    format!("{name}an executable stack"),
                    "no `MH_ALLOW_STACK_EXECUTION`",
                );
            }
            Property::BuildId if !part.has_uuid => {
                problems.add(format!("{name}no build id"), "an `LC_UUID`");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::GateLimits;
    use crate::gate::report::{GateReport, Outcome};
    use crate::gate::testing::{
        MachO, elf, hardened_elf, lines, release_for, report_with, windows_program,
    };
    use crate::program::macho::testing::{ARM64, X86_64};

    const LINUX: &str = "x86_64-unknown-linux-musl";
    const WINDOWS: &str = "x86_64-pc-windows-gnullvm";
    const MACOS: &str = "universal2-apple-darwin";
    const PLACE: &str = "artifacts/hello-1.2.3.plain: usr/bin/hello";

    fn report(target: &str, program: &[u8], require: &[Property]) -> GateReport {
        let mut tables = GateLimits::default();
        tables.hardening.require = require.to_vec();
        let report = report_with(&release_for(target, program), &tables);
        let mut gates = report.gates.into_iter();
        gates
            .find(|gate| gate.gate == "hardening")
            .expect("it is in the table")
    }

    fn findings(target: &str, program: &[u8]) -> Vec<String> {
        let report = report(target, program, &Hardening::default().require);
        assert!(
            matches!(report.outcome, Outcome::Pass | Outcome::Fail),
            "{report:?}"
        );
        lines(&report.findings)
    }

    #[test]
    fn programs_that_are_linked_as_they_should_be_pass() {
        assert_eq!(findings(LINUX, &hardened_elf()), [""; 0]);
        let windows = crate::program::pe::add_build_id(windows_program(0x160, 0x22)).expect("room");
        assert_eq!(findings(WINDOWS, &windows), [""; 0]);
        let parts = [MachO::good(X86_64).program(), MachO::good(ARM64).program()];
        let program = crate::program::macho::merge(&parts).expect("two programs");
        assert_eq!(findings(MACOS, &program), [""; 0]);
    }

    #[test]
    fn everything_that_an_elf_file_lacks_is_found() {
        assert_eq!(
            findings(LINUX, &elf(62, None, &[], b"")),
            [
                format!(
                    "{PLACE}: type 2, at a fixed address; expected type 3 (`ET_DYN`), position independent"
                ),
                format!(
                    "{PLACE}: an executable stack; expected a `PT_GNU_STACK` that forbids it (`-z noexecstack`)"
                ),
                format!("{PLACE}: no build id; expected one (`--build-id=sha1`)"),
            ]
        );
        // Position independent and nothing else.
        let mut movable = elf(62, None, &[], b"");
        movable[16] = 3;
        let found = findings(LINUX, &movable);
        let expected = format!("{PLACE}: no `PT_GNU_RELRO`; expected one (`-z relro`)");
        assert_eq!(found[0], expected);
    }

    #[test]
    fn a_program_that_looks_functions_up_later_is_found() {
        use crate::program::elf::testing::Shape;

        let target = "x86_64-unknown-linux-gnu";
        assert_eq!(findings(target, &Shape::good().bytes()), [""; 0]);
        let lazy = Shape {
            binds_at_start: false,
            ..Shape::good()
        };
        let expected =
            format!("{PLACE}: functions bound when first called; expected all at start (`-z now`)");
        assert_eq!(findings(target, &lazy.bytes()), [expected]);
    }

    #[test]
    fn everything_that_a_pe_file_lacks_is_found() {
        let line = |found: &str| format!("{PLACE}.exe: {found}");
        assert_eq!(
            findings(WINDOWS, &windows_program(0, 0x22)),
            [
                line("loaded at a fixed address; expected `DYNAMIC_BASE` and relocations"),
                line("executable data; expected `NX_COMPAT` (`--nxcompat`)"),
                line("no build id; expected a CodeView record (`sealift stamp`)"),
            ]
        );
        assert_eq!(
            findings(WINDOWS, &windows_program(0x140, 0x22))[0],
            line("loaded below 4 GiB; expected `HIGH_ENTROPY_VA` (`--high-entropy-va`)")
        );
        // The flag is not enough for a program whose relocations were stripped.
        assert_eq!(
            findings(WINDOWS, &windows_program(0x160, 0x23))[0],
            line("loaded at a fixed address; expected `DYNAMIC_BASE` and relocations")
        );
    }

    #[test]
    fn everything_that_a_macho_file_lacks_is_found_with_its_part() {
        let bad = MachO {
            flags: 0x2_0000,
            uuid: false,
            ..MachO::good(ARM64)
        };
        let parts = [MachO::good(X86_64).program(), bad.program()];
        let program = crate::program::macho::merge(&parts).expect("two programs");
        let line = |found: &str| format!("{PLACE}: for processor type 0x100000c, {found}");
        assert_eq!(
            findings(MACOS, &program),
            [
                line("loaded at a fixed address; expected `MH_PIE`"),
                line("an executable stack; expected no `MH_ALLOW_STACK_EXECUTION`"),
                line("no build id; expected an `LC_UUID`"),
            ]
        );
    }

    #[test]
    fn what_is_not_asked_for_is_not_judged() {
        let report = report(LINUX, &elf(62, None, &[], b""), &[Property::Relro]);
        assert_eq!(report.outcome, Outcome::Pass);
    }
}
