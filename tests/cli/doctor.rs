//! `sealift doctor`

use crate::sandbox::{MANIFEST, Run, Sandbox, found};

/// Seeds that no store has.
/// A lock that is of the only system in it, and so of every machine.
const LOCK: &str = r#"{
  "systems": { "x86_64-linux": {
    "bootstrap": { "sha256": "0000000000000000000000000000000000000000000000000000000000000000" },
    "python": [],
    "debian": [{
      "name": "a", "version": "1", "file": "a_1.deb", "size": 2000000,
      "sha256": "1111111111111111111111111111111111111111111111111111111111111111"
    }]
  } }
}"#;

/// Adds a script to the only directory that programs are looked for in.
fn script(sandbox: Sandbox, name: &str, text: &str) -> Sandbox {
    sandbox.script(
        &format!("bin/{name}"),
        &format!("#!{}\n{text}\n", found("sh")),
    )
}

fn doctor(sandbox: &Sandbox, more: &[&str]) -> Run {
    let mut command = sandbox.command([&["doctor"], more].concat());
    command
        .env("PATH", sandbox.path("bin"))
        .env("HOME", sandbox.path("home"));
    sandbox.ran(command.output().expect("the program can be started"))
}

fn findings(run: &Run) -> Vec<serde_json::Value> {
    let diagnosis: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    diagnosis["findings"]
        .as_array()
        .expect("it is a list")
        .clone()
}

fn finding(run: &Run, name: &str) -> serde_json::Value {
    let mut all = findings(run).into_iter();
    all.find(|finding| finding["name"] == name)
        .expect("it is there")
}

#[test]
fn the_exit_status_says_whether_something_stops_everything() {
    // Whatever this machine has: without git, and with a broken one.
    for text in ["echo git version 2.39.5", "echo broken >&2; exit 1"] {
        let run = doctor(&script(Sandbox::new(), "git", text), &["--json"]);
        let blocks = findings(&run)
            .iter()
            .any(|finding| finding["blocks"] == true);
        assert_eq!(run.code, i32::from(blocks), "{}{}", run.stdout, run.stderr);
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn what_is_missing_has_a_hint_in_both_outputs() {
    let sandbox = Sandbox::new();
    let json = doctor(&sandbox, &["--json"]);
    let wine = finding(&json, "wine");
    assert_eq!(
        (&wine["status"], &wine["found"]),
        (&"missing".into(), &"not installed".into())
    );
    let hint = wine["hint"].as_str().expect("it is missing");
    let text = doctor(&sandbox, &[]).stdout;
    assert!(
        text.contains("missing  wine        not installed\n"),
        "{text}"
    );
    assert!(text.contains(&format!("hint: {hint}\n")), "{text}");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn programs_are_asked() {
    let sandbox = script(Sandbox::new(), "git", "echo git version 9.8.7");
    let sandbox = script(sandbox, "nix", "echo nix \\(Nix\\) 2.3.4");
    let run = doctor(&sandbox, &["--json"]);
    assert_eq!(finding(&run, "git")["found"], "9.8.7");
    assert_eq!(finding(&run, "git")["status"], "ok");
    assert_eq!(finding(&run, "nix")["found"], "2.3.4 is too old");
    assert_eq!(
        (run.code, &finding(&run, "nix")["blocks"]),
        (1, &true.into())
    );
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_program_that_hangs_is_given_up_on() {
    let sandbox = script(
        Sandbox::new(),
        "git",
        &format!("exec {} 60", found("sleep")),
    );
    let begin = std::time::Instant::now();
    let run = doctor(&sandbox, &["--json"]);
    assert!(begin.elapsed().as_secs() < 50, "{:?}", begin.elapsed());
    assert_eq!(finding(&run, "git")["found"], "gave no answer within 5 s");
    assert_eq!(run.code, 1);
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn seeds_are_those_of_the_checkout_that_is_named_or_stood_in() {
    let sandbox = Sandbox::new().file("sealift/nix/universe/mirrors/seeds.json", LOCK);
    let expected = "2 of 2 are not in the store (2 MB to fetch)";
    let run = doctor(&sandbox, &["--json", "--sealift", "sealift"]);
    assert_eq!(finding(&run, "seeds")["found"], expected);
    let run = doctor(&sandbox, &["--json"]);
    assert_eq!(finding(&run, "seeds")["status"], "not-applicable");
    let sandbox = Sandbox::new().file("nix/universe/mirrors/seeds.json", LOCK);
    let run = doctor(&sandbox, &["--json"]);
    assert_eq!(finding(&run, "seeds")["found"], expected);
}

#[test]
fn a_project_is_examined_with_the_machine() {
    let sandbox = Sandbox::new()
        .file(
            "Cargo.toml",
            "[package]\nname = 'hello'\nversion = '1.2.3'\n[dependencies]\nserde = '1'\n",
        )
        .file(
            "Cargo.lock",
            "[[package]]\nname = 'hello'\nversion = '1.2.3'\n",
        )
        .file(
            "sealift.toml",
            format!("{MANIFEST}[[files]]\nkind = 'license'\nsource = 'LICENSE'\n"),
        )
        .file(
            "flake.nix",
            "{ inputs.sealift.url = \"path:/nowhere/sealift\"; }",
        );
    let git = r#"case "$*" in
*"ls-files -z --others -- flake.nix flake.lock Cargo.toml Cargo.lock "*" sealift.toml LICENSE") printf 'LICENSE\0' ;;
*) exit 1 ;;
esac"#;
    let run = doctor(&script(sandbox, "git", git), &["--json"]);
    let found = |name| finding(&run, name)["found"].clone();
    assert_eq!(
        found("lock"),
        "Cargo.lock is stale: it does not have `serde`, which Cargo.toml names"
    );
    assert_eq!(
        found("tracked"),
        "git does not know `LICENSE`, and Nix sees only what git knows"
    );
    assert_eq!(
        found("sealift"),
        "flake.nix takes it from `/nowhere/sealift`, which does not exist"
    );
    assert_eq!(run.code, 1);
}

#[test]
fn the_seed_lock_is_that_of_the_sealift_that_the_flake_names() {
    let sandbox = Sandbox::new()
        .file("elsewhere/nix/universe/mirrors/seeds.json", LOCK)
        .file("sub/sealift.toml", MANIFEST)
        .file(
            "sub/Cargo.toml",
            "[package]\nname = 'hello'\nrust-version = '1.99'\n",
        )
        .file(
            "sub/flake.nix",
            "{ inputs.sealift.url = \"path:../elsewhere\"; }",
        );
    let mut command = sandbox.command(["doctor", "--json"]);
    command.env("PATH", "").current_dir(sandbox.path("sub"));
    let run = sandbox.ran(command.output().expect("the program can be started"));
    assert_eq!(finding(&run, "sealift")["status"], "ok");
    assert_eq!(finding(&run, "rust")["found"], "the seed lock has no rustc");
}
