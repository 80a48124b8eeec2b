//! The program as its users meet it.

use std::process::{Command, Output};

fn hello(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_hello"));
    program
        .args(arguments)
        .output()
        .expect("cargo has built it")
}

#[test]
fn it_greets() {
    let output = hello(&["Ada"]);
    assert!(output.status.success());
    assert_eq!(output.stdout, b"Hello, Ada!\n");
}

#[test]
fn an_unknown_option_is_refused() {
    let output = hello(&["--loud"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}
