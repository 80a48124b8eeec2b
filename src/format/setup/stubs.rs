//! The programs that setups begin with.

use std::path::Path;
use std::sync::OnceLock;

pub use crate::format::embedded::Table;

use crate::format::embedded;
use crate::output::path_error::PathError;

static STUBS: OnceLock<Table> = OnceLock::new();

/// Gives the library its stubs; without that it has none. Only the first call counts.
pub fn provide(table: Table) {
    let _ = STUBS.set(table);
}

/// The stub for a machine.
pub fn stub(machine: &str) -> Option<&'static [u8]> {
    let mut known = STUBS.get()?.iter();
    known
        .find(|(name, _)| name == machine)
        .map(|(_, program)| program.as_ref())
}

/// The files `setup-stub-<machine>.exe` of a directory, sorted by machine; other files are ignored.
///
/// # Errors
///
/// If the directory or such a file cannot be read.
pub fn read(directory: &Path) -> Result<Table, PathError> {
    embedded::read(directory, "setup-stub-", ".exe")
}
