//! `sealift plan`

use crate::sandbox::{MANIFEST, Sandbox, TARGET, words};

fn error_of(manifest: &str) -> String {
    Sandbox::new().file("sealift.toml", manifest).fail(["plan"])
}

/// The usual manifest with one text in place of another.
fn changed(from: &str, to: &str) -> String {
    assert!(MANIFEST.contains(from), "{from}");
    error_of(&MANIFEST.replace(from, to))
}

#[test]
fn a_plan_is_shown_for_people() {
    let plan = Sandbox::with_manifest("").succeed(["plan"]);
    assert_eq!(
        plan,
        "\
hello 1.2.3

x86_64-unknown-linux-musl
  artifacts
    archive  hello-1.2.3-x86_64-unknown-linux-musl.tar.gz
    deb      hello_1.2.3-1_amd64.deb
    oci      hello-1.2.3-x86_64.oci.tar
  files
    0755  bin/hello -> /usr/bin/hello
"
    );
}

#[test]
fn a_plan_is_shown_for_machines() {
    let plan = Sandbox::with_manifest("").succeed(["plan", "--json", "--format", "deb"]);
    let plan: serde_json::Value = serde_json::from_str(&plan).expect("it is JSON");
    let target = &plan["targets"][0];
    assert_eq!(target["artifacts"].as_array().map(Vec::len), Some(1));
    assert_eq!(target["artifacts"][0]["file"], "hello_1.2.3-1_amd64.deb");
    assert_eq!(target["files"][0]["destination"], "usr/bin/hello");
}

/// A program for three systems, with formats of their own and files of all kinds that differ.
const THREE_SYSTEMS: &str = "\
targets = ['aarch64-unknown-linux-musl', 'x86_64-pc-windows-gnullvm', 'universal2-apple-darwin']
formats = ['archive']

[formats-for]
linux = ['deb', 'archive']

[build]
profile = 'size'
cargo-profile = 'dist'
features = ['tls', 'dep/std']
default-features = false
packages = ['hello']

[build.targets.windows]
features = ['console']

[windows]
icon = 'hello.ico'

[package]
name = 'hello'
version = '1.2.3'
summary = 'greets the world'
license = 'MIT'
maintainer = 'A. Person <a@example.org>'

[[files]]
kind = 'binary'
source = 'bin/hello'

[[files]]
kind = 'man'
source = 'hello.1'

[[files]]
kind = 'systemd-unit'
source = 'hello.service'

[[files]]
kind = 'completion'
source = 'hello.ps1'
destination = 'usr/share/hello/hello.ps1'
targets = ['windows']
";

#[test]
fn each_target_has_its_own_formats_and_files() {
    let plan = Sandbox::new()
        .file("sealift.toml", THREE_SYSTEMS)
        .succeed(["plan"]);
    assert_eq!(
        plan,
        "\
hello 1.2.3

aarch64-unknown-linux-musl
  artifacts
    deb      hello_1.2.3-1_arm64.deb
    archive  hello-1.2.3-aarch64-unknown-linux-musl.tar.gz
  files
    0755  bin/hello -> /usr/bin/hello
    0644  hello.1 -> /usr/share/man/man1/hello.1
    0644  hello.service -> /usr/lib/systemd/system/hello.service

x86_64-pc-windows-gnullvm
  artifacts
    archive  hello-1.2.3-x86_64-pc-windows-gnullvm.zip
  files
    0755  bin/hello.exe -> /usr/bin/hello.exe
    0644  hello.ps1 -> /usr/share/hello/hello.ps1

universal2-apple-darwin
  artifacts
    archive  hello-1.2.3-universal2-apple-darwin.tar.gz
  files
    0755  bin/hello -> /usr/bin/hello
    0644  hello.1 -> /usr/share/man/man1/hello.1
"
    );
}

#[test]
fn a_format_that_some_targets_have_is_planned_for_those() {
    let sandbox = Sandbox::new().file("sealift.toml", THREE_SYSTEMS);
    let plan = sandbox.succeed(["plan", "--format", "deb", "--json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan).expect("it is JSON");
    let targets = plan["targets"].as_array().expect("a list");
    let triples: Vec<_> = targets.iter().map(|t| &t["target"]).collect();
    assert_eq!(triples, ["aarch64-unknown-linux-musl"]);
    let message = sandbox.fail(words(
        "plan --format deb --target x86_64-pc-windows-gnullvm",
    ));
    let expected = "error: format `deb` is not planned; expected one of `archive`\n";
    assert_eq!(message, expected);
}

#[test]
fn how_programs_are_compiled_is_in_the_json() {
    let sandbox = Sandbox::new().file("sealift.toml", THREE_SYSTEMS);
    let plan = sandbox.succeed(["plan", "--json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan).expect("it is JSON");
    assert_eq!(
        plan["build"],
        serde_json::json!({
            "profile": "size",
            "cargo-profile": "dist",
            "features": ["tls", "dep/std"],
            "default-features": false,
            "packages": ["hello"],
            "targets": { "windows": { "features": ["console"], "default-features": null } },
            "sources": [],
            "git-hashes": {},
            "linux-gnu": { "glibc": "2.28" },
            "tools": [],
            "environment": {},
            "macos": { "symbols": {} },
        })
    );
    assert_eq!(plan["windows"]["icon"], "hello.ico");
}

#[test]
fn what_a_format_cannot_hold_is_refused_by_name() {
    let manifest = MANIFEST.replace(TARGET, "x86_64-pc-windows-gnullvm");
    let named = error_of(&format!("{manifest}[formats-for]\nwindows = ['deb']\n"));
    let expected = "format `deb` cannot be made for `x86_64-pc-windows-gnullvm`: Debian packages are for Linux\n";
    assert!(named.contains(expected), "{named}");
    assert!(
        named.ends_with(
            "\nhint: leave it out of `formats-for.windows`, or give `x86_64-pc-windows-gnullvm` formats of its own below \
             `[formats-for]`\n"
        ),
        "{named}"
    );
    let sandbox = Sandbox::new().file("sealift.toml", manifest);
    let asked_for = sandbox.fail(["plan", "--format", "deb"]);
    assert_eq!(asked_for, format!("error: {expected}"));
}

#[test]
fn the_manifest_in_packaging_is_found_and_cargo_toml_above_it() {
    let manifest = MANIFEST.replace("version = '1.2.3'\n", "");
    let plan = Sandbox::new()
        .file("packaging/sealift.toml", manifest)
        .file(
            "Cargo.toml",
            "[package]\nname = 'hello'\nversion = '4.5.6'\n",
        )
        .succeed(["plan"]);
    assert!(plan.starts_with("hello 4.5.6\n"), "{plan}");
}

#[test]
fn a_project_without_a_manifest_is_told_what_is_expected() {
    assert_eq!(
        Sandbox::new().fail(["plan"]),
        "error: no manifest: expected `sealift.toml` or `packaging/sealift.toml` in the current directory or one above\n\
         hint: name one with `--manifest FILE`, or write one with `sealift init`\n"
    );
}

#[test]
fn an_unknown_key_is_shown_with_what_is_known() {
    assert_eq!(
        changed("license = ", "licence = "),
        "error: sealift.toml:8:1: unknown field `licence`, expected one of `name`, `version`, `summary`, \
         `description`, `license`, `maintainer`, `homepage`, `repository`\n  8 | licence = 'MIT'\n    | ^^^^^^^\nhint: `licence` is spelled `license`\n"
    );
}

#[test]
fn an_unknown_table_is_shown_with_what_is_known() {
    let message = error_of(&format!("{MANIFEST}[cab]\n"));
    assert!(
        message.starts_with("error: sealift.toml:14:2: unknown field `cab`, expected one of `"),
        "{message}"
    );
    assert!(message.contains("`deb`"), "{message}");
    assert!(
        message.ends_with("\n  14 | [cab]\n     |  ^^^\n"),
        "{message}"
    );
}

#[test]
fn a_value_of_the_wrong_type_is_shown() {
    assert_eq!(
        changed("version = '1.2.3'", "version = 1.2"),
        "error: sealift.toml:6:11: invalid type: floating point `1.2`, expected a string\n\
         \x20 6 | version = 1.2\n    |           ^^^\n"
    );
}

#[test]
fn a_bad_version_is_shown() {
    let message = changed("'1.2.3'", "'v1'");
    let expected = "error: sealift.toml:6:11: version `v1` is not valid (";
    assert!(message.starts_with(expected), "{message}");
    assert!(
        message.contains("; expected one such as `1.2.3` or `1.2.3-rc.1`\n"),
        "{message}"
    );
}

#[test]
fn a_bad_package_name_is_shown() {
    let message = changed("'hello'", "'Hello_World'");
    let expected = "error: sealift.toml:5:8: package name `Hello_World` is not valid; expected at least two of \
                    lower-case letters, digits, `+`, `-` and `.`, with a letter or digit first\n";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn an_unsupported_target_is_shown() {
    let message = changed("x86_64-unknown-linux-musl", "sparc-sun-solaris");
    let expected =
        "error: sealift.toml:1:12: target `sparc-sun-solaris` is unknown; expected one of `";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn an_unsupported_target_on_the_command_line_is_a_usage_error() {
    let message = Sandbox::with_manifest("").fail(["plan", "--target", "sparc-sun-solaris"]);
    assert!(
        message.starts_with("error: invalid value 'sparc-sun-solaris' for '--target <TRIPLE>'\n"),
        "{message}"
    );
}

#[test]
fn a_file_outside_the_tree_is_shown() {
    let message = changed("bin/hello", "../../etc/passwd");
    let expected = "error: sealift.toml:13:10: path `../../etc/passwd` has the component `..`, which leads outside";
    assert!(message.starts_with(expected), "{message}");
    let message = changed("bin/hello", "/etc/passwd");
    let expected =
        "error: sealift.toml:13:10: path `/etc/passwd` is absolute; expected a relative path";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn duplicate_paths_are_shown() {
    let second = "[[files]]\nkind = 'binary'\nsource = 'sbin/hello'\n";
    let message = error_of(&format!("{MANIFEST}{second}"));
    let expected = "error: sealift.toml:16:10: `/usr/bin/hello` would be installed twice: `bin/hello` goes there too\n";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_manifest_that_is_a_directory_is_named() {
    let sandbox = Sandbox::new().file("sealift.toml/x", "");
    let message = sandbox.fail(["plan"]);
    assert!(
        message.starts_with("error: cannot read `sealift.toml`: "),
        "{message}"
    );
}

#[test]
fn a_manifest_that_is_not_text_is_named_with_the_place() {
    let sandbox = Sandbox::new().file("sealift.toml", b"targets = ['\xfe']");
    assert_eq!(
        sandbox.fail(["plan"]),
        "error: sealift.toml:1:13: not valid UTF-8\n"
    );
}

#[test]
fn a_format_that_the_manifest_does_not_have_is_refused() {
    let message = Sandbox::with_manifest("").fail(["plan", "--format", "appimage"]);
    let expected =
        "error: format `appimage` is not planned; expected one of `archive`, `deb`, `oci`\n";
    assert_eq!(message, expected);
}

#[test]
fn a_misspelled_value_is_answered_with_the_nearest() {
    let sandbox = Sandbox::with_manifest("");
    for (option, wrong, right) in [
        (
            "--target",
            "x86_64-unknown-linux-mus",
            "x86_64-unknown-linux-musl",
        ),
        ("--format", "Deb", "deb"),
    ] {
        let message = sandbox.fail(["plan", option, wrong]);
        let expected = format!("a similar value exists: '{right}'");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn the_manifest_is_found_from_a_subdirectory() {
    let sandbox = Sandbox::with_manifest("").file("src/deep/main.rs", "");
    let mut command = sandbox.command(["plan"]);
    command.current_dir(sandbox.path("src/deep"));
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert!(run.stdout.starts_with("hello 1.2.3\n"), "{}", run.stderr);
}

#[test]
fn appimages_can_be_planned_without_a_runtime() {
    let manifest = MANIFEST.replace("'oci'", "'appimage'");
    let plan = Sandbox::new()
        .file("sealift.toml", manifest)
        .succeed(["plan"]);
    assert!(
        plan.contains("    appimage  hello-1.2.3-x86_64.AppImage\n"),
        "{plan}"
    );
}

#[test]
fn colors_are_asked_for() {
    let sandbox = Sandbox::new();
    assert!(sandbox.fail(["plan"]).starts_with("error: "));
    let colored = sandbox.fail(["plan", "--color", "always"]);
    assert!(
        colored.starts_with("\u{1b}[1;31merror:\u{1b}[0m "),
        "{colored:?}"
    );
}

#[test]
fn what_is_done_is_said_where_it_is_asked_for() {
    let sandbox = Sandbox::with_manifest("");
    let run = sandbox.run(["plan", "--verbose"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "manifest: sealift.toml\n")
    );
}

#[test]
fn an_appimage_runtime_that_cannot_be_read_is_named() {
    let message = Sandbox::with_manifest("").fail(["plan", "--appimage-runtime", "nowhere"]);
    let expected = "error: cannot read the AppImage runtime `nowhere`: ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_full_standard_output_is_an_error() {
    let sandbox = Sandbox::with_manifest("");
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        panic!("this test needs /dev/full, which every Linux sandbox has");
    };
    let output = sandbox.command(["plan"]).stdout(full).output();
    let run = sandbox.ran(output.expect("the program can be started"));
    assert_eq!(run.code, 2);
    let expected = "error: cannot write to standard output: ";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
}

#[test]
fn a_plan_is_compared_with_what_is_expected() {
    let sandbox = Sandbox::with_manifest("")
        .file(
            "same.json",
            r#"{ "name": "hello", "targets": [{ "target": "x86_64-unknown-linux-musl" }] }"#,
        )
        .file("other.json", r#"{ "name": "hallo" }"#);
    assert_eq!(sandbox.succeed(["plan", "--expect", "same.json"]), "");
    let error = sandbox.fail(["plan", "--expect", "other.json"]);
    assert!(
        error.contains("name: the file has \"hallo\", sealift \"hello\""),
        "{error}"
    );
}

#[test]
fn uncommitted_changes_are_said() {
    let sandbox = Sandbox::with_manifest("");
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(sandbox.path("."))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdout(std::process::Stdio::null());
        git.status().is_ok_and(|status| status.success())
    };
    if !(git(&["init", "--quiet"]) && git(&["add", "."]) && git(&["commit", "--quiet", "-m", "x"]))
    {
        // The program itself does without git, too, so there is nothing to see.
        return;
    }
    let plan = || {
        let mut command = sandbox.command(["plan"]);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        sandbox.ran(command.output().expect("the program can be started"))
    };
    assert_eq!(plan().stderr, "");
    let changed = MANIFEST.replace("1.2.3", "1.2.4");
    std::fs::write(sandbox.path("sealift.toml"), changed).expect("writable");
    let run = plan();
    assert_eq!(run.code, 0);
    assert_eq!(
        run.stderr,
        "warning: the source has uncommitted changes; a release of it would name no commit\n"
    );
}

#[test]
fn what_packaging_would_refuse_is_refused_while_planning() {
    let message = changed("name = 'hello'", "name = 'lib+x.y-z'");
    let expected =
        "error: format `oci` cannot hold the package: `lib+x.y-z` cannot be the name of an image";
    assert!(message.starts_with(expected), "{message}");
    let version = format!("version = '1.2.3-{}'", "a".repeat(300));
    let message = changed("version = '1.2.3'", &version);
    assert!(message.contains("expected at most 200"), "{message}");
    let message = changed("license = 'MIT'", "license = 'MIT/Apache-2.0'");
    assert!(
        message.contains("license `MIT/Apache-2.0` is not valid; expected an SPDX expression"),
        "{message}"
    );
}

#[test]
fn values_that_make_packages_that_do_not_work_are_refused_where_they_are() {
    for (table, expected) in [
        (
            "[deb]\ndepends = ['!!! (((']\n",
            "dependency `!!! (((` is not valid",
        ),
        (
            "[deb.scripts]\nprerm = 'echo bye'\n",
            "script `echo bye` is not valid",
        ),
        (
            "[oci]\nvolumes = [\"/a\\nb\"]\n",
            "folder `/a\\nb` is not valid",
        ),
        (
            "[oci.environment]\n'A=B' = 'c'\n",
            "environment variable `A=B` is not valid",
        ),
        (
            "[oci]\ncommand = [\"a\\u0000\"]\n",
            "argument `a\\0` is not valid",
        ),
        ("[oci]\nstop-signal = 'now'\n", "signal `now` is not valid"),
    ] {
        let message = error_of(&format!("{MANIFEST}{table}"));
        assert!(message.starts_with("error: sealift.toml:"), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_format_that_a_target_cannot_have_is_skipped_with_the_reason() {
    let manifest = MANIFEST.replace(TARGET, "x86_64-pc-windows-gnullvm");
    let plan = Sandbox::new()
        .file("sealift.toml", manifest)
        .succeed(["plan"]);
    assert!(
        plan.contains("\n  skipped\n    deb      Debian packages are for Linux\n"),
        "{plan}"
    );
    assert!(!plan.contains(".deb\n"), "{plan}");
}
