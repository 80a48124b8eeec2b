//! Portable Executables, the programs of Windows: their resources (Microsoft PE and COFF specification).

mod checksum;
mod error;
mod icon;
mod image;
mod replace;
mod resources;
#[cfg(test)]
pub(crate) mod testing;
mod version;

pub use checksum::renew as renew_checksum;
pub use error::PeError;
pub use icon::{Icon, IconError};
pub use image::Image;
pub use replace::replace_resources;
pub use resources::{Data, Key, Resources, language, types};
pub use version::{Version, VersionError};
