//! The tools that the build scripts of a project's crates run, as far as they are known.

use std::path::Path;

use crate::model::cargo_lock::CargoLock;
use crate::project::manifest::tool::Tool::{self, Cmake, Libclang, Make, Nasm, Perl, Protobuf};

/// What each of these crates runs while a program is built.
const RUN: [(&str, &[Tool]); 15] = [
    ("autotools", &[Make]),
    ("aws-lc-sys", &[Nasm]),
    ("bindgen", &[Libclang]),
    ("cmake", &[Cmake]),
    ("gmp-mpfr-sys", &[Make]),
    ("jemalloc-sys", &[Make]),
    ("libffi-sys", &[Make]),
    ("luajit-src", &[Make]),
    ("nasm-rs", &[Nasm]),
    ("openssl-src", &[Make, Perl]),
    ("prost-build", &[Protobuf]),
    ("protoc-rust", &[Protobuf]),
    ("rdkafka-sys", &[Make]),
    ("tikv-jemalloc-sys", &[Make]),
    ("tonic-build", &[Protobuf]),
];

/// Crates that bring protoc along, or do without.
const BRING_PROTOC: [&str; 4] = [
    "protobuf-src",
    "protoc-bin-vendored",
    "protoc-prebuilt",
    "protox",
];

/// The tools of a project, and the crates that run them, both sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needed {
    /// What `[build] tools` lists.
    pub(super) tools: Vec<Tool>,
    /// The crates.
    pub(super) crates: Vec<&'static str>,
}

/// The lock of the project in a directory. Without one that can be read, it is empty; `sealift doctor` judges the lock.
pub(super) fn lock(directory: &Path) -> CargoLock {
    let text = std::fs::read_to_string(directory.join("Cargo.lock")).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// What the crates of a lock need.
pub(super) fn of_lock(lock: &CargoLock) -> Needed {
    let has_protoc = BRING_PROTOC.into_iter().any(|name| lock.has(name));
    let mut needed = Needed::default();
    for (name, tools) in RUN.into_iter().filter(|(name, _)| lock.has(name)) {
        let missing = tools
            .iter()
            .filter(|tool| **tool != Protobuf || !has_protoc);
        let before = needed.tools.len();
        needed.tools.extend(missing);
        if needed.tools.len() > before {
            needed.crates.push(name);
        }
    }
    needed.tools.sort();
    needed.tools.dedup();
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cargo_lock::LockedPackage;

    fn of(crates: &[&str]) -> Needed {
        let packages = crates.iter().map(|name| LockedPackage {
            name: (*name).to_owned(),
            version: "1.0.0".to_owned(),
            source: None,
            checksum: None,
        });
        of_lock(&CargoLock {
            packages: packages.collect(),
        })
    }

    #[test]
    fn what_crates_run_is_asked_for_once() {
        let needed = of(&["serde", "tikv-jemalloc-sys", "openssl-src", "bindgen"]);
        assert_eq!(needed.tools, [Libclang, Make, Perl]);
        assert_eq!(
            needed.crates,
            ["bindgen", "openssl-src", "tikv-jemalloc-sys"]
        );
        assert_eq!(of(&["serde", "cc"]), Needed::default());
    }

    #[test]
    fn a_crate_that_brings_protoc_needs_none() {
        assert_eq!(of(&["prost-build"]).tools, [Protobuf]);
        assert_eq!(of(&["prost-build", "protobuf-src", "cmake"]).tools, [Cmake]);
    }

    #[test]
    fn the_crates_are_sorted() {
        assert!(RUN.is_sorted());
        assert!(BRING_PROTOC.is_sorted());
    }

    #[test]
    fn a_lock_that_is_none_says_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        assert!(lock(directory.path()).packages.is_empty());
        std::fs::write(directory.path().join("Cargo.lock"), "[[").expect("written");
        assert!(lock(directory.path()).packages.is_empty());
    }
}
