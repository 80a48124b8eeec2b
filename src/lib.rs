//! Sealift's library.
pub mod artifact;
pub mod assemble;
pub mod commit;
pub mod compress;
pub mod digest;
pub mod elf;
pub mod entry;
pub mod event;
pub mod format;
pub mod gate;
pub mod json;
pub mod load;
pub mod manifest;
pub mod name;
pub mod output;
pub mod package;
pub mod path;
pub mod plan;
pub mod project;
pub mod release;
pub mod runtimes;
pub mod stamp;
pub mod target;
#[cfg(test)]
mod testing;
pub mod tree;
pub mod write;
