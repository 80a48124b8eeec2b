//! An archive as a tar with Zstandard.

use std::path::Path;

use super::layout::{arranged, stem};
use super::tar;
use crate::container::compress::{decode, zstd};
use crate::container::tar::size_of_tree;
use crate::container::{Output, Visit};
use crate::format::{Format, FormatError, Registration, Unsupported};
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::steps::steps;
use crate::model::target::Target;

/// The format's entry in the table.
pub(in crate::format) const REGISTRATION: Registration = Registration {
    name: "tar-zst",
    summary: "a .tar.zst, the archive that unpacks fastest",
    new: |tables, _| Box::new(tables.tar_zst.clone()),
    read,
};

/// The format and its table of the manifest, which has no keys.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TarZst {}

impl Format for TarZst {
    fn supports(&self, _: Target) -> Result<(), Unsupported> {
        Ok(())
    }

    fn effort(&self) -> u32 {
        zstd::EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        format!("{}.tar.zst", stem(package, target))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let tree = arranged(package, context)?;
        let size = size_of_tree(&steps(&tree), "");
        let zstd = zstd::writer(out, size, context.threads)?;
        let (zstd, entries) = tar::write(&tree, context.date, zstd)?;
        zstd.finish()?.flush()?;
        Ok(entries)
    }
}

fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    tar::read(artifact, &|file| decode::zstd(file), visit)
}
