//! Comparing what would be printed with what somebody else made of the same project.

use std::path::PathBuf;

use anyhow::bail;
use serde_json::Value;

/// What the JSON output has to hold.
#[derive(clap::Args)]
pub struct Expectation {
    /// Compare the JSON output with a JSON file instead of printing it
    ///
    /// Every value in the file has to be in the output. Keys that the file does not name may have any value; lists
    /// have to be equally long.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    expect: Option<PathBuf>,
}

impl Expectation {
    /// Compares the value and returns true if there is a file to compare it with.
    pub fn check(&self, value: &impl serde::Serialize) -> anyhow::Result<bool> {
        let Some(path) = &self.expect else {
            return Ok(false);
        };
        let expected: Value = sealift::output::json::read(path)?;
        let mut differences = Vec::new();
        compare(
            "",
            &expected,
            &serde_json::to_value(value)?,
            &mut differences,
        );
        if !differences.is_empty() {
            bail!("`{}` differs:\n{}", path.display(), differences.join("\n"));
        }
        Ok(true)
    }
}

/// Adds one line for each place where `found` lacks what `expected` has.
fn compare(place: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(members), Value::Object(found)) => {
            for (key, expected) in members {
                let value = found.get(key).unwrap_or(&Value::Null);
                compare(&format!("{place}.{key}"), expected, value, differences);
            }
        }
        (Value::Array(elements), Value::Array(found)) if elements.len() == found.len() => {
            for (index, (expected, found)) in elements.iter().zip(found).enumerate() {
                compare(&format!("{place}[{index}]"), expected, found, differences);
            }
        }
        _ if expected == found => {}
        _ => {
            let place = place.trim_start_matches('.');
            differences.push(format!(
                "  {place}: the file has {expected}, sealift {found}"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn differences(expected: Value, found: Value) -> Vec<String> {
        let mut differences = Vec::new();
        super::compare("", &expected, &found, &mut differences);
        differences
    }

    #[test]
    fn what_the_file_does_not_name_may_be_anything() {
        let found = json!({ "name": "a", "list": [{ "x": 1, "y": 2 }] });
        assert!(differences(json!({ "list": [{ "x": 1 }] }), found).is_empty());
    }

    #[test]
    fn a_difference_is_named_by_its_place() {
        let found = json!({ "list": [{ "x": 1 }, { "x": 2 }] });
        assert_eq!(
            differences(json!({ "list": [{ "x": 1 }, { "x": 3 }] }), found),
            ["  list[1].x: the file has 3, sealift 2"]
        );
    }

    #[test]
    fn a_list_of_another_length_and_a_missing_key_differ() {
        assert_eq!(
            differences(json!({ "a": [1], "b": 1 }), json!({ "a": [1, 2] })),
            [
                "  a: the file has [1], sealift [1,2]",
                "  b: the file has 1, sealift null"
            ]
        );
    }
}
