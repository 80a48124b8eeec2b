//! What is made of a whole release: of the artifacts of one format for all targets, in one table.

mod npm;
mod oci;

use std::path::Path;

use crate::container::Output;
use crate::format::{FormatError, Tables};
use crate::model::artifact::Artifact;
use crate::model::entry::Entry;
use crate::model::package::Package;
use crate::model::target::Target;

/// A kind of artifact that is made of others.
///
/// Law: reading what [`Catalog::write`] wrote, as the format's [`read`](crate::format::Registration::read) does it, yields
/// the entries that it returned, in the same order; and writing again yields the same bytes. The programs in it are
/// programs of the parts.
pub trait Catalog: Send + Sync {
    /// The artifact's file name; `None` if nothing is made for these targets, which have an artifact of the format.
    fn file_name(&self, package: &Package, targets: &[Target]) -> Option<String>;

    /// Writes the whole artifact, from the start of `out`, and lists its entries.
    fn write(
        &self,
        package: &Package,
        parts: &[Part<'_>],
        date: i64,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError>;
}

/// An artifact for one target.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// What it is for.
    pub target: Target,
    /// What is recorded of it.
    pub artifact: &'a Artifact,
    /// The file, which is the recorded one.
    pub path: &'a Path,
}

/// An entry in the table [`CATALOG`].
pub struct Registration {
    /// The format of the artifact, and of those that it is made of. A manifest asks for all of them by this name.
    pub format: &'static str,
    /// Makes it with the formats' tables of the manifest.
    pub new: fn(&Tables) -> Box<dyn Catalog>,
}

/// Everything that is made of a whole release, sorted by format.
pub const CATALOG: &[Registration] = &[npm::REGISTRATION, oci::REGISTRATION];
