//! Whole packages, written and read.

use std::sync::Arc;

use super::{Msi, REGISTRATION, Scope};
use crate::format::testing::{content_of, file, full_tree, package, read, tree, write_for};
use crate::format::{Format, FormatError};
use crate::model::entry::Entry;
use crate::model::package::Package;
use crate::model::target::Target;
use crate::model::tree::{Content, Kind, SourceFile, Tree, TreeFile};

fn windows() -> Target {
    "x86_64-pc-windows-gnullvm".parse().expect("a target")
}

fn bytes(msi: &Msi, package: &Package, tree: &Tree) -> Vec<u8> {
    let written = write_for(windows(), msi, package, tree, 1);
    written.expect("valid").0
}

fn written(msi: &Msi, tree: &Tree, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let bytes = bytes(msi, &package(), tree);
    read(&REGISTRATION, test, &bytes).expect("just written")
}

/// Whether the database has a text, which it has as it is.
fn has_text(msi: &[u8], text: &str) -> bool {
    msi.windows(text.len()).any(|part| part == text.as_bytes())
}

fn refusal(msi: &Msi, package: &Package, tree: &Tree) -> String {
    match write_for(windows(), msi, package, tree, 1) {
        Err(FormatError::Invalid(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_are_where_an_archive_has_them_without_those_of_other_systems() {
    let found = written(&Msi::default(), &full_tree(), "places");
    let paths: Vec<_> = found
        .iter()
        .map(|(entry, _)| entry.path.as_str())
        .filter(|path| !path.starts_with("share/hello/"))
        .collect();
    assert_eq!(
        paths,
        [
            "CHANGELOG.md",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "completions/_hello",
            "completions/hello.bash",
            "completions/hello.fish",
            "etc/hello/config.toml",
            "hello",
            "hi",
            "man/man1/hello.1",
            "man/man1/hi.1",
        ]
    );
    assert_eq!(content_of(&found, "hello"), content_of(&found, "hi"));
}

#[test]
fn the_database_says_what_the_list_of_programs_shows() {
    let msi = bytes(&Msi::default(), &package(), &full_tree());
    for text in [
        "x64;1033",
        "Jo Doe",
        "greets people",
        "https://example.org/hello",
        "1.2.3",
        "=-*PATH",
        "[~];[INSTALLDIR]",
        "NOT NEWERVERSION",
        "ProgramFiles64Folder",
    ] {
        assert!(has_text(&msi, text), "{text}");
    }
    let user = Msi {
        scope: Scope::PerUser,
        path: false,
        // The text of the license names somebody.
        license: false,
        publisher: "The Publisher".parse().ok(),
        ..Msi::default()
    };
    let msi = bytes(&user, &package(), &full_tree());
    assert!(has_text(&msi, "LocalAppDataFolder") && has_text(&msi, "The Publisher"));
    assert!(!has_text(&msi, "ALLUSERS") && !has_text(&msi, "PATH") && !has_text(&msi, "Jo Doe"));
    assert_eq!(
        user.file_name(&package(), windows()),
        "hello-1.2.3-x64-user.msi"
    );
}

#[test]
fn a_license_is_shown_unless_there_is_none_or_it_shall_not_be() {
    let with = |files: Vec<TreeFile>| tree(files);
    let program = || file("usr/bin/hello.exe", Kind::Binary, "MZ");
    let license = file(
        "usr/share/doc/hello/LICENSE",
        Kind::License,
        "Do {what} you like.\n",
    );
    let licensed = with(vec![program(), license]);
    let shown = bytes(&Msi::default(), &package(), &licensed);
    for text in [
        "WelcomeLicenseDlg",
        "Do \\{what\\} you like.",
        "FileInUseProcess",
        "ListBox",
    ] {
        assert!(has_text(&shown, text), "{text}");
    }
    let silent = Msi {
        license: false,
        ..Msi::default()
    };
    assert!(!has_text(
        &bytes(&silent, &package(), &licensed),
        "WelcomeLicenseDlg"
    ));
    let none = bytes(&Msi::default(), &package(), &with(vec![program()]));
    assert!(!has_text(&none, "WelcomeLicenseDlg"));
    written(&Msi::default(), &licensed, "license");
}

#[test]
fn a_desktop_entry_becomes_a_shortcut_with_its_icon() {
    let entry =
        "[Desktop Entry]\nName=Hello: World\nComment=Greets\nExec=hello --ask %F\nIcon=hello\n";
    let with = |entry: &str| {
        let mut files = vec![
            file("usr/bin/hello.exe", Kind::Binary, "MZ"),
            file("usr/share/applications/hello.desktop", Kind::Desktop, entry),
        ];
        let png = crate::program::pe::testing::png(64, 64);
        files.push(file(
            "usr/share/icons/hicolor/64x64/apps/hello.png",
            Kind::Icon,
            png,
        ));
        tree(files)
    };
    let msi = bytes(&Msi::default(), &package(), &with(entry));
    for text in [
        "Hello  World",
        "Greets",
        "--ask",
        "[#f0]",
        "Program.exe",
        "ARPPRODUCTICON",
    ] {
        assert!(has_text(&msi, text), "{text}");
    }
    let hidden = format!("{entry}NoDisplay=true\n");
    assert!(!has_text(
        &bytes(&Msi::default(), &package(), &with(&hidden)),
        "ProgramMenuFolder"
    ));
    let other = entry.replace("Exec=hello", "Exec=other");
    assert_eq!(
        refusal(&Msi::default(), &package(), &with(&other)),
        "the desktop entry `/usr/share/applications/hello.desktop` starts `other`, which is not a program of the package"
    );
}

#[test]
fn a_version_has_a_product_of_its_own_and_all_have_one_upgrade_code() {
    let codes = |version: &str, msi: &Msi| -> Vec<String> {
        let mut package = package();
        package.version = version.parse().expect("a version");
        let bytes = bytes(msi, &package, &full_tree());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let start = text.find("ProductCode{").expect("the texts are in order");
        let upgrade = super::Guid::of_package("hello").to_string();
        assert!(text.contains(&upgrade) || msi.upgrade_code.is_some());
        vec![text[start + 11..start + 49].to_owned()]
    };
    let msi = Msi::default();
    assert_eq!(codes("1.2.3", &msi), codes("1.2.3", &msi));
    assert_ne!(codes("1.2.3", &msi), codes("1.2.4", &msi));
    let given = Msi {
        upgrade_code: "6ba7b811-9dad-11d1-80b4-00c04fd430c8".parse().ok(),
        ..Msi::default()
    };
    assert_ne!(codes("1.2.3", &msi), codes("1.2.3", &given));
}

#[test]
fn a_version_that_the_installer_does_not_know_needs_another() {
    let mut beta = package();
    beta.version = "1.0.0-beta.1".parse().expect("a version");
    let error = Msi::default().check(&beta).expect_err("no such version");
    assert!(
        error.to_string().contains("`version` in `[msi]`"),
        "{error}"
    );
    let msi = Msi {
        version: "1.0.1".parse().ok(),
        ..Msi::default()
    };
    msi.check(&beta).expect("with a version of its own");
    assert!(has_text(&bytes(&msi, &beta, &full_tree()), "1.0.1"));
    assert_eq!(
        msi.file_name(&beta, windows()),
        "hello-1.0.0-beta.1-x64.msi"
    );
}

#[test]
fn letters_of_all_languages_are_kept() {
    let tree = tree(vec![
        file("usr/bin/hello.exe", Kind::Binary, "MZ"),
        file("usr/share/hello/Grüße 世界.txt", Kind::Data, "text"),
    ]);
    let found = written(&Msi::default(), &tree, "letters");
    assert_eq!(content_of(&found, "share/hello/Grüße 世界.txt"), "text");
}

#[test]
fn what_windows_cannot_hold_is_refused() {
    let with = |path: &str| {
        tree(vec![
            file(path, Kind::Data, "x"),
            file("usr/bin/hello.exe", Kind::Binary, "MZ"),
        ])
    };
    let refused = |path: &str| refusal(&Msi::default(), &package(), &with(path));
    assert!(refused("usr/share/con.txt").contains("a name is that of a device"));
    assert!(refused("usr/share/a\nb").contains("a name has a control character"));
    assert!(refused("usr/share/a\\b").contains("control character or `\\`"));
    let long = format!("usr/share/{}", "n".repeat(243));
    assert!(refused(&long).contains("a name has 243 characters; expected at most 242"));
    let two = tree(vec![
        file("usr/share/doc/hello/readme", Kind::Doc, "x"),
        file("usr/share/doc/hello/README", Kind::Doc, "x"),
    ]);
    assert!(refusal(&Msi::default(), &package(), &two).contains("are one file on "));
}

#[test]
fn what_the_tables_cannot_count_is_refused() {
    let many = (0..super::MAX_FILES + 1).map(|n| file(&format!("usr/share/f{n}"), Kind::Data, ""));
    let message = refusal(&Msi::default(), &package(), &tree(many.collect()));
    assert_eq!(
        message,
        "32768 files; a package for Windows Installer has at most 32767"
    );
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("large");
    let sparse = std::fs::File::create(&path).expect("writable");
    sparse.set_len(5 << 30).expect("sparse");
    let large = TreeFile {
        path: "usr/share/large".to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::File(Arc::new(SourceFile::new(path).expect("there"))),
    };
    assert_eq!(
        refusal(&Msi::default(), &package(), &tree(vec![large])),
        "`share/large` has 5368709120 bytes; a package for Windows Installer holds files of at most 2147450880"
    );
}

#[test]
fn texts_that_are_more_than_two_bytes_can_number_are_read() {
    let many = (0..17_000).map(|n| file(&format!("usr/share/hello/f{n}"), Kind::Data, ""));
    let found = written(&Msi::default(), &tree(many.collect()), "many");
    assert_eq!(found.len(), 17_000);
    assert_eq!(found[0].0.path, "share/hello/f0");
}

#[test]
fn large_contents_are_read() {
    let mut state = 1u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(5 << 20)
    .collect();
    for content in [noise, vec![0; 5 << 20]] {
        let tree = tree(vec![file("usr/bin/hello.exe", Kind::Binary, &content)]);
        let found = written(&Msi::default(), &tree, "large");
        assert!(found[0].1 == content);
    }
}
