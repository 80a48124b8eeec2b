//! `sealift soak`

mod interrupted;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::ports::free_port;
use crate::release::release;
use crate::sandbox::{MANIFEST, Run, Sandbox, found, words};

/// What the fixture does; the tests set it for the program that they soak.
const FIXTURE: &str = "SEALIFT_TEST_FIXTURE";

/// No test, but the program of the tests here: this test program runs itself.
#[test]
#[ignore = "it is the program that the tests soak"]
fn fixture() {
    let Ok(fixture) = std::env::var(FIXTURE) else {
        return;
    };
    match fixture.split_once(' ') {
        Some(("serve", port)) => serve(port.parse().expect("a port")),
        _ if fixture == "leak" => leak(),
        _ => panic!("unknown: {fixture}"),
    }
}

/// Answers every request over connections that are kept.
fn serve(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    println!("listening on {port}");
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&buffer[..length]),
        }
        if request.ends_with(b"\r\n\r\n") {
            let is_missing = request.starts_with(b"GET /missing ");
            let status = if is_missing {
                "404 Not Found"
            } else {
                "200 OK"
            };
            request.clear();
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok");
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// Takes 1 MB a second and gives nothing back.
fn leak() {
    let mut taken = Vec::new();
    loop {
        taken.push(vec![1_u8; 50_000]);
        std::thread::sleep(Duration::from_millis(50));
        std::hint::black_box(&taken);
    }
}

/// `sealift soak` with some options, and a program.
fn soak(sandbox: &Sandbox, options: &[&str], program: &[&str]) -> Command {
    let mut command = sandbox.command(["soak"]);
    let path = std::env::var_os("PATH").expect("tests have a PATH");
    command
        .args(options)
        .arg("--")
        .args(program)
        .env("PATH", path);
    command
}

/// The same with the fixture as the program.
fn soak_fixture(sandbox: &Sandbox, options: &[&str], fixture: &str) -> Command {
    let this = std::env::current_exe().expect("it is known");
    let this = this.to_str().expect("cargo's directories are UTF-8");
    let program = [this, "--exact", "soak::fixture", "--ignored", "--nocapture"];
    let mut command = soak(sandbox, options, &program);
    command.env(FIXTURE, fixture);
    command
}

fn run(sandbox: &Sandbox, mut command: Command) -> Run {
    sandbox.ran(command.output().expect("the program can be started"))
}

fn shell(sandbox: &Sandbox, options: &[&str], script: &str) -> Run {
    run(sandbox, soak(sandbox, options, &["sh", "-c", script]))
}

/// The record.
fn record(sandbox: &Sandbox) -> serde_json::Value {
    sandbox.json("soak.json")["observation"]["soak"].clone()
}

fn number(record: &serde_json::Value, name: &str) -> f64 {
    record[name].as_f64().expect(name)
}

/// The process whose number a script has written to a file.
fn process(sandbox: &Sandbox, file: &str) -> libc::pid_t {
    sandbox.text(file).trim().parse().expect("a number")
}

fn runs(process: libc::pid_t) -> bool {
    // A zombie in a container without an init does not run either.
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
    !matches!(state, None | Some(None | Some('Z' | 'X')))
}

#[test]
fn a_steady_service_is_asked_again_and_again() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}/");
    let options = [
        "--for",
        "2s",
        "--interval",
        "20ms",
        "--workers",
        "2",
        "--request",
        &url,
        "--ready-within",
        "60s",
    ];
    let run = run(
        &sandbox,
        soak_fixture(&sandbox, &options, &format!("serve {port}")),
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.starts_with("ran for 2.0 s; "), "{}", run.stdout);
    let short = "\nwarning: a soak of 2 seconds; expected one of at least 600 seconds\n";
    assert!(run.stdout.contains(short), "{}", run.stdout);
    let record = record(&sandbox);
    assert_eq!(record["ended"], "complete");
    assert!(number(&record["requests"], "count") > 10.0, "{record}");
    assert_eq!(record["requests"]["errors"], 0);
    assert!(number(&record["requests"]["latency"], "p99") > 0.0);
    let quantities = record["series"].as_array().expect("a list").iter();
    let quantities: Vec<_> = quantities
        .map(|series| series["quantity"].as_str())
        .collect();
    let expected = [
        "pss",
        "rss",
        "cpu",
        "descriptors",
        "threads",
        "latency-p50",
        "latency-p99",
    ];
    assert_eq!(quantities, expected.map(Some));
}

#[test]
fn the_gate_judges_the_record_with_the_release() {
    let script = format!("#!{}\nexec {} 100\n", found("sh"), found("sleep"));
    let sandbox = Sandbox::with_manifest("[gates.soak]\nminimum-seconds = 1\n")
        .script("tree/bin/hello", &script)
        .script("other", &format!("{script}# another\n"))
        .file(
            "strict.toml",
            format!("{MANIFEST}[gates.soak]\nmemory-limit-bytes = 1\n"),
        );
    let package =
        "package --target x86_64-unknown-linux-musl --tree tree --out out --commit abc123";
    sandbox.succeed(words(package));
    sandbox.succeed(release());
    for program in ["tree/bin/hello", "other"] {
        let out = format!("{}.json", program.len());
        let program = format!("./{program}");
        let options = ["--for", "2s", "--interval", "20ms", "--out", &out];
        let run = run(&sandbox, soak(&sandbox, &options, &[&program]));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    }
    let stdout = sandbox.succeed(["gate", "release", "--evidence", "14.json"]);
    assert!(stdout.contains("\npass   soak "), "{stdout}");
    let report = sandbox.json("release/report.json");
    let gates = report["gates"].as_array().expect("a list");
    let gate = gates.iter().find(|gate| gate["gate"] == "soak");
    let shown = gate.expect("it is in the table")["exhibits"].as_array();
    assert!(shown.is_some_and(|shown| shown.len() >= 4));

    let strict = [
        "gate",
        "release",
        "--manifest",
        "strict.toml",
        "--evidence",
        "14.json",
    ];
    let run = sandbox.run(strict);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("\n         expected  less than 1 bytes\n"),
        "{}",
        run.stdout
    );

    let run = sandbox.run(["gate", "release", "--evidence", "5.json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("\n         found     a soak of another `other`\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_program_that_leaks_a_megabyte_a_second_is_ended_with_the_evidence() {
    let sandbox = Sandbox::new();
    let options = ["--for", "5m", "--interval", "20ms", "--warm-up", "1s"];
    let run = run(&sandbox, soak_fixture(&sandbox, &options, "leak"));
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{}", run.stdout);
    let expected = "FAIL  ended early: a leak: bytes of memory grow by ";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    let record = record(&sandbox);
    assert!(number(&record, "seconds") < 300.0);
    let trend = &record["series"][0]["trend"];
    assert!(number(trend, "low_per_hour") > 1e9, "{trend}");
    let limit = record["ended"]["limit"]
        .as_str()
        .expect("a limit was passed");
    assert!(limit.starts_with("a leak: "), "{limit}");
}

#[test]
fn a_program_is_ended_at_the_limit_of_memory() {
    let sandbox = Sandbox::new();
    let options = ["--for", "5m", "--interval", "20ms", "--memory-limit", "1MB"];
    let run = run(&sandbox, soak_fixture(&sandbox, &options, "leak"));
    assert_eq!(run.code, 1, "{}", run.stderr);
    let expected = "expected less than 1000000 bytes\n";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
}

#[test]
fn limits_and_times_with_wrong_units_are_refused() {
    let sandbox = Sandbox::new();
    for (option, value) in [
        ("--memory-limit", "25 mb"),
        ("--memory-limit", "-1"),
        ("--memory-limit", "1e99"),
        ("--interval", "25 mb"),
        ("--interval", "-1"),
        ("--interval", "1e99"),
        ("--interval", "1ms"),
        ("--for", "1e99"),
        ("--ready", "port 99999"),
        ("--request", "ftp://localhost/"),
    ] {
        let argument = format!("{option}={value}");
        let mut options = vec!["soak", argument.as_str()];
        options.extend((option != "--for").then_some("--for=1s"));
        options.extend(["--", "true"]);
        let message = sandbox.fail(options);
        assert!(
            message.contains(value) && message.contains(option),
            "{message}"
        );
    }
    for value in ["'25 mb'", "-1", "1e99"] {
        let table = format!("{MANIFEST}[gates.soak]\nmemory-limit-bytes = {value}\n");
        let sandbox = Sandbox::new().file("sealift.toml", table);
        let message = sandbox.fail(["soak", "--for=1s", "--", "true"]);
        assert!(
            message.starts_with("error: sealift.toml:15:22: "),
            "{message}"
        );
    }
}

#[test]
fn a_program_that_is_never_ready_is_told_with_what_it_printed() {
    let sandbox = Sandbox::new();
    let options = [
        "--for",
        "1m",
        "--ready",
        "line listening",
        "--ready-within",
        "200ms",
    ];
    let script = "echo $$ >pid; echo still loading; exec sleep 100";
    let run = shell(&sandbox, &options, script);
    let expected = "error: `sh` was not ready within 200ms: it has not printed `listening`\nstill loading\nhint: ";
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert!(!runs(process(&sandbox, "pid")));
    assert!(!sandbox.path("soak.json").exists());
    // Nothing was lost, so another attempt needs no option.
    let run = shell(
        &sandbox,
        &["--for", "100ms", "--interval", "20ms"],
        "exec sleep 100",
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_program_that_needs_a_terminal_is_told_that_it_has_none() {
    let sandbox = Sandbox::new();
    let options = ["--for", "1m", "--ready", "port 1"];
    let script = "test -t 0 || { : </dev/tty; echo no terminal >&2; exit 3; }";
    let run = shell(&sandbox, &options, script);
    assert_eq!(run.code, 2, "{}", run.stdout);
    let expected = "error: `sh` was not ready within 5s: it ended (exit status: ";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert!(
        run.stderr
            .contains("hint: the program has no terminal and no input")
    );
}

#[test]
fn a_program_that_forks_away_is_sampled_and_ended() {
    let sandbox = Sandbox::new();
    let script = "(sleep 100 & echo $! >pid); exit 0";
    let run = shell(&sandbox, &["--for", "1s", "--interval", "20ms"], script);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let record = record(&sandbox);
    assert_eq!(record["crashes"], 0);
    assert!(number(&record["series"][0], "last") > 0.0);
    assert!(!runs(process(&sandbox, "pid")));
}

#[test]
fn a_program_that_ignores_the_signal_is_killed() {
    let sandbox = Sandbox::new();
    let options = [
        "--for",
        "300ms",
        "--interval",
        "20ms",
        "--grace",
        "100ms",
        "--ready",
        "line on",
    ];
    let script = "trap '' TERM HUP INT; echo $$ >pid; echo on; while :; do sleep 0.05; done";
    let run = shell(&sandbox, &options, script);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(!runs(process(&sandbox, "pid")));
}

#[test]
fn a_program_that_prints_without_an_end_neither_stops_nor_fills_anything() {
    let sandbox = Sandbox::new();
    let run = shell(
        &sandbox,
        &["--for", "1s", "--interval", "20ms"],
        "exec cat /dev/zero",
    );
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let size = |name: &str| fs::metadata(sandbox.path(name)).expect(name).len();
    assert!(size("soak.log") < 100_000 && size("soak.json") < 100_000);
    assert_eq!(sandbox.names("."), ["LICENSE", "soak.json", "soak.log"]);
}

#[test]
fn a_crash_is_told_with_its_signal_and_ends_the_soak() {
    let sandbox = Sandbox::new();
    let script = "ulimit -c 0; echo last words; kill -SEGV $$; sleep 100";
    let run = shell(&sandbox, &["--for", "1m", "--interval", "20ms"], script);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("crashes: 1, such as `signal: 11 (SIGSEGV)"),
        "{}",
        run.stdout
    );
    let record = record(&sandbox);
    assert_eq!(record["first_crashes"][0]["output"], "last words");
    let ended = record["ended"]["limit"].as_str();
    assert!(
        ended.is_some_and(|limit| limit.starts_with("crashes: 1")),
        "{record}"
    );
}

#[test]
fn a_program_that_crashes_is_started_again_and_counted() {
    let table = format!("{MANIFEST}[gates.soak]\ncrash-limit = 1000\n");
    let sandbox = Sandbox::new().file("sealift.toml", table);
    let options = ["--for", "2s", "--interval", "20ms"];
    let run = shell(&sandbox, &options, "echo start >>starts; sleep 0.1; exit 3");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let record = record(&sandbox);
    let starts = sandbox.text("starts").lines().count() as f64;
    let crashes = number(&record, "crashes");
    assert!(
        crashes >= 2.0 && (starts - crashes).abs() <= 1.0,
        "{crashes} {starts}"
    );
    assert_eq!(record["first_crashes"][0]["reason"], "exit status: 3");
    assert_eq!(record["ended"], "complete");
}

#[test]
fn a_script_beside_the_program_is_run_and_its_failures_are_told() {
    let table = format!("{MANIFEST}[gates.soak]\nerror-limit = 100_000\n");
    let sandbox = Sandbox::new().file("sealift.toml", table);
    let options = [
        "--for",
        "1s",
        "--interval",
        "20ms",
        "--run",
        "echo no good; exit 4",
    ];
    let run = shell(&sandbox, &options, "exec sleep 100");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let record = record(&sandbox);
    assert!(number(&record["requests"], "errors") >= 1.0, "{record}");
    assert_eq!(
        record["requests"]["first_errors"][0],
        "exit status: 4: no good"
    );
    assert_eq!(record["requests"]["count"], record["requests"]["errors"]);
}

#[test]
fn failed_requests_end_the_soak() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}/missing");
    let ready = format!("port {port}");
    let options = [
        "--for",
        "1m",
        "--interval",
        "20ms",
        "--request",
        &url,
        "--ready",
        &ready,
        "--ready-within",
        "60s",
    ];
    let run = run(
        &sandbox,
        soak_fixture(&sandbox, &options, &format!("serve {port}")),
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
    let expected = format!("such as `GET {url}: status 404; expected 200 to 299`");
    assert!(run.stdout.contains(&expected), "{}", run.stdout);
}

#[test]
fn a_program_is_run_again_and_again() {
    let sandbox = Sandbox::new();
    let options = [
        "--for",
        "1s",
        "--interval",
        "20ms",
        "--again",
        "--workers",
        "2",
    ];
    let run = shell(&sandbox, &options, "sleep 0.02");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let record = record(&sandbox);
    assert!(number(&record["requests"], "count") >= 2.0, "{record}");
    assert_eq!(record["requests"]["errors"], 0);
    assert_eq!(record["crashes"], 0);
}

#[test]
fn a_program_that_heeds_the_signal_is_not_waited_for() {
    let sandbox = Sandbox::new();
    let begun = Instant::now();
    let options = ["--for", "100ms", "--interval", "20ms", "--grace", "1h"];
    let run = shell(&sandbox, &options, "exec sleep 1000");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(begun.elapsed() < Duration::from_secs(600));
}

#[test]
fn a_port_that_answers_already_is_not_taken_for_the_program() {
    let sandbox = Sandbox::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    let port = listener.local_addr().expect("it has one").port();
    let ready = format!("port {port}");
    let run = shell(
        &sandbox,
        &["--for", "1s", "--ready", &ready],
        "exec sleep 100",
    );
    let expected = format!(
        "error: port {port} answers before `sh` is started; expected nothing there\nhint: "
    );
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let message = Sandbox::new().fail(["soak", "--for", "1s", "--", "./nothing"]);
    assert!(
        message.starts_with("error: cannot find the program `./nothing`: "),
        "{message}"
    );
}
