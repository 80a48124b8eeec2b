//! `sealift tree` with what build scripts wrote, and with directories that the program fills.

use crate::sandbox::{Sandbox, found, words};

const TREE: &str = "tree --source . --build build --out out";

const OUT_DIRS: &str = "\
[[files]]
kind = 'man'
source = '{out_dir:hello}/assets/hello.1'
[[files]]
kind = 'completion'
source = '{out_dir:hello}/*hello*'
[[files]]
kind = 'doc'
source = '{out_dir:words}/'
";

fn with_out_dirs() -> Sandbox {
    Sandbox::with_manifest(OUT_DIRS)
        .file("build/bin/hello", "program")
        .file("written/assets/hello.1", "page")
        .file("written/_hello", "zsh")
        .file("written/hello.fish", "fish")
        .file("written/stamp", "nobody's")
        .file("words/deep/list", "words")
}

fn filled(script: &str) -> Sandbox {
    let rules = "[[files]]\nkind = 'man'\nsource = 'share/man/'\n[[files]]\nkind = 'doc'\nsource = 'share/notes/*.md'\n\
                 [[generate]]\ncommand = ['bin/pages', 'fill', '--out={out}']\noutput = 'share/'\n";
    let shell = found("sh");
    let mkdir = found("mkdir");
    let text = format!(
        "#!{shell}\nset -e\n[ \"$1\" = fill ]\nout=${{2#--out=}}\nmkdir() {{ {mkdir} \"$@\"; }}\n{script}\n"
    );
    Sandbox::with_manifest(rules)
        .file("build/bin/hello", "program")
        .script("build/bin/pages", &text)
}

const PAGES: &str = "mkdir -p $out/man/deep $out/notes; for page in b.1 a.1 deep/c.5; do echo $page >$out/man/$page; done; echo n >$out/notes/n.md; echo x >$out/notes/x.txt";

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
fn files_come_from_the_out_dirs_of_build_scripts() {
    let sandbox = with_out_dirs();
    sandbox.succeed(words(&format!(
        "{TREE} --out-dir hello=written --out-dir words=words"
    )));
    assert_eq!(sandbox.names("out"), ["bin", "{out_dir}"]);
    assert_eq!(sandbox.text("out/{out_dir}/hello/assets/hello.1"), "page");
    assert_eq!(
        sandbox.names("out/{out_dir}/hello"),
        ["_hello", "assets", "hello.fish"]
    );
    let packed =
        "package --tree out --out packages --format deb --json --target x86_64-unknown-linux-musl";
    let records: serde_json::Value =
        serde_json::from_str(&sandbox.succeed(words(packed))).expect("it is JSON");
    let entries = records[0]["contents"].as_array().expect("a list").iter();
    let paths: Vec<_> = entries.filter_map(|entry| entry["path"].as_str()).collect();
    for path in [
        "usr/share/man/man1/hello.1.gz",
        "usr/share/zsh/vendor-completions/_hello",
        "usr/share/fish/vendor_completions.d/hello.fish",
        "usr/share/doc/hello/deep/list",
    ] {
        assert!(paths.contains(&path), "{path} is not among {paths:?}");
    }
}

#[test]
fn an_out_dir_that_is_not_given_is_asked_for() {
    let message = error_of(&with_out_dirs());
    assert_eq!(
        message,
        "error: ./sealift.toml:16:10: the OUT_DIR of the build script of `hello` is not known\n  \
         16 | source = '{out_dir:hello}/assets/hello.1'\n     |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n\
         hint: give it with `--out-dir hello=DIR`\n"
    );
}

#[test]
fn what_a_build_script_did_not_write_is_shown_in_the_manifest() {
    let sandbox = with_out_dirs();
    let message = sandbox.fail(words(&format!(
        "{TREE} --out-dir hello=words --out-dir words=words"
    )));
    assert!(
        message.starts_with(
            "error: ./sealift.toml:16:10: `{out_dir:hello}/assets/hello.1` is nothing that the build script of `hello` wrote (`words`)\n"
        ),
        "{message}"
    );
    let link = with_out_dirs().link("written/linked-hello", "/dev/null");
    let message = link.fail(words(&format!(
        "{TREE} --out-dir hello=written --out-dir words=words"
    )));
    assert!(
        message.contains("`written/linked-hello` leads to `/dev/null`, outside of `"),
        "{message}"
    );
}

#[test]
fn an_out_dir_is_of_a_package() {
    for wrong in ["hello", "hello=", "a b=written"] {
        let sandbox = with_out_dirs();
        let mut line = words(TREE);
        line.extend(["--out-dir", wrong]);
        let message = sandbox.fail(line);
        assert!(
            message.contains(&format!("invalid value '{wrong}'")),
            "{message}"
        );
    }
}

#[test]
fn a_program_fills_a_directory() {
    let sandbox = filled(PAGES);
    sandbox.succeed(words(TREE));
    assert_eq!(sandbox.names("out/share/man"), ["a.1", "b.1", "deep"]);
    assert_eq!(sandbox.text("out/share/man/deep/c.5"), "deep/c.5\n");
    assert_eq!(sandbox.names("out/share/notes"), ["n.md"]);
    // Nothing else is left.
    assert!(!sandbox.names(".").iter().any(|name| name.ends_with("-tmp")));
}

#[test]
fn a_file_of_the_project_goes_before_a_generated_one() {
    let sandbox = filled(PAGES).file("share/man/a.1", "own");
    sandbox.succeed(words(TREE));
    assert_eq!(sandbox.text("out/share/man/a.1"), "own");
    assert_eq!(sandbox.text("out/share/man/b.1"), "b.1\n");
}

#[test]
fn what_is_no_regular_file_is_not_shipped() {
    let link = format!("{} -s /etc/passwd $out/page.1", found("ln"));
    for (script, expected) in [
        (
            ":",
            "`bin/pages fill --out={out}` wrote no file into `{out}`",
        ),
        (
            "mkdir $out/empty",
            "`bin/pages fill --out={out}` wrote no file into `{out}`",
        ),
        (
            link.as_str(),
            "`bin/pages fill --out={out}` wrote `page.1`, which is a link; expected regular files",
        ),
        (
            "echo x >$out/'back\\slash'",
            "wrote `back\\slash`, which has a name that cannot be packaged; expected regular files",
        ),
        (
            "exit 3",
            "`bin/pages fill --out={out}` failed (exit status: 3), and said nothing",
        ),
    ] {
        let message = error_of(&filled(script));
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_command_knows_the_directory_that_it_fills() {
    let plan = |command: &str, output: &str| {
        let rules = format!(
            "[[files]]\nkind = 'man'\nsource = 'man/'\n[[generate]]\ncommand = [{command}]\noutput = '{output}'\n"
        );
        Sandbox::with_manifest(&rules).fail(["plan"])
    };
    let message = plan("'bin/hello'", "man/");
    assert!(
        message.starts_with(
            "error: sealift.toml:19:10: `man/` is a directory, which the command is not told; expected `{out}` among its arguments"
        ),
        "{message}"
    );
    let message = plan("'bin/hello', '{out}'", "man/hello.1");
    assert!(
        message.starts_with(
            "error: sealift.toml:19:10: `man/hello.1` is a file, and `{out}` in the command is a directory; expected a path that ends with `/`\n"
        ),
        "{message}"
    );
    let message = plan("'bin/hello', '{out}'", "pages/");
    assert!(
        message.contains("`pages/` is generated but not shipped"),
        "{message}"
    );
    let twice = "man/'\n[[generate]]\ncommand = ['bin/hello']\noutput = 'man/hello.1";
    let message = plan("'bin/hello', '{out}'", twice);
    assert!(
        message.contains("`man/hello.1` is generated twice"),
        "{message}"
    );
}
