//! A soak that is ended, and goes on.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{number, process, record, run, runs, shell, soak};
use crate::interrupt::heed;
use crate::sandbox::Sandbox;

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn samples(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| line.starts_with("{\"sample\""))
        .count()
}

/// Starts a soak, and waits until it has taken some samples.
fn started(sandbox: &Sandbox, mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    heed(&mut command, libc::SIGINT);
    let child = command.spawn().expect("the program can be started");
    wait_until("no samples", || samples(&sandbox.path("soak.log")) >= 5);
    child
}

fn send(child: &Child, signal: libc::c_int) {
    let process = libc::pid_t::try_from(child.id()).expect("process IDs fit");
    // SAFETY: the process is a child that was not waited for, so the ID is its own.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
}

#[test]
fn a_signal_ends_the_soak_with_what_there_is() {
    for (signal, name) in [(libc::SIGTERM, "SIGTERM"), (libc::SIGINT, "SIGINT")] {
        let sandbox = Sandbox::new();
        let options = ["--for", "1h", "--interval", "20ms"];
        let script = "echo $$ >pid; exec sleep 100";
        let child = started(&sandbox, soak(&sandbox, &options, &["sh", "-c", script]));
        send(&child, signal);
        let run = sandbox.ran(child.wait_with_output().expect("it ends"));
        assert_eq!(run.code, 2, "{}", run.stderr);
        let start = format!("error: ended by {name} after ");
        assert!(run.stderr.starts_with(&start), "{}", run.stderr);
        let end = " of 1:00:00; `soak.json` has what there is\nhint: `--resume` goes on with it\n";
        assert!(run.stderr.ends_with(end), "{}", run.stderr);
        assert_eq!(record(&sandbox)["ended"]["interrupted"], name);
        assert!(!runs(process(&sandbox, "pid")));
        let message = shell(&sandbox, &["--for", "1s"], "exit").stderr;
        assert!(
            message.contains("is of a soak that has not ended"),
            "{message}"
        );
    }
}

#[test]
fn a_soak_that_was_killed_goes_on_to_its_whole_duration() {
    let sandbox = Sandbox::new();
    let options = ["--for", "2s", "--interval", "20ms"];
    let script = ["sh", "-c", "echo $$ >pid; exec sleep 100"];
    let child = started(&sandbox, soak(&sandbox, &options, &script));
    send(&child, libc::SIGKILL);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.signal(), Some(libc::SIGKILL));
    // The program does not outlive it.
    let program = process(&sandbox, "pid");
    wait_until("the program runs on", || !runs(program));
    let log = sandbox.path("soak.log");
    let before = samples(&log);
    // A line that was being written.
    let mut torn = fs::OpenOptions::new()
        .append(true)
        .open(&log)
        .expect("writable");
    torn.write_all(b"{\"sample\":[12,").expect("writable");
    drop(torn);

    let mut resumed = options.to_vec();
    resumed.push("--resume");
    let run = run(&sandbox, soak(&sandbox, &resumed, &script));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let record = record(&sandbox);
    assert_eq!(record["ended"], "complete");
    assert!(number(&record, "seconds") >= 2.0, "{record}");
    assert!(number(&record, "samples") > before as f64);
    assert_eq!(record["gaps"].as_array().map(Vec::len), Some(1));

    let message = shell(&sandbox, &["--for", "2s", "--resume"], "exit").stderr;
    assert!(message.contains("is of a soak that has ended"), "{message}");
}

#[test]
fn another_program_does_not_go_on_with_the_log() {
    let sandbox = Sandbox::new();
    let options = ["--for", "1h", "--interval", "20ms"];
    let child = started(&sandbox, soak(&sandbox, &options, &["sleep", "100"]));
    send(&child, libc::SIGTERM);
    child.wait_with_output().expect("it ends");
    let again = ["--for", "1h", "--interval", "20ms", "--resume"];
    let run = run(&sandbox, soak(&sandbox, &again, &["sleep", "200"]));
    assert_eq!(run.code, 2);
    let expected = "is of another soak: the command was `sleep 100`; expected `sleep 200`";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
}
