//! The machine that the program runs on, as far as compiling needs it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sealift::pipeline::make::host::Host;
use sealift::pipeline::make::toolchain::Machine;

/// Which programs run here.
pub fn host() -> Host {
    Host {
        os: env::consts::OS.to_owned(),
        arch: env::consts::ARCH.to_owned(),
    }
}

/// The machine itself, in a project's directory, where a file may choose the toolchain.
pub struct ThisMachine<'a>(pub &'a Path);

impl Machine for ThisMachine<'_> {
    fn ask(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.0)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.trim_end().to_owned())
    }

    fn has_entries(&self, directory: &Path) -> bool {
        directory
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_some())
    }
}

/// Directories that would be in programs, with the names that they get instead; the last that fits counts.
pub fn directories(root: &Path) -> Vec<(PathBuf, String)> {
    let home = || Some(env::home_dir()?.join(".cargo"));
    let set = |variable| env::var_os(variable).map(PathBuf::from);
    let cargo = set("CARGO_HOME").or_else(home).map(|path| (path, "/cargo"));
    let source = Some((root.to_owned(), "/source"));
    let target = set("CARGO_TARGET_DIR").map(|path| (path, "/target"));
    let absolute = |(path, name): (PathBuf, &str)| {
        let path = std::path::absolute(path).ok()?;
        Some((path, name.to_owned()))
    };
    [cargo, source, target]
        .into_iter()
        .flatten()
        .filter_map(absolute)
        .collect()
}
