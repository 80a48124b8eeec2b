//! The package formats, in one table.

pub mod appimage;
pub mod archive;
pub mod deb;
#[cfg(test)]
mod laws;
pub mod oci;
mod program;
mod relocate;
mod shell;
#[cfg(test)]
mod testing;

use std::io::{self, Read, Seek, Write};
use std::path::Path;

use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::Target;

/// Where an artifact is written.
pub trait Output: Write + Seek {}
impl<T: Write + Seek> Output for T {}

/// A kind of package.
///
/// Law: reading what [`Format::write`] wrote with the format's [`Registration::read`] yields the entries that it
/// returned, in the same order; and writing again, with any number of threads, yields the same bytes.
pub trait Format: Send + Sync {
    /// The name in manifests and on the command line.
    fn name(&self) -> &'static str;

    /// Whether packages for a target can be made; the error says why not.
    fn supports(&self, target: Target) -> Result<(), Unsupported>;

    /// The artifact's file name.
    fn file_name(&self, package: &Package, target: Target) -> String;

    /// Writes the whole artifact, from the start of `out`, and lists what is in it.
    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError>;
}

/// A format's line in the table [`FORMATS`].
pub struct Registration {
    /// The name in manifests and on the command line.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Makes the format with its table of the manifest.
    pub new: fn(&Tables) -> Box<dyn Format>,
    /// Opens an artifact and shows each entry with its content, in the artifact's order.
    pub read: fn(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError>,
}

/// Receives each entry of an artifact that is read. The reader yields a file's content and is empty for all else.
pub type Visit<'a> = dyn FnMut(&Entry, &mut dyn Read) -> io::Result<()> + 'a;

/// The formats' tables of a manifest, each the struct of its format.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tables {
    /// An AppImage runtime in place of the embedded one (see [`crate::format::appimage::runtimes`]); no key of a manifest.
    #[serde(skip)]
    pub appimage_runtime: Option<std::sync::Arc<[u8]>>,
    /// The table `appimage`.
    pub appimage: appimage::AppImage,
    /// The table `archive`.
    pub archive: archive::Archive,
    /// The table `deb`.
    pub deb: deb::Deb,
    /// The table `oci`.
    pub oci: oci::Oci,
}

/// Every format, sorted by name.
pub const FORMATS: &[Registration] = &[
    appimage::REGISTRATION,
    archive::REGISTRATION,
    deb::REGISTRATION,
    oci::REGISTRATION,
];

/// Why a format cannot hold packages for a target.
#[derive(Debug, thiserror::Error)]
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
    /// Reading the tree or writing the artifact failed; the message names the file where it is one of the tree.
    #[error("input or output failed")]
    Io(#[from] io::Error),
    /// The package cannot be expressed in this format.
    #[error("{0}")]
    Invalid(String),
    /// The artifact being read is not what the format's specification says.
    #[error("{what} at byte {offset}")]
    Malformed {
        /// What is wrong, and what was expected.
        what: String,
        /// Where, from the start of the artifact (or of the decompressed member that the text names).
        offset: u64,
    },
}
