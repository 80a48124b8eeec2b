//! `sealift init`: which programs are shipped.

use super::{CARGO, error_of, planned, project, succeed};

#[test]
fn several_programs_are_shipped() {
    let bins = format!("{CARGO}[[bin]]\nname = 'hi'\npath = 'src/main.rs'\n");
    let sandbox = project(&bins)
        .file("src/main.rs", "")
        .file("src/bin/one.rs", "")
        .file("src/bin/two/main.rs", "");
    assert_eq!(
        planned(sandbox, &[]),
        [
            "hello 1.2.3",
            "0755  bin/hi -> /usr/bin/hi",
            "0755  bin/one -> /usr/bin/one",
            "0755  bin/two -> /usr/bin/two",
            "0644  LICENSE -> /usr/share/licenses/hello/LICENSE",
        ]
    );
}

#[test]
fn several_programs_make_an_image_that_knows_which_to_run() {
    let sandbox = project(CARGO)
        .file("src/bin/one.rs", "")
        .file("src/bin/two.rs", "");
    succeed(&sandbox, &[]);
    let sandbox = sandbox
        .file("tree/bin/one", "1")
        .file("tree/bin/two", "2")
        .file("tree/LICENSE", "MIT");
    let package = "package --target x86_64-unknown-linux-musl --tree tree --format oci --out out";
    std::fs::create_dir(sandbox.path("out")).expect("writable");
    sandbox.succeed(crate::sandbox::words(package));
}

#[test]
fn a_library_is_refused() {
    let sandbox = project(CARGO).file("src/lib.rs", "");
    assert_eq!(
        error_of(&sandbox, &[]),
        "error: `ROOT/Cargo.toml` has no program to release: `hello` builds a library (lib), and Sealift ships programs\n\
         hint: a program has a `src/main.rs`, a file in `src/bin/` or a `[[bin]]`\n"
    );
    let message = error_of(&sandbox, &["--package", "hello"]);
    assert_eq!(
        message,
        "error: package `hello` has no program to release\n"
    );
}

#[test]
fn a_program_that_needs_a_feature_is_named() {
    let bin = format!(
        "{CARGO}[[bin]]\nname = 'extra'\nrequired-features = ['more']\n[features]\nmore = []\n"
    );
    let sandbox = project(&bin).file("src/bin/extra.rs", "");
    let message = error_of(&sandbox, &[]);
    let expected = "error: `ROOT/Cargo.toml` has no program to release; `extra` is built with certain features alone\n";
    assert!(message.starts_with(expected), "{message}");
}
