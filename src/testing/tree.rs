//! A package with files of every kind.

use std::sync::Arc;

use crate::model::package::Package;
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// The date of all test packages: 2026-01-02 03:04:05 UTC.
pub(crate) const DATE: i64 = 1_767_323_045;

/// A file with the usual mode of its kind.
pub(crate) fn file(path: &str, kind: Kind, content: impl AsRef<[u8]>) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: if kind == Kind::Binary { 0o755 } else { 0o644 },
        kind,
        content: Content::Bytes(Arc::from(content.as_ref())),
    }
}

/// A symbolic link.
pub(crate) fn link(path: &str, kind: Kind, target: &str) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o777,
        kind,
        content: Content::Symlink(target.to_owned()),
    }
}

/// A tree of files that do not conflict.
pub(crate) fn tree(files: Vec<TreeFile>) -> Tree {
    Tree::new(files).expect("each path once")
}

/// A package called `hello`.
pub(crate) fn package() -> Package {
    Package {
        name: "hello".parse().expect("a valid name"),
        version: semver::Version::new(1, 2, 3),
        summary: "greets people".parse().expect("a valid summary"),
        description: "A program that greets people.\n\nIt does nothing else."
            .parse()
            .expect("valid"),
        license: "MIT OR Apache-2.0".parse().expect("a valid license"),
        maintainer: "Jo Doe <jo@example.org>".parse().expect("a person"),
        homepage: "https://example.org/hello".parse().ok(),
        repository: "https://example.org/hello.git".parse().ok(),
        commit: "0123456789abcdef0123456789abcdef01234567".parse().ok(),
        systemd: crate::model::systemd::Systemd::default(),
    }
}

/// One file of every kind, a link, a path that is too long for a tar header, and content of several gzip members.
pub(crate) fn full_tree() -> Tree {
    let long = format!(
        "usr/share/hello/{}{}",
        "directory/".repeat(12),
        "name".repeat(12)
    );
    let big: Vec<u8> = (0..700_000u32)
        .flat_map(|n| (n / 3).to_le_bytes())
        .collect();
    tree(vec![
        file(
            "etc/hello/config.toml",
            Kind::Config,
            "greeting = \"hello\"\n",
        ),
        file("usr/bin/hello", Kind::Binary, "\x7fELF is not what this is"),
        link("usr/bin/hi", Kind::Binary, "hello"),
        file(
            "usr/lib/systemd/system/hello.service",
            Kind::SystemdUnit,
            "[Service]\n",
        ),
        file(
            "usr/share/applications/hello.desktop",
            Kind::Desktop,
            "[Desktop Entry]\n",
        ),
        file(
            "usr/share/bash-completion/completions/hello",
            Kind::Completion,
            "complete hello\n",
        ),
        file(
            "usr/share/doc/hello/CHANGELOG.md",
            Kind::Changelog,
            "# Changes\n\n## 1.2.3\n\n- Greets louder.\n",
        ),
        file(
            "usr/share/doc/hello/LICENSE-APACHE",
            Kind::License,
            "Apache License\nVersion 2.0, January 2004\n",
        ),
        file(
            "usr/share/doc/hello/LICENSE-MIT",
            Kind::License,
            "Copyright (c) 2026 Jo Doe\n\nPermission is hereby granted, free of charge, to any person\n",
        ),
        file("usr/share/doc/hello/README.md", Kind::Doc, "# hello\n"),
        file(
            "usr/share/fish/vendor_completions.d/hello.fish",
            Kind::Completion,
            "complete -c hello\n",
        ),
        file("usr/share/hello/big", Kind::Data, big),
        file("usr/share/hello/empty", Kind::Data, ""),
        file(&long, Kind::Data, "deep down"),
        link(
            "usr/share/hello/far",
            Kind::Data,
            &long["usr/share/hello/".len()..],
        ),
        file(
            "usr/share/icons/hicolor/scalable/apps/hello.svg",
            Kind::Icon,
            "<svg/>",
        ),
        file("usr/share/man/man1/hello.1", Kind::Man, ".TH HELLO 1\n"),
        link("usr/share/man/man1/hi.1", Kind::Man, "hello.1"),
        file(
            "usr/share/zsh/site-functions/_hello",
            Kind::Completion,
            "#compdef hello\n",
        ),
    ])
}

/// A few files, so that damage to an artifact hits different parts each time.
pub(crate) fn small_tree() -> Tree {
    tree(vec![
        file("etc/hello.toml", Kind::Config, "greeting = \"hello\"\n"),
        file("usr/bin/hello", Kind::Binary, "\x7fELF is not what this is"),
        link("usr/bin/hi", Kind::Binary, "hello"),
    ])
}
