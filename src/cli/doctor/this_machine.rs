//! The machine that the program runs on.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use sealift::doctor::{Machine, Output, RunError};

/// How long a program is waited for. A Nix daemon that has to be started first answers within one second.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether a program has ended.
const TICK: Duration = Duration::from_millis(10);

/// The machine itself.
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Output, RunError> {
        run(Command::new(program).args(arguments), PATIENCE)
    }

    fn read(&self, path: &Path) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

fn run(command: &mut Command, patience: Duration) -> Result<Output, RunError> {
    let end = Instant::now() + patience;
    let hangs = RunError::Hangs {
        seconds: patience.as_secs(),
    };
    // Messages in English: what a program says is shown.
    command
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| run_error(&error))?;
    let stdout = in_background(child.stdout.take());
    let stderr = in_background(child.stderr.take());
    let Some(status) = wait(&mut child, end).map_err(|error| run_error(&error))? else {
        // It may have ended just now; then there is nothing to end.
        let _ = child.kill();
        let _ = child.wait();
        return Err(hangs);
    };
    // A program that it has started may still have its output open, so the rest is not waited for either.
    let rest =
        |text: Receiver<String>| text.recv_timeout(end.saturating_duration_since(Instant::now()));
    match (rest(stdout), rest(stderr)) {
        (Ok(stdout), Ok(stderr)) => Ok(Output {
            success: status.success(),
            stdout,
            stderr,
        }),
        _ => Err(hangs),
    }
}

fn run_error(error: &io::Error) -> RunError {
    match error.kind() {
        // The search ends with the second one where a directory of PATH is closed to this user.
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => RunError::Missing,
        _ => RunError::Broken {
            reason: error.to_string(),
        },
    }
}

/// Reads a pipe to its end in a thread of its own, so that a full one stops nobody.
fn in_background(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is what there is; and nobody may be listening any more.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// Waits for a program to end; nothing where it does not in time.
fn wait(child: &mut Child, end: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if Instant::now() >= end => return Ok(None),
            None => thread::sleep(TICK),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn short(program: &str, arguments: &[&str]) -> Result<Output, RunError> {
        run(
            Command::new(program).args(arguments),
            Duration::from_secs(1),
        )
    }

    #[test]
    fn a_program_is_heard() {
        let output = ThisMachine.run("sh", &["-c", "echo out; echo err >&2; exit 3"]);
        let output = output.expect("every Unix has a shell");
        assert_eq!(
            (output.success, &*output.stdout, &*output.stderr),
            (false, "out\n", "err\n")
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_missing() {
        assert_eq!(
            short("no-such-program-anywhere", &[]),
            Err(RunError::Missing)
        );
    }

    #[test]
    fn a_program_that_does_not_end_is_given_up_on() {
        let begin = Instant::now();
        assert_eq!(short("sleep", &["60"]), Err(RunError::Hangs { seconds: 1 }));
        assert!(begin.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_program_that_leaves_another_behind_is_given_up_on() {
        assert_eq!(
            short("sh", &["-c", "sleep 5 &"]),
            Err(RunError::Hangs { seconds: 1 })
        );
    }

    #[test]
    fn much_output_stops_nobody() {
        let output = ThisMachine.run(
            "sh",
            &[
                "-c",
                "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done",
            ],
        );
        assert_eq!(output.expect("it ends").stdout.len(), 220_000);
    }
}
