//! `sealift check`

use crate::release::{packaged, release};
use crate::sandbox::{Run, Sandbox, words};

/// Runs it with the tools of the tests.
fn check(sandbox: &Sandbox, options: &str, script: &str) -> Run {
    let mut command = sandbox.command(words(&format!("check {options} --")));
    command.args(["sh", "-c", script]);
    command.env("PATH", std::env::var_os("PATH").expect("tests have a PATH"));
    sandbox.ran(command.output().expect("the program can be started"))
}

#[test]
fn a_check_that_passed_passes_the_gate_and_one_that_failed_does_not() {
    let sandbox = packaged();
    sandbox.succeed(release());
    let record = sandbox.json("release/release.json");
    let commit = record["commit"].as_str().expect("a commit");
    let options = format!("tests --out tests.json --commit {commit}");
    let run = check(&sandbox, &options, "exit 0");
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "pass   tests\n"),
        "{}",
        run.stderr
    );
    let stdout = sandbox.succeed(words("gate release --evidence tests.json"));
    assert!(stdout.contains("\npass   checks "), "{stdout}");

    check(&sandbox, "tests --out tests.json --commit abc1", "exit 0");
    let stale = sandbox.run(words("gate release --evidence tests.json"));
    assert_eq!(stale.code, 1);
    let found = "found     a record of abc1\n";
    assert!(stale.stdout.contains(found), "{}", stale.stdout);

    let run = check(&sandbox, &options, "echo 1 of 13 failed; exit 101");
    assert_eq!(run.code, 1);
    let expected = "FAIL   tests\n  found     exit code 101, and at the end: 1 of 13 failed\n  expected  exit code 0\n";
    assert_eq!(run.stdout, expected);
    let run = sandbox.run(words("gate release --evidence tests.json"));
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("check `tests`: tests\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_check_without_a_result_leaves_no_record() {
    let sandbox = Sandbox::new();
    let run = check(
        &sandbox,
        "tests --out tests.json --json",
        "echo all is well",
    );
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains(" printed is not valid: "),
        "{}",
        run.stderr
    );
    let run = sandbox.run(words("check tests --out tests.json -- ./nothing"));
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.starts_with("error: cannot start `./nothing`"),
        "{}",
        run.stderr
    );
    let run = sandbox.run(words("check tests --out tests.json --within -1 -- true"));
    assert_eq!(run.code, 2);
    assert!(!sandbox.path("tests.json").exists());
}

#[test]
fn what_a_check_leaves_behind_is_ended_and_found() {
    let sandbox = Sandbox::new();
    let script = "setsid sleep 300 >/dev/null 2>&1 & echo $! >pid";
    let run = check(&sandbox, "tests --out tests.json --grace 100ms", script);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("found     processes that ran on after it\n"),
        "{}",
        run.stdout
    );
    let pid = sandbox.text("pid");
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    // It may still be waiting for init to collect it.
    assert!(
        state.map_or(true, |stat| stat.contains(") Z ")),
        "it runs on"
    );
}
