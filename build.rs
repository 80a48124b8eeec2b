//! Passes the target to the program, and embeds the AppImage runtimes of the build.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// A directory with `runtime-<machine>` for each machine that AppImages can be made for; may be unset.
const RUNTIMES: &str = "SEALIFT_APPIMAGE_RUNTIMES";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={RUNTIMES}");
    println!("cargo:rustc-env=SEALIFT_TARGET={}", variable("TARGET"));

    let runtimes = env::var_os(RUNTIMES).map_or_else(Vec::new, |dir| runtimes(Path::new(&dir)));
    let table = Path::new(&variable("OUT_DIR")).join("runtimes.rs");
    fs::write(&table, source(&runtimes)).expect("cargo makes OUT_DIR writable");
}

fn variable(name: &str) -> String {
    env::var(name).expect("cargo sets this for every build script, in UTF-8")
}

/// The runtimes in a directory, sorted by machine so that the build does not depend on the directory's order.
fn runtimes(dir: &Path) -> Vec<(String, PathBuf)> {
    println!("cargo:rerun-if-changed={}", dir.display());
    let entries = fs::read_dir(dir)
        .unwrap_or_else(|e| panic!("cannot list {RUNTIMES}=`{}`: {e}", dir.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("the directory was just opened").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(machine) = name.and_then(|name| name.strip_prefix("runtime-")) {
            let path = fs::canonicalize(&path)
                .unwrap_or_else(|e| panic!("cannot find `{}`: {e}", path.display()));
            println!("cargo:rerun-if-changed={}", path.display());
            found.push((machine.to_owned(), path));
        }
    }
    assert!(
        !found.is_empty(),
        "{RUNTIMES}=`{}` holds no file named `runtime-<machine>`",
        dir.display()
    );
    found.sort();
    found
}

/// An expression: the slice of pairs of machine and bytes.
fn source(runtimes: &[(String, PathBuf)]) -> String {
    let pairs = runtimes
        .iter()
        .map(|(machine, path)| format!("    ({machine:?}, include_bytes!({path:?})),\n"));
    format!("&[\n{}]\n", pairs.collect::<String>())
}
