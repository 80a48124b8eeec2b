//! `sealift push`; pushes that succeed are in `checks/acceptance/push.sh`, as they need a registry.

use crate::release::{packaged, release};
use crate::sandbox::Sandbox;

/// Nobody listens on this port, and connecting to it fails at once.
const NOWHERE: &str = "127.0.0.1:1/hello";

#[test]
fn a_place_without_a_registry_is_refused() {
    for place in [
        "hello",
        "team/hello:1",
        "https://r.example.org/hello",
        "r.example.org/Hello",
    ] {
        let message = Sandbox::new().fail(["push", "release", place]);
        let expected = "expected REGISTRY/NAME or REGISTRY/NAME:TAG in lower case";
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn an_image_that_is_none_is_named_with_the_place() {
    let sandbox = Sandbox::new().file("hello.oci.tar", [1; 1024]);
    let message = sandbox.fail(["push", "hello.oci.tar", NOWHERE]);
    let expected = "error: cannot read the image `hello.oci.tar`: the image's tar: a header whose checksum is not";
    assert!(message.starts_with(expected), "{message}");
    assert!(message.contains(" at byte 0\nhint: "), "{message}");
}

#[test]
fn a_release_whose_image_was_changed_is_refused() {
    let sandbox = packaged();
    sandbox.succeed(release());
    let image = "release/artifacts/hello-1.2.3-x86_64.oci.tar";
    let mut bytes = std::fs::read(sandbox.path(image)).expect("it was released");
    bytes[600] ^= 1;
    let sandbox = sandbox.file(image, bytes);
    let message = sandbox.fail(["push", "release", NOWHERE]);
    assert!(
        message.starts_with(&format!("error: `{image}` has the SHA-256 ")),
        "{message}"
    );
    assert!(message.contains("; `release.json` says "), "{message}");
}

#[test]
fn a_login_is_complete_or_refused() {
    let sandbox = packaged();
    let image = "out/hello-1.2.3-x86_64.oci.tar";
    let message = sandbox.fail(["push", "--user", "me", image, NOWHERE]);
    assert!(message.contains("--password-stdin"), "{message}");
    let message = sandbox.fail(["push", "--user", "me", "--password-stdin", image, NOWHERE]);
    assert_eq!(message, "error: no password on standard input\n");
}
