//! `sealift package`

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use crate::sandbox::{Sandbox, TARGET, limit_file_size, words};

const PACKAGE: &str = "package --target x86_64-unknown-linux-musl --tree tree --out out";

const FILES: [&str; 6] = [
    "hello-1.2.3-x86_64-unknown-linux-musl.tar.gz",
    "hello-1.2.3-x86_64-unknown-linux-musl.tar.gz.artifact.json",
    "hello-1.2.3-x86_64.oci.tar",
    "hello-1.2.3-x86_64.oci.tar.artifact.json",
    "hello_1.2.3-1_amd64.deb",
    "hello_1.2.3-1_amd64.deb.artifact.json",
];

/// Every file of a directory with its bytes.
fn contents(sandbox: &Sandbox, directory: &str) -> Vec<(String, Vec<u8>)> {
    let names = sandbox.names(directory).into_iter();
    let read = |name: String| {
        let bytes = fs::read(sandbox.path(directory).join(&name)).expect("readable");
        (name, bytes)
    };
    names.map(read).collect()
}

#[test]
fn all_formats_are_written_with_their_records() {
    let sandbox = Sandbox::with_tree();
    let stdout = sandbox.succeed(words(PACKAGE));
    let expected: String = [FILES[0], FILES[4], FILES[2]]
        .map(|name| format!("out/{name}\n"))
        .concat();
    assert_eq!(stdout, expected);
    assert_eq!(sandbox.names("out"), FILES);
    let record = sandbox.json(&format!("out/{}", FILES[5]));
    assert_eq!(record["name"], "hello");
    assert_eq!(record["target"], TARGET);
    assert_eq!(record["format"], "deb");
    assert_eq!(record["commit"], serde_json::Value::Null);
    assert_eq!(record["date"], 315_532_800);
    assert_eq!(record["tree"][0]["path"], "usr/bin/hello");
    let contents = record["contents"].as_array().expect("a list");
    assert!(
        contents
            .iter()
            .any(|entry| entry["path"] == "usr/bin/hello"),
        "{contents:?}"
    );
}

#[test]
fn records_are_printed_for_machines() {
    let sandbox = Sandbox::with_tree();
    let arguments = words(PACKAGE)
        .into_iter()
        .chain(["--json", "--format", "deb", "--commit", "ABCD"]);
    let printed = sandbox.succeed(arguments);
    let printed: serde_json::Value = serde_json::from_str(&printed).expect("it is JSON");
    assert_eq!(printed[0], sandbox.json(&format!("out/{}", FILES[5])));
    assert_eq!(printed[0]["commit"], "abcd");
    assert_eq!(sandbox.names("out"), FILES[4..]);
}

#[test]
fn threads_umask_locale_and_time_zone_change_no_byte() {
    let sandbox = Sandbox::with_tree();
    sandbox.succeed(words(PACKAGE).into_iter().chain(["--threads", "1"]));
    let first = contents(&sandbox, "out");
    fs::rename(sandbox.path("out"), sandbox.path("earlier")).expect("writable");
    let mut command = sandbox.command(words(PACKAGE).into_iter().chain(["--threads", "5"]));
    command
        .env("LC_ALL", "tr_TR.UTF-8")
        .env("TZ", "Asia/Kathmandu");
    // SAFETY: umask is async-signal-safe and cannot fail.
    unsafe {
        command.pre_exec(|| {
            libc::umask(0o077);
            Ok(())
        });
    }
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(first == contents(&sandbox, "out"));
}

#[test]
fn the_date_comes_from_the_option_or_the_environment() {
    let sandbox = Sandbox::with_tree();
    let date_of = |sandbox: &Sandbox| sandbox.json(&format!("out/{}", FILES[1]))["date"].clone();
    let mut command = sandbox.command(words(PACKAGE));
    let run = command.env("SOURCE_DATE_EPOCH", "1700000000").output();
    assert_eq!(sandbox.ran(run.expect("started")).code, 0);
    assert_eq!(date_of(&sandbox), 1_700_000_000);

    let mut command = sandbox.command(words(PACKAGE).into_iter().chain(["--date", "1600000000"]));
    let run = command.env("SOURCE_DATE_EPOCH", "1700000000").output();
    assert_eq!(sandbox.ran(run.expect("started")).code, 0);
    assert_eq!(date_of(&sandbox), 1_600_000_000);
}

#[test]
fn a_date_that_is_none_is_refused() {
    let sandbox = Sandbox::with_tree();
    for date in ["yesterday", "-1", ""] {
        let output = sandbox
            .command(words(PACKAGE))
            .env("SOURCE_DATE_EPOCH", date)
            .output();
        let run = sandbox.ran(output.expect("the program can be started"));
        let expected =
            format!("error: SOURCE_DATE_EPOCH is `{date}`; expected seconds since 1970\n");
        assert_eq!((run.code, run.stderr), (2, expected));
    }
}

#[test]
fn a_missing_file_is_shown_in_the_manifest() {
    let sandbox = Sandbox::with_manifest("").file("tree/bin/other", "");
    let message = sandbox.fail(words(PACKAGE));
    let expected = "error: sealift.toml:13:10: `bin/hello` is not in `ROOT/tree`\n  13 | source = 'bin/hello'\n";
    assert!(message.starts_with(expected), "{message}");
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a_link_out_of_the_tree_is_refused() {
    let sandbox = Sandbox::with_manifest("").link("tree/bin/hello", "/dev/null");
    let expected = "error: `ROOT/tree/bin/hello` leads to `/dev/null`, outside of `ROOT/tree`\n";
    assert_eq!(sandbox.fail(words(PACKAGE)), expected);
}

#[test]
fn a_name_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let rule = "[[files]]\nkind = 'data'\nsource = 'data/'\n";
    let sandbox = Sandbox::with_manifest(rule)
        .file("tree/bin/hello", "")
        .file("tree/data/ok", "");
    let name = std::ffi::OsStr::from_bytes(b"\xffbad");
    fs::write(sandbox.path("tree/data").join(name), "").expect("writable");
    let expected = "error: the name of `ROOT/tree/data/\u{fffd}bad` is not UTF-8\n";
    assert_eq!(sandbox.fail(words(PACKAGE)), expected);
}

#[test]
fn a_full_disk_leaves_nothing() {
    let sandbox = Sandbox::with_manifest("");
    let noise: Vec<u8> = (0..200_000u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let sandbox = sandbox.file("tree/bin/hello", noise);
    let mut command = sandbox.command(words(PACKAGE));
    limit_file_size(&mut command, 20_000);
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.starts_with("error: cannot make `out/hello"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("File too large"), "{}", run.stderr);
    assert_eq!(sandbox.names("out"), [""; 0]);
}

#[test]
fn a_file_in_the_place_of_the_output_directory_is_named() {
    let sandbox = Sandbox::with_tree().file("out", "a file");
    let message = sandbox.fail(words(PACKAGE));
    assert!(
        message.starts_with("error: cannot make the directory `out`: "),
        "{message}"
    );
    assert_eq!(sandbox.text("out"), "a file");
}

#[test]
fn two_runs_at_once_do_not_disturb_each_other() {
    let sandbox = Sandbox::with_tree();
    let start = || {
        let mut command = sandbox.command(words(PACKAGE));
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    };
    let runs = [start(), start(), start()];
    for run in runs {
        let output = run.expect("started").wait_with_output();
        let run = sandbox.ran(output.expect("it ends"));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    }
    assert_eq!(sandbox.names("out"), FILES);
}

#[test]
fn a_bad_commit_is_a_usage_error() {
    let sandbox = Sandbox::with_tree();
    let message = sandbox.fail(words(PACKAGE).into_iter().chain(["--commit", "main"]));
    assert!(
        message.contains("commit `main` is not valid; expected 1 to 64 hexadecimal digits"),
        "{message}"
    );
}

#[test]
fn packages_are_not_written_into_the_tree() {
    let sandbox = Sandbox::with_tree();
    let line = "package --target x86_64-unknown-linux-musl --tree tree --out tree/bin";
    let expected = "error: `tree/bin` is in the tree `tree`; expected another directory\n\
                    hint: what is in the tree is packaged; name a directory outside with `--out`\n";
    assert_eq!(sandbox.fail(words(line)), expected);
    assert_eq!(sandbox.names("tree/bin"), ["hello"]);
}

#[test]
fn control_characters_of_a_name_do_not_reach_the_terminal() {
    let sandbox = Sandbox::with_manifest("[[files]]\nkind = 'doc'\nsource = 'doc/'\n")
        .file("tree/bin/hello", "a program")
        .link("tree/doc/\u{1b}[2Jb\u{9b}1m", "nowhere");
    let message = sandbox.fail(words(PACKAGE));
    let expected = "error: cannot read `ROOT/tree/doc/\\u{1b}[2Jb\\u{9b}1m`: No such file";
    assert!(message.starts_with(expected), "{message:?}");
}

#[test]
fn a_link_to_a_directory_is_named_itself() {
    let sandbox = Sandbox::with_manifest("[[files]]\nkind = 'doc'\nsource = 'doc/'\n")
        .file("tree/bin/hello", "a program")
        .file("tree/other/file", "text")
        .link("tree/doc/link", "../other");
    assert_eq!(
        sandbox.fail(words(PACKAGE)),
        "error: `ROOT/tree/doc/link` is a link to a directory; expected a regular file\n"
    );
}
