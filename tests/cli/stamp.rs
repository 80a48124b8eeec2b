//! `sealift stamp`

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::sandbox::Sandbox;

fn stamped() -> Sandbox {
    let sandbox = Sandbox::new().program("program");
    sandbox.succeed(["stamp", "--commit", "0123abcd", "program"]);
    sandbox
}

#[test]
fn a_stamped_program_knows_its_commit() {
    let sandbox = stamped();
    let output = Command::new(sandbox.path("program"))
        .args(["--version", "--json"])
        .output();
    let version = output.expect("it can be started").stdout;
    let version: serde_json::Value = serde_json::from_slice(&version).expect("it is JSON");
    assert_eq!(version["commit"], "0123abcd");
}

#[test]
fn no_byte_moves_and_only_the_field_changes() {
    let sandbox = Sandbox::new().program("program");
    sandbox.succeed([
        "stamp", "--commit", "0123abcd", "program", "--out", "stamped",
    ]);
    let before = fs::read(sandbox.path("program")).expect("readable");
    let after = fs::read(sandbox.path("stamped")).expect("readable");
    assert_eq!(before.len(), after.len());
    let changed: Vec<_> = (0..before.len())
        .filter(|at| before[*at] != after[*at])
        .collect();
    let (first, last) = (changed[0], changed[changed.len() - 1]);
    assert!(last - first < 80, "bytes {first} to {last} changed");
}

#[test]
fn the_program_can_still_be_started_by_the_same_people() {
    let mode = fs::metadata(stamped().path("program"))
        .expect("it exists")
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111);
}

#[test]
fn stamping_again_changes_nothing() {
    let sandbox = stamped();
    let first = fs::read(sandbox.path("program")).expect("readable");
    sandbox.succeed(["stamp", "--commit", &"f".repeat(64), "program"]);
    assert!(first != fs::read(sandbox.path("program")).expect("readable"));
    sandbox.succeed(["stamp", "--commit", "0123abcd", "program"]);
    assert!(first == fs::read(sandbox.path("program")).expect("readable"));
}

#[test]
fn a_program_without_a_field_stays_as_it_is_and_is_refused_where_it_needs_one() {
    let sandbox = Sandbox::new();
    let this = std::env::current_exe().expect("Linux knows it");
    fs::copy(this, sandbox.path("program")).expect("writable");
    let before = fs::read(sandbox.path("program")).expect("readable");
    sandbox.succeed(["stamp", "--commit", "12", "program"]);
    assert!(before == fs::read(sandbox.path("program")).expect("readable"));
    let expected = "error: cannot stamp `program`: no field for a commit; expected one section `.sealift.stamp`\n";
    let arguments = ["stamp", "--commit", "12", "--require-field", "program"];
    assert_eq!(sandbox.fail(arguments), expected);
}

#[test]
fn a_file_that_is_no_program_is_refused() {
    let sandbox = Sandbox::new().file("text", "text");
    let expected =
        "error: cannot stamp `text`: not a program; expected an ELF, PE or Mach-O file\n";
    assert_eq!(sandbox.fail(["stamp", "--commit", "12", "text"]), expected);
    assert_eq!(sandbox.text("text"), "text");
}

#[test]
fn a_program_for_another_target_is_refused() {
    let sandbox = Sandbox::new().program("program");
    let target = "aarch64-apple-darwin";
    let message = sandbox.fail(["stamp", "--commit", "12", "--target", target, "program"]);
    assert!(
        message.starts_with("error: cannot stamp `program`: an ELF program of 64 bits"),
        "{message}"
    );
    assert!(
        message.contains("as `aarch64-apple-darwin` has\nhint: a program of that kind is for `"),
        "{message}"
    );
}

#[test]
fn a_manifest_changes_no_byte_of_a_linux_program() {
    let sandbox = Sandbox::with_manifest("").program("program");
    let arguments = [
        "stamp",
        "--manifest",
        "sealift.toml",
        "--out",
        "stamped",
        "program",
    ];
    sandbox.succeed(arguments);
    let read = |name| fs::read(sandbox.path(name)).expect("readable");
    assert!(read("program") == read("stamped"));
}

#[test]
fn a_commit_that_is_not_hexadecimal_or_too_long_is_refused() {
    let sandbox = Sandbox::new().program("program");
    for commit in ["main", "", &"a".repeat(65)] {
        let message = sandbox.fail(["stamp", "--commit", commit, "program"]);
        assert!(
            message.contains("expected 1 to 64 hexadecimal digits"),
            "{message}"
        );
    }
}

#[test]
fn a_program_that_is_missing_is_named() {
    let message = Sandbox::new().fail(["stamp", "--commit", "12", "nowhere"]);
    assert!(
        message.starts_with("error: cannot read `nowhere`: No such file"),
        "{message}"
    );
}
