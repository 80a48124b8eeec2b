//! `sealift completions`

use crate::sandbox::Sandbox;

#[test]
fn every_shell_has_a_script_that_knows_the_subcommands() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = sandbox.succeed(["completions", shell]);
        for word in ["plan", "package", "release", "gate", "stamp"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn targets_and_formats_are_offered() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = sandbox.succeed(["completions", shell]);
        // The others complete options only.
        if ["bash", "zsh", "fish"].contains(&shell) {
            for word in ["x86_64-pc-windows-gnullvm", "appimage"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}

#[test]
fn an_unknown_shell_is_refused_with_the_known_ones() {
    let message = Sandbox::new().fail(["completions", "tcsh"]);
    assert!(
        message.contains("[possible values: bash, elvish, fish, powershell, zsh]"),
        "{message}"
    );
}
