//! Portable Executables, the programs of Windows: their build ID and resources (Microsoft PE and COFF specification).

mod build_id;
mod checksum;
mod error;
mod icon;
mod image;
mod replace;
mod resources;
mod section;
#[cfg(test)]
pub(crate) mod testing;
mod version;

pub use build_id::{add_build_id, build_id, forget_symbol_file};
pub use checksum::renew as renew_checksum;
pub use error::PeError;
pub use icon::{Icon, IconError};
pub use image::Image;
pub(crate) use image::Section;
#[cfg(test)]
pub(crate) use replace::read as read_resources;
pub use replace::replace_resources;
pub use resources::{Data, Key, Resources, language, types};
#[cfg(test)]
pub(crate) use section::put;
pub(crate) use section::{get, keep_sections};
pub use version::{Version, VersionError};
