//! The layout, and what is special for Windows.

use super::*;
use crate::format::FORMATS;
use crate::format::testing::{
    content_of, file, full_tree, link, make, package, read, tree, write, write_for,
};
use crate::model::entry::EntryContent;
use crate::model::tree::{Kind, TreeFile};

const ALL: [&Registration; 4] = [
    &REGISTRATION,
    &tar_xz::REGISTRATION,
    &tar_zst::REGISTRATION,
    &zip::REGISTRATION,
];

fn windows() -> Target {
    "x86_64-pc-windows-gnullvm".parse().expect("a target")
}

fn for_windows(files: Vec<TreeFile>) -> Result<(Vec<u8>, Vec<Entry>), FormatError> {
    write_for(windows(), &Archive {}, &package(), &tree(files), 1)
}

#[test]
fn the_name_says_what_is_in_it() {
    let name = |target: &str| {
        let target = target.parse().expect("a target");
        Archive {}.file_name(&package(), target)
    };
    assert_eq!(
        name("x86_64-unknown-linux-musl"),
        "hello-1.2.3-x86_64-unknown-linux-musl.tar.gz"
    );
    assert_eq!(
        name("universal2-apple-darwin"),
        "hello-1.2.3-universal2-apple-darwin.tar.gz"
    );
    assert_eq!(
        name("x86_64-pc-windows-gnullvm"),
        "hello-1.2.3-x86_64-pc-windows-gnullvm.zip"
    );
}

#[test]
fn what_a_user_looks_for_is_at_the_top() {
    let (_, entries) = write(&Archive {}, &package(), &full_tree(), 1).expect("valid");
    let top = "hello-1.2.3-x86_64-unknown-linux-musl";
    let paths: Vec<_> = entries
        .iter()
        .map(|e| e.path.strip_prefix(top).expect("one folder"))
        .filter(|path| !path.contains("directory"))
        .collect();
    assert_eq!(
        paths,
        [
            "",
            "/CHANGELOG.md",
            "/LICENSE-APACHE",
            "/LICENSE-MIT",
            "/README.md",
            "/completions",
            "/completions/_hello",
            "/completions/hello.bash",
            "/completions/hello.fish",
            "/etc",
            "/etc/hello",
            "/etc/hello/config.toml",
            "/hello",
            "/hi",
            "/lib",
            "/lib/systemd",
            "/lib/systemd/system",
            "/lib/systemd/system/hello.service",
            "/man",
            "/man/man1",
            "/man/man1/hello.1",
            "/man/man1/hi.1",
            "/share",
            "/share/applications",
            "/share/applications/hello.desktop",
            "/share/hello",
            "/share/hello/big",
            "/share/hello/empty",
            "/share/hello/far",
            "/share/icons",
            "/share/icons/hicolor",
            "/share/icons/hicolor/scalable",
            "/share/icons/hicolor/scalable/apps",
            "/share/icons/hicolor/scalable/apps/hello.svg",
        ]
    );
}

#[test]
fn all_archives_have_the_same_entries() {
    let (_, expected) = write(&Archive {}, &package(), &full_tree(), 1).expect("valid");
    for registration in ALL {
        let (_, entries) = write(&*make(registration), &package(), &full_tree(), 1).expect("valid");
        assert_eq!(entries, expected, "{}", registration.name);
    }
    let names: Vec<_> = FORMATS.iter().map(|line| line.name).collect();
    assert!(ALL.iter().all(|line| names.contains(&line.name)));
}

#[test]
fn each_archive_starts_as_its_kind_of_file_does() {
    let start = |registration: &Registration| {
        let (bytes, _) = write(&*make(registration), &package(), &full_tree(), 1).expect("valid");
        bytes[..4].to_vec()
    };
    let starts = ALL.map(start);
    assert_eq!(&starts[0][..3], b"\x1f\x8b\x08");
    assert_eq!(starts[1], b"\xfd7zX");
    assert_eq!(starts[2], b"\x28\xb5\x2f\xfd");
    assert_eq!(starts[3], b"PK\x03\x04");
}

#[test]
fn users_of_windows_get_a_zip_with_copies_in_place_of_links() {
    let (bytes, entries) = for_windows(vec![
        file("usr/bin/hello.exe", Kind::Binary, "MZ"),
        link("usr/bin/hi.exe", Kind::Binary, "again"),
        link("usr/bin/again", Kind::Binary, "./hello.exe"),
    ])
    .expect("valid");
    let found = read(&REGISTRATION, "for-windows", &bytes).expect("just written");
    let read: Vec<_> = found.iter().map(|(entry, _)| entry.clone()).collect();
    assert_eq!(read, entries);
    let top = "hello-1.2.3-x86_64-pc-windows-gnullvm";
    assert_eq!(content_of(&found, &format!("{top}/hi.exe")), "MZ");
    let is_link = |entry: &Entry| matches!(entry.content, EntryContent::Symlink(_));
    assert!(!entries.iter().any(is_link));
    assert!(entries.iter().all(|entry| entry.mode == 0o755));
}

#[test]
fn a_link_without_a_file_that_could_be_copied_is_refused_for_windows() {
    for target in ["data", "../nothing", "../../../outside", "circle"] {
        let files = vec![
            file("usr/share/data/file", Kind::Data, "x"),
            link("usr/share/circle", Kind::Data, target),
        ];
        let error = for_windows(files).expect_err("no copy").to_string();
        let expected = "the link `/usr/share/circle` does not lead to a file of the package";
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_zip_is_not_written_twice_for_windows() {
    let zip = make(&zip::REGISTRATION);
    let error = zip.supports(windows()).expect_err("`archive` is one");
    assert_eq!(
        error.to_string(),
        "format `zip` cannot be made for `x86_64-pc-windows-gnullvm`: `archive` is a zip there"
    );
}
