//! `sealift targets`

use crate::sandbox::Sandbox;

#[test]
fn every_target_is_listed_with_the_formats_that_can_be_made() {
    let text = Sandbox::new().succeed(["targets"]);
    assert_eq!(text.lines().count(), 11, "{text}");
    let formats = |triple: &str| {
        let line = text.lines().find(|line| line.starts_with(triple));
        let words = line.expect("it is listed").split_whitespace().skip(1);
        words.collect::<Vec<_>>()
    };
    assert_eq!(
        formats("armv7-unknown-linux-musleabihf "),
        [
            "appimage", "archive", "deb", "npm", "oci", "rpm", "snap", "tar-xz", "tar-zst",
            "wheel", "zip"
        ]
    );
    assert_eq!(
        formats("x86_64-unknown-linux-gnu "),
        [
            "appimage", "archive", "deb", "npm", "rpm", "snap", "tar-xz", "tar-zst", "zip"
        ]
    );
    assert_eq!(
        formats("universal2-apple-darwin "),
        [
            "archive", "dmg", "npm", "pkg", "tar-xz", "tar-zst", "wheel", "zip"
        ]
    );
    assert_eq!(
        formats("x86_64-pc-windows-gnullvm "),
        [
            "archive", "msi", "npm", "setup", "tar-xz", "tar-zst", "wheel"
        ]
    );
}

#[test]
fn the_json_has_what_nix_needs_to_know() {
    let json = Sandbox::new().succeed(["targets", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(
        json["armv7-unknown-linux-musleabihf"],
        serde_json::json!({
            "os": "linux",
            "libc": "musl",
            "machine": "armv7l",
            "members": [],
        })
    );
    assert_eq!(
        json["universal2-apple-darwin"]["members"],
        serde_json::json!(["aarch64-apple-darwin", "x86_64-apple-darwin"])
    );
}

/// The flake check compares line by line with what Nix prints, whose keys are sorted.
#[test]
fn the_keys_of_the_json_are_sorted() {
    let json = Sandbox::new().succeed(["targets", "--json"]);
    let keys = |indent: &str| {
        let key = |line: &str| Some(line.strip_prefix(indent)?.strip_prefix('"')?.to_owned());
        json.lines().filter_map(key).collect::<Vec<_>>()
    };
    assert!(keys("  ").is_sorted() && keys("  ").len() == 11);
    let platform = keys("    ");
    assert!(platform.chunks(4).all(<[String]>::is_sorted) && platform.len() == 44);
}
