//! Checks that are scripts.

use std::time::Duration;

use super::*;
use crate::process::Limits;

fn check(script: &str, reads_output: bool) -> Result<Checked, CheckError> {
    let own = tempfile::tempdir().expect("a directory");
    let job = Job {
        program: "/bin/sh".into(),
        arguments: ["-c", script].map(Into::into).to_vec(),
        directory: own.path().to_owned(),
        own: own.path().to_owned(),
        environment: vec![("TMPDIR".into(), own.path().into())],
        stdin: None,
        limits: Limits {
            time: Duration::from_secs(1),
            grace: Duration::from_millis(200),
            output_bytes: 10_000,
            file_bytes: 10_000,
        },
    };
    let name = "tests".to_owned();
    Check {
        name,
        job,
        reads_output,
    }
    .run()
}

fn found(script: &str) -> Vec<String> {
    let checked = check(script, false).expect("it can be run");
    let findings = checked.findings.into_iter();
    findings.map(|finding| finding.found).collect()
}

#[test]
fn the_exit_code_is_the_result_with_the_last_words() {
    assert_eq!(found("exit 0"), [""; 0]);
    assert_eq!(found("exit 3"), ["exit code 3"]);
    assert_eq!(
        found("echo fine; exit 1"),
        ["exit code 1, and at the end: fine"]
    );
    let both = found("echo fine; for i in $(seq 20); do echo $i >&2; done; exit 1");
    assert_eq!(
        both,
        ["exit code 1, and at the end: 11\n12\n13\n14\n15\n16\n17\n18\n19\n20"]
    );
}

#[test]
fn a_check_that_does_not_end_or_writes_without_end_is_stopped() {
    assert_eq!(found("sleep 100"), ["no end within 1 s"]);
    assert_eq!(found("trap '' TERM; sleep 100"), ["no end within 1 s"]);
    let endless = found("while :; do echo more; done");
    assert!(
        endless[0].starts_with("more than 10000 bytes on stdout"),
        "{endless:?}"
    );
    assert!(found("kill -SEGV $$")[0].contains("SIGSEGV"));
}

#[test]
fn findings_are_read_where_the_command_prints_them() {
    let printed = r#"echo '{"passed": 2, "findings": [{"place": "a", "found": "b", "expected": "c"}]}'; exit 1"#;
    let checked = check(printed, true).expect("valid");
    assert_eq!(checked.passed, Some(2));
    assert_eq!(checked.findings.len(), 1);
    assert_eq!(checked.findings[0].place, "a");
    let nothing = check(r#"echo '{"findings": []}'"#, true).expect("valid");
    assert_eq!(nothing.findings, []);
    // It says that nothing is wrong, and ends as if something was.
    let contradiction = check(r#"echo '{"findings": []}'; exit 1"#, true).expect("valid");
    assert_eq!(contradiction.findings.len(), 1);
    for text in ["nonsense", "{}", r#"{"findings": [], "more": 1}"#] {
        let error = check(&format!("echo '{text}'"), true).expect_err("no result");
        assert!(
            error
                .to_string()
                .starts_with("what `/bin/sh` printed is not valid: "),
            "{error}"
        );
    }
}
