//! `sealift --version` and the command line as a whole

use crate::sandbox::Sandbox;

#[test]
fn the_version_names_commit_and_target() {
    let stdout = Sandbox::new().succeed(["--version"]);
    let start = format!("sealift {} (no commit, ", env!("CARGO_PKG_VERSION"));
    assert!(
        stdout.starts_with(&start) && stdout.ends_with(")\n"),
        "{stdout}"
    );
}

#[test]
fn the_version_is_printed_for_machines() {
    let stdout = Sandbox::new().succeed(["--version", "--json"]);
    let version: serde_json::Value = serde_json::from_str(&stdout).expect("it is JSON");
    assert_eq!(version["name"], "sealift");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(version["commit"], serde_json::Value::Null);
    let target = version["target"].as_str().expect("a text");
    assert!(target.contains("-linux-"), "{target}");
}

#[test]
fn help_is_data_and_names_the_exit_codes() {
    let stdout = Sandbox::new().succeed(["--help"]);
    assert!(
        stdout.contains("Exit status:\n  0  all was done\n"),
        "{stdout}"
    );
}

#[test]
fn a_command_line_that_asks_for_nothing_gets_help_and_exit_code_2() {
    let message = Sandbox::new().fail::<&str>([]);
    assert!(message.contains("Usage: sealift"), "{message}");
}

#[test]
fn a_usage_error_is_exit_code_2() {
    let sandbox = Sandbox::new();
    assert!(sandbox.fail(["--json"]).contains("--version"));
    assert!(
        sandbox
            .fail(["plan", "--bogus"])
            .contains("unexpected argument '--bogus'")
    );
    assert!(
        sandbox
            .fail(["bogus"])
            .contains("unrecognized subcommand 'bogus'")
    );
}
