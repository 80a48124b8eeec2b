//! The stages of a release: one file per arrow of the map in the crate's documentation.

pub mod assemble;
pub mod collect;
pub mod complete;
pub mod crates;
pub mod licenses;
pub mod load;
pub mod make;
pub mod plan;
pub mod sbom;
pub mod write;
