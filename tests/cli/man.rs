//! `sealift man`

use crate::sandbox::Sandbox;

#[test]
fn the_page_of_the_program_is_printed() {
    let page = Sandbox::new().succeed(["man"]);
    let title = format!(
        ".TH sealift 1  \"sealift {}\" Sealift\n",
        env!("CARGO_PKG_VERSION")
    );
    assert!(page.contains(&title), "{page}");
    assert!(page.contains("sealift\\-plan(1)"), "{page}");
}

#[test]
fn the_page_of_a_subcommand_is_printed() {
    let page = Sandbox::new().succeed(["man", "gate"]);
    assert!(page.contains(".TH sealift-gate 1"), "{page}");
    let page = Sandbox::new().succeed(["man", "manifest", "schema"]);
    assert!(page.contains(".TH sealift-manifest-schema 1"), "{page}");
}

#[test]
fn pages_have_environment_files_and_examples() {
    let page = Sandbox::new().succeed(["man", "package"]);
    let sections: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix(".SH "))
        .collect();
    assert!(
        sections.ends_with(&["ENVIRONMENT", "FILES", "EXAMPLES"]),
        "{sections:?}"
    );
    assert!(page.contains("\\fBSOURCE_DATE_EPOCH\\fR\n"), "{page}");
    assert!(
        page.contains("sealift package \\-\\-target x86_64"),
        "{page}"
    );
}

#[test]
fn an_unknown_subcommand_has_no_page() {
    let message = Sandbox::new().fail(["man", "bogus"]);
    let expected = "error: there is no subcommand `bogus`; expected one of `doctor`, `init`, `plan`, `make`, `licenses`, `sbom`, `tree`, `package`, `release`, \
                    `check`, `measure`, `soak`, `gate`, `report`, `diff`, `parity`, `push`, `universal`, `symbols`, `stamp`, `targets`, `manifest`, `completions`, `man`\n";
    assert_eq!(message, expected);
}

#[test]
fn all_pages_are_written_into_a_directory() {
    let sandbox = Sandbox::new();
    sandbox.succeed(["man", "--out", "man1"]);
    let subcommands = [
        "check",
        "completions",
        "diff",
        "doctor",
        "gate-list",
        "gate",
        "init",
        "licenses",
        "make",
        "man",
        "manifest-schema",
        "manifest",
        "measure",
        "package",
        "parity-coverage",
        "parity-record",
        "parity-replay",
        "parity",
        "plan",
        "push",
        "release",
        "report",
        "sbom",
        "soak",
        "stamp",
        "symbols",
        "targets",
        "tree",
        "universal",
    ];
    let mut expected = subcommands.map(|name| format!("sealift-{name}.1")).to_vec();
    expected.push("sealift.1".to_owned());
    assert_eq!(sandbox.names("man1"), expected);
    assert_eq!(sandbox.text("man1/sealift.1"), sandbox.succeed(["man"]));
    assert_eq!(
        sandbox.text("man1/sealift-plan.1"),
        sandbox.succeed(["man", "plan"])
    );
}
