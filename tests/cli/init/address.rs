//! `sealift init`: where the flake gets Sealift from.

use super::{hello, succeed};

#[test]
fn the_flake_takes_sealift_from_the_address() {
    let sandbox = hello();
    succeed(&sandbox, &["--summary", "says \"${hi}\""]);
    assert_eq!(
        sandbox.text("flake.nix"),
        r#"{
  description = "says \"\${hi}\"";

  inputs.sealift.url = "path:/where/sealift/is";

  outputs =
    { self, sealift, ... }:
    sealift.lib.mkFlake {
      inherit self;
      src = ./.;
    };
}
"#
    );
}

#[test]
fn the_address_may_come_from_the_environment_and_be_a_directory() {
    let sandbox = hello()
        .file("sealift/flake.nix", "{}")
        .file("sealift/nix/default.nix", "{}");
    let mut command = sandbox.command(["init"]);
    let output = command.env("SEALIFT", "sealift").output();
    let run = sandbox.ran(output.expect("the program can be started"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let url = format!(
        "path:{}",
        sandbox
            .path("sealift")
            .canonicalize()
            .expect("there")
            .display()
    );
    assert!(
        sandbox
            .text("flake.nix")
            .contains(&format!("inputs.sealift.url = \"{url}\";")),
        "{url}"
    );
}

#[test]
fn without_an_address_it_says_what_to_give() {
    let message = hello().fail(["init"]);
    assert!(
        message.starts_with(
            "error: nothing says where the flake gets Sealift from\nhint: give `--sealift`"
        ),
        "{message}"
    );
    let message = hello().fail(["init", "--sealift", "nowhere"]);
    assert!(
        message.starts_with("error: `ROOT/nowhere` does not contain Sealift"),
        "{message}"
    );
}
