//! `sealift symbols`

use std::fs;
use std::process::Command;

use crate::sandbox::Sandbox;

#[test]
fn a_program_without_its_symbols_runs_as_before() {
    let sandbox = Sandbox::new().program("whole");
    let run = sandbox.run(["symbols", "--out", "small", "--debug", "symbols", "whole"]);
    if run.code == 2 {
        // The program under test may be one that ships, which has none.
        let message = "error: cannot split `whole`: no debug sections and no symbol table\nhint: ";
        assert!(run.stderr.starts_with(message), "{}", run.stderr);
        assert!(!sandbox.path("small").exists());
        return;
    }
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let size = |name: &str| fs::metadata(sandbox.path(name)).expect("it exists").len();
    let file = run.stdout.trim_end();
    assert!(file.starts_with("symbols/.build-id/") && file.ends_with(".debug"));
    assert!(size("small") < size("whole"));
    let output = |name: &str| Command::new(sandbox.path(name)).arg("--version").output();
    let (small, whole) = (output("small"), output("whole"));
    assert_eq!(
        small.expect("it can be started").stdout,
        whole.expect("it can be started").stdout
    );
}

#[test]
fn a_program_of_another_system_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::new().file("text", "text");
    let expected = "error: cannot split `text`: not a program for Linux or Windows; only these have their symbols in themselves\n";
    let arguments = ["symbols", "--out", "small", "--debug", "symbols", "text"];
    assert_eq!(sandbox.fail(arguments), expected);
    assert!(!sandbox.path("small").exists() && !sandbox.path("symbols").exists());
}
