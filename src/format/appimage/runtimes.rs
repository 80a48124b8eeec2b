//! The AppImage runtimes that were embedded when Sealift was built.
//!
//! The build script makes the table from the files `runtime-<machine>` in the directory that the environment variable
//! `SEALIFT_APPIMAGE_RUNTIMES` names; it is empty where that is unset.

/// Pairs of machine and program.
static RUNTIMES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/runtimes.rs"));

/// The embedded runtime for a machine, as AppImages name it. The library's own tests see none, so that they pass whatever
/// was embedded; they bring their own.
pub fn runtime(machine: &str) -> Option<&'static [u8]> {
    if cfg!(test) {
        return None;
    }
    RUNTIMES
        .iter()
        .find(|(name, _)| *name == machine)
        .map(|(_, program)| *program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::target::Target;

    #[test]
    fn every_embedded_runtime_is_an_elf_program_for_a_machine_of_the_target_table() {
        for (machine, program) in RUNTIMES {
            assert!(
                Target::all().any(|target| super::super::machine(target) == Some(machine)),
                "{machine}"
            );
            assert!(program.starts_with(b"\x7fELF"), "{machine}");
        }
    }
}
