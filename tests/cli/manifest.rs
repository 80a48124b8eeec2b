//! `sealift manifest`

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::{MANIFEST, Sandbox};
use crate::validator::problems;

fn schema() -> Value {
    let text = Sandbox::new().succeed(["manifest", "schema"]);
    serde_json::from_str(&text).expect("it is JSON")
}

fn parsed(manifest: &str) -> Value {
    toml::from_str(manifest).expect("it is TOML")
}

/// Calls with each schema below one and the name of its table, with dots; items of a list have the name of the list.
fn each<'a>(schema: &'a Value, name: &str, visit: &mut impl FnMut(&str, &'a Value)) {
    visit(name, schema);
    let below = |key: &str| match name {
        "" => key.to_owned(),
        name => format!("{name}.{key}"),
    };
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        each(value, &below(key), visit);
    }
    if schema["items"].is_object() {
        each(&schema["items"], name, visit);
    }
}

/// The keys that the program knows in a table: it lists them for an unknown one.
fn known_keys(table: &str) -> BTreeSet<String> {
    let header = match table {
        "" => String::new(),
        "files" | "generate" | "gates.waivers" => format!("[[{table}]]\n"),
        table => format!("[{table}]\n"),
    };
    let (top, rest) = MANIFEST.split_once("[package]").expect("it has metadata");
    let rest = match table {
        "package" => String::new(),
        _ => format!("[package]{rest}"),
    };
    let manifest = match table {
        "" => format!("unknown-key = ['deb']\n{MANIFEST}"),
        _ => format!("{top}{header}unknown-key = ['deb']\n{rest}"),
    };
    let message = Sandbox::new().file("sealift.toml", manifest).fail(["plan"]);
    let line = message.lines().next().expect("a message");
    assert!(line.contains("`unknown-key`"), "{table}: {line}");
    let mut quoted = line.split('`').skip(1).step_by(2).map(str::to_owned);
    assert_eq!(quoted.next().as_deref(), Some("unknown-key"));
    quoted.collect()
}

#[test]
fn the_schema_has_the_keys_that_the_program_knows_and_no_others() {
    let schema = schema();
    let mut tables = 0;
    each(&schema, "", &mut |table, schema| {
        if schema["type"] != "object" || schema["additionalProperties"].is_object() {
            return;
        }
        assert_eq!(schema["additionalProperties"], false, "{table}");
        let keys = schema["properties"].as_object();
        let keys: BTreeSet<_> = keys
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone())
            .collect();
        assert_eq!(keys, known_keys(table), "{table}");
        tables += 1;
    });
    assert!(tables >= 18, "{tables}");
}

#[test]
fn every_key_has_a_type_and_a_description_for_people() {
    each(&schema(), "", &mut |name, schema| {
        assert!(schema["type"].is_string(), "{name}: {schema}");
        if schema["properties"].is_object() {
            for (key, value) in schema["properties"].as_object().expect("an object") {
                let about = value["description"].as_str().unwrap_or_default();
                assert!(about.ends_with('.'), "{name}.{key}: {about:?}");
                assert!(
                    !about.contains("crate::") && !about.contains("[`"),
                    "{about}"
                );
                assert!(!about.contains('\n'), "{about}");
            }
        }
    });
}

#[test]
fn words_that_come_from_a_list_are_in_the_schema() {
    let schema = schema();
    let words = |pointer: &str| schema.pointer(pointer).expect(pointer)["enum"].clone();
    let targets = Sandbox::new().succeed(["targets", "--json"]);
    let targets: Value = serde_json::from_str(&targets).expect("it is JSON");
    let triples: Vec<_> = targets.as_object().expect("by triple").keys().collect();
    assert_eq!(
        words("/properties/targets/items"),
        serde_json::json!(triples)
    );
    let formats = serde_json::json!([
        "appimage", "archive", "deb", "dmg", "msi", "npm", "oci", "pkg", "rpm", "setup", "snap",
        "tar-xz", "tar-zst", "wheel", "zip"
    ]);
    assert_eq!(words("/properties/formats/items"), formats);
    let linux = "/properties/formats-for/properties/linux/items";
    assert_eq!(words(linux), formats);
    let profile = words("/properties/build/properties/profile");
    assert_eq!(
        profile,
        serde_json::json!(["release", "cargo", "size", "speed", "debug-symbols"])
    );
    let kinds = words("/properties/files/items/properties/kind");
    assert_eq!(kinds.as_array().map(Vec::len), Some(12));
    let gates = schema["properties"]["gates"]["properties"].as_object();
    let gates: BTreeSet<_> = gates.expect("a table").keys().map(String::as_str).collect();
    let listed = Sandbox::new().succeed(["gate", "list", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("it is JSON");
    let names = listed.as_array().expect("a list").iter();
    let names = names.map(|gate| gate["gate"].as_str().expect("a name"));
    assert_eq!(gates, names.chain(["waivers"]).collect());
}

/// The manifests below a directory of this repository.
fn manifests_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            manifests_below(&path, found);
        } else if path.file_name().is_some_and(|name| name == "sealift.toml") {
            found.push(path);
        }
    }
}

#[test]
fn every_manifest_of_this_repository_is_valid() {
    let schema = schema();
    let mut found = Vec::new();
    // A build of Sealift itself has the first two only.
    for directory in ["packaging", "fuzz", "templates", "checks"] {
        manifests_below(Path::new(directory), &mut found);
    }
    assert!(!found.is_empty());
    for path in found {
        let text = fs::read_to_string(&path).expect("readable");
        let problems = problems(&schema, &parsed(&text));
        assert!(problems.is_empty(), "{}: {problems:?}", path.display());
    }
}

#[test]
fn the_manifest_that_init_writes_is_valid() {
    let sandbox = Sandbox::new()
        .file(
            "Cargo.toml",
            "[package]\nname = 'hello'\nversion = '1.2.3'\nlicense = 'MIT'\ndescription = 'greets'\n\
             authors = ['A. Person <a@example.org>']\n",
        )
        .file("src/main.rs", "");
    let run = sandbox.run([
        "init",
        "--sealift",
        "path:/where/sealift/is",
        "--only",
        "sealift.toml",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let problems = problems(&schema(), &parsed(&sandbox.text("sealift.toml")));
    assert!(problems.is_empty(), "{problems:?}");
}

/// Mistakes in a manifest: what is replaced, and by what.
const MISTAKES: [(&str, &str); 20] = [
    ("formats =", "format ="),
    ("summary =", "sumary ="),
    ("source =", "origin ="),
    ("[[files]]", "[files]"),
    ("['archive', 'deb', 'oci']", "'deb'"),
    ("['archive', 'deb', 'oci']", "[]"),
    ("'deb'", "'cab'"),
    ("'deb'", "'archive'"),
    ("x86_64-unknown-linux-musl", "x86_64-unknown-linux"),
    ("'1.2.3'", "1.2"),
    ("kind = 'binary'", "kind = 'program'"),
    ("kind = 'binary'", "kind = 'binary'\nmode = 755"),
    ("kind = 'binary'", "kind = 'binary'\ntargets = ['darwin']"),
    ("[package]", "schema = 2\n[package]"),
    ("[package]", "[build]\nprofile = 'fast'\n[package]"),
    ("[package]", "[build.targets.darwin]\n[package]"),
    (
        "[package]",
        "[build.targets.universal2-apple-darwin]\n[package]",
    ),
    (
        "[package]",
        "[build.targets.linux]\nprofile = 'size'\n[package]",
    ),
    ("[package]", "[gates.speed]\n[package]"),
    ("[package]", "[deb]\npriority = 'high'\n[package]"),
];

#[test]
fn what_the_schema_refuses_the_program_refuses_too() {
    let schema = schema();
    assert_eq!(problems(&schema, &parsed(MANIFEST)), Vec::<String>::new());
    Sandbox::with_manifest("").succeed(["plan"]);
    for (from, to) in MISTAKES {
        assert!(MANIFEST.contains(from), "the manifest has no `{from}`");
        let manifest = MANIFEST.replacen(from, to, 1);
        assert!(!problems(&schema, &parsed(&manifest)).is_empty(), "{to}");
        Sandbox::new()
            .file("sealift.toml", &manifest)
            .fail(["plan"]);
    }
    let without_files = MANIFEST.split("[[files]]").next().expect("the head");
    assert!(!problems(&schema, &parsed(without_files)).is_empty());
    Sandbox::new()
        .file("sealift.toml", without_files)
        .fail(["plan"]);
}

#[test]
fn the_line_that_names_the_schema_is_a_comment_to_the_program() {
    let manifest = format!("#:schema ./sealift.schema.json\n{MANIFEST}");
    Sandbox::new()
        .file("sealift.toml", manifest)
        .succeed(["plan"]);
}
