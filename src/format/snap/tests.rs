use super::*;
use crate::format::testing::{file, full_tree, link, package, tree, write_for};
use crate::model::entry::EntryContent;
use crate::model::tree::{Kind, Tree};

/// The entries of a snap for x86_64, and its `snap.yaml`.
fn written(
    snap: &Snap,
    package: &Package,
    tree: &Tree,
) -> Result<(Vec<Entry>, String), FormatError> {
    let target = "x86_64-unknown-linux-musl".parse().expect("a target");
    let (bytes, entries) = write_for(target, snap, package, tree, 1)?;
    let found = crate::format::testing::read(&REGISTRATION, "snap", &bytes).expect("just written");
    let yaml = found
        .into_iter()
        .find(|(entry, _)| entry.path == "meta/snap.yaml");
    let (_, yaml) = yaml.expect("each snap has one");
    Ok((entries, String::from_utf8(yaml).expect("UTF-8")))
}

fn error(snap: &Snap, tree: Vec<crate::model::tree::TreeFile>) -> String {
    let result = written(snap, &package(), &Tree::new(tree).expect("no clash"));
    result.map(drop).expect_err("refused").to_string()
}

fn parsed(table: &str) -> Snap {
    toml::from_str(table).expect("a valid table")
}

fn program() -> crate::model::tree::TreeFile {
    file("usr/bin/hello", Kind::Binary, "\x7fELF")
}

#[test]
fn a_snap_has_the_files_that_its_users_see_and_a_description() {
    let (entries, yaml) = written(&Snap::default(), &package(), &full_tree()).expect("valid");
    let files = entries
        .iter()
        .filter(|entry| entry.content != EntryContent::Directory);
    let paths: Vec<_> = files
        .map(|entry| entry.path.as_str())
        .filter(|path| !path.contains("directory"))
        .collect();
    assert_eq!(
        paths,
        [
            "bin/hello",
            "bin/hi",
            "etc/hello/config.toml",
            "meta/gui/hello.desktop",
            "meta/gui/icon.svg",
            "meta/snap.yaml",
            "share/doc/hello/LICENSE-APACHE",
            "share/doc/hello/LICENSE-MIT",
            "share/hello/big",
            "share/hello/empty",
            "share/hello/far",
        ]
    );
    let expected = r#"name: hello
version: "1.2.3"
summary: "greets people"
description: "A program that greets people.\n\nIt does nothing else."
license: "MIT OR Apache-2.0"
architectures: [amd64]
base: bare
confinement: strict
grade: stable
apps:
  "hello":
    command: "bin/hello"
"#;
    assert_eq!(yaml, expected);
}

#[test]
fn keys_change_what_is_described() {
    let snap = parsed(
        "name = 'greeter'\nconfinement = 'classic'\nplugs = ['home', 'network']\n[apps.other]\nplugs = []\n\
         [hooks]\nconfigure = '''#!/bin/sh\ntrue\n'''\n",
    );
    let tree = tree(vec![
        program(),
        file("usr/bin/other", Kind::Binary, "\x7fELF"),
        link("usr/bin/hi", Kind::Binary, "hello"),
        file(
            "usr/share/bash-completion/completions/hello",
            Kind::Completion,
            "complete",
        ),
        file(
            "usr/lib/systemd/system/greeter.service",
            Kind::SystemdUnit,
            "[Unit]\nAfter=x\n[Service]\nType=notify\nExecStart=/usr/bin/hello serve\nRestart=on-failure\n[Install]\n",
        ),
    ]);
    let mut package = package();
    package.version = "1.3.0-rc.1".parse().expect("a version");
    let (entries, yaml) = written(&snap, &package, &tree).expect("valid");
    let hook = entries
        .iter()
        .find(|entry| entry.path == "meta/hooks/configure");
    assert_eq!(hook.map(|entry| entry.mode), Some(0o755));
    let (_, from_base) = yaml.split_once("base: ").expect("a base");
    let expected = r#"core24
confinement: classic
grade: devel
apps:
  "daemon":
    command: "bin/hello serve"
    daemon: notify
    restart-condition: on-failure
    plugs: ["home", "network"]
  "greeter":
    command: "bin/hello"
    completer: "share/bash-completion/completions/hello"
    plugs: ["home", "network"]
  "other":
    command: "bin/other"
"#;
    assert_eq!(from_base, expected);
}

#[test]
fn a_desktop_entry_starts_the_snap_s_commands() {
    let entry = "[Desktop Entry]\nType=Application\nName=Hello\nTryExec=hello\nExec=/usr/bin/hello --new %U\nIcon=hello\n\
                 Actions=o;\n[Desktop Action o]\nName=O\nExec=other\n";
    let tree = tree(vec![
        program(),
        file("usr/bin/other", Kind::Binary, "\x7fELF"),
        file("usr/share/applications/hello.desktop", Kind::Desktop, entry),
        file(
            "usr/share/icons/hicolor/256x256/apps/hello.png",
            Kind::Icon,
            "picture",
        ),
    ]);
    let snap = Snap::default();
    let target = "x86_64-unknown-linux-musl".parse().expect("a target");
    let (bytes, _) = write_for(target, &snap, &package(), &tree, 1).expect("valid");
    let found = crate::format::testing::read(&REGISTRATION, "gui", &bytes).expect("just written");
    let content = |path: &str| {
        let (_, content) = found
            .iter()
            .find(|(entry, _)| entry.path == path)
            .expect(path);
        String::from_utf8_lossy(content).into_owned()
    };
    assert_eq!(content("meta/gui/icon.png"), "picture");
    assert_eq!(
        content("meta/gui/hello.desktop"),
        "[Desktop Entry]\nType=Application\nName=Hello\nExec=hello --new %U\nIcon=${SNAP}/meta/gui/icon.png\n\
         Actions=o;\n[Desktop Action o]\nName=O\nExec=hello.other\n"
    );
}

#[test]
fn what_snapd_would_refuse_is_refused() {
    let plain = Snap::default();
    let unit = |text: &str| file("usr/lib/systemd/system/x.service", Kind::SystemdUnit, text);
    let cases = [
        (
            error(
                &plain,
                vec![program(), unit("[Service]\nExecStart=/usr/bin/hello %i\n")],
            ),
            "the unit `/lib/systemd/system/x.service` starts `/usr/bin/hello %i`, which is no plain command line",
        ),
        (
            error(
                &plain,
                vec![program(), unit("[Service]\nExecStart=/usr/bin/world\n")],
            ),
            "the snap's app `x` starts `bin/world`, which is no program of the snap",
        ),
        (
            error(
                &plain,
                vec![program(), unit("[Service]\nExecStart=/usr/bin/hello (x)\n")],
            ),
            "the snap's app `x` has `(` in its command",
        ),
        (
            error(&parsed("[apps.world]\nplugs = ['home']\n"), vec![program()]),
            "[snap.apps] has `world`, which no program or service of the package is called; there are `hello`",
        ),
        (
            error(&plain, vec![program(), file("usr/meta/x", Kind::Data, "")]),
            "a snap has its description in `/meta`, where the file `/meta/x` would be, too",
        ),
        (
            error(
                &plain,
                vec![
                    program(),
                    file(
                        "usr/share/applications/x.desktop",
                        Kind::Desktop,
                        "[Desktop Entry]\nExec=world\n",
                    ),
                ],
            ),
            "the desktop entry `/usr/share/applications/x.desktop` starts `world`, which is no program of the snap",
        ),
    ];
    for (found, expected) in cases {
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn metadata_that_no_snap_can_have_is_refused_while_planning() {
    let check = |change: &dyn Fn(&mut Package)| {
        let mut package = package();
        change(&mut package);
        Snap::default()
            .check(&package)
            .map(|()| String::new())
            .unwrap_or_else(|error| error.to_string())
    };
    assert_eq!(check(&|_| {}), "");
    let named = check(&|package| package.name = "g++".parse().expect("a name"));
    assert!(
        named.starts_with("snap name `g++` is not valid; expected 2 to 40 lower-case letters"),
        "{named}"
    );
    assert!(
        named.ends_with("give another with `name` below [snap]"),
        "{named}"
    );
    let long = check(&|package| {
        package.version = format!("1.2.3-{}", "x".repeat(30))
            .parse()
            .expect("a version")
    });
    assert!(
        long.starts_with("a snap's version has at most 32 characters"),
        "{long}"
    );
}

#[test]
fn a_long_summary_is_shortened_and_stands_in_the_description() {
    let mut package = package();
    let summary = "greets everybody who asks, in the language of the one who asks, in any terminal";
    package.summary = summary.parse().expect("a line");
    let (_, yaml) = written(&Snap::default(), &package, &tree(vec![program()])).expect("valid");
    let shown = yaml.lines().find(|line| line.starts_with("summary: "));
    assert_eq!(
        shown,
        Some(
            r#"summary: "greets everybody who asks, in the language of the one who asks, in any…""#
        )
    );
    assert!(yaml.contains(summary), "{yaml}");
}

#[test]
fn the_sum_at_the_end_finds_every_changed_byte() {
    let target = "x86_64-unknown-linux-musl".parse().expect("a target");
    let (good, _) = write_for(
        target,
        &Snap::default(),
        &package(),
        &tree(vec![program()]),
        1,
    )
    .expect("valid");
    assert_eq!(good.len(), 16384);
    for place in (0..good.len() - 48).step_by(131) {
        let mut bad = good.clone();
        bad[place] ^= 1;
        let error = crate::format::testing::read(&REGISTRATION, "bad", &bad)
            .map(drop)
            .expect_err("changed");
        assert!(
            matches!(error, FormatError::Malformed(_)),
            "{place}: {error}"
        );
    }
}
