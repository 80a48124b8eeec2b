//! `sealift init`

mod address;
mod existing;
mod files;
mod foreign;
mod metadata;
mod programs;
mod workspace;

use crate::sandbox::{Run, Sandbox};

const CARGO: &str = "\
[package]
name = 'hello'
version = '1.2.3'
description = 'Greets the world.'
license = 'MIT'
authors = ['A. Person <a@example.org>']
";

/// Who answers, for workspaces.
const REST: &str =
    "version = '1.2.3'\ndescription = 'greets'\nlicense = 'MIT'\nauthors = ['A <a@example.org>']\n";

const INIT: [&str; 3] = ["init", "--sealift", "path:/where/sealift/is"];

fn project(cargo: &str) -> Sandbox {
    Sandbox::new().file("Cargo.toml", cargo)
}

fn hello() -> Sandbox {
    project(CARGO).file("src/main.rs", "")
}

/// Runs `init`, which must not know who works here.
fn run(sandbox: &Sandbox, more: &[&str]) -> Run {
    let mut command = sandbox.command(INIT.iter().chain(more));
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    sandbox.ran(command.output().expect("the program can be started"))
}

fn succeed(sandbox: &Sandbox, more: &[&str]) {
    let run = run(sandbox, more);
    let expected = (0, "sealift.toml\nflake.nix\nnixw\n.envrc\n");
    assert_eq!((run.code, run.stdout.as_str()), expected, "{}", run.stderr);
}

/// The message of a run after which nothing new is there.
fn error_of(sandbox: &Sandbox, more: &[&str]) -> String {
    let before = sandbox.names(".");
    let run = run(sandbox, more);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert_eq!(sandbox.names("."), before);
    run.stderr
}

/// Runs `init` and shows what `plan` makes of the manifest: its first line, and what is installed where.
fn planned(sandbox: Sandbox, more: &[&str]) -> Vec<String> {
    succeed(&sandbox, more);
    let plan = sandbox.succeed(["plan"]);
    let lines = plan.lines().enumerate();
    let kept = lines.filter(|(number, line)| *number == 0 || line.contains(" -> "));
    kept.map(|(_, line)| line.trim().to_owned()).collect()
}
