//! The AppImage runtimes that Sealift has: what it writes AppImages with, and what the gates compare theirs with.

use std::path::Path;
use std::sync::OnceLock;

pub use crate::format::embedded::Table;

use crate::format::embedded;
use crate::output::path_error::PathError;

static RUNTIMES: OnceLock<Table> = OnceLock::new();

/// Gives the library its runtimes; without that it has none. Only the first call counts.
pub fn provide(table: Table) {
    // A second table would change what the gates think of artifacts that were made with the first.
    let _ = RUNTIMES.set(table);
}

/// The runtime for a machine, as AppImages name it.
pub fn runtime(machine: &str) -> Option<&'static [u8]> {
    let mut known = RUNTIMES.get()?.iter();
    known
        .find(|(name, _)| name == machine)
        .map(|(_, program)| program.as_ref())
}

/// The files `runtime-<machine>` of a directory, sorted by machine; other files are ignored.
///
/// # Errors
///
/// If the directory or such a file cannot be read.
pub fn read(directory: &Path) -> Result<Table, PathError> {
    embedded::read(directory, "runtime-", "")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_of_runtimes_are_read_and_others_ignored() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in ["runtime-x86_64", "table.rs", "runtime-aarch64"] {
            fs::write(directory.path().join(name), name).expect("written");
        }
        let table = read(directory.path()).expect("read");
        let machines: Vec<_> = table.iter().map(|(machine, _)| &**machine).collect();
        assert_eq!(machines, ["aarch64", "x86_64"]);
        assert_eq!(&*table[1].1, b"runtime-x86_64");
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = read(Path::new("nowhere")).expect_err("not there");
        assert_eq!(error.to_string(), "cannot read `nowhere`");
    }
}
