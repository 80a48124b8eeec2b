//! What packages begin with: the AppImage runtimes and setup stubs of this program, embedded ones or those of a directory.

use std::env;
use std::path::Path;

use anyhow::Context;
use sealift::format::appimage::runtimes::{self, Table};
use sealift::format::setup::stubs;
use sealift::output::path_error::PathError;

/// Name directories with files `runtime-<machine>` and `setup-stub-<machine>.exe`; at compile time, those of the embedded ones.
const RUNTIMES: &str = "SEALIFT_APPIMAGE_RUNTIMES";
const STUBS: &str = "SEALIFT_SETUP_STUBS";

/// Pairs of machine and program.
type Embedded = &'static [(&'static str, &'static [u8])];

#[cfg(feature = "embedded-runtimes")]
static EMBEDDED_RUNTIMES: Embedded = include!(concat!(
    env!(
        "SEALIFT_APPIMAGE_RUNTIMES",
        "the feature `embedded-runtimes` needs a directory of runtimes, which this variable names"
    ),
    "/table.rs"
));
#[cfg(feature = "embedded-runtimes")]
static EMBEDDED_STUBS: Embedded = include!(concat!(
    env!(
        "SEALIFT_SETUP_STUBS",
        "the feature `embedded-runtimes` needs a directory of setup stubs, which this variable names"
    ),
    "/table.rs"
));
#[cfg(not(feature = "embedded-runtimes"))]
static EMBEDDED_RUNTIMES: Embedded = &[];
#[cfg(not(feature = "embedded-runtimes"))]
static EMBEDDED_STUBS: Embedded = &[];

/// Gives the library the programs of the directories that the environment names, else the embedded ones.
pub fn provide() -> anyhow::Result<()> {
    let files = ("AppImage runtime", "runtime-<machine>");
    runtimes::provide(table(RUNTIMES, runtimes::read, files, EMBEDDED_RUNTIMES)?);
    let files = ("setup stub", "setup-stub-<machine>.exe");
    stubs::provide(table(STUBS, stubs::read, files, EMBEDDED_STUBS)?);
    Ok(())
}

fn table(
    variable: &str,
    read: fn(&Path) -> Result<Table, PathError>,
    (what, files): (&str, &str),
    embedded: Embedded,
) -> anyhow::Result<Table> {
    let Some(directory) = env::var_os(variable).filter(|directory| !directory.is_empty()) else {
        let pairs = embedded.iter();
        return Ok(pairs
            .map(|&(machine, program)| (machine.into(), program.into()))
            .collect());
    };
    let directory = Path::new(&directory);
    let table =
        read(directory).with_context(|| format!("cannot use the {what}s that {variable} names"))?;
    anyhow::ensure!(
        !table.is_empty(),
        "{variable} names `{}`, which holds no {what}; expected files named `{files}`",
        directory.display()
    );
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealift::format::appimage;
    use sealift::model::target::{Os, Target};

    #[test]
    fn every_embedded_program_is_one_for_a_machine_of_the_target_table() {
        for (machine, program) in EMBEDDED_RUNTIMES {
            assert!(
                Target::all().any(|target| appimage::machine(target) == Some(machine)),
                "{machine}"
            );
            assert!(program.starts_with(b"\x7fELF"), "{machine}");
        }
        for (machine, program) in EMBEDDED_STUBS {
            let is_for = |target: Target| target.os == Os::Windows && target.machine == *machine;
            assert!(Target::all().any(is_for), "{machine}");
            assert!(program.starts_with(b"MZ"), "{machine}");
        }
    }
}
