//! What is made of the packages for all targets.

use crate::sandbox::{MANIFEST, Sandbox, words};

const TRIPLES: &str = "'x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl'";

/// A project for two targets, with packages in `out/`.
fn packaged(formats: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::with_tree().file("sealift.toml", manifest(formats) + more);
    for target in ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"] {
        sandbox.succeed(words(&format!(
            "package --target {target} --tree tree --out out"
        )));
    }
    sandbox
}

fn manifest(formats: &str) -> String {
    MANIFEST
        .replace("'x86_64-unknown-linux-musl'", TRIPLES)
        .replace("'archive', 'deb', 'oci'", formats)
}

/// Collects all packages, and gives the names of what is in the release.
fn release(sandbox: &Sandbox) -> Vec<String> {
    let names = sandbox.names("out");
    let packages = names
        .iter()
        .filter(|name| !name.ends_with(".artifact.json"));
    let packages: Vec<_> = packages.map(|name| format!("out/{name}")).collect();
    let mut command = vec!["release".to_owned(), "--out=release".to_owned()];
    command.push("--artifact".to_owned());
    command.extend(packages);
    sandbox.succeed(command);
    sandbox.names("release/artifacts")
}

#[test]
fn an_image_for_all_architectures_is_made_of_those_for_one() {
    let sandbox = packaged("'oci'", "");
    assert_eq!(
        release(&sandbox),
        [
            "hello-1.2.3-aarch64.oci.tar",
            "hello-1.2.3-x86_64.oci.tar",
            "hello-1.2.3.oci.tar",
        ]
    );
    let record = sandbox.json("release/release.json");
    let whole = &record["artifacts"][2];
    assert_eq!(whole["file"], "hello-1.2.3.oci.tar");
    assert_eq!(whole["format"], "oci");
    assert!(whole["target"].is_null());
    assert!(
        sandbox
            .text("release/SHA256SUMS")
            .contains("hello-1.2.3.oci.tar")
    );
    sandbox.succeed(words("gate release"));
}

#[test]
fn a_plan_has_what_is_made_of_all_targets() {
    let sandbox = Sandbox::with_tree().file("sealift.toml", manifest("'archive', 'oci'"));
    let plan = sandbox.succeed(words("plan"));
    let expected = "\nof all targets\n  artifacts\n    oci  hello-1.2.3.oci.tar\n";
    assert!(plan.ends_with(expected), "{plan}");
    let plan = sandbox.succeed(words("plan --target x86_64-unknown-linux-musl"));
    assert!(!plan.contains("of all targets"), "{plan}");
    let plan = sandbox.succeed(words("plan --format archive"));
    assert!(!plan.contains("of all targets"), "{plan}");
}

#[test]
fn an_image_for_all_architectures_can_be_left_out() {
    let sandbox = packaged("'oci'", "[oci]\nindex = false\n");
    assert_eq!(release(&sandbox).len(), 2);
}

#[test]
fn npm_packages_for_platforms_are_joined_by_the_one_that_picks() {
    let sandbox = packaged("'npm'", "[npm]\nscope = '@acme'\n");
    assert_eq!(
        release(&sandbox),
        [
            "acme-hello-1.2.3.tgz",
            "acme-hello-linux-arm64-1.2.3.tgz",
            "acme-hello-linux-x64-1.2.3.tgz",
        ]
    );
    sandbox.succeed(words("gate release"));
}
