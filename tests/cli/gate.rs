//! `sealift gate`

use std::io::Write;

use crate::release::{packaged, release};
use crate::sandbox::{MANIFEST, Sandbox, limit_memory, words};

fn released() -> Sandbox {
    let sandbox = packaged();
    sandbox.succeed(release());
    sandbox
}

#[test]
fn a_good_release_passes() {
    let sandbox = released();
    let stdout = sandbox.succeed(["gate", "release"]);
    let outcomes: Vec<_> = stdout.lines().filter_map(|line| line.get(..16)).collect();
    assert_eq!(
        outcomes,
        [
            "n/a    hardening",
            "n/a    macos    ",
            "n/a    memory   ",
            "pass   packages ",
            "n/a    portable ",
            "pass   size     ",
            "n/a    start-up ",
            "n/a    static   ",
        ]
    );
    let report = sandbox.json("release/report.json");
    assert_eq!(report["outcome"], "pass");
    assert_eq!(report["schema"], 1);
    assert_eq!(report["gates"].as_array().map(Vec::len), Some(8));
}

#[test]
fn a_failed_gate_is_exit_code_1_with_its_findings() {
    let manifest = crate::sandbox::MANIFEST.to_owned() + "[gates.size]\ntotal-limit-bytes = 1000\n";
    let sandbox = released().file("strict.toml", manifest);
    let run = sandbox.run(["gate", "release", "--manifest", "strict.toml"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert!(run.stdout.contains("\nFAIL   size "), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("\n       artifacts/, all together\n         found     "),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("\n         expected  less than 1000 bytes\n"),
        "{}",
        run.stdout
    );
    assert_eq!(sandbox.json("release/report.json")["outcome"], "fail");
}

#[test]
fn systems_that_run_ci_get_their_own_notation() {
    let manifest = crate::sandbox::MANIFEST.to_owned() + "[gates.size]\ntotal-limit-bytes = 1000\n";
    let sandbox = released().file("strict.toml", manifest);
    let printed = |notation: &str| {
        let line = format!("gate release --manifest strict.toml --format {notation}");
        let run = sandbox.run(words(&line));
        assert_eq!((run.code, run.stderr.as_str()), (1, ""));
        run.stdout
    };
    let github = printed("github");
    let first = "::error title=size%3A artifacts/%2C all together::found ";
    assert!(github.starts_with(first), "{github}");
    assert!(
        github.ends_with("\n1 of 8 gates refused hello 1.2.3\n"),
        "{github}"
    );
    let gitlab: serde_json::Value = serde_json::from_str(&printed("gitlab")).expect("JSON");
    assert_eq!(gitlab[0]["check_name"], "size");
    let junit = printed("junit");
    assert!(
        junit.contains("<testsuites tests=\"8\" failures=\"1\" errors=\"0\" skipped=\"6\">"),
        "{junit}"
    );
    assert_eq!(printed("json"), sandbox.text("release/report.json"));
    let both = sandbox.run(words("gate release --json --format junit"));
    assert_eq!(both.code, 2);
}

#[test]
fn a_release_that_was_changed_fails() {
    let sandbox = released().file("release/artifacts/extra", "");
    let run = sandbox.run(["gate", "release"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("artifacts/extra\n         found     a file that is not in release.json")
    );
}

#[test]
fn the_report_can_be_elsewhere_and_printed() {
    let sandbox = released();
    let stdout = sandbox.succeed(["gate", "release", "--report", "report.json", "--json"]);
    assert_eq!(stdout, sandbox.text("report.json"));
    assert_eq!(
        sandbox.names("release"),
        ["SHA256SUMS", "artifacts", "release.json"]
    );
}

#[test]
fn a_gate_that_cannot_be_run_is_exit_code_2_and_in_the_report() {
    let sandbox = released();
    let record = sandbox
        .text("release/release.json")
        .replace("\"oci\"", "\"cab\"");
    let sandbox = sandbox.file("release/release.json", record);
    let run = sandbox.run(["gate", "release"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("ERROR  packages   format `cab` is unknown\n"),
        "{}",
        run.stdout
    );
    assert_eq!(sandbox.json("release/report.json")["outcome"], "error");
}

#[test]
fn a_directory_that_is_no_release_is_exit_code_2() {
    let message = Sandbox::new().fail(["gate", "."]);
    assert!(
        message.starts_with("error: cannot read `./release.json`: No such file"),
        "{message}"
    );
}

#[test]
fn a_report_that_cannot_be_written_is_exit_code_2_after_the_findings() {
    let sandbox = released();
    let run = sandbox.run(["gate", "release", "--report", "nowhere/report.json"]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.contains("pass   packages"), "{}", run.stdout);
    let expected = "error: cannot write `nowhere/report.json`: No such file";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
}

#[test]
fn a_record_that_is_a_link_or_a_pipe_is_not_read() {
    let sandbox = released();
    let record = sandbox.path("release/release.json");
    std::fs::rename(&record, sandbox.path("record")).expect("writable");
    std::os::unix::fs::symlink(sandbox.path("record"), &record).expect("writable");
    let expected =
        "error: cannot read `release/release.json`: a symbolic link; expected a regular file\n";
    assert_eq!(sandbox.fail(["gate", "release"]), expected);

    std::fs::remove_file(&record).expect("it was there");
    let made = std::process::Command::new("mkfifo").arg(&record).status();
    assert!(made.expect("mkfifo is there").success());
    let expected = "error: cannot read `release/release.json`: a pipe, socket or device; expected a regular file\n";
    assert_eq!(sandbox.fail(["gate", "release"]), expected);
}

#[test]
fn an_artifact_that_is_a_link_is_refused_by_every_gate() {
    let sandbox = released();
    let name = &sandbox.names("release/artifacts")[0];
    let artifact = sandbox.path(format!("release/artifacts/{name}"));
    std::fs::remove_file(&artifact).expect("it was there");
    std::os::unix::fs::symlink("/dev/zero", &artifact).expect("writable");
    let run = sandbox.run(["gate", "release"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    let place = format!("       artifacts/{name}\n         found     a symbolic link\n");
    assert!(run.stdout.contains(&place), "{}", run.stdout);
    assert_eq!(run.stdout.matches("\nERROR ").count(), 4, "{}", run.stdout);
}

const BOMB_BYTES: u64 = 300_000_000;

/// The headers of a program for the usual target with one segment, which is all of its file.
fn header(size: u64) -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    header.extend([3_u16, 62, 1, 0].iter().flat_map(|half| half.to_le_bytes()));
    header.extend([0_u64, 64, 0].iter().flat_map(|wide| wide.to_le_bytes()));
    let halves = [0_u16, 0, 64, 56, 1, 64, 0, 0];
    header.extend(halves.iter().flat_map(|half| half.to_le_bytes()));
    header.extend([1_u32, 5].iter().flat_map(|word| word.to_le_bytes()));
    let wides = [0, 0, 0, size, size, 8];
    header.extend(wides.iter().flat_map(|wide| wide.to_le_bytes()));
    header
}

/// A release whose one package, of less than a megabyte, holds a program of 300 MB.
fn bomb() -> Sandbox {
    let manifest = MANIFEST.replace("'archive', 'deb', 'oci'", "'archive'");
    let sandbox = Sandbox::with_tree().file("sealift.toml", manifest);
    let program = std::fs::File::create(sandbox.path("tree/bin/hello"));
    let mut program = program.expect("writable");
    program.write_all(&header(BOMB_BYTES)).expect("writable");
    program.set_len(BOMB_BYTES).expect("a file with a hole");
    let package = "package --target x86_64-unknown-linux-musl --tree tree --out out";
    sandbox.succeed(words(package));
    let archive = "out/hello-1.2.3-x86_64-unknown-linux-musl.tar.gz";
    sandbox.succeed(["release", "--artifact", archive, "--out", "release"]);
    sandbox
}

#[test]
fn a_package_that_unpacks_to_more_than_the_memory_is_refused_within_it() {
    let sandbox = bomb();
    let mut gate = sandbox.command(["gate", "release"]);
    limit_memory(&mut gate, 400 << 20);
    let run = sandbox.ran(gate.output().expect("the program can be started"));
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{}", run.stdout);
    let expected = "found     a program of 300000000 bytes\n         expected  at most 268435456 bytes, which can be judged\n";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
}

#[test]
fn the_programs_in_a_zip_for_windows_are_judged() {
    let manifest = MANIFEST.replace("x86_64-unknown-linux-musl", "x86_64-pc-windows-gnullvm");
    let sandbox = Sandbox::new()
        .file("sealift.toml", manifest.replace(", 'deb', 'oci'", ""))
        // One for Linux, which cannot be started there.
        .file("tree/bin/hello.exe", header(120));
    sandbox.succeed(words(
        "package --target x86_64-pc-windows-gnullvm --tree tree --out out",
    ));
    let name = "hello-1.2.3-x86_64-pc-windows-gnullvm";
    let zip = format!("out/{name}.zip");
    sandbox.succeed(["release", "--artifact", &zip, "--out", "release"]);
    let run = sandbox.run(["gate", "release"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{}", run.stdout);
    assert!(run.stdout.contains("\npass   packages "), "{}", run.stdout);
    let place = format!("       artifacts/{name}.zip: {name}/hello.exe\n");
    assert!(run.stdout.contains(&place), "{}", run.stdout);
}

#[test]
fn a_file_name_with_a_line_break_cannot_look_like_a_verdict() {
    let sandbox = released().file("release/artifacts/x\npass   static", "");
    let run = sandbox.run(["gate", "release"]);
    assert_eq!(run.code, 1);
    let expected = "       artifacts/x\\npass   static\n";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
}
