//! `sealift init`: what is written of the package.

use super::{CARGO, error_of, hello, planned, project, succeed};

#[test]
fn cargo_s_metadata_is_not_repeated() {
    let sandbox = hello();
    assert_eq!(planned(sandbox, &[])[0], "hello 1.2.3");
    let sandbox = hello();
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    let comment = "[package]\n# From Cargo.toml, unless they are given here: name, version, summary, license, maintainer.\n\n";
    assert!(manifest.contains(comment), "{manifest}");
}

#[test]
fn what_packages_cannot_take_as_cargo_has_it_is_written_as_they_can() {
    let cargo = "\
[package]
name = 'My_Tool'
version = '1.2.3'
description = '''
Greets the
world. Twice.
'''
license = 'MIT/Apache-2.0'
authors = ['A. Person']
";
    let sandbox = project(cargo).file("src/main.rs", "");
    succeed(&sandbox, &["--maintainer", "B <b@example.org>"]);
    let manifest = sandbox.text("sealift.toml");
    let expected = "\
name = \"my-tool\"
summary = \"Greets the world\"
description = \"Greets the world. Twice.\"
license = \"MIT OR Apache-2.0\"
maintainer = \"B <b@example.org>\"
";
    assert!(manifest.contains(expected), "{manifest}");
    assert!(sandbox.succeed(["plan"]).starts_with("my-tool 1.2.3\n"));
}

#[test]
fn what_nobody_has_said_is_asked_for_at_once() {
    let sandbox = project("[package]\nname = 'hello'\nversion = '0.1.0'\n").file("src/main.rs", "");
    assert_eq!(
        error_of(&sandbox, &[]),
        "error: `ROOT/Cargo.toml` does not give `description`, `license` and `authors`\n\
         hint: add to its `[package]`, or give `--summary`, `--license`, `--maintainer`:\n\
         \x20   description = \"greets the world\"\n    license = \"MIT\"\n\
         \x20   authors = [\"A. Person <person@example.org>\"]\n"
    );
    let said = [
        "--summary",
        "greets",
        "--license",
        "MIT",
        "--maintainer",
        "A <a@example.org>",
    ];
    assert_eq!(planned(sandbox, &said)[0], "hello 0.1.0");
}

#[test]
fn a_name_that_no_package_can_have_is_refused() {
    let sandbox = project(&CARGO.replace("'hello'", "'x'")).file("src/main.rs", "");
    let message = error_of(&sandbox, &[]);
    assert!(
        message.starts_with("error: package name `x` is not valid;"),
        "{message}"
    );
    assert!(
        message.ends_with("\nhint: give another one with `--name`\n"),
        "{message}"
    );
    assert_eq!(
        planned(sandbox, &["--name", "xx"])[..2],
        ["xx 1.2.3", "0755  bin/x -> /usr/bin/x"]
    );
}
