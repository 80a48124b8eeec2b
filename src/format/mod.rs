//! The package formats, in one table.

pub mod appimage;
pub mod archive;
pub mod deb;
pub(crate) mod desktop_entry;
pub mod dmg;
mod embedded;
mod installed;
#[cfg(test)]
mod laws;
mod man;
pub mod msi;
pub mod npm;
pub mod oci;
pub mod pkg;
mod program;
mod relocate;
pub mod rpm;
pub mod script;
pub mod setup;
mod shell;
pub mod snap;
mod systemd;
#[cfg(test)]
pub(crate) mod testing;
pub mod wheel;
mod windows;
mod wrap;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::container::{Malformed, Output, ReadError, Visit, WriteError};
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::Target;

/// A kind of package.
///
/// Law: reading what [`Format::write`] wrote with the format's [`Registration::read`] yields the entries that it
/// returned, in the same order; and writing again, with any number of threads, yields the same bytes.
pub trait Format: Send + Sync {
    /// Whether packages for a target can be made; if not, the error gives the reason.
    fn supports(&self, target: Target) -> Result<(), Unsupported>;

    /// Whether the format can hold the package, judged by its metadata alone; called while planning.
    fn check(&self, _: &Package) -> Result<(), FormatError> {
        Ok(())
    }

    /// Whether this build of Sealift has what packages for a target need. A plan is the same without it.
    fn ready(&self, _: Target) -> Result<(), FormatError> {
        Ok(())
    }

    /// About how much longer compressing takes than with [`Level::Default`] of gzip. A run begins with what takes longest.
    ///
    /// [`Level::Default`]: crate::container::compress::gzip::Level
    fn effort(&self) -> u32 {
        1
    }

    /// The artifact's file name.
    fn file_name(&self, package: &Package, target: Target) -> String;

    /// Writes the whole artifact, from the start of `out`, and lists its entries.
    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError>;
}

/// A format's entry in the table [`FORMATS`].
pub struct Registration {
    /// The name in manifests and on the command line.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Makes the format with its table of the manifest and the resources.
    pub new: fn(&Tables, &Resources) -> Box<dyn Format>,
    /// Opens an artifact and visits each entry with its content, in the artifact's order.
    pub read: fn(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError>,
}

/// What formats take from outside a manifest.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// An AppImage runtime in place of the embedded one (see [`appimage::runtimes`]).
    pub appimage_runtime: Option<Arc<[u8]>>,
    /// The program at the start of setups for Windows in place of the embedded one (see [`setup::stubs`]).
    pub setup_stub: Option<Arc<[u8]>>,
    /// The base of container images in place of the manifest's.
    pub oci_base: Option<PathBuf>,
    /// The project's directory, which paths in the formats' tables are relative to.
    pub directory: PathBuf,
}

/// The formats' tables of a manifest, each the struct of its format.
#[derive(Clone, Debug, Default, serde::Deserialize, schemars::JsonSchema, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tables {
    /// Settings of AppImages.
    pub appimage: appimage::AppImage,
    /// Settings of archives.
    pub archive: archive::Archive,
    /// Settings of Debian packages.
    pub deb: deb::Deb,
    /// Settings of disk images for macOS.
    pub dmg: dmg::Dmg,
    /// Settings of packages for Windows Installer.
    pub msi: msi::Msi,
    /// Settings of npm packages.
    pub npm: npm::Npm,
    /// Settings of container images.
    pub oci: oci::Oci,
    /// Settings of installer packages for macOS.
    pub pkg: pkg::Pkg,
    /// Settings of RPM packages.
    pub rpm: rpm::Rpm,
    /// Settings of setups for Windows.
    pub setup: setup::Setup,
    /// Settings of snaps.
    pub snap: snap::Snap,
    /// Settings of archives with xz.
    #[serde(rename = "tar-xz")]
    pub tar_xz: archive::tar_xz::TarXz,
    /// Settings of archives with Zstandard.
    #[serde(rename = "tar-zst")]
    pub tar_zst: archive::tar_zst::TarZst,
    /// Settings of wheels.
    pub wheel: wheel::Wheel,
    /// Settings of zips.
    pub zip: archive::zip::Zip,
}

/// Every format, sorted by name.
pub const FORMATS: &[Registration] = &[
    appimage::REGISTRATION,
    archive::REGISTRATION,
    deb::REGISTRATION,
    dmg::REGISTRATION,
    msi::REGISTRATION,
    npm::REGISTRATION,
    oci::REGISTRATION,
    pkg::REGISTRATION,
    rpm::REGISTRATION,
    setup::REGISTRATION,
    snap::REGISTRATION,
    archive::tar_xz::REGISTRATION,
    archive::tar_zst::REGISTRATION,
    wheel::REGISTRATION,
    archive::zip::REGISTRATION,
];

/// Why a format does not support a target.
#[derive(Clone, Debug, thiserror::Error)]
#[error("format `{format}` cannot be made for `{target}`: {reason}")]
pub struct Unsupported {
    /// The format's name.
    pub format: &'static str,
    /// The target's triple.
    pub target: &'static str,
    /// A lower-case fragment.
    pub reason: &'static str,
}

/// Why an artifact could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Reading the tree or writing the artifact failed; the message names the file if it is one of the tree.
    #[error("input or output failed")]
    Io(#[from] io::Error),
    /// The package cannot be expressed in this format.
    #[error("{0}")]
    Invalid(String),
    /// The artifact being read violates the format's specification.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl From<ReadError> for FormatError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error.into(),
            ReadError::Malformed(malformed) => malformed.into(),
        }
    }
}

impl From<WriteError> for FormatError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => error.into(),
            WriteError::Invalid(what) => Self::Invalid(what),
        }
    }
}
