//! An archive as a zip.

use std::fs::File;
use std::path::Path;

use super::is_zip;
use super::layout::{arranged, stem};
use crate::container::compress::gzip;
use crate::container::zip::{self, ZipWriter};
use crate::container::{Output, Visit};
use crate::format::{Format, FormatError, Registration, Unsupported};
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::steps::steps;
use crate::model::target::Target;
use crate::model::tree::Tree;

/// The format's entry in the table.
pub(in crate::format) const REGISTRATION: Registration = Registration {
    name: "zip",
    summary: "a .zip for Linux and macOS, too",
    new: |tables, _| Box::new(tables.zip.clone()),
    read,
};

/// What a zip starts with.
pub(super) const START: &[u8] = b"PK";

/// The format and its table of the manifest, which has no keys.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Zip {}

impl Format for Zip {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        if !is_zip(target) {
            return Ok(());
        }
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason: "`archive` is a zip there",
        })
    }

    fn effort(&self) -> u32 {
        gzip::BEST_EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        format!("{}.zip", stem(package, target))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        write(&arranged(package, context)?, context, out)
    }
}

/// Writes files that are at their places.
pub(super) fn write(
    tree: &Tree,
    context: &Context<'_>,
    out: &mut dyn Output,
) -> Result<Vec<Entry>, FormatError> {
    let mut zip = ZipWriter::new(out, context.date, context.threads);
    for step in steps(tree) {
        zip.step(&step)?;
    }
    Ok(zip.finish()?)
}

/// Opens a zip and visits its entries.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    Ok(zip::read(&mut File::open(artifact)?, visit)?)
}
