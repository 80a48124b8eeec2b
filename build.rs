//! Passes the target to the program, and puts the lists of what macOS exports into one file.

use std::fs;
use std::path::{Path, PathBuf};

const LISTS: &str = "src/frameworks/lists";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={LISTS}");
    let target = std::env::var("TARGET").expect("cargo sets this for every build script");
    println!("cargo:rustc-env=SEALIFT_TARGET={target}");
    let out = std::env::var("OUT_DIR").expect("cargo sets this for every build script");
    let all = Path::new(&out).join("frameworks.txt");
    fs::write(all, lists()).expect("the output directory can be written");
}

/// The lists in the order of their names, each with a form feed behind it. The comments are left out.
fn lists() -> String {
    let entries = fs::read_dir(LISTS).expect("the lists lie in the source");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a list").path()).collect();
    files.sort();
    let mut all = String::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a list is text");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            all.push_str(line);
            all.push('\n');
        }
        all.push('\u{c}');
    }
    all
}
