//! `sealift make`

use std::fs;

use crate::sandbox::{MANIFEST, Run, Sandbox, TARGET, elf_header, found, words};

const ARM: &str = "aarch64-unknown-linux-musl";
const SCRIPT: &str = "#!/bin/sh\necho hello\n";

/// A manifest for several targets.
fn manifest(triples: &[&str]) -> String {
    let list = format!("'{}'", triples.join("', '"));
    MANIFEST.replace("'x86_64-unknown-linux-musl'", &list)
}

/// A project with a program for each of two targets.
fn built() -> Sandbox {
    Sandbox::new()
        .file("sealift.toml", manifest(&[TARGET, ARM]))
        .file(&format!("build/{TARGET}/bin/hello"), SCRIPT)
        .file(&format!("build/{ARM}/bin/hello"), SCRIPT)
}

fn make(sandbox: &Sandbox, more: &str) -> Run {
    sandbox.run(words(&format!("make {more}")))
}

/// A run that succeeds.
fn made(sandbox: &Sandbox, more: &str) -> Run {
    let run = make(sandbox, more);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run
}

#[test]
fn one_command_makes_a_judged_release_of_all_targets_and_leaves_nothing_else() {
    let sandbox = built();
    let before = sandbox.names(".");
    let run = made(&sandbox, "--build build --commit abc123 --date 1767323045");
    let files = sandbox.names("release");
    assert_eq!(
        files,
        [
            "SHA256SUMS",
            "artifacts",
            "release.json",
            "report.html",
            "report.json"
        ]
    );
    let after = sandbox.names(".");
    let new: Vec<_> = after.iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(new, ["release"]);
    let artifacts = sandbox.names("release/artifacts");
    // One image is for both.
    assert_eq!(artifacts.len(), 7);
    // Standard output is data: the paths.
    let paths: Vec<_> = artifacts
        .iter()
        .map(|name| format!("release/artifacts/{name}"))
        .collect();
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), paths);
    let record = sandbox.json("release/release.json");
    assert_eq!(record["commit"], "abc123");
    assert_eq!(record["date"], 1_767_323_045);
    assert_eq!(record["built_with"]["hermetic"], false);
    assert_eq!(record["built_with"]["command"], "sealift make --build");
    assert_eq!(sandbox.json("release/report.json")["outcome"], "pass");
}

#[test]
fn people_see_the_sizes_the_gates_and_that_it_is_not_hermetic() {
    let sandbox = built();
    let stderr = made(&sandbox, "--build build").stderr;
    let table = stderr
        .lines()
        .filter(|line| line.contains(" release/artifacts/"));
    assert_eq!(table.count(), 7, "{stderr}");
    for part in [
        " 7 artifacts\n",
        "\npass   packages ",
        "\nnote: this release is not hermetic",
    ] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    let quiet = made(&sandbox, "--build build --out second --quiet");
    assert_eq!(
        (quiet.stderr.as_str(), quiet.stdout.lines().count()),
        ("", 7)
    );
}

#[test]
fn packages_are_those_that_the_stages_make() {
    let sandbox = Sandbox::with_manifest("").file("build/bin/hello", SCRIPT);
    sandbox.succeed(words("tree --source . --build build --out tree"));
    let package = "package --target x86_64-unknown-linux-musl --tree tree --out packages --commit ab --date 9";
    sandbox.succeed(words(package));
    made(&sandbox, "--build build --commit ab --date 9");
    for name in sandbox.names("release/artifacts") {
        let read = |directory: &str| fs::read(sandbox.path(directory).join(&name));
        let (one, other) = (read("release/artifacts"), read("packages"));
        assert!(one.expect("readable") == other.expect("readable"), "{name}");
    }
}

#[test]
fn the_record_is_printed_as_json() {
    let sandbox = built();
    let run = made(&sandbox, "--build build --json --format deb");
    assert_eq!(run.stdout, sandbox.text("release/release.json"));
    assert_eq!(sandbox.names("release/artifacts").len(), 2);
}

#[test]
fn files_of_the_build_beside_the_programs_are_packaged() {
    let rules = "[[files]]\nkind = 'man'\nsource = 'man/hello.1'\n";
    let sandbox = Sandbox::with_manifest(rules)
        .file("build/bin/hello", SCRIPT)
        .file("build/man/hello.1", ".TH HELLO 1\n");
    made(&sandbox, "--build build --format archive");
    let record = sandbox.text("release/release.json");
    assert!(record.contains("usr/share/man/man1/hello.1"), "{record}");
}

#[test]
fn a_target_without_programs_is_left_out_and_said() {
    let sandbox = Sandbox::new()
        .file("sealift.toml", manifest(&[TARGET, ARM]))
        .file("build/bin/hello", elf_header(183));
    let run = make(&sandbox, "--build build --format archive");
    let expected = format!("left out  {TARGET}: `build` has no programs for it\n");
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert!(run.stdout.contains(ARM), "{}", run.stdout);
}

#[test]
fn a_refused_release_is_there_with_its_report() {
    // Nothing protects a program that is only a header.
    let sandbox = Sandbox::with_manifest("").file("build/bin/hello", elf_header(62));
    let run = make(&sandbox, "--build build --quiet");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("FAIL   hardening"), "{}", run.stderr);
    assert_eq!(sandbox.json("release/report.json")["outcome"], "fail");
    assert_eq!(sandbox.names("release/artifacts").len(), 3);
}

#[test]
fn an_error_leaves_nothing() {
    let rules = "[[files]]\nkind = 'doc'\nsource = 'nowhere.txt'\n";
    let sandbox = Sandbox::with_manifest(rules).file("build/bin/hello", SCRIPT);
    let before = sandbox.names(".");
    let message = sandbox.fail(words("make --build build"));
    let expected = format!("error: cannot assemble the files for `{TARGET}`: ");
    assert!(message.starts_with(&expected), "{message}");
    assert_eq!(sandbox.names("."), before);
}

#[test]
fn an_empty_directory_is_filled() {
    let sandbox = built();
    fs::create_dir(sandbox.path("release")).expect("writable");
    made(&sandbox, "--build build");
    assert_eq!(sandbox.names("release").len(), 5);
}

#[test]
fn a_generated_file_is_printed_by_the_program_for_this_machine() {
    let rules = "[[files]]\nkind = 'doc'\nsource = 'printed'\n[[generate]]\ncommand = ['bin/hello']\noutput = 'printed'\n";
    let script = format!("#!{}\necho printed by $0\n", found("sh"));
    let sandbox = Sandbox::new()
        .file("sealift.toml", manifest(&[TARGET, ARM]) + rules)
        .file(&format!("build/{TARGET}/bin/hello"), SCRIPT)
        .file(&format!("build/{ARM}/bin/hello"), SCRIPT)
        .script("host/bin/hello", &script);
    made(
        &sandbox,
        "--build build --generate-with host --format archive",
    );
    // Scripts are for no machine in particular, so those of the build are tried, which nobody may execute.
    let message = sandbox.fail(words("make --build build --out second"));
    assert!(message.contains("cannot run `bin/hello`"), "{message}");
    assert!(
        message.contains("\nhint: where the build is for another machine, name one"),
        "{message}"
    );
}

/// What cargo tells of the project.
const METADATA: &str = r#"{"workspace_root": ".", "workspace_members": ["hello"], "packages":
    [{"name": "hello", "version": "1.2.3", "id": "hello", "manifest_path": "Cargo.toml",
      "license": "MIT", "authors": [], "repository": null, "license_file": null, "source": null}]}"#;

/// A project with a Rust of scripts: its cargo has compiled already, for the target that is installed.
fn with_cargo(more: &str) -> Sandbox {
    let sh = found("sh");
    let cargo = format!(
        "#!{sh}\n\
         case $1 in\n\
         -vV) echo cargo 1.96.0; exit ;;\n\
         tree) echo '0 hello v1.2.3'; exit ;;\n\
         metadata) echo '{METADATA}'; exit ;;\n\
         esac\n\
         echo \"$@\" >>arguments\n\
         echo \"strip=$CARGO_PROFILE_RELEASE_STRIP flags=$RUSTFLAGS\" >>environment\n\
         echo '{{\"reason\":\"compiler-artifact\",\"target\":{{\"kind\":[\"bin\"]}},\"executable\":\"'$PWD'/target/release/hello\"}}'\n"
    );
    let rustc = format!(
        "#!{sh}\n\
         case \"$*\" in\n\
         -vV) printf 'rustc 1.96.0\\ncommit-hash: abc\\nhost: {TARGET}\\n' ;;\n\
         '--print sysroot') echo /rust ;;\n\
         '--print target-libdir --target {TARGET}') echo $PWD/tools ;;\n\
         *) exit 1 ;;\n\
         esac\n"
    );
    Sandbox::new()
        .file("sealift.toml", manifest(&[TARGET, ARM]) + more)
        .file("Cargo.toml", "[package]\nname = 'hello'\n")
        .file(
            "Cargo.lock",
            "version = 4\n[[package]]\nname = 'hello'\nversion = '1.2.3'\n",
        )
        .file("src/main.rs", "fn main() {}\n")
        .file("target/release/hello", elf_header(62))
        .script("tools/cargo", &cargo)
        .script("tools/rustc", &rustc)
}

/// A run with the tools of the sandbox.
fn run_with_tools(sandbox: &Sandbox, line: &str) -> Run {
    let mut command = sandbox.command(words(line));
    command
        .env("PATH", sandbox.path("tools"))
        .env("RUSTFLAGS", "-Ctarget-cpu=native");
    sandbox.ran(command.output().expect("the program can be started"))
}

#[test]
fn cargo_compiles_what_it_can_as_the_manifest_says() {
    let sandbox = with_cargo("[build]\nfeatures = ['tls']\n");
    let run = run_with_tools(&sandbox, "make --format archive");
    // The program is only a header, which the gates refuse.
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    let expected = format!(
        "left out  {ARM}: its standard library is not installed; try `rustup target add {ARM}`\n"
    );
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    let arguments = sandbox.text("arguments");
    let start = format!(
        "build --release --locked --message-format=json-render-diagnostics --target={TARGET} --config="
    );
    assert!(arguments.starts_with(&start), "{arguments}");
    assert!(
        arguments.ends_with(" --workspace --features=tls\n"),
        "{arguments}"
    );
    assert_eq!(sandbox.text("environment"), "strip=symbols flags=\n");
    let built_with = &sandbox.json("release/release.json")["built_with"];
    assert_eq!(built_with["command"], "sealift make --cargo");
    assert_eq!(built_with["versions"]["rustc"], "rustc 1.96.0");
    let name = format!("hello-1.2.3-{TARGET}.cdx.json");
    assert_eq!(sandbox.names("release/sbom"), [name.as_str()]);
    let sbom = sandbox.json(&format!("release/sbom/{name}"));
    assert_eq!(sbom["components"][0]["name"], "hello");
    assert!(
        sandbox
            .text("release/SHA256SUMS")
            .contains(&format!("  sbom/{name}\n"))
    );
    assert!(
        run.stdout.contains("pass   sbom ") || run.stderr.contains("pass   sbom "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_target_that_cargo_cannot_compile_is_refused_where_it_is_asked_for() {
    let sandbox = with_cargo("");
    let run = run_with_tools(&sandbox, &format!("make --cargo --target {ARM}"));
    let expected = format!(
        "error: `{ARM}` cannot be made: its standard library is not installed; try `rustup target add {ARM}`\n"
    );
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    assert!(!sandbox.path("arguments").exists(), "cargo was called");
}

#[test]
fn a_failure_of_cargo_ends_it_and_leaves_nothing() {
    let script = format!(
        "#!{}\ncase $1 in -vV) echo cargo ;; *) exit 101 ;; esac\n",
        found("sh")
    );
    let sandbox = with_cargo("").script("tools/cargo", &script);
    let run = run_with_tools(&sandbox, "make --cargo");
    assert_eq!(run.code, 2);
    let expected = format!("error: `cargo build` failed for `{TARGET}` (exit status: 101)\n");
    assert!(run.stderr.ends_with(&expected), "{}", run.stderr);
    assert!(!sandbox.path("release").exists());
}

#[test]
fn an_appimage_is_made_with_a_runtime_and_refused_before_anything_is_made_without_one() {
    let sandbox = Sandbox::new()
        .file("sealift.toml", MANIFEST.replace("'oci'", "'appimage'"))
        .file("build/bin/hello", "program");
    let run = sandbox.run(["make", "--build", "build"]);
    let has_runtime = cfg!(feature = "embedded-runtimes")
        || std::env::var_os("SEALIFT_APPIMAGE_RUNTIMES").is_some();
    if has_runtime {
        assert!(run.stdout.contains(".AppImage\n"), "{}", run.stderr);
    } else {
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert!(run.stderr.contains("hint: "), "{}", run.stderr);
        assert!(!sandbox.path("release").exists());
    }
}
