//! `sealift report`

use crate::release::{packaged, release};
use crate::sandbox::{Sandbox, words};

fn gated() -> Sandbox {
    let sandbox = packaged();
    sandbox.succeed(release());
    sandbox.succeed(["gate", "release"]);
    sandbox
}

/// A report of another version of Sealift.
fn older(name: &str) -> String {
    format!(
        r#"{{"schema": 1, "name": "{name}", "version": "0.9.0", "outcome": "pass", "limits": {{"speed": {{}}}},
            "gates": [{{"gate": "speed", "summary": "it is fast", "outcome": "pass", "findings": [], "reason": null}}]}}"#
    )
}

#[test]
fn releases_are_side_by_side_oldest_first() {
    let sandbox = gated().file("older.json", older("hello"));
    let stdout = sandbox.succeed(words("report release older.json --out page.html"));
    let lines: Vec<_> = stdout.lines().collect();
    let fields = |start: &str| -> Vec<_> {
        let found = lines.iter().find(|line| line.starts_with(start));
        found.expect(start).split_whitespace().collect()
    };
    assert_eq!(fields("   "), ["0.9.0", "1.2.3"]);
    assert_eq!(fields("packages"), ["packages", "–", "pass"]);
    assert_eq!(fields("speed"), ["speed", "pass", "–"]);
    assert!(lines.iter().all(|line| line.chars().count() <= 80));
    let page = sandbox.text("page.html");
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("<title>hello: 2 releases</title>")
    );
}

#[test]
fn one_gate_is_shown_and_its_outcome_is_that_of_the_command() {
    let sandbox = gated();
    let of = |gate: &str| sandbox.run(words(&format!("report release --gate {gate}")));
    let passed = of("size");
    let expected = "pass   size  downloads are small, and do not grow much\n";
    assert_eq!((passed.code, passed.stdout.as_str()), (0, expected));
    let unknown = of("speed");
    assert_eq!(unknown.code, 2);
    let expected = "error: the report has no gate `speed`\nhint: it has `advisories`, ";
    assert!(unknown.stderr.starts_with(expected), "{}", unknown.stderr);

    let failed = sandbox
        .text("release/report.json")
        .replacen("\"pass\"", "\"fail\"", 1);
    let at = failed
        .find("\"gate\": \"size\"")
        .expect("the gate is there");
    let (before, after) = failed.split_at(at);
    let after = after.replacen("\"pass\"", "\"fail\"", 1);
    let sandbox = sandbox.file("failed.json", format!("{before}{after}"));
    assert_eq!(sandbox.run(words("report failed.json --gate size")).code, 1);
    assert_eq!(
        sandbox
            .run(words("report failed.json --gate packages"))
            .code,
        0
    );
    assert_eq!(
        sandbox
            .run(words("report failed.json release --gate size"))
            .code,
        2
    );
}

#[test]
fn one_release_is_shown_as_the_gates_have_shown_it() {
    let sandbox = gated();
    let printed = sandbox.succeed(["gate", "release"]);
    let stdout = sandbox.succeed(words("report release --out again.html"));
    assert_eq!(stdout, printed);
    assert_eq!(
        sandbox.text("again.html"),
        sandbox.text("release/report.html")
    );
}

#[test]
fn a_report_that_cannot_be_read_is_exit_code_2_and_named() {
    let sandbox = gated()
        .file("broken.json", "{")
        .file("empty/release.json", "{}");
    let message = sandbox.fail(words("report release broken.json --out page.html"));
    assert!(
        message.starts_with("error: `broken.json` is not valid: EOF"),
        "{message}"
    );
    assert!(!sandbox.path("page.html").exists());
    let message = sandbox.fail(words("report empty"));
    assert!(
        message.starts_with("error: cannot read `empty/report.json`: No such file"),
        "{message}"
    );
    assert!(
        message.contains("hint: `sealift gate` writes the report"),
        "{message}"
    );
    assert_eq!(sandbox.run(["report"]).code, 2);
}

#[test]
fn releases_of_different_packages_are_not_compared() {
    let sandbox = gated().file("other.json", older("goodbye"));
    let message = sandbox.fail(words("report release other.json"));
    let expected = "error: `other.json` is of the package `goodbye`; expected `hello`, as before\n";
    assert!(message.starts_with(expected), "{message}");
}
