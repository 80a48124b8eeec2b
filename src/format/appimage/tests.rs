//! What is in an AppImage, and what is wrong with what cannot become one.

use super::*;
use crate::format::testing::{file, full_tree, link, package, read, runtime, target, tree, write};
use crate::model::entry::EntryContent;
use crate::model::threads::Threads;
use crate::model::tree::{Kind, Tree, TreeFile};

fn writer() -> Writer {
    Writer::new(
        &Tables::default(),
        &Resources {
            appimage_runtime: Some(runtime().into()),
            ..Resources::default()
        },
    )
}

fn with_runtime(runtime: Vec<u8>) -> Writer {
    Writer {
        table: AppImage::default(),
        runtime: Some(runtime.into()),
    }
}

/// The entries and their contents.
fn contents(tree: &Tree) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(&writer(), &package(), tree, 1).expect("valid");
    read(&REGISTRATION, "appimage-contents", &bytes).expect("just written")
}

fn content_of(found: &[(Entry, Vec<u8>)], path: &str) -> Option<Vec<u8>> {
    let at = |(entry, _): &&(Entry, Vec<u8>)| entry.path == path;
    found.iter().find(at).map(|(_, content)| content.clone())
}

fn error(writer: &Writer, tree: &Tree) -> String {
    let written = write(writer, &package(), tree, 1);
    written.expect_err("cannot be written").to_string()
}

#[test]
fn the_name_says_what_it_is_for() {
    let name = writer().file_name(&package(), target());
    assert_eq!(name, "hello-1.2.3-x86_64.AppImage");
}

#[test]
fn it_begins_with_the_runtime_and_the_magic_of_type_2() {
    let (bytes, _) = write(&writer(), &package(), &full_tree(), 1).expect("valid");
    let runtime = runtime();
    assert_eq!(bytes[..8], runtime[..8]);
    assert_eq!(bytes[8..11], *b"AI\x02");
    // All but the summary is as it was.
    let summary = 64 + 1024..64 + 1024 + 24;
    assert_ne!(bytes[summary.clone()], runtime[summary.clone()]);
    assert_eq!(bytes[11..summary.start], runtime[11..summary.start]);
    assert_eq!(bytes[summary.end..runtime.len()], runtime[summary.end..]);
    assert_eq!(bytes[runtime.len()..][..4], *b"hsqs");
}

#[test]
fn the_root_has_what_desktops_look_for_and_the_tree_is_below() {
    let found = contents(&full_tree());
    let start = found.iter().find(|(entry, _)| entry.path == "AppRun");
    let target = EntryContent::Symlink("usr/bin/hello".to_owned());
    assert_eq!(start.expect("something to start").0.content, target);
    let desktop = content_of(&found, "hello.desktop");
    assert_eq!(desktop.as_deref(), Some(&b"[Desktop Entry]\n"[..]));
    for path in [
        "hello.svg",
        ".DirIcon",
        "usr/share/icons/hicolor/scalable/apps/hello.svg",
    ] {
        assert_eq!(
            content_of(&found, path).as_deref(),
            Some(&b"<svg/>"[..]),
            "{path}"
        );
    }
    for file in full_tree().files() {
        assert!(
            found.iter().any(|(entry, _)| entry.path == file.path),
            "{}",
            file.path
        );
    }
}

#[test]
fn desktop_entry_and_icon_are_made_where_there_are_none() {
    let found = contents(&tree(vec![file("usr/bin/hello", Kind::Binary, "program")]));
    let desktop = content_of(&found, "hello.desktop").expect("made");
    assert!(String::from_utf8_lossy(&desktop).contains("\nExec=hello\n"));
    let installed = content_of(&found, "usr/share/applications/hello.desktop");
    assert_eq!(installed, Some(desktop));
    let icon = content_of(&found, "hello.svg").expect("made");
    assert!(icon.starts_with(b"<svg"));
    assert_eq!(content_of(&found, ".DirIcon"), Some(icon));
}

#[test]
fn the_icon_has_the_name_that_the_desktop_entry_asks_for() {
    let found = contents(&tree(vec![
        file("usr/bin/hello", Kind::Binary, "program"),
        file(
            "usr/share/applications/hello.desktop",
            Kind::Desktop,
            "[Desktop Entry]\nIcon=org.example.Hello\n",
        ),
        file("usr/share/pixmaps/hello.png", Kind::Icon, "\x7fPNG"),
    ]));
    let icon = content_of(&found, "org.example.Hello.png");
    assert_eq!(icon.as_deref(), Some(&b"\x7fPNG"[..]));
    assert_eq!(content_of(&found, ".DirIcon"), icon);
}

#[test]
fn what_the_tree_has_at_the_root_stays() {
    let found = contents(&tree(vec![
        file("AppRun", Kind::Binary, "#!/bin/sh\n"),
        file("usr/bin/hello", Kind::Binary, "program"),
    ]));
    assert_eq!(
        content_of(&found, "AppRun").as_deref(),
        Some(&b"#!/bin/sh\n"[..])
    );
}

#[test]
fn a_tree_with_nothing_to_start_is_refused() {
    let nothing = tree(vec![link("usr/bin/hello", Kind::Binary, "other")]);
    assert_eq!(
        error(&writer(), &nothing),
        "an AppImage needs a program to start, but the tree has 0 and none is called `hello`"
    );
}

#[test]
fn update_information_is_in_its_section() {
    let mut writer = writer();
    let text = "zsync|https://example.org/hello.AppImage.zsync";
    let information = text.parse::<UpdateInformation>().expect("valid");
    writer.table.update_information = Some(information);
    let (bytes, _) = write(&writer, &package(), &full_tree(), 1).expect("valid");
    let layout = crate::program::elf::Layout::read(&bytes).expect("valid");
    let (offset, size) = layout.sections_named(".upd_info")[0];
    let section = &bytes[offset..][..size];
    assert_eq!(section.len(), 1024);
    assert_eq!(
        section
            .strip_prefix(text.as_bytes())
            .map(|rest| rest.iter().all(|b| *b == 0)),
        Some(true)
    );
}

#[test]
fn runtimes_that_cannot_work_are_refused() {
    let tree = full_tree();
    let mut longer = runtime();
    longer.push(0);
    let problem = error(&with_runtime(longer), &tree);
    assert!(problem.contains("by its section table, found"), "{problem}");

    let mut foreign = runtime();
    foreign[18] = 183;
    let problem = error(&with_runtime(foreign), &tree);
    assert!(
        problem.contains("expected a program for machine 62, found 183"),
        "{problem}"
    );

    let problem = error(&with_runtime(b"#!/bin/sh\n".to_vec()), &tree);
    assert!(problem.contains("not an ELF file"), "{problem}");
}

#[test]
fn without_a_runtime_it_can_be_planned_and_not_written() {
    let writer = Writer {
        table: AppImage::default(),
        runtime: None,
    };
    assert!(writer.supports(target()).is_ok());
    let written = write(&writer, &package(), &full_tree(), 1);
    let error = written.expect_err("there is no runtime").to_string();
    let expected =
        "this sealift has no AppImage runtime for `x86_64-unknown-linux-musl`; give one with";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn both_compressions_hold_the_same() {
    let written = [Compression::Gzip, Compression::Zstd].map(|compression| {
        let mut writer = writer();
        writer.table.compression = compression;
        write(&writer, &package(), &full_tree(), 2)
            .expect("valid")
            .1
    });
    assert_eq!(written[0], written[1]);
}

#[test]
fn a_date_after_2106_is_refused() {
    let context = Context {
        target: target(),
        tree: &full_tree(),
        date: i64::from(u32::MAX) + 1,
        threads: &Threads::alone(),
    };
    let mut out = std::io::Cursor::new(Vec::new());
    let error = writer().write(&package(), &context, &mut out);
    let error = error
        .expect_err("squashfs has 32 bits for times")
        .to_string();
    assert_eq!(
        error,
        "squashfs cannot hold the date 4294967296, after 2106"
    );
}

#[test]
fn the_end_of_the_file_is_the_end_of_the_image() {
    let (mut bytes, _) = write(&writer(), &package(), &full_tree(), 1).expect("valid");
    bytes.push(0);
    let error = read(&REGISTRATION, "appimage-end", &bytes).expect_err("one byte too many");
    assert!(
        error.to_string().contains("expected the file to end"),
        "{error}"
    );
}

#[test]
fn something_to_start_that_cannot_be_started_is_refused() {
    let refusal = |own: TreeFile| {
        let program = file("usr/bin/hello", Kind::Binary, "#!/bin/sh\n");
        write(&writer(), &package(), &tree(vec![own, program]), 1).map(drop)
    };
    for (own, what) in [
        (
            file("AppRun", Kind::Data, "#!/bin/sh\n"),
            "is not executable",
        ),
        (
            file("AppRun", Kind::Binary, "text"),
            "is neither a program nor a script",
        ),
        (
            link("AppRun", Kind::Binary, "usr/bin/none"),
            "is a link to nothing in the tree",
        ),
    ] {
        let error = refusal(own).expect_err(what).to_string();
        assert!(error.contains(what), "{error}");
    }
    refusal(link("AppRun", Kind::Binary, "usr/bin/hello")).expect("can be started");
}

#[test]
fn every_changed_bit_is_found_but_for_what_tools_may_write() {
    let (bytes, _) = write(&writer(), &package(), &full_tree(), 1).expect("valid");
    let update_information = 64..64 + 1024;
    let mut refused = 0;
    for number in 0..600 {
        let place = bytes.len() * number / 600;
        if update_information.contains(&place) {
            continue;
        }
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (number % 8);
        let found = read(&REGISTRATION, "appimage-bits", &changed);
        assert!(found.is_err(), "bit {} of byte {place}", number % 8);
        refused += 1;
    }
    assert!(refused > 590, "{refused}");
}

#[test]
fn a_runtime_that_verifies_nothing_is_followed_by_the_image_alone() {
    let mut runtime = runtime();
    let name = runtime
        .windows(12)
        .position(|name| name == b".image_sums\0");
    runtime[name.expect("the section has a name") + 1] = b'_';
    let size = runtime.len();
    let (bytes, _) = write(&with_runtime(runtime), &package(), &full_tree(), 1).expect("valid");
    assert_eq!((bytes.len() - size) % 4096, 0);
    read(&REGISTRATION, "appimage-plain", &bytes).expect("just written");
}
