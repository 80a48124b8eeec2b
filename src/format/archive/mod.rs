//! Archives to unpack anywhere: one folder with the program at its top. They differ in the container alone.

pub(super) mod layout;
mod tar;
pub mod tar_xz;
pub mod tar_zst;
#[cfg(test)]
mod tests;
pub mod zip;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Format, FormatError, Registration, Unsupported};
use crate::container::compress::decode;
use crate::container::compress::gzip::{self, GzipWriter, Level};
use crate::container::{Output, Visit};
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
use layout::{arranged, stem};

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "archive",
    summary: "a .tar.gz, or for Windows a .zip, with one folder to unpack anywhere",
    new: |tables, _| Box::new(tables.archive.clone()),
    read,
};

/// The format and its table of the manifest, which has no keys.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Archive {}

/// Windows opens zips; everything else has a tar.
fn is_zip(target: Target) -> bool {
    target.os == Os::Windows
}

impl Format for Archive {
    fn supports(&self, _: Target) -> Result<(), Unsupported> {
        Ok(())
    }

    fn effort(&self) -> u32 {
        gzip::BEST_EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let suffix = if is_zip(target) { "zip" } else { "tar.gz" };
        format!("{}.{suffix}", stem(package, target))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let tree = arranged(package, context)?;
        if is_zip(context.target) {
            return zip::write(&tree, context, out);
        }
        let gzip = GzipWriter::new(out, Level::Best, context.threads);
        let (gzip, entries) = tar::write(&tree, context.date, gzip)?;
        gzip.finish()?.flush()?;
        Ok(entries)
    }
}

/// Opens an archive of either kind and visits its entries.
fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut start = Vec::new();
    File::open(artifact)?.take(2).read_to_end(&mut start)?;
    if start == zip::START {
        zip::read(artifact, visit)
    } else {
        tar::read(artifact, &|file| Ok(decode::gzip(file)), visit)
    }
}
