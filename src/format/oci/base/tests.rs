//! Images on a base, which here is another image of ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::format::oci::tests::files;
use crate::format::oci::{BasePath, Oci, REGISTRATION};
use crate::format::testing::{TempFile, file, package, read, small_tree, tree, write_for};
use crate::format::{Format, FormatError, Resources};
use crate::model::target::Target;
use crate::model::tree::Kind;

const GLIBC: &str = "x86_64-unknown-linux-gnu";

fn target(triple: &str) -> Target {
    triple.parse().expect("known")
}

/// Some text as a value of the manifest.
fn value<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("valid")
}

fn variables<K: std::str::FromStr + Ord, V: std::str::FromStr>(
    pairs: &[(&str, &str)],
) -> BTreeMap<K, V>
where
    K::Err: std::fmt::Debug,
    V::Err: std::fmt::Debug,
{
    let pairs = pairs.iter().map(|(name, text)| (value(name), value(text)));
    pairs.collect()
}

/// An image with a library, for x86_64.
fn base() -> Vec<u8> {
    base_for("x86_64-unknown-linux-musl")
}

fn base_for(triple: &str) -> Vec<u8> {
    let oci = Oci {
        entrypoint: vec![value("/bin/sh")],
        command: vec![value("-i")],
        environment: variables(&[("PATH", "/opt/bin:/bin"), ("LANG", "C"), ("KEPT", "yes")]),
        labels: variables(&[("org.example.base", "yes")]),
        ports: vec![value("80")],
        working_directory: Some(value("/srv")),
        stop_signal: Some(value("SIGINT")),
        ..Oci::default()
    };
    let tree = tree(vec![file("usr/lib/libc.so.6", Kind::Data, "a library")]);
    let written = write_for(target(triple), &oci, &package(), &tree, 1);
    written.expect("valid").0
}

fn on(path: &Path) -> Oci {
    Oci {
        base: Some(BasePath::new(path.to_owned())),
        ..Oci::default()
    }
}

fn image(oci: &Oci) -> Result<Vec<u8>, FormatError> {
    Ok(write_for(target(GLIBC), oci, &package(), &small_tree(), 2)?.0)
}

/// The error of a base with these bytes, without its path.
fn refusal(name: &str, bytes: &[u8]) -> String {
    let file = TempFile::new(&format!("base-{name}"), bytes);
    let error = image(&on(&file.0)).map(|_| ()).expect_err("not valid");
    let path = file.0.display().to_string();
    assert!(
        error.to_string().starts_with(&format!("the base `{path}`")),
        "{error}"
    );
    error.to_string().replace(&path, "PATH")
}

/// The manifest and the configuration of an image.
fn documents(files: &BTreeMap<String, Vec<u8>>) -> (Value, Value) {
    let json = |path: &str| -> Value { serde_json::from_slice(&files[path]).expect("a document") };
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().expect("a digest");
        json(&digest.replace("sha256:", "blobs/sha256/"))
    };
    let manifest = blob(&json("index.json")["manifests"][0]);
    let config = blob(&manifest["config"]);
    (manifest, config)
}

#[test]
fn an_image_for_glibc_needs_a_base() {
    let refused = Oci::default().supports(target(GLIBC)).expect_err("no base");
    assert_eq!(refused.reason, "images without a base system have no glibc");
    assert!(on(Path::new("base")).supports(target(GLIBC)).is_ok());
    assert!(
        on(Path::new("base"))
            .supports(target("x86_64-pc-windows-gnullvm"))
            .is_err()
    );
}

#[test]
fn the_layers_of_the_base_stay_below_the_package_s_own() {
    let base = base();
    let file = TempFile::new("base-layers", &base);
    let image = image(&on(&file.0)).expect("valid");
    let (of_base, found) = (files(&base), files(&image));
    let ((base_manifest, base_config), (manifest, config)) =
        (documents(&of_base), documents(&found));
    let layers = manifest["layers"].as_array().expect("a list");
    assert_eq!(layers.len(), 2);
    assert_eq!(layers[0], base_manifest["layers"][0]);
    let blob = layers[0]["digest"]
        .as_str()
        .expect("text")
        .replace("sha256:", "blobs/sha256/");
    assert_eq!(found[&blob], of_base[&blob]);
    let ids = &config["rootfs"]["diff_ids"];
    assert_eq!(ids[0], base_config["rootfs"]["diff_ids"][0]);
    assert_eq!(ids.as_array().map(Vec::len), Some(2));
    assert_eq!(config["history"].as_array().map(Vec::len), Some(2));
    let annotation = &manifest["annotations"]["org.opencontainers.image.base.digest"];
    assert_eq!(
        *annotation,
        json!(format!(
            "sha256:{}",
            crate::model::digest::Sha256Sum::of(&of_base[&path_of(&of_base)])
        ))
    );
    // The gates see what the package adds.
    let entries = read(&REGISTRATION, "base", &image).expect("just written");
    let paths: Vec<_> = entries
        .iter()
        .map(|(entry, _)| entry.path.as_str())
        .collect();
    assert!(paths.contains(&"usr/bin/hello"), "{paths:?}");
    for path in ["usr/lib/libc.so.6", "etc/passwd", "tmp", "home"] {
        assert!(!paths.contains(&path), "{path}");
    }
}

/// The path of the blob with the manifest.
fn path_of(files: &BTreeMap<String, Vec<u8>>) -> String {
    let index: Value = serde_json::from_slice(&files["index.json"]).expect("a document");
    let digest = index["manifests"][0]["digest"].as_str().expect("text");
    digest.replace("sha256:", "blobs/sha256/")
}

#[test]
fn the_base_s_configuration_stays_where_the_manifest_says_nothing() {
    let file = TempFile::new("base-config", &base());
    let oci = Oci {
        environment: variables(&[("LANG", "C.UTF-8"), ("OWN", "1")]),
        ports: vec![value("8080")],
        ..on(&file.0)
    };
    let (_, config) = documents(&files(&image(&oci).expect("valid")));
    let run = &config["config"];
    assert_eq!(
        run["Env"],
        json!(["KEPT=yes", "LANG=C.UTF-8", "PATH=/opt/bin:/bin", "OWN=1"])
    );
    assert_eq!(run["User"], "65532:65532");
    assert_eq!(run["Entrypoint"], json!(["/usr/bin/hello"]));
    assert_eq!(run.get("Cmd"), None);
    assert_eq!(run["WorkingDir"], "/srv");
    assert_eq!(run["StopSignal"], "SIGINT");
    assert_eq!(run["Labels"]["org.example.base"], "yes");
    assert_eq!(run["Labels"]["org.opencontainers.image.version"], "1.2.3");
    assert_eq!(run["ExposedPorts"], json!({"80/tcp": {}, "8080/tcp": {}}));
    assert_eq!(
        (&config["architecture"], &config["os"]),
        (&json!("amd64"), &json!("linux"))
    );
    let oci = Oci {
        environment: variables(&[("PATH", "/usr/bin")]),
        working_directory: Some(value("/data")),
        command: vec![value("serve")],
        ..on(&file.0)
    };
    let (_, config) = documents(&files(&image(&oci).expect("valid")));
    let run = &config["config"];
    assert_eq!(run["Env"], json!(["KEPT=yes", "LANG=C", "PATH=/usr/bin"]));
    assert_eq!(
        (&run["WorkingDir"], &run["Cmd"]),
        (&json!("/data"), &json!(["serve"]))
    );
}

#[test]
fn a_directory_is_the_same_base_as_a_tar() {
    let base = base();
    let tar = TempFile::new("base-tar", &base);
    let directory = tempfile::tempdir().expect("a directory");
    for (path, bytes) in files(&base) {
        let path: PathBuf = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
        std::fs::write(path, bytes).expect("writable");
    }
    let one = image(&on(&tar.0)).expect("valid");
    assert!(one == image(&on(directory.path())).expect("valid"));
}

#[test]
fn the_path_is_the_one_given_or_below_the_project_s_directory() {
    let oci = on(Path::new("base/debian.tar"));
    let path = |resources: Resources| {
        let base = oci.with(&resources).base.expect("there is one");
        base.path().to_owned()
    };
    let directory = PathBuf::from("/project");
    let below = Resources {
        directory: directory.clone(),
        ..Resources::default()
    };
    assert_eq!(path(below), Path::new("/project/base/debian.tar"));
    let given = Resources {
        directory,
        oci_base: Some("other".into()),
        ..Resources::default()
    };
    assert_eq!(path(given), Path::new("other"));
}

#[test]
fn a_base_for_another_platform_is_refused() {
    assert_eq!(
        refusal("platform", &base_for("aarch64-unknown-linux-musl")),
        "the base `PATH` has no image for linux/amd64; it has linux/arm64"
    );
}

#[test]
fn a_damaged_base_is_refused_with_the_place() {
    let mut bytes = base();
    // In the layer, which is the first file.
    let place = bytes
        .windows(2)
        .position(|w| w == [0x1f, 0x8b])
        .expect("gzip");
    bytes[place + 20] ^= 1;
    let text = refusal("damaged", &bytes);
    assert!(
        text.contains("does not have the sum that is its name at byte "),
        "{text}"
    );
    let text = refusal("no-tar", &[7; 600]);
    assert!(
        text.starts_with("the base `PATH`: the image's tar: a header whose checksum is not"),
        "{text}"
    );
    assert!(text.ends_with(" at byte 0"), "{text}");
    let text = refusal("empty", &[0; 1024]);
    assert_eq!(
        text,
        "the base `PATH`: the image: no file `oci-layout` at byte 0"
    );
    let missing = image(&on(Path::new("/nowhere")))
        .map(|_| ())
        .expect_err("no file");
    assert!(
        missing
            .to_string()
            .starts_with("the base `/nowhere` cannot be read: "),
        "{missing}"
    );
}
