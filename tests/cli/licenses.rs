//! `sealift licenses`, and packages with what it writes.

use sha2::{Digest, Sha256};

use crate::sandbox::{MANIFEST, Run, Sandbox, TARGET, words};

pub const WINDOWS: &str = "x86_64-pc-windows-gnullvm";

const CARGO_TOML: &str = "\
[package]
name = 'hello'
version = '1.2.3'
edition = '2024'
[features]
more = ['dep:optional']
[dependencies]
linked = { path = 'crates/linked' }
optional = { path = 'crates/optional', optional = true }
macros = { path = 'crates/macros' }
own = { path = 'own' }
[target.'cfg(windows)'.dependencies]
windows-only = { path = 'crates/windows-only' }
[build-dependencies]
built = { path = 'crates/built' }
[dev-dependencies]
tested = { path = 'crates/tested' }
[workspace]
exclude = ['crates']
";

const RULES: &str = "\
[[files]]
kind = 'license'
source = '{licenses}'
";

/// A project with a path dependency of each kind; they are not members, and so somebody else's.
pub fn project() -> Sandbox {
    let names = [
        "built",
        "linked",
        "macros",
        "optional",
        "tested",
        "unlicensed",
        "windows-only",
    ];
    let mut sandbox = Sandbox::new()
        .file("sealift.toml", manifest(""))
        .file("Cargo.toml", CARGO_TOML)
        .file("build/bin/hello", "#!/bin/sh\necho hello\n")
        .file("src/main.rs", "fn main() {}\n")
        .file("build.rs", "fn main() {}\n")
        .file(
            "own/Cargo.toml",
            "[package]\nname = 'own'\nversion = '1.0.0'\n",
        )
        .file("own/src/lib.rs", "");
    for name in names {
        let (license, more) = match name {
            "unlicensed" => ("", ""),
            "macros" => ("license = 'MIT'\n", "[lib]\nproc-macro = true\n"),
            "linked" => (
                "license = 'MIT OR Apache-2.0'\nauthors = ['Jo Doe <jo@example.org>']\n",
                "[dependencies]\nunlicensed = { path = '../unlicensed' }\n",
            ),
            _ => ("license = 'MIT'\n", ""),
        };
        let table = format!("[package]\nname = '{name}'\nversion = '0.1.0'\n{license}{more}");
        sandbox = sandbox
            .file(&format!("crates/{name}/Cargo.toml"), table)
            .file(&format!("crates/{name}/src/lib.rs"), "");
        if name != "unlicensed" {
            let place = format!("crates/{name}/LICENSE-MIT");
            sandbox = sandbox.file(&place, format!("Copyright of {name}\n"));
        }
    }
    let mut lock = "version = 4\n".to_owned();
    for name in names.iter().chain(&["hello", "own"]) {
        let (version, dependencies) = match *name {
            "hello" => (
                "1.2.3",
                "dependencies = [\"built\", \"linked\", \"macros\", \"optional\", \"own\", \"tested\", \"windows-only\"]\n",
            ),
            "own" => ("1.0.0", ""),
            "linked" => ("0.1.0", "dependencies = [\"unlicensed\"]\n"),
            _ => ("0.1.0", ""),
        };
        lock += &format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{dependencies}");
    }
    sandbox.file("Cargo.lock", lock)
}

fn manifest(more: &str) -> String {
    let targets = format!("'{TARGET}', '{WINDOWS}'");
    let manifest = MANIFEST.replace(&format!("'{TARGET}'"), &targets);
    format!("{manifest}{RULES}{more}")
}

/// Runs the program with the cargo of this machine, which rustup finds by these variables.
fn run(sandbox: &Sandbox, line: &str) -> Run {
    let mut command = sandbox.command(words(line));
    for variable in ["PATH", "HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        command.envs(std::env::var_os(variable).map(|value| (variable, value)));
    }
    command.env("CARGO_HOME", sandbox.path(".cargo-home"));
    sandbox.ran(command.output().expect("it can be started"))
}

pub fn succeed(sandbox: &Sandbox, line: &str) -> String {
    let run = run(sandbox, line);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

/// The message of a run that does not succeed.
fn fail(sandbox: &Sandbox, line: &str) -> String {
    let run = run(sandbox, line);
    assert_eq!(run.code, 2, "{}", run.stderr);
    run.stderr
}

/// The crates in a file, by the lines that begin their paragraphs.
fn crates(text: &str) -> Vec<&str> {
    let (list, _) = text.split_once("\nText 1, of").expect("there are texts");
    let paragraphs = list.split("\n\n").skip(3);
    let first = paragraphs.filter_map(|paragraph| paragraph.trim().lines().next());
    first.filter(|line| !line.starts_with('=')).collect()
}

#[test]
fn what_is_linked_for_a_target_is_listed_and_nothing_else() {
    let sandbox = project();
    let run = run(&sandbox, &format!("licenses --target {TARGET}"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        crates(&run.stdout),
        [
            "linked 0.1.0",
            "unlicensed 0.1.0",
            "The Rust standard library",
            "musl, the C library"
        ]
    );
    assert!(
        run.stdout
            .contains("\n    Authors:    Jo Doe <jo@example.org>\n")
    );
    assert!(run.stdout.contains("\nCopyright of linked\n"));
    assert_eq!(
        run.stderr,
        "warning: the crate `unlicensed` 0.1.0 has no license, neither an expression in its Cargo.toml nor a text\n"
    );
    let text = succeed(&sandbox, &format!("licenses --target {WINDOWS}"));
    assert_eq!(
        crates(&text),
        [
            "linked 0.1.0",
            "unlicensed 0.1.0",
            "windows-only 0.1.0",
            "The Rust standard library"
        ]
    );
}

#[test]
fn the_features_of_the_manifest_count() {
    let sandbox = project().file(
        "sealift.toml",
        manifest("[build.targets.windows]\nfeatures = ['more']\n"),
    );
    let of = |target: &str| succeed(&sandbox, &format!("licenses --target {target}"));
    assert!(of(WINDOWS).contains("\noptional 0.1.0\n"));
    assert!(!of(TARGET).contains("\noptional 0.1.0\n"));
}

#[test]
fn a_release_has_what_the_command_writes_and_warns_as_well() {
    let sandbox = project();
    let line = format!("make --build build --target {TARGET} --format deb --format archive");
    let run = run(&sandbox, &line);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("warning: the crate `unlicensed` 0.1.0"),
        "{}",
        run.stderr
    );

    succeed(
        &sandbox,
        &format!("licenses --target {TARGET} --out listed"),
    );
    let sum: String = Sha256::digest(sandbox.text("listed"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let release = sandbox.json("release/release.json");
    let mut places = Vec::new();
    for artifact in release["artifacts"].as_array().expect("a list") {
        for entry in artifact["contents"].as_array().expect("a list") {
            if entry["content"]["file"]["sha256"] == sum {
                places.push(entry["path"].as_str().expect("a path").to_owned());
            }
        }
    }
    places.sort();
    let archive = format!("hello-1.2.3-{TARGET}/THIRD-PARTY-LICENSES");
    let expected = [&archive, "usr/share/doc/hello/THIRD-PARTY-LICENSES"];
    assert_eq!(places, expected);

    let tree = format!("tree --source . --build build --target {TARGET} --out");
    succeed(&sandbox, &format!("{tree} first --licenses listed"));
    let placed = sandbox.text("first/{licenses}/THIRD-PARTY-LICENSES");
    assert_eq!(placed, sandbox.text("listed"));
    let message = fail(&sandbox, &format!("{tree} second"));
    assert!(
        message.contains(
            "the licenses of the dependencies are not there\n"
        ) && message.ends_with(
            "hint: write them with `sealift licenses --out FILE`, and give them with `--licenses FILE`\n"
        ),
        "{message}"
    );
}

#[test]
fn what_cargo_refuses_is_said_in_its_words() {
    let sandbox = project().file("Cargo.lock", "version = 4\n");
    let message = fail(&sandbox, &format!("licenses --target {TARGET}"));
    assert!(
        message.starts_with("error: `cargo tree` failed (exit status: 101) and said:\n"),
        "{message}"
    );
    assert!(message.contains("--locked"), "{message}");
    assert!(!sandbox.path("release").exists());
}
