//! The nouns of a release: typed once, valid from then on. Nothing here knows about formats, gates or the command line.

pub mod artifact;
pub mod commit;
pub mod date;
pub mod digest;
pub mod entry;
pub mod hint;
pub mod name;
pub mod package;
pub mod path;
pub mod release;
pub(crate) mod steps;
pub mod target;
pub mod text;
pub mod tree;
