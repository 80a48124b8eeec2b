//! `sealift release`

use std::fs;

use crate::sandbox::{Sandbox, limit_file_size, words};

const DEB: &str = "out/hello_1.2.3-1_amd64.deb";
const ARCHIVE: &str = "out/hello-1.2.3-x86_64-unknown-linux-musl.tar.gz";

/// A sandbox with packages in `out/`.
pub fn packaged() -> Sandbox {
    let sandbox = Sandbox::with_tree();
    let package =
        "package --target x86_64-unknown-linux-musl --tree tree --out out --commit abc123";
    sandbox.succeed(words(package));
    sandbox
}

/// The command line that collects the packages.
pub fn release() -> Vec<&'static str> {
    vec![
        "release",
        "--artifact",
        DEB,
        ARCHIVE,
        "--artifact",
        "out/hello-1.2.3-x86_64.oci.tar",
        "--out",
        "release",
    ]
}

#[test]
fn a_release_directory_is_complete() {
    let sandbox = packaged().file("tools.json", "{\"rustc\": \"1.96.0\"}");
    sandbox.succeed(release().into_iter().chain(["--built-with", "tools.json"]));
    assert_eq!(
        sandbox.names("release"),
        ["SHA256SUMS", "artifacts", "release.json"]
    );
    let record = sandbox.json("release/release.json");
    assert_eq!(record["commit"], "abc123");
    assert_eq!(record["built_with"]["rustc"], "1.96.0");
    assert_eq!(record["gates"]["size"]["artifact-limit-bytes"], 25_000_000);
    let files: Vec<_> = record["artifacts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|artifact| artifact["file"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(files, sandbox.names("release/artifacts"));
    let sums = sandbox.text("release/SHA256SUMS");
    assert_eq!(sums.lines().count(), 3);
    for (line, file) in sums.lines().zip(files) {
        let (sum, path) = line.split_once("  ").expect("a sum and a path");
        assert_eq!(
            (sum.len(), path),
            (64, format!("artifacts/{file}").as_str())
        );
    }
}

#[test]
fn the_manifest_s_limits_are_those_of_the_release() {
    let sandbox = packaged();
    let manifest = sandbox.text("sealift.toml") + "[gates.size]\ntotal-limit-bytes = 42\n";
    let sandbox = sandbox.file("sealift.toml", manifest);
    sandbox.succeed(release());
    let gates = &sandbox.json("release/release.json")["gates"];
    assert_eq!(gates["size"]["total-limit-bytes"], 42);
}

#[test]
fn without_a_manifest_the_limits_are_the_default_ones() {
    let sandbox = packaged();
    fs::remove_file(sandbox.path("sealift.toml")).expect("it was there");
    sandbox.succeed(release());
    let gates = &sandbox.json("release/release.json")["gates"];
    assert_eq!(gates["size"]["artifact-limit-bytes"], 25_000_000);
    assert_eq!(gates["size"].get("total-limit-bytes"), None);
}

#[test]
fn an_artifact_that_was_changed_is_refused_and_nothing_stays() {
    let sandbox = packaged();
    let mut bytes = fs::read(sandbox.path(DEB)).expect("readable");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(sandbox.path(DEB), bytes).expect("writable");
    let message = sandbox.fail(release());
    let expected = format!("error: `{DEB}` does not match its record: the SHA-256 is `");
    assert!(message.starts_with(&expected), "{message}");
    assert!(!sandbox.path("release").exists());
}

#[test]
fn a_commit_that_the_packages_were_not_made_from_is_refused() {
    let sandbox = packaged();
    let message = sandbox.fail(release().into_iter().chain(["--commit", "def"]));
    let expected = format!("error: `{ARCHIVE}` was made from commit `abc123`; expected `def`\n");
    assert_eq!(message, expected);
}

#[test]
fn what_was_built_with_has_to_be_an_object() {
    let sandbox = packaged().file("tools.json", "[]");
    let message = sandbox.fail(release().into_iter().chain(["--built-with", "tools.json"]));
    assert!(
        message.starts_with("error: `tools.json` is not valid: invalid type: sequence"),
        "{message}"
    );
}

#[test]
fn a_release_directory_is_never_overwritten() {
    let sandbox = packaged();
    sandbox.succeed(release());
    let expected = "error: `release` is not empty; expected a directory that is empty or does not exist\n\
                    hint: remove what is in it, or name another directory with `--out`\n";
    assert_eq!(sandbox.fail(release()), expected);
}

#[test]
fn a_release_of_nothing_is_a_usage_error() {
    let message = Sandbox::new().fail(["release", "--out", "release"]);
    assert!(message.contains("--artifact <FILE>"), "{message}");
}

#[test]
fn a_full_disk_leaves_nothing() {
    let sandbox = packaged();
    let mut command = sandbox.command(release());
    limit_file_size(&mut command, 100);
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(run.code, 2, "{}", run.stderr);
    let expected = "error: cannot write `release/artifacts/hello-1.2.3-x86_64-unknown-linux-musl.tar.gz`: File too large";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert!(!sandbox.path("release").exists());
}

#[test]
fn a_release_of_uncommitted_changes_says_so_everywhere() {
    let sandbox = packaged();
    sandbox.succeed(release());
    assert_eq!(sandbox.json("release/release.json")["dirty"], false);
    let sandbox = packaged();
    let run = sandbox.run(release().into_iter().chain(["--dirty"]));
    let expected = "warning: the release was made from a source with uncommitted changes, so nobody can make it again\n";
    assert_eq!((run.code, run.stderr.as_str()), (0, expected));
    assert_eq!(sandbox.json("release/release.json")["dirty"], true);
    let run = sandbox.run(["gate", "release"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, expected));
}
