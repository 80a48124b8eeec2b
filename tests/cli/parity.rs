//! `sealift parity`

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;

use crate::sandbox::{MANIFEST, Run, Sandbox, found, words};

/// What the reference and its imitations do: numbers of lines, words that are turned around, a file.
const BODY: &str = "
case $1 in
count) while read -r line; do n=$((n + 1)); done; echo \"$n lines\"; echo done >&2 ;;
files) cat in/a >out; rm in/b; mkdir made; echo more >>in/a; chmod +x out ;;
fail) echo \"$0: no such file\" >&2; exit 3 ;;
abort) kill -ABRT $$ ;;
where) echo \"in $PWD at $(date -u +%Y-%m-%dT%H:%M:%SZ), $HOME, $TZ, $LANG, $MORE\" ;;
pid) echo $$ ;;
hang) trap '' TERM; while :; do sleep 60; done ;;
flood) while :; do echo 0123456789012345678901234567890123456789; done ;;
daemon) sleep 1000 </dev/null >/dev/null 2>&1 & ;;
bytes) printf %s \"$2\" ;;
esac
";

fn script(body: &str) -> String {
    format!("#!{}\n{body}", found("sh"))
}

fn sandbox() -> Sandbox {
    Sandbox::new()
        .script("reference", &script(BODY))
        .script("same", &script(&format!("# another program\n{BODY}")))
        .script("other", &script(&BODY.replace("lines\"", "linez\"")))
        .file("input/in/a", "a\n")
        .file("input/in/b", "b\n")
        .file("three", "1\n2\n3\n")
}

fn run<S: AsRef<OsStr>>(sandbox: &Sandbox, arguments: impl IntoIterator<Item = S>) -> Run {
    let path = std::env::var_os("PATH").expect("tests have a PATH");
    let output = sandbox.command(arguments).env("PATH", path).output();
    sandbox.ran(output.expect("the program can be started"))
}

fn recorded(sandbox: &Sandbox, line: &str) {
    let run = run(
        sandbox,
        words(&format!("parity record --corpus cases {line}")),
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{line}");
}

fn refused(sandbox: &Sandbox, line: &str) -> String {
    let run = run(sandbox, words(line));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    run.stderr
}

fn replayed(sandbox: &Sandbox, program: &str) -> Run {
    let line = format!("parity replay --corpus cases --out record.json -- {program}");
    run(sandbox, words(&line))
}

#[test]
fn a_program_that_does_the_same_is_equal() {
    let sandbox = sandbox();
    recorded(&sandbox, "--case count --stdin three -- ./reference count");
    recorded(&sandbox, "--case files --files input -- ./reference files");
    recorded(&sandbox, "--case abort -- ./reference abort");
    recorded(
        &sandbox,
        "--case fail --normalize program-name -- ./reference fail",
    );
    recorded(
        &sandbox,
        "--case where --env MORE=more --normalize working-directory --normalize iso-times -- ./reference where",
    );
    let run = replayed(&sandbox, "./same");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let expected = "       normalized: iso-times, 1 times in 1 of 5 cases
       normalized: program-name, 1 times in 1 of 5 cases
       normalized: working-directory, 2 times in 1 of 5 cases
pass   all 5 cases are equal, character for character
";
    assert_eq!(run.stdout, expected);
    let parity = &sandbox.json("record.json")["observation"]["parity"];
    assert_eq!(parity["program"]["name"], "same");
    assert_eq!(parity["references"][0]["name"], "reference");
    assert_eq!(
        (&parity["cases"], &parity["corpus"]),
        (&5.into(), &"cases".into())
    );
    assert_eq!(parity["normalizations"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_case_is_plain_files_that_can_be_reviewed() {
    let sandbox = sandbox();
    recorded(&sandbox, "--case files --files input -- ./reference files");
    recorded(
        &sandbox,
        "--case fail --normalize program-name --timeout 5 -- ./reference fail",
    );
    recorded(
        &sandbox,
        "--case where --env MORE=m --normalize working-directory --normalize iso-times -- ./reference where",
    );
    let case = |name: &str| {
        let text = sandbox.text(&format!("cases/{name}/case.toml"));
        let lines = text.lines().filter(|line| {
            !line.starts_with("recorded-from = { name = \"reference\", sha256 = \"")
        });
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(
        case("files"),
        "args = [\"files\"]\n\n[expected]\nexit-code = 0\nremoved = [\"in/b\"]\ndirectories = [\"made\"]\n"
    );
    assert_eq!(
        case("fail"),
        "args = [\"fail\"]\ntimeout-seconds = 5\nnormalize = [\"program-name\"]\n\n[expected]\nexit-code = 3\n"
    );
    assert!(case("where").contains("\n[env]\n\"MORE\" = \"m\"\n"));
    assert_eq!(
        sandbox.names("cases/files"),
        ["case.toml", "expected", "files"]
    );
    assert_eq!(sandbox.names("cases/files/expected/files"), ["in", "out"]);
    assert_eq!(sandbox.text("cases/files/expected/files/in/a"), "a\nmore\n");
    assert_eq!(
        sandbox.text("cases/fail/expected/stderr"),
        "{program}: no such file\n"
    );
    assert_eq!(
        sandbox.text("cases/where/expected/stdout"),
        "in {dir} at {time}, {dir}, UTC, C.UTF-8, m\n"
    );
    assert_eq!(sandbox.names("cases"), ["fail", "files", "where"]);
}

#[test]
fn a_case_that_is_off_by_one_character_is_told_with_its_place() {
    let sandbox = sandbox();
    recorded(&sandbox, "--case count --stdin three -- ./reference count");
    recorded(
        &sandbox,
        "--case fail --normalize program-name -- ./reference fail",
    );
    let run = replayed(&sandbox, "./other");
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let expected = "FAIL   count
       stdout, line 1, column 7
         found     \"3 linez\\n\"
         expected  \"3 lines\\n\"
       normalized: program-name, 1 times in 1 of 2 cases
FAIL   1 of 2 cases differ
";
    assert_eq!(run.stdout, expected);
    let differing = &sandbox.json("record.json")["observation"]["parity"]["differing"];
    assert_eq!(differing[0]["case"], "count");
    assert_eq!(
        differing[0]["differences"][0]["place"],
        "stdout, line 1, column 7"
    );
}

#[test]
fn files_are_compared_by_content_kind_and_executable_bit() {
    let body = BODY.replace(
        "mkdir made; echo more >>in/a; chmod +x out",
        "echo made >made",
    );
    let sandbox = sandbox().script("other", &script(&body));
    recorded(&sandbox, "--case files --files input -- ./reference files");
    let run = replayed(&sandbox, "./other");
    assert_eq!(run.code, 1, "{}", run.stderr);
    let expected = "FAIL   files
       file `in/a`, line 2, column 1
         found     the end
         expected  \"more\\n\"
       file `made`
         found     a regular file
         expected  a directory that holds nothing
       file `out`
         found     not executable
         expected  executable
FAIL   1 of 1 cases differ
";
    assert_eq!(run.stdout, expected);
}

#[test]
fn a_reference_that_does_not_always_do_the_same_is_none() {
    let sandbox = sandbox();
    let message = refused(
        &sandbox,
        "parity record --corpus cases --case pid -- ./reference pid",
    );
    let expected = "error: the case `pid` cannot be recorded: two runs of `ROOT/./reference` differ\n  stdout, line 1, column ";
    assert!(
        message.starts_with(&expected.replace("/./", "/")),
        "{message}"
    );
    assert!(
        message.contains("\nhint: declare what may differ with `--normalize`"),
        "{message}"
    );
    assert!(!sandbox.path("cases").exists());

    let settings = "[patterns.pid]\nfind = '{digits}\n'\nreplace = \"PID\"\n"
        .replace("'{digits}\n'", "\"{digits}\\n\"");
    let sandbox = sandbox.file("cases/parity.toml", settings);
    recorded(&sandbox, "--case pid --normalize pid -- ./reference pid");
    assert_eq!(sandbox.text("cases/pid/expected/stdout"), "PID");
    assert_eq!(replayed(&sandbox, "./same").code, 0);
}

#[test]
fn a_reference_that_does_not_end_or_leaves_something_running_is_refused() {
    let settings = "grace-seconds = 1\noutput-limit-bytes = 100_000\n";
    let sandbox = sandbox().file("cases/parity.toml", settings);
    for (case, expected) in [
        ("hang", "no end within the time limit, so it was killed"),
        ("flood", "more on stdout than the limit, so it was killed"),
        ("daemon", "it left processes running, which were killed"),
    ] {
        let line =
            format!("parity record --corpus cases --case {case} --timeout 1 -- ./reference {case}");
        let expected = format!("error: the case `{case}` cannot be recorded: {expected}\n");
        assert_eq!(refused(&sandbox, &line), expected);
    }
    assert_eq!(sandbox.names("cases"), ["parity.toml"]);
}

#[test]
fn a_program_that_does_not_end_is_a_difference() {
    let body = BODY.replace("kill -ABRT $$", "sleep 1000");
    let sandbox = sandbox().script("other", &script(&body));
    let sandbox = sandbox.file("cases/parity.toml", "timeout-seconds = 1\n");
    recorded(&sandbox, "--case abort --timeout 1 -- ./reference abort");
    let run = replayed(&sandbox, "./other");
    assert_eq!(run.code, 1, "{}", run.stderr);
    let expected = "       the end
         found     no end within the time limit, so it was killed
         expected  the signal SIGABRT
";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
}

#[test]
fn arguments_and_output_that_are_no_text_are_kept() {
    let sandbox = sandbox();
    let mut arguments: Vec<OsString> =
        words("parity record --corpus cases --case bytes -- ./reference bytes")
            .into_iter()
            .map(OsString::from)
            .collect();
    arguments.push(OsString::from_vec(b"f\xff\xfe".to_vec()));
    assert_eq!(run(&sandbox, arguments).code, 0);
    let text = sandbox.text("cases/bytes/case.toml");
    assert!(
        text.starts_with("args = [\"bytes\", { hex = \"66fffe\" }]\n"),
        "{text}"
    );
    assert_eq!(replayed(&sandbox, "./same").code, 0);
    let sandbox = sandbox.file("cases/bytes/expected/stdout", b"f\xff\xfd");
    let run = replayed(&sandbox, "./same");
    let expected = "stdout, line 1, column 3\n         found     \"f\\xff\\xfe\"\n         expected  \"f\\xff\\xfd\"\n";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
}

#[test]
fn a_corpus_that_is_wrong_is_refused_with_its_place() {
    let sandbox = sandbox();
    let replay = "parity replay --corpus cases --out record.json -- ./same";
    let message = refused(&sandbox, replay);
    assert!(
        message.starts_with("error: cannot read `cases`: "),
        "{message}"
    );
    let sandbox = sandbox.file("cases/README.md", "");
    let expected = "error: `cases` has no cases; expected directories with `case.toml`\nhint: `sealift parity record` makes them\n";
    assert_eq!(refused(&sandbox, replay), expected);
    recorded(
        &sandbox,
        "--case fail --normalize program-name -- ./reference fail",
    );
    let good = sandbox.text("cases/fail/case.toml");
    for (content, expected) in [
        (
            b"args = ['a\xff']\n".to_vec(),
            "error: cases/fail/case.toml:1:11: not valid UTF-8\n",
        ),
        (
            b"args = [3]\n".to_vec(),
            "error: cases/fail/case.toml:1:9: invalid type: integer `3`, expected a string without NUL, or bytes",
        ),
        (
            b"argz = []\n".to_vec(),
            "error: cases/fail/case.toml:1:1: unknown field `argz`, expected one of `args`, ",
        ),
        (
            good.replace("exit-code = 3", "signal = 'SIGSEG'")
                .into_bytes(),
            "error: cases/fail/case.toml:6:10: signal `SIGSEG` is unknown",
        ),
        (
            good.replace("exit-code = 3", "").into_bytes(),
            "error: cases/fail/case.toml:5:1: expected either `exit-code` or `signal`\n",
        ),
        (
            good.replace("= 3", "= 3\nremoved = ['x']").into_bytes(),
            "error: cases/fail/case.toml:7:12: `x` is removed but is not in `files/`\n",
        ),
        (
            good.replace("program-name", "programname").into_bytes(),
            "error: cases/fail/case.toml:2:14: normalization `programname` is unknown",
        ),
    ] {
        std::fs::write(sandbox.path("cases/fail/case.toml"), content).expect("writable");
        let message = refused(&sandbox, replay);
        assert!(message.starts_with(expected), "{message}");
    }
    let sandbox = sandbox
        .file("cases/fail/case.toml", good)
        .file("cases/fail/expected/stdoutt", "");
    let expected = "error: `cases/fail/expected/stdoutt` has no meaning in an expectation; \
                    expected one of `files`, `stderr`, `stdout`\nhint: did you mean `stdout`?\n";
    assert_eq!(refused(&sandbox, replay), expected);
}

#[test]
fn a_case_that_exists_is_recorded_again_only_if_asked() {
    let sandbox = sandbox();
    recorded(&sandbox, "--case count --stdin three -- ./reference count");
    let again = "parity record --corpus cases --case count -- ./other count";
    let expected = "error: the case `count` exists already, in `cases/count`\nhint: `--replace` records it again\n";
    assert_eq!(refused(&sandbox, again), expected);
    recorded(
        &sandbox,
        "--case count --stdin three --replace -- ./other count",
    );
    assert_eq!(sandbox.text("cases/count/expected/stdout"), "3 linez\n");
    for name in ["../up", ".hidden", "a/b", "", "ä"] {
        let line = [
            "parity",
            "record",
            "--corpus",
            "cases",
            "--case",
            name,
            "--",
            "./reference",
        ];
        let run = run(&sandbox, line);
        assert!(
            run.stderr
                .contains("is not the name of a case; expected letters"),
            "{name}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_whole_corpus_is_recorded_again_with_another_reference() {
    let sandbox = sandbox();
    recorded(&sandbox, "--case count --stdin three -- ./reference count");
    recorded(
        &sandbox,
        "--case fail --normalize program-name -- ./reference fail",
    );
    let interpreter = found("sh");
    let line = format!("parity record --corpus cases --all --jobs 2 -- {interpreter} ./other");
    // The path of the script is another one in the directory of a case.
    let path = sandbox.path("other");
    let line = line.replace("./other", &path.display().to_string());
    let run = run(&sandbox, words(&line));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    // With an interpreter, the script's own name is not the program's.
    assert_eq!(run.stdout, "count\nfail\n");
    assert_eq!(sandbox.text("cases/count/expected/stdout"), "3 linez\n");
    assert_eq!(replayed(&sandbox, "./same").code, 1);
}

#[test]
fn the_gate_reads_the_records() {
    let program = script(BODY);
    let manifest = MANIFEST.replace("'archive', 'deb', 'oci'", "'archive'");
    let sandbox = sandbox()
        .file("sealift.toml", manifest)
        .script("tree/bin/hello", &program)
        .file("old/a.c", "")
        .file("new/a.rs", "")
        .file("map.toml", "[files]\n'a.c' = 'a.rs'\n");
    sandbox.succeed(words(
        "package --target x86_64-unknown-linux-musl --tree tree --out out",
    ));
    let archive = "out/hello-1.2.3-x86_64-unknown-linux-musl.tar.gz";
    sandbox.succeed(["release", "--artifact", archive, "--out", "release"]);
    recorded(&sandbox, "--case count --stdin three -- ./same count");
    assert_eq!(replayed(&sandbox, "tree/bin/hello").code, 0);
    let coverage = "parity coverage --map map.toml --reference old --tree new --out coverage.json";
    let expected =
        "pass   1 files are mapped, 0 left out, 0 unmapped; 0 paths of the map do not exist\n";
    assert_eq!(run(&sandbox, words(coverage)).stdout, expected);
    let gate = words("gate release --evidence record.json --evidence coverage.json");
    let stdout = sandbox.succeed(&gate);
    assert!(stdout.contains("\npass   parity "), "{stdout}");

    // Another program than the one in the release, and a file without a counterpart.
    assert_eq!(replayed(&sandbox, "./other").code, 1);
    let sandbox = sandbox.file("old/b.c", "");
    let run = run(&sandbox, words(coverage));
    let expected = "FAIL   `b.c` of the reference is not in the map\n\
                    FAIL   1 files are mapped, 0 left out, 1 unmapped; 0 paths of the map do not exist\n";
    assert_eq!((run.code, run.stdout.as_str()), (1, expected));
    let run = sandbox.run(&gate);
    assert_eq!(run.code, 1);
    let text = words(&run.stdout).join(" ");
    for expected in [
        " record.json found a record of `other` with the SHA-256 ",
        " record.json: case `count`, stdout, line 1, column 7 found \"3 linez\\n\" ",
        " coverage.json: the reference's `b.c` found a file that `map.toml` does not name ",
    ] {
        assert!(text.contains(expected), "{}", run.stdout);
    }
}
