//! `sealift sbom`

use serde_json::Value;

use crate::licenses::{WINDOWS, project, succeed};
use crate::sandbox::TARGET;

fn bill(target: &str) -> Value {
    let text = succeed(&project(), &format!("sbom --target {target}"));
    serde_json::from_str(&text).expect("JSON")
}

fn names(bill: &Value) -> Vec<&str> {
    let components = bill["components"].as_array().expect("a list");
    components
        .iter()
        .map(|component| component["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn what_is_linked_for_a_target_is_listed_with_what_it_uses() {
    let linux = bill(TARGET);
    assert_eq!(names(&linux), ["hello", "linked", "own", "unlicensed"]);
    let uses = |bill: &Value, name: &str| -> Vec<String> {
        let dependencies = bill["dependencies"].as_array().expect("a list");
        let of = dependencies.iter().find(|each| each["ref"] == name);
        let used = of.expect("it is there")["dependsOn"]
            .as_array()
            .expect("a list");
        used.iter()
            .map(|each| each.as_str().expect("a text").to_owned())
            .collect()
    };
    let program = format!("hello@1.2.3 {TARGET}");
    assert_eq!(uses(&linux, &program), ["hello@1.2.3", "own@1.0.0"]);
    assert_eq!(uses(&linux, "hello@1.2.3"), ["linked@0.1.0", "own@1.0.0"]);
    assert_eq!(uses(&linux, "linked@0.1.0"), ["unlicensed@0.1.0"]);
    let windows = bill(WINDOWS);
    assert_eq!(
        names(&windows),
        ["hello", "linked", "own", "unlicensed", "windows-only"]
    );
}

#[test]
fn it_is_written_to_a_file_and_equal_each_time() {
    let sandbox = project();
    let line = format!("sbom --target {TARGET}");
    let printed = succeed(&sandbox, &line);
    succeed(&sandbox, &format!("{line} --out hello.cdx.json"));
    assert_eq!(sandbox.text("hello.cdx.json"), printed);
    assert_eq!(printed, succeed(&project(), &line));
}
