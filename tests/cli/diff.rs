//! `sealift diff`

use std::fs;

use crate::release::{packaged, release};
use crate::sandbox::{Sandbox, words};

/// The release in `release`, and one in `again` of a tree in which a file may have been changed.
fn two_releases(change: Option<(&str, &str)>) -> Sandbox {
    let mut sandbox = packaged();
    sandbox.succeed(release());
    if let Some((file, text)) = change {
        sandbox = sandbox.file(file, text);
    }
    sandbox.succeed(words(
        "package --target x86_64-unknown-linux-musl --tree tree --out out2 --commit abc123",
    ));
    let again = release().into_iter().map(|word| match word {
        "release" => "again".to_owned(),
        other => other.replace("out/", "out2/"),
    });
    let mut again: Vec<_> = again.collect();
    again[0] = "release".to_owned();
    sandbox.succeed(again);
    sandbox
}

#[test]
fn equal_releases_are_exit_code_0() {
    let sandbox = two_releases(None);
    let said = sandbox.succeed(["diff", "release", "again"]);
    assert_eq!(said, "the releases are the same, byte for byte\n");
}

#[test]
fn a_changed_file_is_told_for_each_package_with_exit_code_1() {
    let sandbox = two_releases(Some(("tree/bin/hello", "#!/bin/sh\necho changed\n")));
    let run = sandbox.run(["diff", "release", "again"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    for place in [
        "archive for x86_64-unknown-linux-musl: hello-1.2.3-x86_64-unknown-linux-musl/hello: line ",
        "deb for x86_64-unknown-linux-musl: usr/bin/hello: line ",
        "deb for x86_64-unknown-linux-musl: DEBIAN/md5sums: line ",
        "oci for x86_64-unknown-linux-musl: ",
    ] {
        assert!(run.stdout.contains(place), "{place} in {}", run.stdout);
    }
    assert!(
        run.stdout.contains("  right  \"#!/bin/sh\\n\"\n"),
        "{}",
        run.stdout
    );
    let json = sandbox.run(["diff", "release", "again", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((json.code, &value["equal"]), (1, &false.into()));
    assert!(
        value["differences"]
            .as_array()
            .is_some_and(|list| list.len() >= 4)
    );
}

#[test]
fn bytes_between_the_members_are_told_too() {
    let sandbox = two_releases(None);
    let path = sandbox.path("again/artifacts/hello-1.2.3-x86_64-unknown-linux-musl.tar.gz");
    let mut bytes = fs::read(&path).expect("readable");
    // The time in gzip's header (RFC 1952, section 2.3).
    bytes[4] = 7;
    fs::write(&path, bytes).expect("writable");
    let run = sandbox.run(["diff", "release", "again"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.starts_with(
            "archive for x86_64-unknown-linux-musl: between its members: from byte 4\n"
        ),
        "{}",
        run.stdout
    );
}

#[test]
fn what_is_no_release_is_exit_code_2() {
    let sandbox = packaged();
    sandbox.succeed(release());
    let run = sandbox.run(["diff", "release", "nowhere"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr
            .starts_with("error: cannot read `nowhere/release.json`"),
        "{}",
        run.stderr
    );
}
