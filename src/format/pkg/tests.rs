//! Whole packages, written and read.

use super::{Pkg, REGISTRATION, Scripts};
use crate::format::testing::{
    content_of, file, full_tree, link, package, read, small_tree, tree, write, write_for,
};
use crate::format::{Format, FormatError};
use crate::model::entry::{Entry, EntryContent};
use crate::model::target::Target;
use crate::model::tree::{Kind, Tree};

fn written(pkg: &Pkg, tree: &Tree, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(pkg, &package(), tree, 2).expect("valid");
    read(&REGISTRATION, test, &bytes).expect("just written")
}

fn refusal(tree: &Tree) -> String {
    let error = write(&Pkg::default(), &package(), tree, 1).expect_err("no package can hold it");
    assert!(matches!(error, FormatError::Invalid(_)), "{error:?}");
    error.to_string()
}

#[test]
fn files_are_below_usr_local() {
    let found = written(&Pkg::default(), &full_tree(), "places");
    let files: Vec<_> = found
        .iter()
        .filter(|(entry, _)| entry.content != EntryContent::Directory)
        .map(|(entry, _)| entry.path.as_str())
        .filter(|path| !path.contains("/directory/"))
        .collect();
    assert_eq!(
        files,
        [
            "Distribution",
            "Resources/License.rtf",
            "hello.pkg/PackageInfo",
            "hello.pkg/Scripts/postinstall",
            "usr/local/bin/hello",
            "usr/local/bin/hi",
            "usr/local/etc/hello/config.toml.default",
            "usr/local/share/bash-completion/completions/hello",
            "usr/local/share/doc/hello/CHANGELOG.md",
            "usr/local/share/doc/hello/LICENSE-APACHE",
            "usr/local/share/doc/hello/LICENSE-MIT",
            "usr/local/share/doc/hello/README.md",
            "usr/local/share/fish/vendor_completions.d/hello.fish",
            "usr/local/share/hello/big",
            "usr/local/share/hello/empty",
            "usr/local/share/hello/far",
            "usr/local/share/man/man1/hello.1",
            "usr/local/share/man/man1/hi.1",
            "usr/local/share/zsh/site-functions/_hello",
        ]
    );
    let script = content_of(&found, "hello.pkg/Scripts/postinstall");
    assert!(
        script.ends_with("\nplace 'etc/hello/config.toml'\n"),
        "{script}"
    );
}

#[test]
fn the_installer_is_told_where_and_on_what() {
    for (target, machines) in [
        ("x86_64-apple-darwin", "x86_64"),
        ("aarch64-apple-darwin", "arm64"),
        ("universal2-apple-darwin", "arm64,x86_64"),
    ] {
        let target: Target = target.parse().expect("a target");
        let pkg = Pkg {
            identifier: "org.example.hello".parse().ok(),
            ..Pkg::default()
        };
        let (bytes, _) = write_for(target, &pkg, &package(), &full_tree(), 1).expect("valid");
        let found = read(&REGISTRATION, &format!("machines-{target}"), &bytes).expect("valid");
        let distribution = content_of(&found, "Distribution");
        for part in [
            "<title>hello 1.2.3</title>",
            "<license file=\"License.rtf\" mime-type=\"text/rtf\"/>",
            "rootVolumeOnly=\"true\"",
            &format!("hostArchitectures=\"{machines}\" allow-external-scripts=\"no\""),
            "<os-version min=\"11.0\"/>",
            "<pkg-ref id=\"org.example.hello\" version=\"1.2.3\" installKBytes=\"2735\" auth=\"root\" \
             onConclusion=\"none\">#hello.pkg</pkg-ref>",
        ] {
            assert!(distribution.contains(part), "{part}: {distribution}");
        }
        let info = content_of(&found, "hello.pkg/PackageInfo");
        for part in [
            "overwrite-permissions=\"false\" relocatable=\"false\" identifier=\"org.example.hello\"",
            "install-location=\"/usr/local\" auth=\"root\"",
            "<payload numberOfFiles=\"44\" installKBytes=\"2735\"/>",
            "<postinstall file=\"./postinstall\"/>",
        ] {
            assert!(info.contains(part), "{part}: {info}");
        }
    }
}

fn scripts() -> Pkg {
    Pkg {
        scripts: Scripts {
            preinstall: "#!/bin/sh\necho before\n".parse().ok(),
            postinstall: "#!/bin/sh\necho after\n".parse().ok(),
        },
        ..Pkg::default()
    }
}

#[test]
fn scripts_run_before_and_after_with_the_one_for_configuration_first() {
    let found = written(&scripts(), &small_tree(), "scripts");
    let script = |name| content_of(&found, &format!("hello.pkg/Scripts/{name}"));
    assert_eq!(script("preinstall"), "#!/bin/sh\necho before\n");
    assert_eq!(script("package-postinstall"), "#!/bin/sh\necho after\n");
    let last = "exec \"${0%/*}/package-postinstall\" \"$@\"\n";
    assert!(script("postinstall").ends_with(last));
    let info = content_of(&found, "hello.pkg/PackageInfo");
    let expected = "    <scripts>\n        <preinstall file=\"./preinstall\"/>\n        \
                    <postinstall file=\"./postinstall\"/>\n    </scripts>\n";
    assert!(info.contains(expected), "{info}");

    // Without configuration, the manifest's script is the Installer's.
    let program = tree(vec![file("usr/bin/hello", Kind::Binary, "x")]);
    let found = written(&scripts(), &program, "own-script");
    assert_eq!(
        content_of(&found, "hello.pkg/Scripts/postinstall"),
        "#!/bin/sh\necho after\n"
    );
    let found = written(&Pkg::default(), &program, "no-scripts");
    let info = content_of(&found, "hello.pkg/PackageInfo");
    assert!(!info.contains("scripts"), "{info}");
    assert!(!content_of(&found, "Distribution").contains("license"));
}

#[test]
fn a_pre_release_has_the_numbers_that_macos_compares() {
    let mut package = package();
    package.version = "1.2.3-rc.1".parse().expect("a version");
    let (bytes, _) = write(&Pkg::default(), &package, &small_tree(), 1).expect("valid");
    let found = read(&REGISTRATION, "pre-release", &bytes).expect("just written");
    let distribution = content_of(&found, "Distribution");
    assert!(distribution.contains("<title>hello 1.2.3-rc.1</title>"));
    assert!(distribution.contains(" version=\"1.2.3\""));
    assert!(!distribution.contains("=\"1.2.3-rc.1\""));
}

#[test]
fn what_macos_cannot_hold_is_refused() {
    let with = |more| refusal(&tree(vec![file("usr/bin/hello", Kind::Binary, "x"), more]));
    let capitals = with(file("usr/bin/HELLO", Kind::Binary, "x"));
    assert!(capitals.contains("` are one file on "), "{capitals}");
    let target = "x/".repeat(2100);
    let long = with(link("usr/share/x", Kind::Data, &target));
    assert!(long.contains("more than 4093 bytes"), "{long}");
    let unit = tree(vec![
        file("usr/lib/systemd/system/x.service", Kind::SystemdUnit, ""),
        link("usr/share/x", Kind::Data, "../lib/systemd/system/x.service"),
    ]);
    assert!(refusal(&unit).ends_with("which this format leaves out"));
}

#[test]
fn only_macos_has_packages() {
    for target in Target::all() {
        let is_macos = target.triple.ends_with("-apple-darwin");
        assert_eq!(Pkg::default().supports(target).is_ok(), is_macos);
    }
}
