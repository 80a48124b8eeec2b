//! `sealift init`: workspaces.

use super::{CARGO, REST, error_of, hello, planned, project, succeed};

#[test]
fn a_workspace_without_a_package_of_its_own_gives_what_its_members_inherit() {
    let root = format!("[workspace]\nmembers = ['crates/*']\n[workspace.package]\n{REST}");
    let member = "[package]\nname = 'tool'\nversion.workspace = true\ndescription.workspace = true\n\
                  license.workspace = true\nauthors.workspace = true\n";
    let sandbox = project(&root)
        .file("crates/tool/Cargo.toml", member)
        .file("crates/tool/src/main.rs", "")
        .file("crates/tool/README.md", "tool")
        .file("crates/library/Cargo.toml", "[package]\nname = 'library'\n")
        .file("crates/library/src/lib.rs", "");
    assert_eq!(
        planned(sandbox, &[]),
        [
            "tool 1.2.3",
            "0755  bin/tool -> /usr/bin/tool",
            "0644  LICENSE -> /usr/share/licenses/tool/LICENSE",
            "0644  crates/tool/README.md -> /usr/share/doc/tool/README.md",
        ]
    );
}

#[test]
fn the_package_above_its_members_is_the_one_that_is_released() {
    let root = format!("{CARGO}[workspace]\nmembers = ['xtask']\n");
    let sandbox = project(&root)
        .file("src/main.rs", "")
        .file("xtask/Cargo.toml", "[package]\nname = 'xtask'\n")
        .file("xtask/src/main.rs", "");
    let expected = ["hello 1.2.3", "0755  bin/hello -> /usr/bin/hello"];
    assert_eq!(planned(sandbox, &[])[..2], expected);
}

#[test]
fn of_several_packages_those_that_are_named_are_released() {
    let sandbox = || {
        project("[workspace]\nmembers = ['*']\n")
            .file(
                "a/Cargo.toml",
                format!("[package]\nname = 'tool-a'\n{REST}"),
            )
            .file("a/src/main.rs", "")
            .file(
                "b/Cargo.toml",
                format!("[package]\nname = 'tool-b'\n{REST}"),
            )
            .file("b/src/main.rs", "")
    };
    let message = error_of(&sandbox(), &[]);
    assert_eq!(
        message,
        "error: several packages of the workspace have programs: `tool-a`, `tool-b`\n\
         hint: name with `--package` those to release; the first gives the release its name and version\n"
    );
    let expected = ["tool-b 1.2.3", "0755  bin/tool-b -> /usr/bin/tool-b"];
    assert_eq!(planned(sandbox(), &["--package", "tool-b"])[..2], expected);
    let both = planned(sandbox(), &["--package", "tool-b", "--package", "tool-a"]);
    assert_eq!(
        both[..2],
        ["tool-b 1.2.3", "0755  bin/tool-a -> /usr/bin/tool-a"]
    );
    let message = error_of(&sandbox(), &["--package", "c"]);
    assert_eq!(
        message,
        "error: there is no package `c`; expected one of `tool-a`, `tool-b`\n"
    );
}

#[test]
fn of_a_workspace_only_what_is_released_is_built() {
    let root = format!("{CARGO}[workspace]\nmembers = ['xtask']\n");
    let sandbox = project(&root)
        .file("src/main.rs", "")
        .file("xtask/Cargo.toml", "[package]\nname = 'xtask'\n")
        .file("xtask/src/main.rs", "");
    succeed(&sandbox, &[]);
    assert!(
        sandbox
            .text("sealift.toml")
            .contains("\npackages = [\"hello\"]\n")
    );
    let sandbox = hello();
    succeed(&sandbox, &[]);
    assert!(!sandbox.text("sealift.toml").contains("[build]"));
}

#[test]
fn a_workspace_of_libraries_is_refused() {
    let sandbox = project("[workspace]\nmembers = ['a']\n")
        .file("a/Cargo.toml", "[package]\nname = 'a'\n")
        .file("a/src/lib.rs", "");
    let message = error_of(&sandbox, &[]);
    assert!(
        message.starts_with(
            "error: `ROOT/Cargo.toml` has no program to release: `a` builds a library (lib)"
        ),
        "{message}"
    );
}

#[test]
fn a_member_of_a_workspace_is_sent_to_the_whole() {
    let sandbox = project("[workspace]\nmembers = ['a']\nexclude = ['free']\n")
        .file("a/Cargo.toml", CARGO)
        .file("a/src/main.rs", "")
        .file("free/Cargo.toml", CARGO)
        .file("free/src/main.rs", "");
    assert_eq!(
        error_of(&sandbox, &["--directory", "a"]),
        "error: `ROOT/a` belongs to the workspace in `ROOT`, which is built as a whole\n\
         hint: run `sealift init --directory ROOT --package hello`\n"
    );
    succeed(&sandbox, &["--directory", "free"]);
}
