//! Whole packages, written and read.

use serde_json::{Value, json};

use super::{Npm, REGISTRATION};
use crate::container::compress::gzip::{Level, compress};
use crate::format::testing::{content_of, file, full_tree, package, read, tree, write, write_for};
use crate::format::{Format, FormatError};
use crate::model::entry::Entry;
use crate::model::tree::Kind;

fn written(npm: &Npm, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(npm, &package(), &full_tree(), 1).expect("valid");
    read(&REGISTRATION, test, &bytes).expect("just written")
}

fn manifest_for(npm: &Npm, triple: &str) -> Value {
    let target = triple.parse().expect("a target");
    let (bytes, _) = write_for(target, npm, &package(), &full_tree(), 1).expect("valid");
    let found = read(&REGISTRATION, triple, &bytes).expect("just written");
    serde_json::from_str(&content_of(&found, "package.json")).expect("JSON")
}

fn scoped() -> Npm {
    Npm {
        scope: Some("@acme".parse().expect("a scope")),
        ..Npm::default()
    }
}

#[test]
fn package_json_says_where_npm_installs_it() {
    let manifest = manifest_for(&scoped(), "x86_64-unknown-linux-musl");
    assert_eq!(
        manifest,
        json!({
            "name": "@acme/hello-linux-x64",
            "version": "1.2.3",
            "description": "greets people",
            "homepage": "https://example.org/hello",
            "repository": { "type": "git", "url": "git+https://example.org/hello.git" },
            "license": "MIT OR Apache-2.0",
            "author": "Jo Doe <jo@example.org>",
            "os": ["linux"],
            "cpu": ["x64"],
            "preferUnplugged": true,
        })
    );
    let manifest = manifest_for(&Npm::default(), "aarch64-unknown-linux-gnu");
    assert_eq!(manifest["name"], "hello-linux-arm64-gnu");
    assert_eq!(manifest["libc"], json!(["glibc"]));
    let manifest = manifest_for(&Npm::default(), "universal2-apple-darwin");
    assert_eq!(manifest["cpu"], json!(["arm64", "x64"]));
}

#[test]
fn the_file_is_named_as_npm_names_it() {
    let name = |npm: &Npm| {
        let target = "x86_64-pc-windows-gnullvm".parse().expect("a target");
        npm.file_name(&package(), target)
    };
    assert_eq!(name(&Npm::default()), "hello-win32-x64-1.2.3.tgz");
    assert_eq!(name(&scoped()), "acme-hello-win32-x64-1.2.3.tgz");
}

#[test]
fn files_are_where_the_program_expects_them_and_the_registry_shows_them() {
    let found = written(&Npm::default(), "places");
    let paths: Vec<_> = found
        .iter()
        .map(|(entry, _)| (entry.path.as_str(), entry.mode))
        .filter(|(path, _)| !path.contains("share/hello/"))
        .collect();
    assert_eq!(
        paths,
        [
            ("package.json", 0o644),
            ("LICENSE-APACHE", 0o644),
            ("LICENSE-MIT", 0o644),
            ("README.md", 0o644),
            ("bin/hello", 0o755),
            ("bin/hi", 0o755),
            ("etc/hello/config.toml", 0o644),
            ("share/applications/hello.desktop", 0o644),
            ("share/bash-completion/completions/hello", 0o644),
            ("share/fish/vendor_completions.d/hello.fish", 0o644),
            ("share/icons/hicolor/scalable/apps/hello.svg", 0o644),
            ("share/man/man1/hello.1", 0o644),
            ("share/man/man1/hi.1", 0o644),
            ("share/zsh/site-functions/_hello", 0o644),
        ]
    );
}

#[test]
fn what_npm_cannot_express_is_refused_while_planning() {
    let refusal = |change: &dyn Fn(&mut crate::model::package::Package)| {
        let mut package = package();
        change(&mut package);
        let error = Npm::default().check(&package).expect_err("not valid");
        assert!(matches!(error, FormatError::Invalid(_)));
        error.to_string()
    };
    let error = refusal(&|package| package.version = "1.0.0+1".parse().expect("a version"));
    assert!(error.contains("npm drops what follows `+`"), "{error}");
    let error = refusal(&|package| package.name = "g++".parse().expect("a name"));
    assert!(
        error.contains("npm has no package such as `g++`"),
        "{error}"
    );
    let error = refusal(&|package| package.name = "http".parse().expect("a name"));
    assert!(
        error.contains("Node.js has something of that name"),
        "{error}"
    );
}

#[test]
fn a_file_in_the_place_of_package_json_is_refused() {
    let tree = tree(vec![file("usr/package.json", Kind::Data, "{}")]);
    let error = write(&Npm::default(), &package(), &tree, 1).expect_err("not valid");
    assert!(error.to_string().contains("in the place of `package.json`"));
}

#[test]
fn a_package_without_package_json_is_malformed() {
    let error = read(&REGISTRATION, "none", &compress(&[0; 1024], Level::Best));
    assert!(matches!(error, Err(FormatError::Malformed(_))), "{error:?}");
}
