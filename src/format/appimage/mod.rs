//! AppImages: one file that runs, made of a runtime and the squashfs image of an AppDir (AppImage specification, type 2).

mod appdir;
mod desktop;
pub(super) mod icon;
mod read;
mod runtime;
pub mod runtimes;
mod sums;
mod update_information;

pub use update_information::UpdateInformation;

use std::io::SeekFrom;
use std::sync::Arc;

use sums::Summing;

use super::{Format, FormatError, Registration, Resources, Tables, Unsupported};
use crate::container::Output;
use crate::container::squashfs::{self, Compression};
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};

/// The format's line in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "appimage",
    summary: "one file that runs on any Linux, without installing",
    new: |tables, resources| Box::new(Writer::new(tables, resources)),
    read: read::read,
};

/// The format's table of the manifest.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AppImage {
    /// How the files are compressed.
    pub compression: Compression,
    /// Where tools find newer versions.
    pub update_information: Option<UpdateInformation>,
}

/// The format: its table, and the runtime where it is not the embedded one.
struct Writer {
    table: AppImage,
    runtime: Option<Arc<[u8]>>,
}

impl Writer {
    fn new(tables: &Tables, resources: &Resources) -> Self {
        Self {
            table: tables.appimage.clone(),
            runtime: resources.appimage_runtime.clone(),
        }
    }

    fn runtime(&self, target: Target) -> Result<&[u8], FormatError> {
        let embedded = || runtimes::runtime(machine(target)?);
        let runtime = self.runtime.as_deref().or_else(embedded);
        runtime.ok_or_else(|| {
            FormatError::Invalid(format!(
                "this sealift has no AppImage runtime for `{target}`; give one with `--appimage-runtime FILE`, or name a \
                 directory of them in SEALIFT_APPIMAGE_RUNTIMES"
            ))
        })
    }
}

/// The machine as AppImages name it; `None` if AppImages do not run there.
pub fn machine(target: Target) -> Option<&'static str> {
    match (target.os, target.machine) {
        (Os::Linux, "armv7l") => Some("armhf"),
        (Os::Linux, machine) => Some(machine),
        _ => None,
    }
}

impl Format for Writer {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        if machine(target).is_some() {
            // Whether there is a runtime is for `ready`: a plan is the same for every build of Sealift.
            return Ok(());
        }
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason: "AppImages run only on Linux",
        })
    }

    fn ready(&self, target: Target) -> Result<(), FormatError> {
        self.runtime(target).map(|_| ())
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let machine =
            machine(target).expect("`supports` refuses targets that AppImages have no name for");
        format!("{}-{}-{machine}.AppImage", package.name, package.version)
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let runtime = self.runtime(context.target)?;
        let update_information = self.table.update_information.as_ref();
        let head = runtime::prepare(runtime, context.target, update_information)?;
        let additions = appdir::additions(package, context.tree)?;
        let date = u32::try_from(context.date).map_err(|_| {
            let date = context.date;
            FormatError::Invalid(format!("squashfs cannot hold the date {date}, after 2106"))
        })?;
        let options = squashfs::Options {
            compression: self.table.compression,
            has_fragments: true,
            date,
            threads: context.threads.clone(),
        };
        out.write_all(&head)?;
        let files = context.tree.files().iter().chain(&additions);
        let Some(place) = sums::place(&head).map_err(runtime::invalid)? else {
            let entries = squashfs::write(files, &options, out)?;
            out.flush()?;
            return Ok(entries);
        };
        let mut summing = Summing::new(out)?;
        let entries = squashfs::write(files, &options, &mut summing)?;
        let constant = sums::constant_part(&head).map_err(runtime::invalid)?;
        let summary = summing.finish(&constant)?;
        out.seek(SeekFrom::Start(place.start as u64))?;
        out.write_all(&summary.to_bytes())?;
        out.seek(SeekFrom::End(0))?;
        out.flush()?;
        Ok(entries)
    }
}

#[cfg(test)]
pub(super) mod tests;
