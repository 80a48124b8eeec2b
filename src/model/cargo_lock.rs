//! The packages of a `Cargo.lock`.

use serde::Deserialize;

/// A lock, of which other things are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct CargoLock {
    /// Its packages, in the file's order.
    #[serde(default, rename = "package")]
    pub(crate) packages: Vec<LockedPackage>,
}

/// A package of a lock.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LockedPackage {
    /// Its name; packages of several versions share one.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Where it comes from; nothing for a directory.
    pub(crate) source: Option<String>,
    /// The SHA-256 sum of its archive, if it comes from a registry.
    pub(crate) checksum: Option<String>,
}

impl CargoLock {
    /// Whether a package of the name is locked in any version.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.packages.iter().any(|package| package.name == name)
    }
}
