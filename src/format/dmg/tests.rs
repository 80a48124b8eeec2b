//! Whole disk images, written and read.

use sha2::{Digest, Sha256};

use super::icns::tests::png;
use super::{Dmg, PicturePath, REGISTRATION};
use crate::format::testing::{
    TempFile, content_of, file, full_tree, link, package, read, tree, write, write_for,
};
use crate::format::{Format, FormatError};
use crate::model::entry::{Entry, EntryContent};
use crate::model::target::Target;
use crate::model::tree::{Kind, Tree, TreeFile};
use crate::program::macho::testing::{ARM64, Shape, X86_64};
use crate::program::macho::{code_hashes, merge, sign, slices};

const ENTRY: &str = "[Desktop Entry]\nType=Application\nName=Hello & Co\nExec=hello %U\nIcon=hello\n\
    Categories=Graphics;Utility;\n";

fn application_files(program: &[u8]) -> Vec<TreeFile> {
    vec![
        file("usr/bin/hello", Kind::Binary, program),
        file(
            "usr/bin/helper",
            Kind::Binary,
            Shape::program(ARM64).bytes(),
        ),
        file("usr/bin/script", Kind::Binary, "#!/bin/sh\n"),
        link("usr/bin/hi", Kind::Binary, "hello"),
        file(
            "usr/share/applications/org.example.Hello.desktop",
            Kind::Desktop,
            ENTRY,
        ),
        file("usr/share/hello/caf\u{e9}", Kind::Data, "au lait"),
        link("usr/share/hello/tool", Kind::Data, "../../bin/helper"),
        file(
            "usr/share/icons/hicolor/128x128/apps/hello.png",
            Kind::Icon,
            png(128, 128),
        ),
        file(
            "usr/share/licenses/hello/LICENSE",
            Kind::License,
            "do as you like",
        ),
    ]
}

fn application(program: &[u8]) -> Tree {
    tree(application_files(program))
}

fn written(tree: &Tree, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(&Dmg::default(), &package(), tree, 2).expect("valid");
    read(&REGISTRATION, test, &bytes).expect("just written")
}

fn refusal(tree: &Tree) -> String {
    let error = write(&Dmg::default(), &package(), tree, 1).expect_err("no disk image can hold it");
    assert!(matches!(error, FormatError::Invalid(_)), "{error:?}");
    error.to_string()
}

fn bytes_of<'a>(found: &'a [(Entry, Vec<u8>)], path: &str) -> &'a [u8] {
    let entry = found.iter().find(|(entry, _)| entry.path == path);
    &entry.unwrap_or_else(|| panic!("no `{path}`")).1
}

#[test]
fn a_program_of_the_command_line_is_there_as_in_an_archive() {
    let found = written(&full_tree(), "command-line");
    let top: Vec<_> = found
        .iter()
        .map(|(entry, _)| entry.path.as_str())
        .filter(|path| !path.contains('/'))
        .collect();
    assert_eq!(
        top,
        [
            "CHANGELOG.md",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "completions",
            "etc",
            "hello",
            "hi",
            "lib",
            "man",
            "share"
        ]
    );
}

#[test]
fn an_application_is_beside_a_link_to_the_folder_of_applications() {
    let found = written(&application(&Shape::program(X86_64).bytes()), "application");
    let paths: Vec<_> = found.iter().map(|(entry, _)| entry.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            ".VolumeIcon.icns",
            "Applications",
            "Hello & Co.app",
            "Hello & Co.app/Contents",
            "Hello & Co.app/Contents/Info.plist",
            "Hello & Co.app/Contents/MacOS",
            "Hello & Co.app/Contents/MacOS/hello",
            "Hello & Co.app/Contents/MacOS/helper",
            "Hello & Co.app/Contents/MacOS/hi",
            "Hello & Co.app/Contents/Resources",
            "Hello & Co.app/Contents/Resources/bin",
            "Hello & Co.app/Contents/Resources/bin/script",
            "Hello & Co.app/Contents/Resources/hello.icns",
            "Hello & Co.app/Contents/Resources/share",
            "Hello & Co.app/Contents/Resources/share/hello",
            "Hello & Co.app/Contents/Resources/share/hello/cafe\u{301}",
            "Hello & Co.app/Contents/Resources/share/hello/tool",
            "Hello & Co.app/Contents/Resources/share/licenses",
            "Hello & Co.app/Contents/Resources/share/licenses/hello",
            "Hello & Co.app/Contents/Resources/share/licenses/hello/LICENSE",
            "Hello & Co.app/Contents/_CodeSignature",
            "Hello & Co.app/Contents/_CodeSignature/CodeResources",
        ]
    );
    let target = |path: &str| {
        let entry = found.iter().find(|(entry, _)| entry.path == path);
        entry.expect("it is there").0.content.clone()
    };
    let leads_to = |path: &str| EntryContent::Symlink(path.to_owned());
    assert_eq!(target("Applications"), leads_to("/Applications"));
    let tool = "Hello & Co.app/Contents/Resources/share/hello/tool";
    assert_eq!(target(tool), leads_to("../../../MacOS/helper"));
}

#[test]
fn the_description_says_what_the_desktop_entry_does() {
    let found = written(&application(&Shape::program(ARM64).bytes()), "description");
    let info = content_of(&found, "Hello & Co.app/Contents/Info.plist");
    for (key, value) in [
        ("CFBundleExecutable", "hello"),
        ("CFBundleIconFile", "hello.icns"),
        ("CFBundleIdentifier", "org.example.Hello"),
        ("CFBundleName", "Hello &amp; Co"),
        ("CFBundlePackageType", "APPL"),
        ("CFBundleShortVersionString", "1.2.3"),
        (
            "LSApplicationCategoryType",
            "public.app-category.graphics-design",
        ),
    ] {
        let expected = format!("\t<key>{key}</key>\n\t<string>{value}</string>\n");
        assert!(info.contains(&expected), "{key}: {info}");
    }
}

/// The hashes before those of the pages: of CodeResources, the requirements and Info.plist.
fn special_hashes(program: &[u8]) -> Vec<Vec<u8>> {
    let directory = program
        .windows(4)
        .rposition(|w| w == [0xfa, 0xde, 0x0c, 0x02]);
    let directory = &program[directory.expect("a code directory")..];
    let number = |at: usize| {
        u32::from_be_bytes(directory[at..at + 4].try_into().expect("four bytes")) as usize
    };
    let (hashes, count) = (number(16), number(24));
    let special = &directory[hashes - 32 * count..hashes];
    special.chunks(32).map(<[u8]>::to_vec).collect()
}

#[test]
fn the_signature_covers_the_description_and_the_seal_for_each_machine() {
    let both = merge(&[
        Shape::program(X86_64).bytes(),
        Shape::program(ARM64).bytes(),
    ]);
    let both = both.expect("two programs");
    let universal = "universal2-apple-darwin"
        .parse::<Target>()
        .expect("a target");
    let tree = application(&both);
    let (bytes, _) = write_for(universal, &Dmg::default(), &package(), &tree, 1).expect("valid");
    let found = read(&REGISTRATION, "signature", &bytes).expect("just written");
    let below = |path: &str| bytes_of(&found, &format!("Hello & Co.app/Contents/{path}"));
    let (info, seal) = (below("Info.plist"), below("_CodeSignature/CodeResources"));
    let program = below("MacOS/hello");
    for slice in slices(program).expect("valid") {
        let hashes = special_hashes(&program[slice]);
        let expected = [
            Sha256::digest(seal),
            Sha256::digest([0xfa, 0xde, 0x0c, 0x01, 0, 0, 0, 12, 0, 0, 0, 0]),
            Sha256::digest(info),
        ];
        assert_eq!(hashes, expected.map(|hash| hash.to_vec()));
    }
    assert_eq!(code_hashes(program).expect("signed").len(), 2);
}

#[test]
fn programs_inside_are_signed_and_named_by_their_hashes() {
    let found = written(&application(&Shape::program(ARM64).bytes()), "inside");
    let helper = bytes_of(&found, "Hello & Co.app/Contents/MacOS/helper");
    let expected = sign(Shape::program(ARM64).bytes(), "helper").expect("signed");
    assert!(helper == expected);
    let hash = code_hashes(helper).expect("signed")[0];
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let seal = content_of(
        &found,
        "Hello & Co.app/Contents/_CodeSignature/CodeResources",
    );
    assert!(
        seal.contains(&format!("<string>cdhash H\"{hex}\"</string>")),
        "{seal}"
    );
    assert!(!seal.contains("<key>MacOS/hello</key>"), "{seal}");
    assert!(seal.contains("<key>MacOS/hi</key>"), "{seal}");
}

#[test]
fn a_program_of_the_terminal_is_no_application() {
    let mut files = application_files(&Shape::program(ARM64).bytes());
    files[4] = file(
        "usr/share/applications/hello.desktop",
        Kind::Desktop,
        format!("{ENTRY}Terminal=true\n"),
    );
    let found = written(&tree(files), "terminal");
    assert!(found.iter().all(|(entry, _)| !entry.path.contains(".app")));
    assert!(
        found
            .iter()
            .any(|(entry, _)| entry.path == ".VolumeIcon.icns")
    );
}

#[test]
fn an_application_that_cannot_be_sealed_is_refused() {
    assert_eq!(
        refusal(&application(b"#!/bin/sh\n")),
        "the application's program `/usr/bin/hello` is no Mach-O program, so that its folder cannot be signed"
    );
    let mut files = application_files(&Shape::program(ARM64).bytes());
    files[4] = file(
        "usr/share/applications/x.desktop",
        Kind::Desktop,
        ENTRY.replace("Hello &", "A/B"),
    );
    assert_eq!(
        refusal(&tree(files)),
        "the desktop entry `/usr/share/applications/x.desktop` has the name `A/B Co`, which no application of macOS can have"
    );
}

#[test]
fn a_volume_with_an_impossible_name_is_refused_while_planning() {
    let dmg = Dmg {
        volume_name: "a:b".parse().ok(),
        ..Dmg::default()
    };
    let error = dmg.check(&package()).expect_err("no such volume");
    assert_eq!(
        error.to_string(),
        "a volume cannot be called `a:b`: it has the character `:`"
    );
    assert!(Dmg::default().check(&package()).is_ok());
}

#[test]
fn names_and_pictures_that_macos_cannot_hold_are_refused() {
    let with = |more| {
        let mut files = application_files(&Shape::program(ARM64).bytes());
        files.push(more);
        refusal(&tree(files))
    };
    let capitals = with(file("usr/share/hello/CAF\u{c9}", Kind::Data, ""));
    assert!(capitals.starts_with("HFS+ cannot tell "), "{capitals}");
    let picture = with(file("usr/share/icons/hello.png", Kind::Icon, "GIF89a"));
    assert!(picture.contains("is no PNG picture"), "{picture}");
}

/// A picture, and the format with it as the background.
fn with_background(test: &str, picture: &[u8]) -> (TempFile, Dmg) {
    let file = TempFile::new(test, picture);
    let dmg = Dmg {
        background: Some(PicturePath(file.0.clone())),
        ..Dmg::default()
    };
    (file, dmg)
}

#[test]
fn a_background_has_a_window_of_its_size_with_icons_on_it() {
    let (_file, dmg) = with_background("window.png", &png(600, 400));
    let tree = application(&Shape::program(ARM64).bytes());
    let (bytes, _) = write(&dmg, &package(), &tree, 1).expect("valid");
    let found = read(&REGISTRATION, "window", &bytes).expect("just written");
    assert!(bytes_of(&found, ".background.png") == png(600, 400));
    let window = bytes_of(&found, ".DS_Store");
    let has = |part: &[u8]| window.windows(part.len()).any(|found| found == part);
    assert_eq!(window.len(), 8196);
    assert!(window.starts_with(b"\0\0\0\x01Bud1"));
    // The title is a part of the window.
    assert!(has(b"{{200, 120}, {600, 428}}"));
    assert!(has(
        b"Ilocblob\0\0\0\x10\0\0\0\x96\0\0\0\xc8\xff\xff\xff\xff"
    ));
    assert!(has(
        b"Ilocblob\0\0\0\x10\0\0\x01\xc2\0\0\0\xc8\xff\xff\xff\xff"
    ));
    assert!(has(b"hello 1.2.3:.background.png"));
}

#[test]
fn a_background_that_is_no_picture_is_refused() {
    let (file, dmg) = with_background("no-picture.png", b"GIF89a");
    let tree = application(&Shape::program(ARM64).bytes());
    let error = write(&dmg, &package(), &tree, 1).expect_err("no picture");
    let path = file.0.display();
    assert_eq!(
        error.to_string(),
        format!("the background `{path}` is something else; expected a PNG picture")
    );
}
