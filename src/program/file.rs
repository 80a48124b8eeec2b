//! A finished program as a file: read whole, written whole with the same permissions.

use std::fs::{self, Permissions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::output::path_error::PathError;
use crate::output::{AtomicFile, OutputError};

/// A finished program that was read from a file.
#[derive(Debug)]
pub struct Program {
    /// Where it was.
    pub path: PathBuf,
    /// All of it.
    pub bytes: Vec<u8>,
    /// Who may do what with it.
    pub permissions: Permissions,
}

impl Program {
    /// Reads a program.
    pub fn read(path: &Path) -> Result<Self, PathError> {
        let fail = PathError::reading(path);
        Ok(Self {
            path: path.to_owned(),
            bytes: fs::read(path).map_err(fail)?,
            permissions: fs::metadata(path).map_err(fail)?.permissions(),
        })
    }

    /// Writes bytes made from this program to a file, which may be the program's own.
    pub fn write(&self, bytes: &[u8], out: &Path) -> Result<(), OutputError> {
        let mut file = AtomicFile::create(out, 0o644)?;
        file.write_all(bytes)
            .and_then(|()| file.set_permissions(self.permissions.clone()))
            .map_err(|source| OutputError::Write {
                path: out.to_owned(),
                source,
            })?;
        file.commit()
    }
}
