//! The package that picks, made of packages for some targets.

use std::io::{Cursor, Read};

use serde_json::{Value, json};

use super::*;
use crate::format::testing::{DATE, TempFile, full_tree, package, write_for};
use crate::model::artifact::{Artifact, TreeEntry};
use crate::model::digest::Sha256Sum;

fn artifact(target: Target, contents: Vec<Entry>) -> Artifact {
    let package = package();
    let tree = full_tree();
    let tree = tree.files().iter().map(TreeEntry::of);
    Artifact {
        name: package.name,
        version: package.version,
        target: Some(target),
        format: "npm".to_owned(),
        file: "hello.tgz".parse().expect("a name"),
        size: 0,
        sha256: Sha256Sum([0; 32]),
        commit: None,
        date: DATE,
        contents,
        tree: tree.collect::<Result<_, _>>().expect("in memory"),
    }
}

/// The files of the package for some targets, by path.
fn made(npm: &Npm, triples: &[&str], test: &str) -> BTreeMap<String, Vec<u8>> {
    let part = |triple: &&str| {
        let target = triple.parse().expect("a target");
        let (bytes, entries) = write_for(target, npm, &package(), &full_tree(), 1).expect("valid");
        (
            TempFile::new(&format!("{test}-{triple}"), &bytes),
            artifact(target, entries),
        )
    };
    let parts: Vec<_> = triples.iter().map(part).collect();
    let parts: Vec<_> = parts
        .iter()
        .map(|(file, artifact)| Part {
            target: artifact.target.expect("it is for one"),
            artifact,
            path: &file.0,
        })
        .collect();
    let mut out = Cursor::new(Vec::new());
    let launcher = Launcher(npm.clone());
    let entries = launcher
        .write(&package(), &parts, DATE, &mut out)
        .expect("valid");
    let file = TempFile::new(&format!("{test}-whole"), &out.into_inner());
    let mut files = BTreeMap::new();
    let mut found = Vec::new();
    let visit = &mut |entry: &Entry, content: &mut dyn Read| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        files.insert(entry.path.clone(), bytes);
        found.push(entry.clone());
        Ok(())
    };
    read(&file.0, visit).expect("just written");
    assert_eq!(found, entries);
    files
}

fn json_of(files: &BTreeMap<String, Vec<u8>>, path: &str) -> Value {
    serde_json::from_slice(&files[path]).expect("JSON")
}

#[test]
fn the_packages_for_platforms_are_optional_dependencies_of_the_same_version() {
    let npm = Npm {
        name: Some("greeter".parse().expect("a name")),
        scope: Some("@acme".parse().expect("a scope")),
        keywords: vec!["greeting".parse().expect("a word")],
    };
    let files = made(
        &npm,
        &["aarch64-apple-darwin", "x86_64-unknown-linux-musl"],
        "scoped",
    );
    let about = json_of(&files, "package.json");
    assert_eq!(about["name"], "@acme/greeter");
    assert_eq!(about["keywords"], json!(["greeting"]));
    assert_eq!(
        about["optionalDependencies"],
        json!({ "@acme/greeter-darwin-arm64": "1.2.3", "@acme/greeter-linux-x64": "1.2.3" })
    );
    assert_eq!(
        about["bin"],
        json!({ "hello": "bin/hello.js", "hi": "bin/hi.js" })
    );
    assert_eq!(
        about["man"],
        json!(["share/man/man1/hello.1", "share/man/man1/hi.1"])
    );
    // It is for every platform, and runs nothing when it is installed.
    for absent in ["os", "cpu", "libc", "scripts"] {
        assert!(about[absent].is_null(), "{absent}");
    }
    let paths: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "bin/hello.js",
            "bin/hi.js",
            "launch.js",
            "package.json",
            "platforms.json",
            "share/man/man1/hello.1",
            "share/man/man1/hi.1",
        ]
    );
}

#[test]
fn a_program_for_the_own_c_library_or_processor_is_preferred() {
    let files = made(
        &Npm::default(),
        &[
            "universal2-apple-darwin",
            "x86_64-apple-darwin",
            "x86_64-unknown-linux-gnu",
            "x86_64-unknown-linux-musl",
        ],
        "preferred",
    );
    let platforms = json_of(&files, "platforms.json");
    let names: Vec<_> = platforms
        .as_array()
        .expect("a list")
        .iter()
        .map(|platform| platform["package"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        names,
        [
            "hello-linux-x64-gnu",
            "hello-darwin-x64",
            "hello-linux-x64",
            "hello-darwin-universal",
        ]
    );
    assert_eq!(
        platforms[2]["programs"],
        json!({ "hello": "bin/hello", "hi": "bin/hi" })
    );
}
