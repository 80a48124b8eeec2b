//! `sealift tree`

use std::os::unix::fs::PermissionsExt;

use crate::sandbox::{MANIFEST, Sandbox, TARGET, limit_file_size, words};

const WINDOWS: &str = "x86_64-pc-windows-gnullvm";

const TREE: &str = "tree --source . --build build --out out";

const EVERYWHERE: &str = "\
[[files]]
kind = 'doc'
source = 'docs/'
[[files]]
kind = 'man'
source = 'man/hello.1'
[[generate]]
command = ['bin/sealift', 'man']
output = 'man/hello.1'
";

const GENERATED: &str = "\
[[files]]
kind = 'doc'
source = 'printed'
[[generate]]
command = ['bin/sealift', 'no-such-command']
output = 'printed'
";

fn sandbox(more: &str) -> Sandbox {
    Sandbox::with_manifest(more).file("build/bin/hello", "program")
}

/// The message of a failure after which nothing is left.
fn error_of(sandbox: &Sandbox) -> String {
    let message = sandbox.fail(words(TREE));
    assert!(
        !sandbox.path("out").exists(),
        "something stayed after: {message}"
    );
    message
}

#[test]
fn files_come_from_the_source_the_build_and_the_program() {
    let sandbox = sandbox(EVERYWHERE)
        .file("docs/guide/README", "read me")
        .program("build/bin/sealift");
    sandbox.succeed(words(TREE));
    assert_eq!(sandbox.names("out"), ["bin", "docs", "man"]);
    assert_eq!(sandbox.text("out/bin/hello"), "program");
    assert_eq!(sandbox.text("out/docs/guide/README"), "read me");
    assert!(sandbox.text("out/man/hello.1").contains(".TH sealift 1"));
}

#[test]
fn a_program_for_windows_has_its_suffix_and_what_is_of_no_use_there_is_left_out() {
    let sandbox = Sandbox::new()
        .file(
            "sealift.toml",
            format!("{MANIFEST}{EVERYWHERE}").replace(TARGET, WINDOWS),
        )
        .file("docs/README", "read me")
        .file("build/bin/hello.exe", "program");
    sandbox.succeed(words(TREE));
    assert_eq!(sandbox.names("out"), ["bin", "docs"]);
    assert_eq!(sandbox.text("out/bin/hello.exe"), "program");
}

#[test]
fn what_a_program_for_another_machine_would_print_is_printed_by_one_for_this_machine() {
    let sandbox = sandbox(EVERYWHERE)
        .file("docs/README", "read me")
        .file("build/bin/sealift", "not for this machine")
        .program("host/bin/sealift");
    let message = error_of(&sandbox);
    assert!(
        message.starts_with("error: cannot run `bin/sealift man` (`ROOT/build/bin/sealift`): "),
        "{message}"
    );
    assert!(
        message.ends_with(
            "\nhint: where the build is for another machine, name one for this machine with `--generate-with DIR`\n"
        ),
        "{message}"
    );
    sandbox.succeed(words(&format!("{TREE} --generate-with host")));
    assert!(sandbox.text("out/man/hello.1").contains(".TH sealift 1"));
}

#[test]
fn the_source_goes_before_the_build() {
    let sandbox = sandbox("").file("bin/hello", "a script");
    sandbox.succeed(words(TREE));
    assert_eq!(sandbox.text("out/bin/hello"), "a script");
}

#[test]
fn modes_come_from_the_manifest_and_not_from_the_files() {
    let sandbox = sandbox("[[files]]\nkind = 'doc'\nsource = 'README'\n").file("README", "read me");
    let secret = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(sandbox.path("README"), secret).expect("the owner may");
    sandbox.succeed(words(TREE));
    let mode = |path: &str| {
        let metadata = std::fs::metadata(sandbox.path(path)).expect("it exists");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!((mode("out/bin/hello"), mode("out/README")), (0o755, 0o644));
}

#[test]
fn a_missing_file_is_shown_in_the_manifest() {
    let sandbox = Sandbox::with_manifest("").file("build/bin/other", "");
    assert_eq!(
        error_of(&sandbox),
        "error: ./sealift.toml:13:10: `bin/hello` is neither in the source `.` nor in the build `build`, and no \
         `[[generate]]` makes it\n  13 | source = 'bin/hello'\n     |          ^^^^^^^^^^^\n\
         hint: build the program, and put it at `build/bin/hello`\n"
    );
}

#[test]
fn a_program_that_fails_is_shown_with_what_it_said() {
    let sandbox = sandbox(GENERATED).program("build/bin/sealift");
    let message = error_of(&sandbox);
    let expected = "error: `bin/sealift no-such-command` failed (exit status: 2) and said:\nerror: unrecognized subcommand";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_program_that_is_missing_is_named() {
    let message = error_of(&sandbox(GENERATED));
    let expected =
        "error: cannot run `bin/sealift no-such-command` (`ROOT/build/bin/sealift`): No such file";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_link_out_of_the_source_is_refused() {
    let sandbox =
        sandbox("[[files]]\nkind = 'doc'\nsource = 'README'\n").link("README", "/dev/null");
    let message = error_of(&sandbox);
    let expected =
        "error: ./sealift.toml:16:10: `./README` leads to `/dev/null`, outside of `ROOT`\n";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_name_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = sandbox("[[files]]\nkind = 'doc'\nsource = 'docs/'\n").file("docs/ok", "");
    let name = std::ffi::OsStr::from_bytes(b"bad\xff");
    std::fs::write(sandbox.path("docs").join(name), "").expect("writable");
    let message = error_of(&sandbox);
    assert!(
        message.contains("the name of `./docs/bad\u{fffd}` is not UTF-8"),
        "{message}"
    );
}

#[test]
fn a_directory_that_holds_something_is_left_alone() {
    let sandbox = sandbox("").file("out/precious", "");
    let expected = "error: `out` is not empty; expected a directory that is empty or does not exist\n\
                    hint: remove what is in it, or name another directory with `--out`\n";
    assert_eq!(sandbox.fail(words(TREE)), expected);
    assert_eq!(sandbox.names("out"), ["precious"]);
}

#[test]
fn a_target_that_the_manifest_does_not_have_is_a_usage_error() {
    let sandbox = sandbox("");
    let message = sandbox.fail(
        words(TREE)
            .into_iter()
            .chain(["--target", "pdp11-dec-unix"]),
    );
    assert!(
        message.contains("invalid value 'pdp11-dec-unix'"),
        "{message}"
    );
}

#[test]
fn a_link_to_a_directory_is_refused_before_it_goes_round_in_circles() {
    let sandbox = sandbox("[[files]]\nkind = 'doc'\nsource = 'docs/'\n").link("docs/again", ".");
    let message = error_of(&sandbox);
    assert!(
        message.contains("`./docs/again` is a link to a directory; expected files"),
        "{message}"
    );
}

#[test]
fn a_full_disk_leaves_nothing() {
    let sandbox = sandbox("").file("build/bin/hello", "x".repeat(1000));
    let mut command = sandbox.command(words(TREE));
    limit_file_size(&mut command, 100);
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr
            .starts_with("error: cannot write `out/bin/hello`: File too large"),
        "{}",
        run.stderr
    );
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a_tree_is_not_assembled_in_what_it_is_made_of() {
    let sandbox = sandbox("[[files]]\nkind = 'doc'\nsource = 'docs/'\n").file("docs/README", "");
    let message = sandbox.fail(words("tree --source . --build build --out docs/out"));
    assert!(
        message.contains("` lies where the tree is being assembled"),
        "{message}"
    );
    assert_eq!(sandbox.names("docs"), ["README"]);
}

const PATTERNS: &str = "\
[[files]]
kind = 'doc'
source = 'docs/**/*.md'
[[files]]
kind = 'completion'
source = 'completions/*'
[[generate]]
command = ['bin/sealift', 'completions', 'bash']
output = 'completions/sealift.bash'
";

fn with_patterns() -> Sandbox {
    sandbox(PATTERNS)
        .program("build/bin/sealift")
        .file("docs/intro.md", "1")
        .file("docs/guide/more.md", "2")
        .file("docs/guide/picture.svg", "3")
        .file("docs/.draft.md", "4")
        .file("completions/_hello", "5")
}

#[test]
fn a_pattern_selects_files_of_the_source_and_of_the_program() {
    let sandbox = with_patterns();
    sandbox.succeed(words(TREE));
    assert_eq!(sandbox.names("out/docs"), ["guide", "intro.md"]);
    assert_eq!(sandbox.names("out/docs/guide"), ["more.md"]);
    assert_eq!(sandbox.names("out/completions"), ["_hello", "sealift.bash"]);

    let line =
        format!("package --target {TARGET} --tree out --out packages --format archive --json");
    let records: serde_json::Value =
        serde_json::from_str(&sandbox.run(words(&line)).stdout).expect("it is JSON");
    let entries = records[0]["contents"].as_array().expect("a list").iter();
    let paths: Vec<_> = entries.filter_map(|entry| entry["path"].as_str()).collect();
    for name in [
        "guide/more.md",
        "intro.md",
        "_hello",
        "completions/sealift.bash",
    ] {
        assert!(
            paths.iter().any(|path| path.ends_with(name)),
            "{name}: {paths:?}"
        );
    }
}

#[test]
fn a_plan_shows_each_file_that_a_pattern_matches() {
    let plan = with_patterns().succeed(["plan"]);
    let shown: Vec<_> = plan.lines().filter(|line| line.contains(" -> ")).collect();
    assert_eq!(
        shown,
        [
            "    0755  bin/hello -> /usr/bin/hello",
            "    0644  docs/guide/more.md -> /usr/share/doc/hello/guide/more.md",
            "    0644  docs/intro.md -> /usr/share/doc/hello/intro.md",
            "    0644  completions/_hello -> /usr/share/zsh/site-functions/_hello",
            "    0644  completions/sealift.bash -> /usr/share/bash-completion/completions/sealift",
        ]
    );
}

#[test]
fn the_destination_of_a_pattern_is_a_directory() {
    let rule = "[[files]]\nkind = 'doc'\nsource = 'docs/*.md'\ndestination = 'usr/share/hello'\n";
    let sandbox = sandbox(rule).file("docs/a.md", "");
    let plan = sandbox.succeed(["plan"]);
    assert!(
        plan.contains("docs/a.md -> /usr/share/hello/a.md\n"),
        "{plan}"
    );
}

#[test]
fn a_pattern_may_match_what_only_the_build_has() {
    let sandbox =
        sandbox("[[files]]\nkind = 'data'\nsource = 'share/*'\n").file("build/share/x", "");
    let plan = sandbox.succeed(["plan"]);
    assert!(
        plan.contains("share/* -> each where its kind says\n"),
        "{plan}"
    );
    sandbox.succeed(words(TREE));
    assert_eq!(sandbox.names("out/share"), ["x"]);
}
