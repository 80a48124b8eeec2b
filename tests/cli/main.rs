//! The program as its users meet it: one file per subcommand.

mod catalog;
mod check;
mod completions;
mod diff;
mod doctor;
mod gate;
mod init;
mod interrupt;
mod licenses;
mod make;
mod man;
mod manifest;
#[cfg(target_os = "linux")]
mod measure;
mod messages;
mod out_dirs;
mod package;
mod parity;
mod plan;
mod ports;
mod push;
mod release;
mod report;
mod sandbox;
mod sbom;
#[cfg(target_os = "linux")]
mod soak;
mod stamp;
mod symbols;
mod targets;
mod tree;
mod universal;
mod validator;
mod version;
