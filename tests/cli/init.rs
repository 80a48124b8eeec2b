//! `sealift init`

use std::os::unix::fs::PermissionsExt;

use crate::sandbox::{Run, Sandbox};

const CARGO: &str = "\
[package]
name = 'hello'
version = '1.2.3'
description = 'Greets the world.'
license = 'MIT'
authors = ['A. Person <a@example.org>']
";

/// Who answers, for workspaces.
const REST: &str =
    "version = '1.2.3'\ndescription = 'greets'\nlicense = 'MIT'\nauthors = ['A <a@example.org>']\n";

const INIT: [&str; 3] = ["init", "--sealift", "path:/where/sealift/is"];

fn project(cargo: &str) -> Sandbox {
    Sandbox::new().file("Cargo.toml", cargo)
}

fn hello() -> Sandbox {
    project(CARGO).file("src/main.rs", "")
}

/// Runs `init`, which must not know who works here.
fn run(sandbox: &Sandbox, more: &[&str]) -> Run {
    let mut command = sandbox.command(INIT.iter().chain(more));
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    sandbox.ran(command.output().expect("the program can be started"))
}

fn succeed(sandbox: &Sandbox, more: &[&str]) {
    let run = run(sandbox, more);
    let expected = (0, "sealift.toml\nflake.nix\nnixw\n");
    assert_eq!((run.code, run.stdout.as_str()), expected, "{}", run.stderr);
}

/// The message of a run after which nothing new is there.
fn error_of(sandbox: &Sandbox, more: &[&str]) -> String {
    let before = sandbox.names(".");
    let run = run(sandbox, more);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert_eq!(sandbox.names("."), before);
    run.stderr
}

/// Runs `init` and shows what `plan` makes of the manifest: its first line, and what is installed where.
fn planned(sandbox: Sandbox, more: &[&str]) -> Vec<String> {
    succeed(&sandbox, more);
    let plan = sandbox.succeed(["plan"]);
    let lines = plan.lines().enumerate();
    let kept = lines.filter(|(number, line)| *number == 0 || line.contains(" -> "));
    kept.map(|(_, line)| line.trim().to_owned()).collect()
}

#[test]
fn the_files_of_a_plain_project_are_written() {
    let sandbox = hello();
    let run = run(&sandbox, &[]);
    assert_eq!(run.stdout, "sealift.toml\nflake.nix\nnixw\n");
    assert!(
        run.stderr.contains("./nixw build .#release"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("cargo generate-lockfile"),
        "{}",
        run.stderr
    );
    let expected = [
        "Cargo.toml",
        "LICENSE",
        "flake.nix",
        "nixw",
        "sealift.toml",
        "src",
    ];
    assert_eq!(sandbox.names("."), expected);
}

#[test]
fn the_wrapper_is_this_repository_s_own() {
    let sandbox = hello();
    succeed(&sandbox, &[]);
    assert_eq!(sandbox.text("nixw"), include_str!("../../nixw"));
    let mode = |name| {
        std::fs::metadata(sandbox.path(name))
            .expect("there")
            .permissions()
            .mode()
    };
    assert_eq!(mode("nixw") & 0o777, 0o755);
    assert_eq!(mode("flake.nix") & 0o777, 0o644);
}

#[test]
fn the_flake_takes_sealift_from_the_address() {
    let sandbox = hello();
    succeed(&sandbox, &["--summary", "says \"${hi}\""]);
    assert_eq!(
        sandbox.text("flake.nix"),
        r#"{
  description = "says \"\${hi}\"";

  inputs.sealift.url = "path:/where/sealift/is";

  outputs =
    { self, sealift, ... }:
    sealift.lib.mkFlake {
      inherit self;
      src = ./.;
    };
}
"#
    );
}

#[test]
fn the_address_may_come_from_the_environment_and_be_a_directory() {
    let sandbox = hello()
        .file("sealift/flake.nix", "{}")
        .file("sealift/nix/default.nix", "{}");
    let mut command = sandbox.command(["init"]);
    let output = command.env("SEALIFT", "sealift").output();
    let run = sandbox.ran(output.expect("the program can be started"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let url = format!(
        "path:{}",
        sandbox
            .path("sealift")
            .canonicalize()
            .expect("there")
            .display()
    );
    assert!(
        sandbox
            .text("flake.nix")
            .contains(&format!("inputs.sealift.url = \"{url}\";")),
        "{url}"
    );
}

#[test]
fn without_an_address_it_says_what_to_give() {
    let message = hello().fail(["init"]);
    assert!(
        message.starts_with(
            "error: nothing says where the flake gets Sealift from\nhint: give `--sealift`"
        ),
        "{message}"
    );
    let message = hello().fail(["init", "--sealift", "nowhere"]);
    assert!(
        message.starts_with("error: `ROOT/nowhere` does not contain Sealift"),
        "{message}"
    );
}

#[test]
fn cargo_s_metadata_is_not_repeated() {
    let sandbox = hello();
    assert_eq!(planned(sandbox, &[])[0], "hello 1.2.3");
    let sandbox = hello();
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    let comment = "[package]\n# From Cargo.toml, unless they are given here: name, version, summary, license, maintainer.\n\n";
    assert!(manifest.contains(comment), "{manifest}");
}

#[test]
fn what_packages_cannot_take_as_cargo_has_it_is_written_as_they_can() {
    let cargo = "\
[package]
name = 'My_Tool'
version = '1.2.3'
description = '''
Greets the
world. Twice.
'''
license = 'MIT/Apache-2.0'
authors = ['A. Person']
";
    let sandbox = project(cargo).file("src/main.rs", "");
    succeed(&sandbox, &["--maintainer", "B <b@example.org>"]);
    let manifest = sandbox.text("sealift.toml");
    let expected = "\
name = \"my-tool\"
summary = \"Greets the world\"
description = \"Greets the world. Twice.\"
license = \"MIT OR Apache-2.0\"
maintainer = \"B <b@example.org>\"
";
    assert!(manifest.contains(expected), "{manifest}");
    assert!(sandbox.succeed(["plan"]).starts_with("my-tool 1.2.3\n"));
}

#[test]
fn several_programs_are_shipped() {
    let bins = format!("{CARGO}[[bin]]\nname = 'hi'\npath = 'src/main.rs'\n");
    let sandbox = project(&bins)
        .file("src/main.rs", "")
        .file("src/bin/one.rs", "")
        .file("src/bin/two/main.rs", "");
    assert_eq!(
        planned(sandbox, &[]),
        [
            "hello 1.2.3",
            "0755  bin/hi -> /usr/bin/hi",
            "0755  bin/one -> /usr/bin/one",
            "0755  bin/two -> /usr/bin/two",
            "0644  LICENSE -> /usr/share/licenses/hello/LICENSE",
        ]
    );
}

#[test]
fn several_programs_make_an_image_that_knows_which_to_run() {
    let sandbox = project(CARGO)
        .file("src/bin/one.rs", "")
        .file("src/bin/two.rs", "");
    succeed(&sandbox, &[]);
    let sandbox = sandbox
        .file("tree/bin/one", "1")
        .file("tree/bin/two", "2")
        .file("tree/LICENSE", "MIT");
    let package = "package --target x86_64-unknown-linux-musl --tree tree --format oci --out out";
    std::fs::create_dir(sandbox.path("out")).expect("writable");
    sandbox.succeed(crate::sandbox::words(package));
}

#[test]
fn a_workspace_without_a_package_of_its_own_gives_what_its_members_inherit() {
    let root = format!("[workspace]\nmembers = ['crates/*']\n[workspace.package]\n{REST}");
    let member = "[package]\nname = 'tool'\nversion.workspace = true\ndescription.workspace = true\n\
                  license.workspace = true\nauthors.workspace = true\n";
    let sandbox = project(&root)
        .file("crates/tool/Cargo.toml", member)
        .file("crates/tool/src/main.rs", "")
        .file("crates/tool/README.md", "tool")
        .file("crates/library/Cargo.toml", "[package]\nname = 'library'\n")
        .file("crates/library/src/lib.rs", "");
    assert_eq!(
        planned(sandbox, &[]),
        [
            "tool 1.2.3",
            "0755  bin/tool -> /usr/bin/tool",
            "0644  LICENSE -> /usr/share/licenses/tool/LICENSE",
            "0644  crates/tool/README.md -> /usr/share/doc/tool/README.md",
        ]
    );
}

#[test]
fn the_package_above_its_members_is_the_one_that_is_released() {
    let root = format!("{CARGO}[workspace]\nmembers = ['xtask']\n");
    let sandbox = project(&root)
        .file("src/main.rs", "")
        .file("xtask/Cargo.toml", "[package]\nname = 'xtask'\n")
        .file("xtask/src/main.rs", "");
    let expected = ["hello 1.2.3", "0755  bin/hello -> /usr/bin/hello"];
    assert_eq!(planned(sandbox, &[])[..2], expected);
}

#[test]
fn of_several_packages_those_that_are_named_are_released() {
    let sandbox = || {
        project("[workspace]\nmembers = ['*']\n")
            .file(
                "a/Cargo.toml",
                format!("[package]\nname = 'tool-a'\n{REST}"),
            )
            .file("a/src/main.rs", "")
            .file(
                "b/Cargo.toml",
                format!("[package]\nname = 'tool-b'\n{REST}"),
            )
            .file("b/src/main.rs", "")
    };
    let message = error_of(&sandbox(), &[]);
    assert_eq!(
        message,
        "error: several packages of the workspace have programs: `tool-a`, `tool-b`\n\
         hint: name with `--package` those to release; the first gives the release its name and version\n"
    );
    let expected = ["tool-b 1.2.3", "0755  bin/tool-b -> /usr/bin/tool-b"];
    assert_eq!(planned(sandbox(), &["--package", "tool-b"])[..2], expected);
    let both = planned(sandbox(), &["--package", "tool-b", "--package", "tool-a"]);
    assert_eq!(
        both[..2],
        ["tool-b 1.2.3", "0755  bin/tool-a -> /usr/bin/tool-a"]
    );
    let message = error_of(&sandbox(), &["--package", "c"]);
    assert_eq!(
        message,
        "error: there is no package `c`; expected one of `tool-a`, `tool-b`\n"
    );
}

#[test]
fn documents_pages_and_completions_are_shipped() {
    let sandbox = hello()
        .file("README.md", "")
        .file("CHANGELOG.md", "")
        .file("man/hello.1", "")
        .file("completions/hello.bash", "")
        .file("completions/hello.zsh", "");
    assert_eq!(
        planned(sandbox, &[])[2..],
        [
            "0644  LICENSE -> /usr/share/licenses/hello/LICENSE",
            "0644  CHANGELOG.md -> /usr/share/doc/hello/CHANGELOG.md",
            "0644  README.md -> /usr/share/doc/hello/README.md",
            "0644  man/hello.1 -> /usr/share/man/man1/hello.1",
            "0644  completions/hello.bash -> /usr/share/bash-completion/completions/hello",
            "0644  completions/hello.zsh -> /usr/share/zsh/site-functions/_hello",
        ]
    );
}

#[test]
fn the_example_of_a_printed_file_holds_as_it_stands() {
    let sandbox = hello();
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    let (before, example) = manifest.split_once("# [[files]]\n").expect("it is there");
    let example = example.replace("# ", "").replace("#\n", "\n");
    let sandbox = sandbox.file("sealift.toml", format!("{before}[[files]]\n{example}"));
    let plan = sandbox.succeed(["plan"]);
    assert!(
        plan.contains("-> /usr/share/bash-completion/completions/hello"),
        "{plan}"
    );
}

#[test]
fn every_platform_of_the_comments_can_be_added() {
    let sandbox = hello();
    succeed(&sandbox, &[]);
    let manifest = sandbox.text("sealift.toml");
    let listed = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("#   "));
    let triples: Vec<_> = listed
        .filter(|word| word.contains('-') && !word.contains(' '))
        .collect();
    assert!(triples.len() >= 8, "{manifest}");
    let all = format!("targets = [\"{}\", ", triples.join("\", \""));
    let more = manifest
        .replace("targets = [", &all)
        .replace("# formats-for", "formats-for");
    let sandbox = sandbox.file("sealift.toml", more);
    let plan = sandbox.succeed(["plan"]);
    for triple in triples {
        assert!(plan.contains(triple), "{triple}: {plan}");
    }
}

#[test]
fn of_a_workspace_only_what_is_released_is_built() {
    let root = format!("{CARGO}[workspace]\nmembers = ['xtask']\n");
    let sandbox = project(&root)
        .file("src/main.rs", "")
        .file("xtask/Cargo.toml", "[package]\nname = 'xtask'\n")
        .file("xtask/src/main.rs", "");
    succeed(&sandbox, &[]);
    assert!(
        sandbox
            .text("sealift.toml")
            .contains("\npackages = [\"hello\"]\n")
    );
    let sandbox = hello();
    succeed(&sandbox, &[]);
    assert!(!sandbox.text("sealift.toml").contains("[build]"));
}

#[test]
fn another_directory_is_served_from_here() {
    let sandbox = Sandbox::new()
        .file("sub/Cargo.toml", CARGO)
        .file("sub/src/main.rs", "");
    succeed(&sandbox, &["--directory", "sub"]);
    assert_eq!(
        sandbox.names("sub"),
        ["Cargo.toml", "flake.nix", "nixw", "sealift.toml", "src"]
    );
}

#[test]
fn a_checkout_ignores_what_builds_leave() {
    let sandbox = hello().file(".gitignore", "/target");
    // As much of a checkout as git looks for.
    let sandbox = sandbox
        .file(".git/HEAD", "ref: refs/heads/main\n")
        .file(".git/objects/none", "")
        .file(".git/refs/none", "");
    let mut command = sandbox.command(INIT);
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "sealift.toml\nflake.nix\nnixw\n.gitignore\n"),
        "{}",
        run.stderr
    );
    assert_eq!(sandbox.text(".gitignore"), "/target\n/result*\n");
}

#[test]
fn a_manifest_that_is_there_is_not_overwritten() {
    let sandbox = hello().file("sealift.toml", "mine");
    assert_eq!(
        error_of(&sandbox, &[]),
        "error: already there: `sealift.toml`; nothing was written\n\
         hint: `--force` replaces existing files; `--only` writes some of the files\n"
    );
    assert_eq!(sandbox.text("sealift.toml"), "mine");
    let message = error_of(&hello().file("packaging/sealift.toml", ""), &[]);
    assert!(
        message.starts_with("error: already there: `packaging/sealift.toml`;"),
        "{message}"
    );
    let sandbox = hello().link("nixw", "nowhere");
    let message = error_of(&sandbox, &["--only", "nixw"]);
    assert!(
        message.starts_with("error: already there: `nixw`;"),
        "{message}"
    );
}

#[test]
fn a_flake_that_is_there_stays_and_gets_advice() {
    let sandbox = hello().file("flake.nix", "mine").file("nixw", "mine, too");
    let run = run(&sandbox, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "sealift.toml\n"));
    let expected = "\
kept: `flake.nix` is there already; merge into it:
    inputs.sealift.url = \"path:/where/sealift/is\";
    outputs = { self, sealift, ... }:
      sealift.lib.mkFlake { inherit self; src = ./.; } // { /* the outputs that it has now */ };
kept: `nixw` is there already and differs from Sealift's; `--force` replaces it
next:
";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    assert_eq!(sandbox.text("flake.nix"), "mine");
}

#[test]
fn files_are_replaced_where_that_is_asked_for() {
    let sandbox = hello()
        .file("flake.nix", "mine")
        .file("sealift.toml", "mine");
    succeed(&sandbox, &["--force"]);
    assert!(sandbox.text("flake.nix").contains("sealift.lib.mkFlake"));
    assert!(sandbox.succeed(["plan"]).starts_with("hello 1.2.3\n"));
}

#[test]
fn some_files_can_be_written_alone() {
    let sandbox = hello();
    let run = sandbox.run(["init", "--only", "sealift.toml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "sealift.toml\n"));
    assert!(!sandbox.path("flake.nix").exists());
}

#[test]
fn what_nobody_has_said_is_asked_for_at_once() {
    let sandbox = project("[package]\nname = 'hello'\nversion = '0.1.0'\n").file("src/main.rs", "");
    assert_eq!(
        error_of(&sandbox, &[]),
        "error: `ROOT/Cargo.toml` does not give `description`, `license` and `authors`\n\
         hint: add to its `[package]`, or give `--summary`, `--license`, `--maintainer`:\n\
         \x20   description = \"greets the world\"\n    license = \"MIT\"\n\
         \x20   authors = [\"A. Person <person@example.org>\"]\n"
    );
    let said = [
        "--summary",
        "greets",
        "--license",
        "MIT",
        "--maintainer",
        "A <a@example.org>",
    ];
    assert_eq!(planned(sandbox, &said)[0], "hello 0.1.0");
}

#[test]
fn a_name_that_no_package_can_have_is_refused() {
    let sandbox = project(&CARGO.replace("'hello'", "'x'")).file("src/main.rs", "");
    let message = error_of(&sandbox, &[]);
    assert!(
        message.starts_with("error: package name `x` is not valid;"),
        "{message}"
    );
    assert!(
        message.ends_with("\nhint: give another one with `--name`\n"),
        "{message}"
    );
    assert_eq!(
        planned(sandbox, &["--name", "xx"])[..2],
        ["xx 1.2.3", "0755  bin/x -> /usr/bin/x"]
    );
}

#[test]
fn a_directory_without_a_project_is_refused() {
    let message = error_of(&Sandbox::new(), &[]);
    assert_eq!(
        message,
        "error: no `Cargo.toml` in `ROOT`\nhint: `cargo init` starts a project\n"
    );
    let sandbox = hello().file("docs/guide.md", "");
    let message = error_of(&sandbox, &["--directory", "docs"]);
    assert_eq!(
        message,
        "error: no `Cargo.toml` in `ROOT/docs`\nhint: there is one above: give `--directory ROOT`\n"
    );
    let message = error_of(&sandbox, &["--directory", "nowhere"]);
    assert!(
        message.starts_with("error: cannot find the directory `nowhere`: "),
        "{message}"
    );
}

#[test]
fn a_library_is_refused() {
    let sandbox = project(CARGO).file("src/lib.rs", "");
    assert_eq!(
        error_of(&sandbox, &[]),
        "error: `ROOT/Cargo.toml` has no program to release\n\
         hint: a program has a `src/main.rs`, a file in `src/bin/` or a `[[bin]]`\n"
    );
    let message = error_of(&sandbox, &["--package", "hello"]);
    assert_eq!(
        message,
        "error: package `hello` has no program to release\n"
    );
}

#[test]
fn a_workspace_of_libraries_is_refused() {
    let sandbox = project("[workspace]\nmembers = ['a']\n")
        .file("a/Cargo.toml", "[package]\nname = 'a'\n")
        .file("a/src/lib.rs", "");
    let message = error_of(&sandbox, &[]);
    assert!(
        message.starts_with("error: `ROOT/Cargo.toml` has no program to release\n"),
        "{message}"
    );
}

#[test]
fn a_program_that_needs_a_feature_is_named() {
    let bin = format!(
        "{CARGO}[[bin]]\nname = 'extra'\nrequired-features = ['more']\n[features]\nmore = []\n"
    );
    let sandbox = project(&bin).file("src/bin/extra.rs", "");
    let message = error_of(&sandbox, &[]);
    let expected = "error: `ROOT/Cargo.toml` has no program to release; `extra` is built with certain features alone\n";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_member_of_a_workspace_is_sent_to_the_whole() {
    let sandbox = project("[workspace]\nmembers = ['a']\nexclude = ['free']\n")
        .file("a/Cargo.toml", CARGO)
        .file("a/src/main.rs", "")
        .file("free/Cargo.toml", CARGO)
        .file("free/src/main.rs", "");
    assert_eq!(
        error_of(&sandbox, &["--directory", "a"]),
        "error: `ROOT/a` belongs to the workspace in `ROOT`, which is built as a whole\n\
         hint: run `sealift init --directory ROOT --package hello`\n"
    );
    succeed(&sandbox, &["--directory", "free"]);
}

#[test]
fn a_cargo_toml_that_is_wrong_is_shown_with_the_place() {
    let message = error_of(&project("[package]\nname = \n"), &[]);
    assert!(
        message.starts_with("error: ROOT/Cargo.toml:2:"),
        "{message}"
    );
    let message = error_of(&project("[package]\nname = 5\n"), &[]);
    let expected = "error: ROOT/Cargo.toml:2:8: invalid type: integer `5`, expected a string\n  2 | name = 5\n";
    assert!(message.starts_with(expected), "{message}");
    let bad_version = CARGO.replace("1.2.3", "1.2");
    let message = error_of(&project(&bad_version).file("src/main.rs", ""), &[]);
    assert!(
        message.starts_with("error: ROOT/Cargo.toml:3:11: version `1.2` is not valid"),
        "{message}"
    );
}

#[test]
fn a_cargo_toml_that_cannot_be_read_is_named() {
    let sandbox = Sandbox::new().file("Cargo.toml/x", "");
    let message = error_of(&sandbox, &[]);
    assert!(
        message.starts_with("error: cannot read `ROOT/Cargo.toml`: "),
        "{message}"
    );
    let message = error_of(&Sandbox::new().file("Cargo.toml", b"\xff"), &[]);
    assert_eq!(message, "error: ROOT/Cargo.toml:1:1: not valid UTF-8\n");
}
