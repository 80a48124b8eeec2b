//! The nouns of a release: typed once, valid from then on. Nothing here knows about formats, gates or the command line.

pub mod artifact;
pub(crate) mod cargo_lock;
pub(crate) mod changelog;
pub mod commit;
pub mod date;
pub mod digest;
pub mod entry;
pub mod file_names;
pub mod glibc;
pub mod hint;
pub mod license;
pub mod line;
pub mod macos_symbol;
pub mod name;
pub mod package;
pub mod path;
pub mod person;
pub mod plist;
pub mod release;
pub mod schema;
pub(crate) mod steps;
pub mod systemd;
pub mod target;
pub mod text;
pub mod threads;
pub mod tree;
