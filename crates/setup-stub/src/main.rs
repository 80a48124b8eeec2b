//! The program at the head of a setup for Windows.
//!
//! With files behind it, it installs them: it checks itself, decides what is to be done, unpacks everything beside the old files
//! and renames it into place. Alone, as it is installed, it removes what its list names.

#![cfg_attr(windows, windows_subsystem = "windows")]
#![cfg_attr(
    not(windows),
    expect(dead_code, reason = "only tests use it on other systems")
)]

mod files;
mod options;
mod path_variable;
#[cfg_attr(windows, expect(dead_code, reason = "the packer writes with it"))]
mod payload;
mod plan;
mod problem;
mod record;
mod source;
#[cfg(windows)]
mod windows;

fn main() {
    #[cfg(windows)]
    std::process::exit(windows::main());
    #[cfg(not(windows))]
    eprintln!("this program is for Windows");
}
