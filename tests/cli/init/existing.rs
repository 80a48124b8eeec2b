//! `sealift init`: files and projects that are there already, or are not.

use super::{CARGO, INIT, error_of, hello, project, run, succeed};
use crate::sandbox::Sandbox;

#[test]
fn another_directory_is_served_from_here() {
    let sandbox = Sandbox::new()
        .file("sub/Cargo.toml", CARGO)
        .file("sub/src/main.rs", "");
    succeed(&sandbox, &["--directory", "sub"]);
    assert_eq!(
        sandbox.names("sub"),
        [
            ".envrc",
            "Cargo.toml",
            "flake.nix",
            "nixw",
            "sealift.toml",
            "src"
        ]
    );
}

#[test]
fn a_checkout_ignores_what_builds_leave() {
    let sandbox = hello().file(".gitignore", "/target");
    let sandbox = sandbox.file(".git/HEAD", "ref: refs/heads/main\n");
    let mut command = sandbox.command(INIT);
    // Where the tests run, git need not be there.
    command.env("PATH", "");
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "sealift.toml\nflake.nix\nnixw\n.envrc\n.gitignore\n"),
        "{}",
        run.stderr
    );
    assert_eq!(sandbox.text(".gitignore"), "/target\n/result*\n");
}

#[test]
fn a_manifest_that_is_there_is_not_overwritten() {
    let sandbox = hello().file("sealift.toml", "mine");
    assert_eq!(
        error_of(&sandbox, &[]),
        "error: already there: `sealift.toml`; nothing was written\n\
         hint: `--force` replaces existing files; `--only` writes some of the files\n"
    );
    assert_eq!(sandbox.text("sealift.toml"), "mine");
    let message = error_of(&hello().file("packaging/sealift.toml", ""), &[]);
    assert!(
        message.starts_with("error: already there: `packaging/sealift.toml`;"),
        "{message}"
    );
    let sandbox = hello().link("nixw", "nowhere");
    let message = error_of(&sandbox, &["--only", "nixw"]);
    assert!(
        message.starts_with("error: already there: `nixw`;"),
        "{message}"
    );
}

#[test]
fn a_flake_that_is_there_stays_and_gets_advice() {
    let sandbox = hello().file("flake.nix", "mine").file("nixw", "mine, too");
    let run = run(&sandbox, &[]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "sealift.toml\n.envrc\n")
    );
    let expected = "\
kept: `flake.nix` is there already; merge into it:
    inputs.sealift.url = \"path:/where/sealift/is\";
    outputs = { self, sealift, ... }:
      sealift.lib.mkFlake { inherit self; src = ./.; } // { /* the outputs that it has now */ };
kept: `nixw` is there already and differs from Sealift's; `--force` replaces it
next:
";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert_eq!(sandbox.text("flake.nix"), "mine");
}

#[test]
fn files_are_replaced_where_that_is_asked_for() {
    let sandbox = hello()
        .file("flake.nix", "mine")
        .file("sealift.toml", "mine");
    succeed(&sandbox, &["--force"]);
    assert!(sandbox.text("flake.nix").contains("sealift.lib.mkFlake"));
    assert!(sandbox.succeed(["plan"]).starts_with("hello 1.2.3\n"));
}

#[test]
fn some_files_can_be_written_alone() {
    let sandbox = hello();
    let run = sandbox.run(["init", "--only", "sealift.toml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "sealift.toml\n"));
    assert!(!sandbox.path("flake.nix").exists());
}

#[test]
fn a_directory_without_a_project_is_refused() {
    let message = error_of(&Sandbox::new(), &[]);
    assert_eq!(
        message,
        "error: no `Cargo.toml` in `ROOT`\nhint: `cargo init` starts a project\n"
    );
    let sandbox = hello().file("docs/guide.md", "");
    let message = error_of(&sandbox, &["--directory", "docs"]);
    assert_eq!(
        message,
        "error: no `Cargo.toml` in `ROOT/docs`\nhint: there is one above: give `--directory ROOT`\n"
    );
    let message = error_of(&sandbox, &["--directory", "nowhere"]);
    assert!(
        message.starts_with("error: cannot find the directory `nowhere`: "),
        "{message}"
    );
}

#[test]
fn a_cargo_toml_that_is_wrong_is_shown_with_the_place() {
    let message = error_of(&project("[package]\nname = \n"), &[]);
    assert!(
        message.starts_with("error: ROOT/Cargo.toml:2:"),
        "{message}"
    );
    let message = error_of(&project("[package]\nname = 5\n"), &[]);
    let expected = "error: ROOT/Cargo.toml:2:8: invalid type: integer `5`, expected a string\n  2 | name = 5\n";
    assert!(message.starts_with(expected), "{message}");
    let bad_version = CARGO.replace("1.2.3", "1.2");
    let message = error_of(&project(&bad_version).file("src/main.rs", ""), &[]);
    assert!(
        message.starts_with("error: ROOT/Cargo.toml:3:11: version `1.2` is not valid"),
        "{message}"
    );
}

#[test]
fn a_cargo_toml_that_cannot_be_read_is_named() {
    let sandbox = Sandbox::new().file("Cargo.toml/x", "");
    let message = error_of(&sandbox, &[]);
    assert!(
        message.starts_with("error: cannot read `ROOT/Cargo.toml`: "),
        "{message}"
    );
    let message = error_of(&Sandbox::new().file("Cargo.toml", b"\xff"), &[]);
    assert_eq!(message, "error: ROOT/Cargo.toml:1:1: not valid UTF-8\n");
}
