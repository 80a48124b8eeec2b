//! What stands behind the code of a setup: the compressed files, what is to become of them, and a sum of everything.
//!
//! ```text
//! the program | files, one after the other, as one frame of zstd | contents | zeros | footer
//! ```
//!
//! The length is a multiple of eight, and a certificate may follow, so that a setup can be signed as any program.
//! The packer compiles this module, too.

pub mod contents;
pub mod fields;
mod footer;
mod head;

pub use contents::{Contents, File, Kind};
pub use footer::Footer;
pub use head::Head;

/// How long a description of the contents can be: half a million files.
pub const MAX_CONTENTS: u64 = 64 << 20;
/// Names at the top of the program's directory that are the setup's own.
pub const OWN_NAMES: [&str; 3] = ["uninstall.exe", "uninstall.dat", ".setup"];
