//! The records of two releases, without their artifacts.

use serde_json::Value;

use super::{Difference, MISSING};
use crate::model::release::Release;

/// What the records say differently of the releases as a whole.
pub(super) fn differences(place: &str, left: &Release, right: &Release) -> Vec<Difference> {
    let value = |release: &Release| {
        let mut value = serde_json::to_value(release).expect("a release can be recorded");
        // The artifacts themselves are compared.
        value
            .as_object_mut()
            .map(|fields| fields.remove("artifacts"));
        value
    };
    let mut found = Vec::new();
    compare(place, Some(&value(left)), Some(&value(right)), &mut found);
    found
}

fn compare(place: &str, left: Option<&Value>, right: Option<&Value>, found: &mut Vec<Difference>) {
    if left == right {
        return;
    }
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (left, right) {
        let mut keys: Vec<_> = a.keys().chain(b.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            compare(&format!("{place}: {key}"), a.get(key), b.get(key), found);
        }
        return;
    }
    let text = |value: Option<&Value>| value.map_or(MISSING.to_owned(), Value::to_string);
    found.push(Difference {
        place: place.to_owned(),
        left: text(left),
        right: text(right),
    });
}
