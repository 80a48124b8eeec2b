//! Programs of Sealift's that packages begin with, one for each machine.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use crate::output::path_error::PathError;

/// Pairs of machine, as the packages name it, and program.
pub type Table = Vec<(Cow<'static, str>, Cow<'static, [u8]>)>;

/// The files of a directory that have a machine between prefix and suffix, sorted by machine.
pub(super) fn read(directory: &Path, prefix: &str, suffix: &str) -> Result<Table, PathError> {
    let reading = PathError::reading(directory);
    let mut table = Table::new();
    for entry in fs::read_dir(directory).map_err(reading)? {
        let path = entry.map_err(reading)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let machine = name.and_then(|name| name.strip_prefix(prefix)?.strip_suffix(suffix));
        if let Some(machine) = machine {
            let program = fs::read(&path).map_err(PathError::reading(&path))?;
            table.push((machine.to_owned().into(), program.into()));
        }
    }
    table.sort();
    Ok(table)
}
