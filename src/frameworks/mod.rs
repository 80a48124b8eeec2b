//! What the frameworks and libraries of macOS export.
//!
//! A linker needs to know of a system library only its path and the names that it exports, and crates that call such a
//! library declare those names. So lists of names, made from the sources of crates, replace Apple's SDK: stubs for the
//! linker are made from them, and the gate `macos` compares what programs import with them.
//!
//! The module uses the standard library only: the program that makes stubs is compiled from it by rustc alone, before
//! anything else (`nix/compile/frameworks`).

mod attributes;
mod cfg;
mod declarations;
mod explain;
mod gather;
mod libraries;
mod list;
mod stubs;
mod tokens;
mod version;

pub use declarations::Name;
pub use explain::{Missing, missing};
pub use gather::{Owners, Source, beyond, gather};
pub use libraries::{IMPLIED, Library};
pub use list::{List, Malformed};
pub use stubs::write_stubs;
pub use version::Version;
