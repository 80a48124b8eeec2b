//! `sealift init`: platforms that are asked for, and what other packagers' tables say.

use super::{CARGO, planned, project, run, succeed};

const DEB: &str = "
[package.metadata.deb]
section = 'net'
depends = '$auto, ca-certificates'
extended-description = '''
Greets the world.

Twice.'''
features = ['tls']
assets = [
    ['target/release/hello', 'usr/bin/', '755'],
    ['share/hello.desktop', 'usr/share/applications/', '644'],
    ['share/gone', 'usr/share/hello/', '644'],
]
";

#[test]
fn a_manifest_takes_what_another_packager_was_told_and_says_what_it_leaves() {
    let sandbox = project(&format!("{CARGO}{DEB}"))
        .file("src/main.rs", "")
        .file("share/hello.desktop", "");
    let run = run(&sandbox, &[]);
    let expected = "\
taken from [package.metadata.deb]: 2 files, depends, extended-description, section
not taken from [package.metadata.deb]:
    `share/gone` is not in the project
    `features` is for this package alone; `[build] features` is for all packages
next:
";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    let manifest = sandbox.text("sealift.toml");
    for line in [
        "description = \"\"\"\nGreets the world.\n\nTwice.\"\"\"\n",
        "[deb]\ndepends = [\"ca-certificates\"]\nsection = \"net\"\n",
        "\n# Not taken from [package.metadata.deb]:\n#   `share/gone` is not in the project\n",
    ] {
        assert!(manifest.contains(line), "{line}: {manifest}");
    }
    let plan = sandbox.succeed(["plan"]);
    assert!(
        plan.contains("share/hello.desktop -> /usr/share/applications/hello.desktop"),
        "{plan}"
    );
}

#[test]
fn systems_stand_for_targets_and_all_for_every_format() {
    let sandbox = project(CARGO).file("src/main.rs", "");
    succeed(
        &sandbox,
        &["--target", "linux,windows,macos", "--format", "all"],
    );
    let manifest = sandbox.text("sealift.toml");
    for line in [
        "\ntargets = [\"x86_64-unknown-linux-musl\", \"aarch64-unknown-linux-musl\", \"x86_64-pc-windows-gnullvm\", \"universal2-apple-darwin\"]\n",
        "\n# Kinds of packages.\nformats = [\"appimage\", \"archive\", \"deb\", \"dmg\", \"msi\", \"npm\", \"oci\", \"pkg\", \"rpm\", \"setup\", \"snap\", \"tar-xz\", \"tar-zst\", \"wheel\", \"zip\"]\n",
    ] {
        assert!(manifest.contains(line), "{line}: {manifest}");
    }
    sandbox.succeed(["plan"]);
}

#[test]
fn what_is_asked_for_goes_before_what_another_packager_was_told() {
    let cargo = format!("{CARGO}[workspace.metadata.dist]\ntargets = ['x86_64-pc-windows-msvc']\n");
    let hello = || project(&cargo).file("src/main.rs", "");
    let sandbox = hello();
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    assert!(
        manifest.contains("\ntargets = [\"x86_64-pc-windows-gnullvm\"]\n"),
        "{manifest}"
    );
    let sandbox = hello();
    succeed(&sandbox, &["--target", "riscv64gc-unknown-linux-musl"]);
    let manifest = sandbox.text("sealift.toml");
    assert!(
        manifest.contains("\ntargets = [\"riscv64gc-unknown-linux-musl\"]\n"),
        "{manifest}"
    );
}

#[test]
fn several_programs_without_a_first_one_get_no_appimage() {
    let sandbox = project(CARGO)
        .file("src/bin/one.rs", "")
        .file("src/bin/two.rs", "");
    succeed(&sandbox, &["--format", "all"]);
    let manifest = sandbox.text("sealift.toml");
    assert!(
        manifest.contains(
            "\nformats = [\"archive\", \"deb\", \"dmg\", \"msi\", \"npm\", \"oci\", \"pkg\", \"rpm\", \"setup\", \"snap\", \"tar-xz\", \"tar-zst\", \"wheel\", \"zip\"]\n"
        ),
        "{manifest}"
    );
    assert!(
        manifest.contains("\n# There is no AppImage: "),
        "{manifest}"
    );
}

#[test]
fn a_profile_for_releases_is_the_one_of_the_release() {
    let cargo = format!("{CARGO}[profile.release-lto]\ninherits = 'release'\nlto = 'fat'\n");
    let sandbox = project(&cargo).file("src/main.rs", "");
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    assert!(
        manifest.contains("\ncargo-profile = \"release-lto\"\n"),
        "{manifest}"
    );
}

#[test]
fn a_script_for_powershell_is_for_windows() {
    let hello = project(CARGO)
        .file("src/main.rs", "")
        .file("completions/_hello.ps1", "");
    let plan = planned(hello, &["--target", "windows"]);
    assert!(
        plan.iter()
            .any(|line| line.contains("completions/_hello.ps1 -> ")),
        "{plan:?}"
    );
}

#[test]
fn an_unknown_platform_is_refused_with_the_nearest() {
    let sandbox = project(CARGO).file("src/main.rs", "");
    let run = run(&sandbox, &["--target", "window"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("'windows'"), "{}", run.stderr);
}
