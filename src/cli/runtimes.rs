//! The AppImage runtimes of this program: embedded ones, or those of a directory.

use std::env;
use std::path::Path;

use anyhow::Context;
use sealift::format::appimage::runtimes::{self, Table};

/// Names a directory with files `runtime-<machine>`; at compile time, that of the embedded ones.
const VARIABLE: &str = "SEALIFT_APPIMAGE_RUNTIMES";

/// Pairs of machine and program.
#[cfg(feature = "embedded-runtimes")]
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(
    env!(
        "SEALIFT_APPIMAGE_RUNTIMES",
        "the feature `embedded-runtimes` needs a directory of runtimes, which this variable names"
    ),
    "/table.rs"
));
#[cfg(not(feature = "embedded-runtimes"))]
static EMBEDDED: &[(&str, &[u8])] = &[];

/// Gives the library the runtimes of the directory that the environment names, else the embedded ones.
pub fn provide() -> anyhow::Result<()> {
    let table = match env::var_os(VARIABLE) {
        Some(directory) if !directory.is_empty() => of_directory(Path::new(&directory))?,
        _ => embedded(),
    };
    runtimes::provide(table);
    Ok(())
}

fn of_directory(directory: &Path) -> anyhow::Result<Table> {
    let table = runtimes::read(directory)
        .with_context(|| format!("cannot use the AppImage runtimes that {VARIABLE} names"))?;
    anyhow::ensure!(
        !table.is_empty(),
        "{VARIABLE} names `{}`, which holds no AppImage runtime; expected files named `runtime-<machine>`",
        directory.display()
    );
    Ok(table)
}

fn embedded() -> Table {
    let pairs = EMBEDDED.iter();
    pairs
        .map(|&(machine, program)| (machine.into(), program.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealift::format::appimage;
    use sealift::model::target::Target;

    #[test]
    fn every_embedded_runtime_is_an_elf_program_for_a_machine_of_the_target_table() {
        for (machine, program) in EMBEDDED {
            assert!(
                Target::all().any(|target| appimage::machine(target) == Some(machine)),
                "{machine}"
            );
            assert!(program.starts_with(b"\x7fELF"), "{machine}");
        }
    }
}
