//! Container images: an OCI image layout and a docker archive in one tar, on a base image or on nothing.
//!
//! Specifications: OCI image specification 1.0 (`image-layout.md`, `config.md`, `manifest.md`, `annotations.md`) and
//! the archive of `docker save`, version 1.2. One set of blobs serves both.

mod base;
mod config;
mod document;
pub(crate) mod index;
mod layout;
mod read;
mod reference;
mod rootfs;
pub mod stored;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod write;

pub use reference::{InvalidReference, Reference};
pub use table::{Command, Folder, HealthCheck, Oci, Port, Repository, User};
pub use values::{Argument, BasePath, LabelName, Signal, Text, VariableName};

use super::{Format, FormatError, Registration, Unsupported};
use crate::container::Output;
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::Target;

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "oci",
    summary: "a container image for docker, podman and Kubernetes",
    new: |tables, resources| Box::new(tables.oci.with(resources)),
    read: read::read,
};

impl Format for Oci {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        let reason = match config::architecture(target) {
            None => "images without a base system are for Linux",
            Some(_) if target.has_glibc() && self.base.is_none() => {
                "images without a base system have no glibc"
            }
            Some(_) => return Ok(()),
        };
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason,
        })
    }

    fn check(&self, package: &Package) -> Result<(), FormatError> {
        reference::repository(self, package)?;
        reference::tag(package)?;
        Ok(())
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        format!(
            "{}-{}-{}.oci.tar",
            package.name, package.version, target.machine
        )
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        write::write(self, package, context, out)
    }
}
