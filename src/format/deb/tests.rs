//! Whole debs, written and read.

use std::fs::File;
use std::io::{Cursor, Read};
use std::sync::Arc;

use super::{Compression, Deb, REGISTRATION, Scripts};
use crate::container::compress::decode::gzip;
use crate::format::testing::{
    DATE, TempFile, content_of, file, full_tree, link, package, read, small_tree, target, tree,
    write,
};
use crate::format::{Format, FormatError};
use crate::model::entry::{Entry, EntryContent};
use crate::model::package::Context;
use crate::model::threads::Threads;
use crate::model::tree::{Content, Kind, SourceFile, Tree, TreeFile};

fn written(deb: &Deb, tree: &Tree, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(deb, &package(), tree, 1).expect("valid");
    read(&REGISTRATION, test, &bytes).expect("just written")
}

fn refusal(deb: &Deb, tree: &Tree) -> String {
    // Without the bytes, which would be unreadable in a failure message.
    let result = write(deb, &package(), tree, 1).map(|(_, entries)| entries);
    result.expect_err("not valid").to_string()
}

fn mode(found: &[(Entry, Vec<u8>)], path: &str) -> Option<u32> {
    let (entry, _) = found.iter().find(|(entry, _)| entry.path == path)?;
    Some(entry.mode)
}

#[test]
fn the_name_has_debians_version_and_architecture() {
    let mut package = package();
    package.version = "1.0.0-beta.1".parse().expect("a version");
    let name = Deb::default().file_name(&package, target());
    assert_eq!(name, "hello_1.0.0~beta.1-1_amd64.deb");
}

#[test]
fn files_are_where_debian_looks_for_them() {
    let found = written(&Deb::default(), &full_tree(), "places");
    let is_file = |entry: &Entry| entry.content != EntryContent::Directory;
    let paths: Vec<_> = found
        .iter()
        .filter(|(entry, _)| is_file(entry) && !entry.path.starts_with("usr/share/hello/"))
        .map(|(entry, _)| entry.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "DEBIAN/conffiles",
            "DEBIAN/control",
            "DEBIAN/md5sums",
            "DEBIAN/prerm",
            "etc/hello/config.toml",
            "usr/bin/hello",
            "usr/bin/hi",
            "usr/lib/systemd/system/hello.service",
            "usr/share/applications/hello.desktop",
            "usr/share/bash-completion/completions/hello",
            "usr/share/doc/hello/README.md",
            "usr/share/doc/hello/changelog.Debian.gz",
            "usr/share/doc/hello/changelog.gz",
            "usr/share/doc/hello/copyright",
            "usr/share/fish/vendor_completions.d/hello.fish",
            "usr/share/icons/hicolor/scalable/apps/hello.svg",
            "usr/share/lintian/overrides/hello",
            "usr/share/man/man1/hello.1.gz",
            "usr/share/man/man1/hi.1.gz",
            "usr/share/zsh/vendor-completions/_hello",
        ]
    );
}

#[test]
fn the_licenses_of_what_is_linked_are_no_text_of_the_package_s_own() {
    let all = "Copyright (c) 1999 Somebody Else\nApache License\nVersion 2.0\n\
               Permission is hereby granted, free of charge, to any person\n";
    let place = "usr/share/licenses/hello/THIRD-PARTY-LICENSES";
    let tree = tree(vec![
        file("usr/bin/hello", Kind::Binary, "x"),
        file(place, Kind::License, all),
    ]);
    let found = written(&Deb::default(), &tree, "third-party");
    let text = |path: &str| {
        let entry = found.iter().find(|(entry, _)| entry.path == path);
        entry.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
    };
    let own = text("usr/share/doc/hello/copyright").expect("installed");
    assert!(!own.contains("Somebody Else"), "{own}");
    assert!(own.contains("\n /usr/share/doc/hello/THIRD-PARTY-LICENSES\n"));
    let others = text("usr/share/doc/hello/THIRD-PARTY-LICENSES");
    assert_eq!(others.as_deref(), Some(all));
    let overrides = text("usr/share/lintian/overrides/hello").unwrap_or_default();
    assert!(!overrides.contains("extra-license-file"), "{overrides}");
}

#[test]
fn links_to_manual_pages_follow_the_compressed_page() {
    let found = written(&Deb::default(), &full_tree(), "links");
    let page = found
        .iter()
        .find(|(e, _)| e.path == "usr/share/man/man1/hi.1.gz");
    let target = EntryContent::Symlink("hello.1.gz".to_owned());
    assert_eq!(page.map(|(entry, _)| &entry.content), Some(&target));
}

#[test]
fn a_manual_page_without_a_description_gets_the_summary() {
    let page = ".TH hello 1\n.SH NAME\nhello\n.SH SYNOPSIS\nhello\n";
    let tree = tree(vec![
        file("usr/bin/hello", Kind::Binary, "x"),
        file("usr/share/man/man1/hello.1", Kind::Man, page),
    ]);
    let found = written(&Deb::default(), &tree, "whatis");
    let (_, bytes) = found
        .iter()
        .find(|(e, _)| e.path == "usr/share/man/man1/hello.1.gz")
        .expect("installed");
    let mut text = String::new();
    gzip(bytes.as_slice())
        .read_to_string(&mut text)
        .expect("compressed");
    let described = format!(".SH NAME\nhello \\- {}\n", package().summary);
    assert!(text.contains(&described), "{text}");
}

#[test]
fn a_link_out_of_its_top_folder_is_absolute() {
    let tree = tree(vec![
        file("usr/share/hello/default", Kind::Data, "1"),
        link("etc/hello", Kind::Data, "../usr/share/hello/default"),
    ]);
    let found = written(&Deb::default(), &tree, "absolute");
    let target = EntryContent::Symlink("/usr/share/hello/default".to_owned());
    assert!(
        found
            .iter()
            .any(|(e, _)| e.path == "etc/hello" && e.content == target)
    );
}

#[test]
fn configuration_files_are_listed_with_a_slash_and_sums_without() {
    let found = written(&Deb::default(), &small_tree(), "lists");
    assert_eq!(content_of(&found, "DEBIAN/conffiles"), "/etc/hello.toml\n");
    let sums = content_of(&found, "DEBIAN/md5sums");
    // Computed by md5sum.
    assert!(
        sums.starts_with("c0cc63a0b1205d9432cf0d89a91e1c5c  usr/bin/hello\n"),
        "{sums}"
    );
    assert!(!sums.contains("etc/hello.toml"));
}

#[test]
fn without_configuration_files_there_is_no_list_of_them() {
    let tree = tree(vec![file("usr/bin/hello", Kind::Binary, "x")]);
    let found = written(&Deb::default(), &tree, "no-list");
    assert_eq!(mode(&found, "DEBIAN/conffiles"), None);
}

#[test]
fn scripts_can_be_run() {
    let deb = Deb {
        scripts: Scripts {
            postinst: "#!/bin/sh\nset -e\n".parse().ok(),
            ..Scripts::default()
        },
        ..Deb::default()
    };
    let found = written(&deb, &small_tree(), "scripts");
    assert_eq!(mode(&found, "DEBIAN/postinst"), Some(0o755));
    assert_eq!(mode(&found, "DEBIAN/control"), Some(0o644));
    assert_eq!(content_of(&found, "DEBIAN/postinst"), "#!/bin/sh\nset -e\n");
}

#[test]
fn every_compression_holds_the_same() {
    let entries = |compression, test| {
        let deb = Deb {
            compression,
            ..Deb::default()
        };
        written(&deb, &full_tree(), test)
    };
    let xz = entries(Compression::Xz, "xz");
    assert!(xz == entries(Compression::Zstd, "zstd"));
    assert!(xz == entries(Compression::Gzip, "gzip"));
    assert!(xz == entries(Compression::None, "none"));
}

#[test]
fn a_file_that_differs_from_its_sum_is_found() {
    let deb = Deb {
        compression: Compression::None,
        ..Deb::default()
    };
    let (mut bytes, _) = write(&deb, &package(), &small_tree(), 1).expect("valid");
    let place = bytes
        .windows(4)
        .position(|w| w == b"\x7fELF")
        .expect("not compressed");
    bytes[place] = b'!';
    let error = read(&REGISTRATION, "sum", &bytes).expect_err("another content");
    assert!(matches!(error, FormatError::Malformed(_)));
    let text = error.to_string();
    assert!(
        text.starts_with("the deb's control.tar: md5sums has `c0cc63a0b1205d9432cf0d89a91e1c5c` for `usr/bin/hello`"),
        "{text}"
    );
}

#[test]
fn a_tree_with_files_in_the_control_folder_is_refused() {
    for path in ["DEBIAN/control", "DEBIAN"] {
        let tree = tree(vec![file(path, Kind::Data, "x")]);
        let error = refusal(&Deb::default(), &tree);
        assert_eq!(
            error,
            "a deb keeps its own files in `/DEBIAN/`, so a package can have nothing there"
        );
    }
}

/// Ten billion bytes take minutes to read, but no space if nothing is written.
#[test]
fn a_member_that_is_too_large_is_refused_before_it_is_read() {
    let sparse = TempFile::new("sparse", b"");
    let file = File::options()
        .write(true)
        .open(&sparse.0)
        .expect("just made");
    file.set_len(10_000_000_000)
        .expect("a file system with sparse files");
    let source = SourceFile::new(sparse.0.clone()).expect("a regular file");
    let tree = tree(vec![TreeFile {
        path: "usr/share/hello/sparse".to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::File(Arc::new(source)),
    }]);
    let deb = Deb {
        compression: Compression::None,
        ..Deb::default()
    };
    let context = Context {
        target: target(),
        tree: &tree,
        date: DATE,
        threads: &Threads::alone(),
    };
    let mut out = Cursor::new(Vec::new());
    let error = deb
        .write(&package(), &context, &mut out)
        .expect_err("too large");
    let text = error.to_string();
    assert!(matches!(error, FormatError::Invalid(_)));
    assert!(
        text.starts_with("the member `data.tar` would have 10000")
            && text.ends_with("more than 9999999999"),
        "{text}"
    );
    assert!(out.into_inner().is_empty());
}
