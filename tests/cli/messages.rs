//! The complete message of each common mistake: one error, where it is, what was expected, and what to do.
//!
//! `UPDATE_MESSAGES=1 cargo test --test cli messages` writes the files of `tests/cli/messages/` anew.

use std::path::Path;

use crate::sandbox::{MANIFEST, Sandbox, elf_header, words};

/// Somebody's mistake.
struct Mistake {
    /// The name of the file with the message.
    name: &'static str,
    /// The project in which it is made.
    project: fn() -> Sandbox,
    /// The command that meets it.
    command: &'static str,
}

/// Where the messages are; cargo runs tests in the directory of the package.
const MESSAGES: &str = "tests/cli/messages";

const PACKAGE: &str = "package --target x86_64-unknown-linux-musl --tree tree --out out";
const TREE: &str = "tree --source . --build build --out out";
const RELEASE: &str = "release --artifact out/hello_1.2.3-1_amd64.deb --out release";

/// A project whose manifest has a mistake.
fn changed(from: &str, to: &str) -> Sandbox {
    assert!(MANIFEST.contains(from), "the manifest has no `{from}`");
    Sandbox::with_tree().file("sealift.toml", MANIFEST.replace(from, to))
}

fn cargo_project(cargo_toml: &str) -> Sandbox {
    Sandbox::new()
        .file("Cargo.toml", cargo_toml)
        .file("src/main.rs", "")
}

/// A project with its sources whose manifest ships a program.
fn cargo_manifest(program: &str) -> Sandbox {
    cargo_project("[package]\nname = 'hello'\n")
        .file("sealift.toml", MANIFEST.replace("bin/hello", program))
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        name: "a-misspelled-key",
        project: || changed("formats =", "format ="),
        command: "plan",
    },
    Mistake {
        name: "a-misspelled-key-of-a-table",
        project: || changed("summary =", "sumary ="),
        command: "plan",
    },
    Mistake {
        name: "the-british-spelling",
        project: || changed("license =", "licence ="),
        command: "plan",
    },
    Mistake {
        name: "a-glibc-that-is-too-old",
        project: || {
            changed(
                "[package]",
                "[build.linux-gnu]\nglibc = '2.12'\n\n[package]",
            )
        },
        command: "plan",
    },
    Mistake {
        name: "a-glibc-that-zig-does-not-know",
        project: || {
            changed(
                "[package]",
                "[build.linux-gnu]\nglibc = '2.99'\n\n[package]",
            )
        },
        command: "plan",
    },
    Mistake {
        name: "both-c-libraries-of-a-processor",
        project: || {
            let both = "'x86_64-unknown-linux-gnu', 'x86_64-unknown-linux-musl'";
            changed("'x86_64-unknown-linux-musl'", both)
        },
        command: "plan",
    },
    Mistake {
        name: "an-image-of-a-glibc-target",
        project: || {
            let table = "[formats-for]\nlinux = ['archive', 'oci']\n\n[package]";
            let manifest = MANIFEST.replace("[package]", table);
            Sandbox::with_tree().file("sealift.toml", manifest.replace("linux-musl", "linux-gnu"))
        },
        command: "plan",
    },
    Mistake {
        name: "a-version-that-windows-installer-does-not-have",
        project: || changed("[package]", "[msi]\nversion = '2026.11.29'\n\n[package]"),
        command: "plan",
    },
    Mistake {
        name: "an-upgrade-code-that-is-no-guid",
        project: || changed("[package]", "[msi]\nupgrade-code = 'hello'\n\n[package]"),
        command: "plan",
    },
    Mistake {
        name: "an-identifier-that-macos-does-not-have",
        project: || changed("[package]", "[pkg]\nidentifier = 'org/hello'\n\n[package]"),
        command: "plan",
    },
    Mistake {
        name: "a-script-of-the-installer-without-an-interpreter",
        project: || {
            changed(
                "[package]",
                "[pkg.scripts]\npreinstall = 'echo hello'\n\n[package]",
            )
        },
        command: "plan",
    },
    Mistake {
        name: "a-pre-release-for-windows-installer",
        project: || {
            let manifest = MANIFEST.replace("1.2.3", "1.2.3-rc.1");
            let manifest = manifest.replace("'deb', 'oci'", "'msi'");
            let windows = manifest.replace("unknown-linux-musl", "pc-windows-gnullvm");
            Sandbox::with_tree().file("sealift.toml", windows)
        },
        command: "plan",
    },
    Mistake {
        name: "a-snap-s-name-with-a-plus",
        project: || changed("[package]", "[snap]\nname = 'g++'\n\n[package]"),
        command: "plan",
    },
    Mistake {
        name: "a-format-with-a-capital",
        project: || changed("'deb'", "'Deb'"),
        command: "plan",
    },
    Mistake {
        name: "a-misspelled-target-on-the-command-line",
        project: Sandbox::with_tree,
        command: "plan --target x86_64-unknown-linux-mus",
    },
    Mistake {
        name: "a-misspelled-command",
        project: Sandbox::with_tree,
        command: "plna",
    },
    Mistake {
        name: "a-misspelled-option",
        project: Sandbox::with_tree,
        command: "plan --jsno",
    },
    Mistake {
        name: "no-manifest",
        project: Sandbox::new,
        command: "plan",
    },
    Mistake {
        name: "text-that-is-not-toml",
        project: || changed("targets = [", "targets = "),
        command: "plan",
    },
    Mistake {
        name: "a-version-that-is-not-semantic",
        project: || changed("'1.2.3'", "'1.2'"),
        command: "plan",
    },
    Mistake {
        name: "a-license-in-an-older-notation",
        project: || changed("'MIT'", "'MIT/Apache-2.0'"),
        command: "plan",
    },
    Mistake {
        name: "a-control-character-in-the-description",
        project: || {
            changed(
                "license =",
                "description = \"\"\"\nIt greets.\n\nIt clears \\u001b[2J.\"\"\"\nlicense =",
            )
        },
        command: "plan",
    },
    Mistake {
        name: "no-license-anywhere",
        project: || changed("license = 'MIT'\n", ""),
        command: "plan",
    },
    Mistake {
        name: "a-program-that-cargo-does-not-build",
        project: || cargo_manifest("bin/helo"),
        command: "plan",
    },
    Mistake {
        name: "a-program-of-a-package-that-is-left-out",
        project: || {
            let manifest = format!("{MANIFEST}[build]\npackages = ['other']\n");
            cargo_manifest("bin/hello")
                .file("Cargo.toml", "[workspace]\nmembers = ['crates/*']\n")
                .file("crates/a/Cargo.toml", "[package]\nname = 'a'\n")
                .file("crates/a/src/bin/hello/main.rs", "")
                .file("crates/other/Cargo.toml", "[package]\nname = 'other'\n")
                .file("crates/other/src/main.rs", "")
                .file("sealift.toml", manifest)
        },
        command: "plan",
    },
    Mistake {
        name: "a-license-that-is-not-there",
        project: || {
            let license = "[[files]]\nkind = 'license'\nsource = 'LICENCE'\n";
            cargo_manifest("bin/hello").file("sealift.toml", format!("{MANIFEST}{license}"))
        },
        command: "plan",
    },
    Mistake {
        name: "a-program-that-was-not-built",
        project: || Sandbox::with_manifest("").file("build/bin/helo", "program"),
        command: TREE,
    },
    Mistake {
        name: "a-pattern-that-matches-nothing",
        project: || {
            Sandbox::with_manifest("[[files]]\nkind = 'doc'\nsource = 'docs/*.md'\n")
                .file("build/bin/hello", "program")
                .file("docs/guide/intro.md", "text")
        },
        command: TREE,
    },
    Mistake {
        name: "a-set-without-an-end",
        project: || changed("'bin/hello'", "'bin/[hello'"),
        command: "plan",
    },
    Mistake {
        name: "a-tree-of-several-targets",
        project: || {
            changed(
                "['x86_64-unknown-linux-musl']",
                "['x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl']",
            )
        },
        command: TREE,
    },
    Mistake {
        name: "a-file-that-is-not-in-the-tree",
        project: || Sandbox::with_manifest("").file("tree/README", "text"),
        command: PACKAGE,
    },
    Mistake {
        name: "an-incomplete-tree",
        project: || Sandbox::with_tree().file("tree/.bin.7-0.sealift-tmp", "half"),
        command: PACKAGE,
    },
    Mistake {
        name: "packages-into-the-tree",
        project: Sandbox::with_tree,
        command: "package --target x86_64-unknown-linux-musl --tree tree --out tree/out",
    },
    Mistake {
        name: "a-package-without-a-record",
        project: || Sandbox::new().file("out/hello_1.2.3-1_amd64.deb", "a package"),
        command: RELEASE,
    },
    Mistake {
        name: "a-release-over-another",
        project: || {
            let sandbox = Sandbox::with_tree();
            sandbox.succeed(words(PACKAGE));
            sandbox.file("release/mine", "")
        },
        command: RELEASE,
    },
    Mistake {
        name: "a-directory-that-is-not-a-release",
        project: Sandbox::new,
        command: "gate .",
    },
    Mistake {
        name: "programs-for-another-target",
        project: || Sandbox::with_manifest("").file("build/bin/hello", elf_header(183)),
        command: "make --build build",
    },
    Mistake {
        name: "programs-of-which-nobody-knows-the-target",
        project: || {
            changed(
                "['x86_64-unknown-linux-musl']",
                "['x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl']",
            )
            .file("build/bin/hello", elf_header(243))
        },
        command: "make --build build",
    },
    Mistake {
        name: "a-build-without-programs",
        project: || Sandbox::with_manifest("").file("build/hello", "program"),
        command: "make --build build",
    },
    Mistake {
        name: "a-build-without-a-target-that-is-asked-for",
        project: || {
            changed(
                "['x86_64-unknown-linux-musl']",
                "['x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl']",
            )
            .file("build/x86_64-unknown-linux-musl/bin/hello", "program")
        },
        command: "make --build build --target aarch64-unknown-linux-musl",
    },
    Mistake {
        name: "a-build-with-a-misspelled-program",
        project: || Sandbox::with_manifest("").file("build/bin/helo", elf_header(62)),
        command: "make --build build",
    },
    Mistake {
        name: "make-over-another-release",
        project: || {
            Sandbox::with_manifest("")
                .file("build/bin/hello", "program")
                .file("release/mine", "")
        },
        command: "make --build build",
    },
    Mistake {
        name: "make-without-a-source-of-programs",
        project: || Sandbox::with_manifest(""),
        command: "make",
    },
    Mistake {
        name: "make-without-cargo",
        project: || cargo_manifest("bin/hello"),
        command: "make",
    },
    Mistake {
        name: "symbols-without-a-place",
        project: || {
            Sandbox::with_manifest("[build]\nprofile = 'debug-symbols'\n")
                .file("Cargo.toml", "[package]\nname = 'hello'\n")
        },
        command: "make",
    },
    Mistake {
        name: "init-without-a-cargo-project",
        project: Sandbox::new,
        command: "init --sealift path:/where/sealift/is",
    },
    Mistake {
        name: "init-without-an-address",
        project: || cargo_project("[package]\nname = 'hello'\n"),
        command: "init",
    },
    Mistake {
        name: "init-with-metadata-missing",
        project: || {
            cargo_project(
                "[package]\nname = 'hello'\nversion = '1.2.3'\nauthors = ['A <a@example.org>']\n",
            )
        },
        command: "init --sealift path:/where/sealift/is",
    },
    Mistake {
        name: "init-over-a-manifest",
        project: || cargo_project("[package]\nname = 'hello'\n").file("sealift.toml", ""),
        command: "init --sealift path:/where/sealift/is",
    },
    Mistake {
        name: "a-push-of-a-release-without-images",
        project: || {
            let sandbox = crate::release::packaged();
            sandbox.succeed(words(RELEASE));
            sandbox
        },
        command: "push release registry.example.org/hello",
    },
    Mistake {
        name: "a-push-of-something-else-than-an-image",
        project: Sandbox::with_tree,
        command: "push tree registry.example.org/hello",
    },
];

#[test]
fn each_mistake_has_its_message() {
    let directory = Path::new(MESSAGES);
    let updates = std::env::var_os("UPDATE_MESSAGES").is_some();
    let mut wrong = Vec::new();
    for Mistake {
        name,
        project,
        command,
    } in MISTAKES
    {
        let found = project().fail(words(command));
        let path = directory.join(format!("{name}.txt"));
        if updates {
            std::fs::write(&path, &found).expect("the repository is writable");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{name}: found\n{found}expected\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_message_is_one_error_without_internals() {
    for Mistake {
        name,
        project,
        command,
    } in MISTAKES
    {
        let message = project().fail(words(command));
        let errors = message.lines().filter(|line| line.starts_with("error: "));
        assert_eq!(errors.count(), 1, "{name}: {message}");
        assert!(message.starts_with("error: "), "{name}: {message}");
        for internal in [".nix:", "/nix/store", "panicked", ".rs:"] {
            assert!(!message.contains(internal), "{name}: {message}");
        }
    }
}

/// Messages without advice: clap gives its own as a tip, what was meant by text that is not TOML nobody knows, a version
/// that is out of range is answered with the range, and two with an example.
const WITHOUT_HINT: [&str; 11] = [
    "a-glibc-that-is-too-old",
    "a-glibc-that-zig-does-not-know",
    "a-misspelled-command",
    "a-misspelled-option",
    "a-misspelled-target-on-the-command-line",
    "a-control-character-in-the-description",
    "a-pre-release-for-windows-installer",
    "a-script-of-the-installer-without-an-interpreter",
    "a-version-that-windows-installer-does-not-have",
    "an-identifier-that-macos-does-not-have",
    "text-that-is-not-toml",
];

#[test]
fn every_other_message_has_a_hint() {
    for Mistake { name, .. } in MISTAKES {
        let path = Path::new(MESSAGES).join(format!("{name}.txt"));
        let message = std::fs::read_to_string(path).expect("the mistake has its message");
        let has_hint = message.lines().any(|line| line.starts_with("hint: "));
        assert_eq!(has_hint, !WITHOUT_HINT.contains(name), "{name}: {message}");
    }
}

#[test]
fn every_file_is_the_message_of_a_mistake() {
    let directory = Path::new(MESSAGES);
    for entry in std::fs::read_dir(directory).expect("it is in the repository") {
        let name = entry.expect("readable").file_name();
        let stem = name.to_string_lossy().replace(".txt", "");
        assert!(
            MISTAKES.iter().any(|mistake| mistake.name == stem),
            "{stem}"
        );
    }
}
