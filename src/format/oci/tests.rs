//! Whole images, written and read.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::{Value, json};

use super::table::{Command, Folder, HealthCheck, Oci, Port};
use super::{REGISTRATION, document};
use crate::container::members::{MemberKind, Members};
use crate::container::tar::TarReader;
use crate::format::testing::{
    content_of, file, full_tree, link, package, read, small_tree, tree, write, write_for,
};
use crate::format::{Format, FormatError};
use crate::model::entry::{Entry, EntryContent};
use crate::model::tree::{Kind, Tree};

/// The files of the outer tar, by path.
pub(super) fn files(image: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut tar = TarReader::new(image, "image", "");
    while let Some(member) = tar.next().expect("just written") {
        if member.kind == MemberKind::Directory {
            continue;
        }
        let mut bytes = Vec::new();
        tar.stream()
            .content()
            .read_to_end(&mut bytes)
            .expect("just written");
        files.insert(member.path, bytes);
    }
    files
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("a document")
}

/// The document that docker's `manifest.json` names as the configuration.
fn config(oci: &Oci, tree: &Tree) -> Value {
    let (image, _) = write(oci, &package(), tree, 1).expect("valid");
    let files = files(&image);
    let docker = json(&files["manifest.json"]);
    json(&files[docker[0]["Config"].as_str().expect("a path")])
}

fn layer(oci: &Oci, tree: &Tree, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(oci, &package(), tree, 1).expect("valid");
    read(&REGISTRATION, test, &bytes).expect("just written")
}

fn folder(path: &str) -> Folder {
    path.parse().expect("an absolute path")
}

fn refusal(oci: &Oci, tree: &Tree) -> String {
    // Without the bytes, which would be unreadable in a failure message.
    let result = write(oci, &package(), tree, 1).map(|(_, entries)| entries);
    let error = result.expect_err("not valid");
    assert!(matches!(error, FormatError::Invalid(_)));
    error.to_string()
}

#[test]
fn by_default_the_program_is_run_by_nobody_in_particular() {
    let config = config(&Oci::default(), &small_tree());
    assert_eq!(config["created"], "2026-01-02T03:04:05Z");
    assert_eq!(
        (&config["architecture"], &config["os"]),
        (&json!("amd64"), &json!("linux"))
    );
    assert_eq!(
        config["config"],
        json!({
            "User": "65532:65532",
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Entrypoint": ["/usr/bin/hello"],
            "WorkingDir": "/",
            "Labels": {
                "org.opencontainers.image.authors": "Jo Doe <jo@example.org>",
                "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
                "org.opencontainers.image.description": "greets people",
                "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
                "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
                "org.opencontainers.image.source": "https://example.org/hello.git",
                "org.opencontainers.image.title": "hello",
                "org.opencontainers.image.url": "https://example.org/hello",
                "org.opencontainers.image.version": "1.2.3",
            },
        })
    );
}

#[test]
fn an_image_says_what_it_runs_on_as_go_names_it() {
    for (triple, platform) in [
        (
            "armv7-unknown-linux-musleabihf",
            json!({ "architecture": "arm", "os": "linux", "variant": "v7" }),
        ),
        (
            "aarch64-unknown-linux-musl",
            json!({ "architecture": "arm64", "os": "linux" }),
        ),
    ] {
        let target = triple.parse().expect("a target");
        let image = write_for(target, &Oci::default(), &package(), &small_tree(), 1);
        let files = files(&image.expect("valid").0);
        assert_eq!(
            json(&files["index.json"])["manifests"][0]["platform"],
            platform
        );
        let docker = json(&files["manifest.json"]);
        let config = json(&files[docker[0]["Config"].as_str().expect("a path")]);
        for key in ["architecture", "os", "variant"] {
            assert_eq!(config.get(key), platform.get(key), "{triple} {key}");
        }
    }
}

#[test]
fn what_the_table_asks_for_is_in_the_configuration() {
    let words = vec!["/usr/bin/hello".to_owned(), "health".to_owned()];
    let port = |text: &str| text.parse::<Port>().expect("valid");
    let oci = Oci {
        user: "1000:100".parse().expect("valid"),
        command: vec!["serve".parse().expect("valid")],
        ports: vec![port("8080"), port("53/udp")],
        environment: BTreeMap::from([(
            "LANG".parse().expect("valid"),
            "C.UTF-8".parse().expect("valid"),
        )]),
        volumes: vec![folder("/var/lib/hello")],
        working_directory: Some(folder("/srv")),
        labels: BTreeMap::from([("a".parse().expect("valid"), "b".parse().expect("valid"))]),
        stop_signal: "SIGINT".parse().ok(),
        healthcheck: Some(HealthCheck {
            command: Command::try_from(words).expect("valid"),
            interval_seconds: 5,
            timeout_seconds: 2,
            start_period_seconds: 1,
            retries: 4,
        }),
        ..Oci::default()
    };
    let run = &config(&oci, &small_tree())["config"];
    assert_eq!(run["User"], "1000:100");
    assert_eq!(run["Cmd"], json!(["serve"]));
    assert_eq!(run["ExposedPorts"], json!({"8080/tcp": {}, "53/udp": {}}));
    assert_eq!(run["Env"][0], "LANG=C.UTF-8");
    assert_eq!(run["Volumes"], json!({"/var/lib/hello": {}}));
    assert_eq!(run["WorkingDir"], "/srv");
    assert_eq!(run["Labels"]["a"], "b");
    assert_eq!(run["StopSignal"], "SIGINT");
    assert_eq!(
        run["Healthcheck"],
        json!({
            "Test": ["CMD", "/usr/bin/hello", "health"],
            "Interval": 5_000_000_000u64,
            "Timeout": 2_000_000_000u64,
            "StartPeriod": 1_000_000_000u64,
            "Retries": 4,
        })
    );
    let found = layer(&oci, &small_tree(), "volumes");
    let paths: Vec<_> = found.iter().map(|(entry, _)| entry.path.as_str()).collect();
    for directory in ["srv", "var", "var/lib", "var/lib/hello", "home/nonroot"] {
        assert!(paths.contains(&directory), "{directory}");
    }
    assert!(content_of(&found, "etc/passwd").contains("nonroot:x:1000:100:"));
}

#[test]
fn the_layer_has_what_programs_expect_and_no_manuals() {
    let found = layer(&Oci::default(), &full_tree(), "layer");
    let paths: Vec<_> = found
        .iter()
        .map(|(entry, _)| (entry.path.as_str(), entry.mode))
        .filter(|(path, _)| !path.starts_with("usr/share/hello"))
        .collect();
    assert_eq!(
        paths,
        [
            ("etc", 0o755),
            ("etc/group", 0o644),
            ("etc/hello", 0o755),
            ("etc/hello/config.toml", 0o644),
            ("etc/passwd", 0o644),
            ("usr", 0o755),
            ("usr/bin", 0o755),
            ("usr/bin/hello", 0o755),
            ("usr/bin/hi", 0o777),
            ("usr/share", 0o755),
            ("usr/share/doc", 0o755),
            ("usr/share/doc/hello", 0o755),
            ("usr/share/doc/hello/LICENSE-APACHE", 0o644),
            ("usr/share/doc/hello/LICENSE-MIT", 0o644),
            ("home", 0o755),
            ("home/nonroot", 0o755),
            ("tmp", 0o1777),
        ]
    );
    assert_eq!(
        content_of(&found, "etc/passwd"),
        "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"
    );
    assert_eq!(
        content_of(&found, "etc/group"),
        "root:x:0:\nnonroot:x:65532:\n"
    );
}

#[test]
fn certificates_come_only_if_they_are_asked_for() {
    let tree = tree(vec![
        file("usr/bin/hello", Kind::Binary, "x"),
        file("usr/share/hello/roots.pem", Kind::Data, "-----BEGIN"),
    ]);
    let path = "etc/ssl/certs/ca-certificates.crt";
    let without = layer(&Oci::default(), &tree, "without");
    assert!(without.iter().all(|(entry, _)| entry.path != path));
    let mut oci = Oci {
        ca_certificates: "/usr/share/hello/roots.pem".parse().ok(),
        ..Oci::default()
    };
    assert_eq!(content_of(&layer(&oci, &tree, "with"), path), "-----BEGIN");
    let environment = &config(&oci, &tree)["config"]["Env"];
    assert_eq!(environment[1], format!("SSL_CERT_FILE=/{path}"));
    oci.ca_certificates = "roots.pem".parse().ok();
    assert_eq!(
        refusal(&oci, &tree),
        "the certificates `roots.pem` are not a file of the tree"
    );
}

#[test]
fn both_engines_find_the_same_image_by_its_name() {
    let (image, _) = write(&Oci::default(), &package(), &small_tree(), 1).expect("valid");
    let files = files(&image);
    let (index, docker) = (json(&files["index.json"]), json(&files["manifest.json"]));
    let annotations = &index["manifests"][0]["annotations"];
    assert_eq!(docker[0]["RepoTags"], json!(["hello:1.2.3"]));
    assert_eq!(
        annotations["org.opencontainers.image.ref.name"],
        "hello:1.2.3"
    );
    assert_eq!(
        annotations["io.containerd.image.name"],
        "docker.io/library/hello:1.2.3"
    );
    assert_eq!(
        json(&files["oci-layout"]),
        json!({"imageLayoutVersion": "1.0.0"})
    );
    let manifest = index["manifests"][0]["digest"].as_str().expect("a digest");
    let manifest = json(&files[&manifest.replace("sha256:", "blobs/sha256/")]);
    assert_eq!(manifest["layers"][0]["mediaType"], document::LAYER);
}

#[test]
fn a_tree_without_a_clear_program_needs_an_entrypoint() {
    let tree = tree(vec![
        file("usr/bin/one", Kind::Binary, "1"),
        file("usr/bin/two", Kind::Binary, "2"),
        link("usr/bin/hello", Kind::Binary, "one"),
    ]);
    assert_eq!(
        refusal(&Oci::default(), &tree),
        "an image needs a program to run, but the tree has 2 and none is called `hello`; set `entrypoint`"
    );
    let oci = Oci {
        entrypoint: ["/usr/bin/two", "--serve"]
            .map(|word| word.parse().expect("valid"))
            .into(),
        ..Oci::default()
    };
    let config = config(&oci, &tree);
    assert_eq!(
        config["config"]["Entrypoint"],
        json!(["/usr/bin/two", "--serve"])
    );
}

#[test]
fn folders_that_cannot_be_are_refused() {
    let with_volume = |path: &str| Oci {
        volumes: vec![folder(path)],
        ..Oci::default()
    };
    assert_eq!(
        refusal(&with_volume("/"), &small_tree()),
        "the whole image `/` cannot be a volume"
    );
    for path in ["/usr/bin/hello", "/usr/bin/hello/data"] {
        let text = refusal(&with_volume(path), &small_tree());
        assert_eq!(
            text,
            "`/usr/bin/hello` is a file, but an image needs it to be a directory"
        );
    }
}

#[test]
fn an_image_whose_halves_differ_is_refused() {
    let (image, _) = write(&Oci::default(), &package(), &small_tree(), 1).expect("valid");
    let docker = json(&files(&image)["manifest.json"]);
    let layer = docker[0]["Layers"][0].as_str().expect("a path").to_owned();
    let config = docker[0]["Config"].as_str().expect("a path").to_owned();
    // The same length, so that the tar stays as it is.
    let text = String::from_utf8(files(&image)["manifest.json"].clone()).expect("JSON");
    let other = text.replace(&layer, &config);
    let place = image
        .windows(text.len())
        .position(|window| window == text.as_bytes())
        .expect("not compressed");
    let mut bad = image.clone();
    bad[place..place + text.len()].copy_from_slice(other.as_bytes());
    let error = read(&REGISTRATION, "halves", &bad).expect_err("two images");
    assert_eq!(
        error.to_string(),
        format!("the image: `manifest.json` names other blobs than `index.json` at byte {place}")
    );
}

#[test]
fn a_changed_blob_is_refused() {
    let (mut image, _) = write(&Oci::default(), &package(), &small_tree(), 1).expect("valid");
    let place = image
        .windows(6)
        .position(|w| w == b"\"User\"")
        .expect("not compressed");
    image[place + 1] = b'u';
    let error = read(&REGISTRATION, "blob", &image).expect_err("another blob");
    assert!(
        error
            .to_string()
            .contains("does not have the sum that is its name"),
        "{error}"
    );
}

#[test]
fn the_name_has_the_machine_and_not_docker_s_name_for_it() {
    let name = Oci::default().file_name(&package(), crate::format::testing::target());
    assert_eq!(name, "hello-1.2.3-x86_64.oci.tar");
}

#[test]
fn a_tree_that_brings_its_own_users_keeps_them() {
    let tree = tree(vec![
        file("etc/passwd", Kind::Config, "me:x:1:1::/:/\n"),
        file("usr/bin/hello", Kind::Binary, "x"),
    ]);
    let found = layer(&Oci::default(), &tree, "users");
    assert_eq!(content_of(&found, "etc/passwd"), "me:x:1:1::/:/\n");
    let is_file = |entry: &Entry| matches!(entry.content, EntryContent::File { .. });
    assert_eq!(found.iter().filter(|(entry, _)| is_file(entry)).count(), 3);
}
