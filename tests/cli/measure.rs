//! `sealift measure`, and what the gates `start-up` and `memory` say of it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use crate::ports::free_port;
use crate::sandbox::{MANIFEST, Run, Sandbox, found, limit_memory, words};

/// The environment that scripts need.
fn measured(sandbox: &Sandbox, line: &str, program: &[&str]) -> Run {
    let mut command = sandbox.command(words(line).into_iter().chain(["--out", "record.json"]));
    command.args(["--"]).args(program);
    with_tools(sandbox, command)
}

/// A run with the programs that scripts and load commands need.
fn with_tools(sandbox: &Sandbox, mut command: Command) -> Run {
    command.env("PATH", std::env::var_os("PATH").expect("tests have a PATH"));
    sandbox.ran(command.output().expect("the program can be started"))
}

/// A script in the shell that this machine has.
fn script(text: &str) -> Sandbox {
    Sandbox::new().script("hello", &format!("#!{}\n{text}", found("sh")))
}

/// A server: this program again, which runs [`serves`] only.
fn server(start: &str) -> Sandbox {
    let own = std::env::current_exe().expect("a program");
    let serves = format!(
        "SEALIFT_TEST_PORT=$1 {start} {} --exact measure::serves --ignored --nocapture",
        own.display()
    );
    script(&serves)
}

/// Prints `listening`, and answers each request, the first two badly.
#[test]
#[ignore = "a server for other tests, which never ends"]
fn serves() {
    let Ok(port) = std::env::var("SEALIFT_TEST_PORT") else {
        return;
    };
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).expect("the port is free");
    println!("\nlistening");
    let mut answered = 0;
    for connection in listener.incoming() {
        let mut connection = connection.expect("a connection");
        if !matches!(connection.read(&mut [0; 4096]), Ok(1..)) {
            continue;
        }
        let status = if answered >= 2 { "200 OK" } else { "503 Wait" };
        answered += 1;
        // Who asked may be gone.
        let _ = write!(connection, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
    }
}

/// What is said of a program that cannot be measured.
fn refused(sandbox: &Sandbox, line: &str) -> String {
    let run = measured(sandbox, line, &["./hello"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(!sandbox.path("record.json").exists());
    run.stderr
}

const FEW: &str = "measure --runs 2 --cold-runs 1 --idle-after 10ms";

#[test]
fn the_record_says_how_it_was_measured() {
    let sandbox = script("echo \"$@\" >arguments\n");
    let run = measured(&sandbox, FEW, &["./hello"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(
        run.stdout.contains("until its end\n  warm start "),
        "{}",
        run.stdout
    );
    assert_eq!(sandbox.text("arguments"), "--version\n");
    let record = sandbox.json("record.json");
    let record = &record["observation"]["measurement"];
    assert_eq!(record["program"]["name"], "hello");
    assert_eq!(record["ready"], "exit");
    assert_eq!(record["arguments"][0], "--version");
    assert_eq!(record["warm"].as_array().map(Vec::len), Some(2));
    assert_eq!(record["cold"].as_array().map(Vec::len), Some(1));
    let root = sandbox.path("").display().to_string();
    assert!(!sandbox.text("record.json").contains(&root));
}

#[test]
fn each_kind_of_readiness_passes_and_fails() {
    let sandbox = server("exec");
    let port = free_port().to_string();
    let url = format!("http://127.0.0.1:{port}/health");
    for ready in [
        "line listening",
        &format!("port {port}"),
        &format!("http {url}"),
    ] {
        let line: Vec<_> = words(FEW).into_iter().chain(["--ready", ready]).collect();
        let mut command =
            sandbox.command(
                line.iter()
                    .chain(&["--out", "record.json", "--", "./hello", &port]),
            );
        let run = sandbox.ran(command.output().expect("the program can be started"));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{ready}");
        let record = sandbox.json("record.json");
        let record = &record["observation"]["measurement"];
        assert_eq!(record["memory"]["idle"]["processes"], 1);
        assert!(
            record["memory"]["idle"]["descriptors"].as_u64() >= Some(4),
            "{record}"
        );
        let responses = record["first_responses"].as_array().map(Vec::len);
        assert_eq!(responses, Some(usize::from(ready.starts_with("http"))));
        // One that never gets there.
        std::fs::remove_file(sandbox.path("record.json")).expect("it was written");
        let silent = script("sleep 60\n");
        let mut command =
            silent.command(
                line.iter()
                    .chain(&["--ready-within", "300ms", "--out", "record.json"]),
            );
        command
            .args(["--", "./hello"])
            .env("PATH", std::env::var_os("PATH").expect("tests have a PATH"));
        let run = silent.ran(command.output().expect("the program can be started"));
        assert_eq!(run.code, 2);
        let expected = "error: `hello` was not ready within 300ms; it printed nothing\nhint: ";
        assert!(run.stderr.starts_with(expected), "{ready}: {}", run.stderr);
    }
}

#[test]
fn memory_is_measured_at_work() {
    let sandbox = server("exec");
    let port = free_port().to_string();
    let line = format!("{FEW} --first-response http://127.0.0.1:{port}/ --out record.json --ready");
    let mut command = sandbox.command(words(&line));
    command.args([
        "line listening",
        "--load",
        "sleep 0.2",
        "--",
        "./hello",
        &port,
    ]);
    let run = with_tools(&sandbox, command);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let record = sandbox.json("record.json");
    let record = &record["observation"]["measurement"];
    assert!(
        record["memory"]["load"]["samples"].as_u64() > Some(0),
        "{record}"
    );
    assert_eq!(record["memory"]["load"]["highest"]["processes"], 1);
    assert_eq!(record["first_responses"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_load_command_that_fails_is_told() {
    let sandbox = script("echo listening; sleep 60\n");
    let line = [FEW, "--load", "false", "--ready"].join(" ");
    let mut command = sandbox.command(words(&line));
    command.args(["line listening", "--out", "record.json", "--", "./hello"]);
    let run = with_tools(&sandbox, command);
    assert_eq!(run.code, 2);
    assert_eq!(
        run.stderr,
        "error: the load command failed: exit status: 1; it printed nothing\n"
    );
    let message = refused(&sandbox, &format!("{FEW} --load true"));
    assert!(
        message.starts_with("error: a load command is for a program that runs on"),
        "{message}"
    );
}

#[test]
fn a_program_that_fails_is_shown_with_its_last_words() {
    let message = refused(&script("echo no license >&2; exit 3\n"), FEW);
    let expected = "error: `hello` ended before it was ready: exit status: 3; the last that it printed:\n  no license\n";
    assert_eq!(message, expected);
    let message = refused(&script("kill -ABRT $$\n"), FEW);
    assert!(
        message.starts_with("error: `hello` ended before it was ready: signal: 6 (SIGABRT)"),
        "{message}"
    );
    let message = refused(&script("test -t 0 || { echo no terminal; exit 1; }\n"), FEW);
    assert!(
        message.ends_with("the last that it printed:\n  no terminal\n"),
        "{message}"
    );
}

#[test]
fn a_program_that_leaves_others_behind_is_refused_and_they_are_ended() {
    let sandbox = script("setsid sleep 600 >/dev/null 2>&1 & echo $! >left\n");
    let message = refused(&sandbox, FEW);
    let expected = "error: `hello` ended and left 1 running; expected nothing, as its end is to be when it is ready\nhint: ";
    assert!(message.starts_with(expected), "{message}");
    let left = sandbox.text("left");
    assert!(!std::path::Path::new(&format!("/proc/{}", left.trim())).exists());
}

#[test]
fn a_program_that_forks_away_is_measured_and_ended() {
    let sandbox = server("setsid sh -c '\"$@\" >/dev/null 2>&1 & echo $! >left' sh");
    let port = free_port().to_string();
    let mut command = sandbox.command(words(FEW));
    command.args([
        "--ready",
        &format!("port {port}"),
        "--out",
        "record.json",
        "--",
        "./hello",
        &port,
    ]);
    let run = with_tools(&sandbox, command);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(
        sandbox.json("record.json")["observation"]["measurement"]["memory"]["idle"]["processes"],
        1
    );
    let left = sandbox.text("left");
    assert!(!std::path::Path::new(&format!("/proc/{}", left.trim())).exists());
}

#[test]
fn endless_output_needs_no_memory_and_no_time() {
    let sandbox = script("exec tr '\\0' x </dev/zero\n");
    let mut command = sandbox.command(words(FEW));
    command.args([
        "--ready-within",
        "1s",
        "--out",
        "record.json",
        "--",
        "./hello",
    ]);
    limit_memory(&mut command, 512 << 20);
    let run = with_tools(&sandbox, command);
    assert_eq!(run.code, 2);
    let expected = "error: `hello` was not ready within 1s; the last that it printed:\n  xxxx";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert!(run.stderr.len() < 1000);
}

#[test]
fn a_program_that_ignores_sigterm_is_killed() {
    let sandbox =
        script("trap '' TERM; echo $$ >>left; echo listening; while :; do sleep 1; done\n");
    let mut command = sandbox.command(words(FEW));
    command.args([
        "--ready",
        "line listening",
        "--grace",
        "100ms",
        "--out",
        "record.json",
        "--",
        "./hello",
    ]);
    let run = with_tools(&sandbox, command);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for pid in sandbox.text("left").lines() {
        assert!(
            !std::path::Path::new(&format!("/proc/{pid}")).exists(),
            "{pid}"
        );
    }
}

#[test]
fn an_interruption_ends_the_program_too() {
    let sandbox = script("echo $$ >left\nexec sleep 600\n");
    let mut command = sandbox.command(words(FEW));
    command.args([
        "--ready",
        "line listening",
        "--ready-within",
        "60s",
        "--out",
        "record.json",
        "--",
        "./hello",
    ]);
    command.env("PATH", std::env::var_os("PATH").expect("tests have a PATH"));
    let mut running = command
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program can be started");
    let mut left = String::new();
    while left.trim().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(5));
        left = std::fs::read_to_string(sandbox.path("left")).unwrap_or_default();
    }
    // SAFETY: the call takes numbers only, of a process that was not waited for.
    unsafe { libc::kill(running.id().cast_signed(), libc::SIGTERM) };
    assert!(!running.wait().expect("it ends").success());
    // The signal is sent before the program ends; the system may take a moment to clear the process away.
    let gone = || {
        !std::fs::read_to_string(format!("/proc/{}/comm", left.trim()))
            .is_ok_and(|comm| comm.trim() == "sleep")
    };
    assert!((0..1000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        gone()
    }));
}

#[test]
fn a_port_that_something_else_has_is_told() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let sandbox = script("sleep 60\n");
    let mut command = sandbox.command(words(FEW));
    command.args([
        "--ready",
        &format!("port {port}"),
        "--out",
        "record.json",
        "--",
        "./hello",
    ]);
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(run.code, 2);
    let expected =
        format!("error: something answers at 127.0.0.1:{port} before `hello` is started\nhint: ");
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
}

#[test]
fn wrong_values_are_refused() {
    let sandbox = script("exit 0\n");
    for (options, expected) in [
        (
            "--ready port",
            "ready point `port` is not valid; expected `exit`, `line TEXT`, `port N` or `http URL`",
        ),
        ("--ready-within=-1", "time `-1` is not valid"),
        ("--ready-within 1e99s", "time `1e99s` is not valid"),
        ("--idle-after 5", "time `5` is not valid"),
        ("--runs 0", "0 is not in 1..=10000"),
        (
            "--first-response http://example.org/",
            "address `http://example.org/` is not valid; expected an address of this machine",
        ),
        (
            "--emulator nothing-like-this",
            "there is no program `nothing-like-this`",
        ),
    ] {
        let message = refused(&sandbox, &format!("measure {options}"));
        assert!(message.contains(expected), "{options}: {message}");
    }
    let run = measured(&sandbox, FEW, &["./nothing"]);
    assert!(
        run.stderr
            .starts_with("error: there is no program `./nothing`\nhint: "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_program_for_another_platform_is_not_taken_for_one_of_this() {
    let sandbox = Sandbox::new().file("hello", crate::sandbox::elf_header(243));
    let message = refused(
        &sandbox,
        &format!("{FEW} --target x86_64-unknown-linux-musl"),
    );
    assert!(
        message.starts_with("error: an ELF program of 64 bits for machine 243; expected"),
        "{message}"
    );
}

#[test]
fn limits_with_wrong_units_are_refused_with_their_place() {
    for (table, line, problem) in [
        (
            "start-up",
            "warm-limit-seconds = '100ms'",
            "invalid type: string \"100ms\", expected a number of seconds above 0 and up to 31536000",
        ),
        (
            "start-up",
            "warm-limit-seconds = -1",
            "invalid value: integer `-1`, expected a number of seconds",
        ),
        (
            "start-up",
            "cold-limit-seconds = 1e99",
            "expected a number of seconds above 0",
        ),
        (
            "start-up",
            "cold-limit-seconds = nan",
            "expected a number of seconds above 0",
        ),
        (
            "memory",
            "idle-limit-bytes = '25 mb'",
            "invalid type: string \"25 mb\", expected u64",
        ),
        (
            "memory",
            "idle-limit-bytes = -1",
            "invalid value: integer `-1`, expected u64",
        ),
        ("memory", "load-limit-bytes = 1e99", ".0`, expected u64"),
        (
            "memory",
            "threads = 4",
            "unknown field `threads`, expected one of `idle-limit-bytes`",
        ),
    ] {
        let sandbox = Sandbox::with_manifest(&format!("[gates.{table}]\n{line}\n"));
        let message = sandbox.fail(["plan"]);
        let number = MANIFEST.lines().count() + 2;
        assert!(
            message.starts_with(&format!("error: sealift.toml:{number}:")),
            "{message}"
        );
        assert!(message.contains(problem), "{line}: {message}");
        assert!(message.contains(&format!(" | {line}\n")), "{message}");
    }
}

/// The usual release is for one platform, which not every machine runs.
#[cfg(target_arch = "x86_64")]
mod shipped {
    use super::*;

    /// A release of a script, with limits.
    fn released(text: &str, limits: &str) -> Sandbox {
        let manifest = MANIFEST.replace("'archive', 'deb', 'oci'", "'archive', 'deb'");
        let sandbox = Sandbox::new()
            .file("sealift.toml", manifest + limits)
            .script("tree/bin/hello", &format!("#!{}\n{text}", found("sh")));
        let package = "package --target x86_64-unknown-linux-musl --tree tree --out out";
        sandbox.succeed(words(package));
        let release = "release --out release --artifact out/hello_1.2.3-1_amd64.deb \
                   out/hello-1.2.3-x86_64-unknown-linux-musl.tar.gz";
        sandbox.succeed(words(release));
        sandbox
    }

    /// Measures the program of a release, and judges that.
    fn judged(sandbox: &Sandbox) -> Run {
        let mut command = sandbox.command(words(
            "measure --release release --out record.json --runs 3",
        ));
        command.args(["--cold-runs", "1"]);
        command.env("PATH", std::env::var_os("PATH").expect("tests have a PATH"));
        let run = sandbox.ran(command.output().expect("the program can be started"));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        sandbox.run(words("gate release --evidence record.json"))
    }

    #[test]
    fn a_program_that_sleeps_fails_as_it_is_shipped() {
        let run = judged(&released("sleep 0.3\n", ""));
        assert_eq!(run.code, 1, "{}", run.stdout);
        let text = words(&run.stdout).join(" ");
        let expected = "FAIL start-up 1 finding record.json: `hello` for x86_64-unknown-linux-musl, warm start found ";
        assert!(text.contains(expected), "{}", run.stdout);
        assert!(
            run.stdout
                .contains("         expected  less than 100.0 ms\n"),
            "{}",
            run.stdout
        );
        assert!(run.stdout.contains("\npass   memory "), "{}", run.stdout);
    }

    #[test]
    fn a_quick_program_passes_as_it_is_shipped() {
        let run = judged(&released(
            "echo hello 1.2.3\n",
            "[gates.start-up]\nwarm-limit-seconds = 10\n",
        ));
        assert_eq!(run.code, 0, "{}", run.stdout);
        assert!(run.stdout.contains("\npass   start-up "), "{}", run.stdout);
    }

    #[test]
    fn too_much_memory_fails() {
        let sandbox = released("exit 0\n", "[gates.memory]\nload-limit-bytes = 100_000\n");
        let run = judged(&sandbox);
        assert_eq!(run.code, 1, "{}", run.stdout);
        assert!(run.stdout.contains("\nFAIL   memory "), "{}", run.stdout);
    }

    #[test]
    fn a_program_that_the_release_lacks_is_named_beside_those_that_it_has() {
        let sandbox = released("exit 0\n", "");
        let message = refused(&sandbox, "measure --release release --program other");
        let expected = "error: no program `other` in the release; it has `hello` for x86_64-unknown-linux-musl\nhint: ";
        assert!(message.starts_with(expected), "{message}");
        let message = refused(&sandbox, "measure --release nowhere");
        assert!(
            message.starts_with("error: cannot read `nowhere/release.json`"),
            "{message}"
        );
    }

    #[test]
    fn the_program_of_another_build_is_stale() {
        let sandbox = released("echo one\n", "[gates.start-up]\nwarm-limit-seconds = 10\n");
        judged(&sandbox);
        let record = sandbox.text("record.json");
        let other = released("echo two\n", "").file("record.json", record);
        let run = other.run(words("gate release --evidence record.json"));
        assert_eq!(run.code, 1);
        let text = words(&run.stdout).join(" ");
        let expected = "found a measurement of `hello` with the sum ";
        assert!(text.contains(expected), "{}", run.stdout);
    }
}
