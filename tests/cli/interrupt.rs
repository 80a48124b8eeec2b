//! What an interrupted run leaves.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::{MANIFEST, Sandbox, found, words};

const TREE: &str = "tree --source . --build build --out out";
const PACKAGE: &str = "package --target x86_64-unknown-linux-musl --tree tree --out out";
const SIGNALS: [libc::c_int; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

/// Assembling its tree takes as long as the script sleeps.
fn slow_tree() -> Sandbox {
    let rule = "[[files]]\nkind = 'doc'\nsource = 'printed'\n[[generate]]\ncommand = ['bin/slow']\noutput = 'printed'\n";
    let script = format!("#!{}\nexec {} 3\n", found("sh"), found("sleep"));
    Sandbox::with_manifest(rule)
        .file("build/bin/hello", "program")
        .script("build/bin/slow", &script)
}

/// Compressing its tree takes some seconds.
fn slow_packages() -> Sandbox {
    let mut state = 1u64;
    let mut noise = Vec::new();
    for _ in 0..4_000_000 {
        // Numerical Recipes' generator: what cannot be compressed takes longest.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.extend(&state.to_le_bytes()[3..]);
    }
    Sandbox::with_manifest("").file("tree/bin/hello", noise)
}

fn start(mut command: Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("the program can be started")
}

fn unfinished(sandbox: &Sandbox, directory: &str) -> Vec<String> {
    if !sandbox.path(directory).is_dir() {
        return Vec::new();
    }
    let names = sandbox.names(directory).into_iter();
    names
        .filter(|name| name.ends_with(".sealift-tmp"))
        .collect()
}

/// Has a program meet a signal even where whoever runs the tests ignores it.
pub fn heed(command: &mut Command, signal: libc::c_int) {
    if signal == libc::SIGKILL {
        return;
    }
    // SAFETY: the call is async-signal-safe.
    unsafe {
        command.pre_exec(move || match libc::signal(signal, libc::SIG_DFL) {
            libc::SIG_ERR => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
}

/// Waits until something unfinished is in a directory, and sends a signal then.
fn interrupt(sandbox: &Sandbox, line: &str, directory: &str, signal: libc::c_int) -> ExitStatus {
    let mut command = sandbox.command(words(line));
    heed(&mut command, signal);
    let mut child = start(command);
    let end = Instant::now() + Duration::from_secs(60);
    while unfinished(sandbox, directory).is_empty() {
        assert!(Instant::now() < end, "nothing was begun");
        let ended = child.try_wait().expect("it can be asked");
        assert_eq!(ended, None, "it has ended");
        std::thread::sleep(Duration::from_millis(5));
    }
    let process = libc::pid_t::try_from(child.id()).expect("process ids fit");
    // SAFETY: the process is a child that was not waited for, so the id is its own.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
    child.wait().expect("it ends")
}

#[test]
fn an_interrupted_tree_leaves_nothing() {
    let sandbox = slow_tree();
    let before = sandbox.names(".");
    for signal in SIGNALS {
        let status = interrupt(&sandbox, TREE, ".", signal);
        assert_eq!(status.signal(), Some(signal));
        assert_eq!(sandbox.names("."), before);
    }
}

#[test]
fn an_interrupted_make_leaves_nothing() {
    let sandbox = slow_tree();
    let before = sandbox.names(".");
    for signal in SIGNALS {
        let status = interrupt(&sandbox, "make --build build --out out", ".", signal);
        assert_eq!(status.signal(), Some(signal));
        assert_eq!(sandbox.names("."), before);
    }
}

#[test]
fn a_tree_in_an_existing_directory_is_interrupted_without_a_trace() {
    let sandbox = slow_tree();
    std::fs::create_dir(sandbox.path("out")).expect("writable");
    interrupt(&sandbox, TREE, "out", libc::SIGTERM);
    assert_eq!(sandbox.names("out"), [""; 0]);
}

#[test]
fn interrupted_packages_leave_nothing() {
    let sandbox = slow_packages();
    for signal in SIGNALS {
        let status = interrupt(&sandbox, PACKAGE, "out", signal);
        assert_eq!(status.signal(), Some(signal));
        assert_eq!(sandbox.names("out"), [""; 0]);
    }
}

#[test]
fn what_a_killed_run_leaves_is_never_packaged_and_goes_with_the_next_run() {
    let sandbox = slow_tree();
    interrupt(&sandbox, TREE, ".", libc::SIGKILL);
    assert!(!sandbox.path("out").exists());
    let left = unfinished(&sandbox, ".");
    assert_eq!(left.len(), 1, "{left:?}");
    let line = PACKAGE.replace("--tree tree --out out", "--tree . --out ../out");
    let message = sandbox.fail(words(&line));
    let expected = format!(
        "error: `ROOT/{}` is left from a run that was interrupted",
        left[0]
    );
    assert!(message.starts_with(&expected), "{message}");
    let sandbox = sandbox.file("sealift.toml", MANIFEST);
    sandbox.succeed(words(TREE));
    assert_eq!(unfinished(&sandbox, "."), [""; 0]);
    assert_eq!(sandbox.names("out"), ["bin"]);
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let sandbox = slow_tree();
    let mut shell = Command::new(found("sh"));
    let program = sandbox.command([""; 0]).get_program().to_owned();
    shell
        .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
        .arg(program)
        .args(words(TREE))
        .current_dir(sandbox.path("."));
    let mut child = start(shell);
    while unfinished(&sandbox, ".").is_empty() {
        assert_eq!(
            child.try_wait().expect("it can be asked"),
            None,
            "it has ended"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let process = libc::pid_t::try_from(child.id()).expect("process ids fit");
    // SAFETY: the process is a child that was not waited for, so the id is its own.
    assert_eq!(unsafe { libc::kill(process, libc::SIGHUP) }, 0);
    let status = child.wait().expect("it ends");
    // The script prints nothing, which is an error of its own.
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_file_that_grows_too_large_leaves_nothing() {
    let sandbox = Sandbox::with_tree().file("tree/bin/hello", "x".repeat(10_000));
    let mut command = sandbox.command(words(PACKAGE));
    // SAFETY: the call is async-signal-safe. Unlike on a full disk, the system sends SIGXFSZ.
    unsafe {
        command.pre_exec(|| {
            let limit = libc::rlimit {
                rlim_cur: 100,
                rlim_max: 100,
            };
            match libc::setrlimit(libc::RLIMIT_FSIZE, &limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("File too large"), "{}", run.stderr);
    assert_eq!(sandbox.names("out"), [""; 0]);
}
