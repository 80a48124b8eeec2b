//! Programs that do not behave.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn job(directory: &Path, script: &str) -> Job {
    Job {
        program: "/bin/sh".into(),
        arguments: ["-c", script].map(OsString::from).to_vec(),
        directory: directory.to_owned(),
        own: directory.to_owned(),
        environment: vec![
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ("HOME".into(), directory.into()),
        ],
        stdin: None,
        limits: Limits {
            time: 60 * SECOND,
            grace: 30 * SECOND,
            output_bytes: 1 << 20,
            file_bytes: 1 << 20,
        },
    }
}

fn ran(script: &str) -> Ran {
    ran_with(script, |_| {})
}

fn ran_with(script: &str, change: impl FnOnce(&mut Job)) -> Ran {
    let directory = tempfile::tempdir().expect("a directory");
    let mut job = job(directory.path(), script);
    change(&mut job);
    run(&job).expect("a shell can be started")
}

#[test]
fn a_run_is_told_by_its_code_and_what_it_wrote() {
    let ran = ran("printf out; printf err >&2; exit 3");
    assert_eq!(ran.end, End::Code(3));
    assert_eq!(
        (ran.stdout.as_slice(), ran.stderr.as_slice()),
        (&b"out"[..], &b"err"[..])
    );
    assert!(!ran.left_behind);
}

#[test]
fn a_signal_is_told_by_its_name_and_leaves_no_core() {
    let directory = tempfile::tempdir().expect("a directory");
    let ran = run(&job(directory.path(), "kill -ABRT $$")).expect("a shell can be started");
    assert_eq!(ran.end, End::Signal("SIGABRT".parse().expect("a signal")));
    assert!(crate::testing::names(directory.path()).is_empty());
}

#[test]
fn a_program_that_never_ends_is_killed_even_if_it_ignores_the_request() {
    let begun = Instant::now();
    let ran = ran_with(
        "trap '' TERM; printf begun; while :; do sleep 60; done",
        |job| {
            job.limits.time = SECOND / 4;
            job.limits.grace = SECOND / 4;
        },
    );
    assert_eq!(ran.end, End::TimedOut);
    assert_eq!(ran.stdout, b"begun");
    // It would have slept for ever; a slow machine still needs less than this.
    assert!(begun.elapsed() < 60 * SECOND);
}

#[test]
fn a_program_that_writes_without_end_is_stopped_at_the_limit() {
    for (redirection, stream) in [("", Stream::Stdout), (">&2", Stream::Stderr)] {
        let ran = ran(&format!("while :; do echo 0123456789 {redirection}; done"));
        assert_eq!(ran.end, End::TooMuchOutput(stream));
        assert!(ran.stdout.len() <= 1 << 20 && ran.stderr.len() <= 1 << 20);
    }
}

#[test]
fn a_program_that_fills_the_disk_ends_by_the_signal_for_that() {
    let ran = ran("exec dd if=/dev/zero of=file bs=1048576 count=8");
    assert_eq!(ran.end, End::Signal(Signal(libc::SIGXFSZ)));
}

#[test]
fn there_is_no_terminal_and_nothing_to_read() {
    let ran = ran("cat; if (exec </dev/tty) 2>/dev/null; then printf tty; fi");
    assert_eq!((ran.end, ran.stdout.as_slice()), (End::Code(0), &b""[..]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_forks_away_into_its_own_session_is_found_and_killed() {
    let script = "setsid sh -c 'echo $$ >pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &
        while ! [ -s pid ]; do sleep 0.01; done; printf done";
    let directory = tempfile::tempdir().expect("a directory");
    let mut job = job(directory.path(), script);
    job.limits.grace = SECOND / 4;
    let ran = run(&job).expect("a shell can be started");
    assert_eq!(
        (ran.end, ran.stdout.as_slice()),
        (End::Code(0), &b"done"[..])
    );
    assert!(ran.left_behind);
    assert_eq!(strays::of(u32::MAX, directory.path()).count(), 0);
}

#[test]
fn a_process_that_keeps_the_output_open_is_not_waited_for() {
    let ran = ran_with("sleep 1000 & printf done", |job| {
        job.limits.grace = SECOND / 4
    });
    assert_eq!(
        (ran.end, ran.stdout.as_slice()),
        (End::Code(0), &b"done"[..])
    );
    assert!(ran.left_behind);
}

#[test]
fn what_cannot_be_started_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut job = job(directory.path(), "");
    job.program = directory.path().join("nothing");
    let error = run(&job).expect_err("no program");
    let expected = format!("cannot start `{}`", job.program.display());
    assert_eq!(error.to_string(), expected);
}
