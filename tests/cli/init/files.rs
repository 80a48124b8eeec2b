//! `sealift init`: the files that are written.

use std::os::unix::fs::PermissionsExt;

use super::{hello, planned, run, succeed};

#[test]
fn the_files_of_a_plain_project_are_written() {
    let sandbox = hello();
    let run = run(&sandbox, &[]);
    assert_eq!(run.stdout, "sealift.toml\nflake.nix\nnixw\n.envrc\n");
    assert!(
        run.stderr.contains("./nixw build .#release"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("cargo generate-lockfile"),
        "{}",
        run.stderr
    );
    let expected = [
        ".envrc",
        "Cargo.toml",
        "LICENSE",
        "flake.nix",
        "nixw",
        "sealift.toml",
        "src",
    ];
    assert_eq!(sandbox.names("."), expected);
}

#[test]
fn the_wrapper_is_this_repository_s_own() {
    let sandbox = hello();
    succeed(&sandbox, &[]);
    assert_eq!(sandbox.text("nixw"), include_str!("../../../nixw"));
    let mode = |name| {
        std::fs::metadata(sandbox.path(name))
            .expect("there")
            .permissions()
            .mode()
    };
    assert_eq!(mode("nixw") & 0o777, 0o755);
    assert_eq!(mode("flake.nix") & 0o777, 0o644);
}

#[test]
fn the_tools_that_crates_of_the_lock_run_are_asked_for() {
    let lock = "version = 4\n[[package]]\nname = 'hello'\nversion = '1.2.3'\n\
                [[package]]\nname = 'openssl-src'\nversion = '300.6.1'\n\
                [[package]]\nname = 'prost-build'\nversion = '0.14.1'\n";
    let sandbox = hello().file("Cargo.lock", lock);
    succeed(&sandbox, &[]);
    let expected = "\n[build]\n# What build scripts run: openssl-src, prost-build.\n\
                    tools = [\"make\", \"perl\", \"protobuf\"]\n";
    let manifest = sandbox.text("sealift.toml");
    assert!(manifest.contains(expected), "{manifest}");
}

#[test]
fn the_licenses_of_crates_are_shipped_where_the_lock_has_any() {
    let licenses = "0644  {licenses} -> /usr/share/licenses/hello/THIRD-PARTY-LICENSES";
    let own = "version = 4\n[[package]]\nname = 'hello'\nversion = '1.2.3'\n";
    let planned_with = |lock: &str| planned(hello().file("Cargo.lock", lock), &[]);
    assert!(!planned_with(own).iter().any(|line| line == licenses));
    let more = format!("{own}[[package]]\nname = 'serde'\nversion = '1.0.0'\n");
    assert!(planned_with(&more).iter().any(|line| line == licenses));
}

#[test]
fn documents_pages_and_completions_are_shipped() {
    let sandbox = hello()
        .file("README.md", "")
        .file("CHANGELOG.md", "")
        .file("man/hello.1", "")
        .file("completions/hello.bash", "")
        .file("completions/hello.zsh", "");
    assert_eq!(
        planned(sandbox, &[])[2..],
        [
            "0644  LICENSE -> /usr/share/licenses/hello/LICENSE",
            "0644  CHANGELOG.md -> /usr/share/doc/hello/CHANGELOG.md",
            "0644  README.md -> /usr/share/doc/hello/README.md",
            "0644  man/hello.1 -> /usr/share/man/man1/hello.1",
            "0644  completions/hello.bash -> /usr/share/bash-completion/completions/hello",
            "0644  completions/hello.zsh -> /usr/share/zsh/site-functions/_hello",
        ]
    );
}

#[test]
fn generated_pages_and_completions_and_notes_of_releases_are_shipped() {
    let sandbox = hello()
        .file("RELEASE_NOTES.md", "")
        .file("gen/hello.1", "")
        .file("gen/completions/_hello", "");
    assert_eq!(
        planned(sandbox, &[])[3..],
        [
            "0644  RELEASE_NOTES.md -> /usr/share/doc/hello/RELEASE_NOTES.md",
            "0644  gen/hello.1 -> /usr/share/man/man1/hello.1",
            "0644  gen/completions/_hello -> /usr/share/zsh/site-functions/_hello",
        ]
    );
}

#[test]
fn the_example_of_a_printed_file_holds_as_it_stands() {
    let sandbox = hello();
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    let (before, example) = manifest.split_once("# [[files]]\n").expect("it is there");
    let example = example.replace("# ", "").replace("#\n", "\n");
    let sandbox = sandbox.file("sealift.toml", format!("{before}[[files]]\n{example}"));
    let plan = sandbox.succeed(["plan"]);
    assert!(
        plan.contains("-> /usr/share/bash-completion/completions/hello"),
        "{plan}"
    );
}

#[test]
fn every_platform_of_the_comments_can_be_added() {
    let sandbox = hello();
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    let listed = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("#   "));
    let triples: Vec<_> = listed
        .filter(|word| word.contains('-') && !word.contains(' '))
        // Their packages have the names of those with musl.
        .filter(|triple| !triple.ends_with("-linux-gnu"))
        .collect();
    assert!(triples.len() >= 8, "{manifest}");
    let all = format!("targets = [\"{}\", ", triples.join("\", \""));
    let more = manifest
        .replace("targets = [", &all)
        .replace("# formats-for", "formats-for");
    let sandbox = sandbox.file("sealift.toml", more);
    let plan = sandbox.succeed(["plan"]);
    for triple in triples {
        assert!(plan.contains(triple), "{triple}: {plan}");
    }
}
