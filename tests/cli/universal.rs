//! `sealift universal`

use crate::sandbox::Sandbox;

#[test]
fn a_program_of_another_system_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::new().program("linux");
    let expected = "error: cannot merge `linux`: not a Mach-O program\n";
    assert_eq!(
        sandbox.fail(["universal", "--out", "all", "linux"]),
        expected
    );
    assert!(!sandbox.path("all").exists());
}

#[test]
fn a_program_that_is_missing_is_named() {
    let message = Sandbox::new().fail(["universal", "--out", "all", "nowhere"]);
    assert!(
        message.starts_with("error: cannot read `nowhere`: No such file"),
        "{message}"
    );
}

#[test]
fn a_result_has_to_be_named() {
    let message = Sandbox::new().fail(["universal", "intel", "arm"]);
    assert!(message.contains("--out <FILE>"), "{message}");
}
