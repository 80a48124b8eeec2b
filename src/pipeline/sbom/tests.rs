//! Bills of materials of crates by hand.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{CRATES_IO, document, purl};
use crate::model::cargo_lock::CargoLock;
use crate::output::json;
use crate::pipeline::crates::{Crate, Linked};
use crate::testing::TestProject;

fn a_crate(name: &str, source: Option<&str>) -> Crate {
    Crate {
        name: name.to_owned(),
        version: "1.2.3+more".to_owned(),
        license: Some("MIT/Apache-2.0".to_owned()),
        authors: vec!["Jo Doe <jo@example.org>".to_owned()],
        repository: Some("https://example.org/x".to_owned()),
        license_file: None,
        directory: PathBuf::new(),
        source: source.map(str::to_owned),
        is_own: source.is_none(),
    }
}

#[test]
fn a_package_url_says_where_a_crate_comes_from() {
    let of = |source| purl(&a_crate("hello", source));
    assert_eq!(of(None), None);
    assert_eq!(
        of(Some(CRATES_IO)).as_deref(),
        Some("pkg:cargo/hello@1.2.3%2Bmore")
    );
    assert_eq!(
        of(Some("sparse+https://crates.example.org/index/")).as_deref(),
        Some(
            "pkg:cargo/hello@1.2.3%2Bmore?repository_url=https:%2F%2Fcrates.example.org%2Findex%2F"
        )
    );
    assert_eq!(
        of(Some("git+https://example.org/x.git?branch=main#0123abcd")).as_deref(),
        Some(
            "pkg:cargo/hello@1.2.3%2Bmore?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fx.git%400123abcd"
        )
    );
}

/// A program of two crates, one of which uses the other.
fn bill() -> Value {
    let project = TestProject::new("[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n").project();
    let key = |of: &Crate| (of.name.clone(), of.version.clone());
    let (own, used) = (a_crate("own", None), a_crate("used", Some(CRATES_IO)));
    let linked = Linked {
        uses: [(key(&own), key(&used))].into(),
        roots: [key(&own)].into(),
        crates: vec![own, used],
        workspace: PathBuf::new(),
    };
    let lock = format!(
        "[[package]]\nname = 'used'\nversion = '1.2.3+more'\nsource = '{CRATES_IO}'\nchecksum = '{}'\n\
         [[package]]\nname = 'own'\nversion = '1.2.3+more'\n",
        "a".repeat(64)
    );
    let lock: CargoLock = toml::from_str(&lock).expect("valid");
    let text = json::to_text(&document(&project, project.targets[0], &linked, &lock));
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn crates_have_sums_licenses_and_what_they_use() {
    let bill = bill();
    assert_eq!(bill["components"][0]["name"], "own");
    assert_eq!(bill["components"][0]["purl"], Value::Null);
    assert_eq!(
        bill["components"][1],
        json!({
            "type": "library",
            "bom-ref": "pkg:cargo/used@1.2.3%2Bmore",
            "authors": [{"name": "Jo Doe <jo@example.org>"}],
            "name": "used",
            "version": "1.2.3+more",
            "hashes": [{"alg": "SHA-256", "content": "a".repeat(64)}],
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
            "purl": "pkg:cargo/used@1.2.3%2Bmore",
            "externalReferences": [{"type": "vcs", "url": "https://example.org/x"}],
        })
    );
    assert_eq!(
        bill["dependencies"],
        json!([
            {"ref": "hello@1.2.3 x86_64-unknown-linux-musl", "dependsOn": ["own@1.2.3+more"]},
            {"ref": "own@1.2.3+more", "dependsOn": ["pkg:cargo/used@1.2.3%2Bmore"]},
            {"ref": "pkg:cargo/used@1.2.3%2Bmore", "dependsOn": []},
        ])
    );
    assert_eq!(
        bill["metadata"]["component"]["bom-ref"],
        bill["dependencies"][0]["ref"]
    );
}

#[test]
fn the_serial_number_is_that_of_the_content() {
    let number = bill()["serialNumber"].clone();
    let text = number.as_str().expect("a text");
    assert_eq!(text.len(), "urn:uuid:".len() + 36);
    assert_eq!((&text[23..24], &text[28..29]), ("8", "8"), "{text}");
    assert_eq!(bill()["serialNumber"], number);
}
