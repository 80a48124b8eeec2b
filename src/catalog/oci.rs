//! One container image for all architectures, of the images for one.

use super::{Catalog, Part, Registration};
use crate::container::Output;
use crate::format::FormatError;
use crate::format::oci::index;
use crate::model::entry::Entry;
use crate::model::package::Package;
use crate::model::target::Target;

/// The entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    format: "oci",
    new: |tables| {
        Box::new(ImageIndex {
            is_wanted: tables.oci.index.unwrap_or(true),
        })
    },
};

/// An archive with an image index.
struct ImageIndex {
    is_wanted: bool,
}

impl Catalog for ImageIndex {
    fn file_name(&self, package: &Package, targets: &[Target]) -> Option<String> {
        let is_made = self.is_wanted && targets.len() > 1;
        is_made.then(|| format!("{}-{}.oci.tar", package.name, package.version))
    }

    fn write(
        &self,
        package: &Package,
        parts: &[Part<'_>],
        date: i64,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let images: Vec<_> = parts
            .iter()
            .map(|part| (part.path, part.artifact.contents.as_slice()))
            .collect();
        index::write(package, &images, date, out)
    }
}
