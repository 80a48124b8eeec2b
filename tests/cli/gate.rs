//! `sealift gate`

use std::io::Write;

use crate::release::{packaged, release};
use crate::sandbox::{MANIFEST, Sandbox, limit_memory, words};

fn released() -> Sandbox {
    let sandbox = packaged();
    sandbox.succeed(release());
    sandbox
}

/// What a report or a list says of one gate.
fn gate_of<'r>(report: &'r serde_json::Value, gate: &str) -> &'r serde_json::Value {
    let gates = report["gates"].as_array().expect("gates");
    let found = gates.iter().find(|each| each["gate"] == gate);
    found.expect("the gate is there")
}

#[test]
fn a_good_release_passes() {
    let sandbox = released();
    let stdout = sandbox.succeed(["gate", "release"]);
    let table = stdout.lines().take_while(|line| !line.is_empty());
    let starts = table.filter(|line| !line.starts_with(' '));
    let outcomes: Vec<_> = starts.map(|line| words(line)[..2].join(" ")).collect();
    assert_eq!(
        outcomes,
        [
            "n/a advisories",
            "n/a checks",
            "n/a hardening",
            "n/a licenses",
            "n/a macos",
            "n/a memory",
            "pass packages",
            "n/a parity",
            "n/a portable",
            "n/a reproducible",
            "n/a sbom",
            "pass size",
            "n/a soak",
            "n/a start-up",
            "n/a static",
        ]
    );
    let report = sandbox.json("release/report.json");
    assert_eq!(report["outcome"], "pass");
    assert_eq!(report["schema"], 1);
    assert_eq!(
        report["gates"].as_array().map(Vec::len),
        Some(outcomes.len())
    );
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
fn a_waived_finding_is_shown_with_its_reason_and_refuses_nothing() {
    let waiver = "[[gates.waivers]]\ngate = 'size'\nplace = 'artifacts/*'\nreason = 'the fonts'\n";
    let manifest = format!("{MANIFEST}[gates.size]\ntotal-limit-bytes = 1000\n{waiver}");
    let unused = manifest.clone() + &waiver.replace("artifacts/*", "artifacts/none");
    let sandbox = released().file("strict.toml", unused);
    let stdout = sandbox.succeed(["gate", "release", "--manifest", "strict.toml"]);
    assert!(stdout.contains("\npass   size "), "{stdout}");
    let waived = "\n         waived    the fonts\n";
    assert!(stdout.contains(waived), "{stdout}");
    let note = "\nnote   the waiver of `size` for `artifacts/none` accepts nothing\n";
    assert!(stdout.contains(note), "{stdout}");
    let report = sandbox.json("release/report.json");
    assert_eq!(report["outcome"], "pass");
    let waived = &gate_of(&report, "size")["waived"][0];
    assert_eq!(waived["place"], "artifacts/, all together");
    assert_eq!(waived["reason"], "the fonts");
    // The release that is made with it has it.
    let again = sandbox.file("sealift.toml", manifest);
    std::fs::remove_dir_all(again.path("release")).expect("it was there");
    again.succeed(release());
    again.succeed(["gate", "release"]);
}

#[test]
fn evidence_that_cannot_be_read_is_no_pass() {
    let sandbox = released().file("evidence/a.json", "{}");
    let run = sandbox.run(["gate", "release", "--evidence", "evidence"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("a.json` is not valid"),
        "{}",
        run.stderr
    );
    let run = sandbox.run(["gate", "release", "--evidence", "nothing"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nothing"), "{}", run.stderr);
}

#[test]
fn gates_are_listed_without_a_release() {
    let sandbox = Sandbox::new();
    let text = sandbox.succeed(["gate", "list"]);
    assert!(
        text.contains("size\n  judges    downloads are small, and do not grow much\n"),
        "{text}"
    );
    let json = sandbox.succeed(["gate", "list", "--format", "json"]);
    let gates: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        gate_of(&serde_json::json!({ "gates": gates }), "size")["defaults"]["artifact-limit-bytes"],
        25_000_000
    );
    let run = sandbox.run(["gate"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("<DIR>"), "{}", run.stderr);
}

#[test]
fn another_build_and_the_release_before_are_held_against_the_release() {
    let sandbox = released();
    let again = sandbox.path("again");
    let copied = std::process::Command::new("cp")
        .arg("-R")
        .arg(sandbox.path("release"))
        .arg(&again)
        .status();
    assert!(copied.expect("cp").success());
    sandbox.succeed(["diff", "release", "again", "--record", "evidence.json"]);
    let judge = [
        "gate",
        "release",
        "--evidence",
        "evidence.json",
        "--previous",
        "again",
    ];
    let stdout = sandbox.succeed(judge);
    assert!(stdout.contains("pass   reproducible "), "{stdout}");
    let report = sandbox.json("release/report.json");
    let growth = &gate_of(&report, "size")["exhibits"][1];
    assert_eq!(growth["title"], "Growth since 1.2.3");
    assert_eq!(growth["content"]["rows"][0][3], "+0.0 %");

    let artifact = std::fs::read_dir(again.join("artifacts"))
        .expect("there")
        .next();
    let artifact = artifact.expect("one").expect("readable").path();
    std::fs::write(artifact, "changed").expect("writable");
    let run = sandbox.run(["diff", "release", "again", "--record", "evidence.json"]);
    assert_ne!(run.code, 0);
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
        github.contains("\n1 of ") && github.ends_with(" gates refused hello 1.2.3\n"),
        "{github}"
    );
    let gitlab: serde_json::Value = serde_json::from_str(&printed("gitlab")).expect("JSON");
    assert_eq!(gitlab[0]["check_name"], "size");
    let junit = printed("junit");
    assert!(
        junit.contains(" failures=\"1\" errors=\"0\" skipped=\""),
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
    assert!(
        sandbox
            .text("report.html")
            .contains("<h1>hello <span>1.2.3</span></h1>")
    );
    let run = sandbox.run(["gate", "release", "--report", "report.html"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
}

#[test]
fn a_page_is_beside_the_report_and_a_release_with_both_passes() {
    let sandbox = released();
    let first = sandbox.succeed(["gate", "release"]);
    let page = sandbox.text("release/report.html");
    let verdict = first.lines().last().expect("the verdict");
    assert!(verdict.starts_with("hello 1.2.3 passes 2 of "), "{verdict}");
    assert!(verdict.ends_with(" had nothing to judge."), "{verdict}");
    assert!(page.contains(verdict), "{page}");
    assert_eq!(sandbox.succeed(["gate", "release"]), first);
    assert_eq!(sandbox.text("release/report.html"), page);
    assert!(first.lines().all(|line| line.chars().count() <= 80));
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
    let mut lines = run.stdout.lines().map(|line| words(line).join(" "));
    let said = lines.any(|line| line == "ERROR packages format `cab` is unknown");
    assert!(said, "{}", run.stdout);
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
    let errors = run.stdout.lines().filter(|line| line.starts_with("ERROR "));
    assert_eq!(errors.count(), 5, "{}", run.stdout);
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
    let place = format!("       artifacts/{name}.zip:\n       {name}/hello.exe\n");
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
