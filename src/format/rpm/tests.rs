//! Whole rpms, written and read.

use super::{Compression, REGISTRATION, Rpm};
use crate::format::Format;
use crate::format::FormatError;
use crate::format::testing::{
    content_of, file, full_tree, package, read, small_tree, target, tree, write, write_for,
};
use crate::model::entry::{Entry, EntryContent};
use crate::model::tree::{Kind, Tree};

fn written(rpm: &Rpm, tree: &Tree, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(rpm, &package(), tree, 1).expect("valid");
    read(&REGISTRATION, test, &bytes).expect("just written")
}

#[test]
fn the_name_has_rpms_version_and_architecture() {
    let mut package = package();
    package.version = "1.0.0-beta.1".parse().expect("a version");
    let name = |target: &str| {
        let target = target.parse().expect("a target");
        Rpm::default().file_name(&package, target)
    };
    assert_eq!(
        name("x86_64-unknown-linux-musl"),
        "hello-1.0.0~beta.1-1.x86_64.rpm"
    );
    assert_eq!(
        name("armv7-unknown-linux-musleabihf"),
        "hello-1.0.0~beta.1-1.armv7hl.rpm"
    );
}

#[test]
fn files_are_where_fedora_looks_for_them_and_directories_of_the_system_are_left_out() {
    let found = written(&Rpm::default(), &full_tree(), "places");
    let paths: Vec<_> = found
        .iter()
        .map(|(entry, _)| entry.path.as_str())
        .filter(|path| !path.starts_with("usr/share/hello/"))
        .collect();
    assert_eq!(
        paths,
        [
            "etc/hello",
            "etc/hello/config.toml",
            "usr/bin/hello",
            "usr/bin/hi",
            "usr/lib/systemd/system/hello.service",
            "usr/share/applications/hello.desktop",
            "usr/share/bash-completion/completions/hello",
            "usr/share/doc/hello",
            "usr/share/doc/hello/CHANGELOG.md",
            "usr/share/doc/hello/README.md",
            "usr/share/fish/vendor_completions.d/hello.fish",
            "usr/share/hello",
            "usr/share/icons/hicolor/scalable/apps/hello.svg",
            "usr/share/licenses/hello",
            "usr/share/licenses/hello/LICENSE-APACHE",
            "usr/share/licenses/hello/LICENSE-MIT",
            "usr/share/man/man1/hello.1.gz",
            "usr/share/man/man1/hi.1.gz",
            "usr/share/zsh/site-functions/_hello",
        ]
    );
}

#[test]
fn a_shared_directory_is_not_owned() {
    let rpm = Rpm {
        shared_directories: vec!["/etc/hello/".to_owned()],
        ..Rpm::default()
    };
    let found = written(&rpm, &full_tree(), "shared");
    let has = |path: &str| found.iter().any(|(entry, _)| entry.path == path);
    assert!(!has("etc/hello"));
    assert!(has("etc/hello/config.toml"));
}

#[test]
fn every_compression_holds_the_same() {
    let entries = |compression, test| {
        let rpm = Rpm {
            compression,
            ..Rpm::default()
        };
        written(&rpm, &full_tree(), test)
    };
    let xz = entries(Compression::Xz, "xz");
    assert!(xz == entries(Compression::Gzip, "gzip"));
    assert!(xz == entries(Compression::Zstd, "zstd"));
    assert_eq!(content_of(&xz, "usr/share/hello/empty"), "");
}

#[test]
fn a_package_without_files_is_one() {
    let found = written(&Rpm::default(), &tree(Vec::new()), "empty");
    assert!(found.is_empty());
}

#[test]
fn another_file_below_the_same_header_is_found() {
    let tree_of = |text: &str| tree(vec![file("usr/bin/hello", Kind::Binary, text)]);
    let bytes = |text: &str| {
        let (bytes, _) = write(&Rpm::default(), &package(), &tree_of(text), 1).expect("valid");
        bytes
    };
    let (one, other) = (bytes("one"), bytes("two"));
    // Headers and payloads are of the same length.
    let start = one
        .windows(6)
        .rposition(|window| window == b"\xfd7zXZ\0")
        .expect("the payload");
    let mixed = [&one[..start], &other[start..]].concat();
    let error = read(&REGISTRATION, "mixed", &mixed).expect_err("another payload");
    assert!(matches!(error, FormatError::Malformed(_)));
    assert!(
        error
            .to_string()
            .starts_with("the rpm: the payload has the sum "),
        "{error}"
    );
}

#[test]
fn a_file_of_another_owner_or_mode_keeps_its_mode() {
    let found = written(&Rpm::default(), &small_tree(), "modes");
    let mode = |path: &str| {
        let (entry, _) = found.iter().find(|(entry, _)| entry.path == path)?;
        matches!(entry.content, EntryContent::File { .. }).then_some(entry.mode)
    };
    assert_eq!(mode("usr/bin/hello"), Some(0o755));
    assert_eq!(mode("etc/hello.toml"), Some(0o644));
}

#[test]
fn each_architecture_is_named_in_the_lead() {
    for (triple, number) in [
        ("x86_64-unknown-linux-musl", 1),
        ("aarch64-unknown-linux-musl", 19),
    ] {
        let target = triple.parse().expect("a target");
        let (bytes, _) =
            write_for(target, &Rpm::default(), &package(), &small_tree(), 1).expect("valid");
        assert_eq!(bytes[8..10], [0, number]);
    }
    assert!(Rpm::default().supports(target()).is_ok());
}
