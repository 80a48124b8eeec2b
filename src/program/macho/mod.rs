//! Mach-O programs: universal programs for several machines, and the ad-hoc signature that macOS requires.

mod error;
mod imports;
mod sign;
mod signature;
#[cfg(test)]
pub(crate) mod testing;
mod thin;
mod universal;

pub use error::MachError;
pub use imports::{Import, Origin, imports};
pub use sign::{sign, sign_bundle};
pub use signature::Seal;
pub use thin::{Segment, Thin};
pub use universal::{
    UniversalError, code_hashes, file_name, is_macho, map_slices, merge, slices, universal,
    unsealed,
};
