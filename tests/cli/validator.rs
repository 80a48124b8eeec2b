//! Judges a value by a JSON schema (draft 7). It knows the keywords that the manifest's schema has; another one is an error
//! of the test, because it would not be checked.

use serde_json::Value;

/// The problems of a value, each with its place.
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    judge(schema, value, "", &mut problems);
    problems
}

fn judge(schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    let keywords = schema.as_object().expect("a schema is an object");
    for (keyword, expected) in keywords {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "x-taplo" => true,
            "type" => is_of_type(value, expected),
            "enum" => array(expected).contains(value),
            "minimum" => value.as_i64() >= expected.as_i64(),
            "maximum" => value.as_i64() <= expected.as_i64(),
            "minItems" => value
                .as_array()
                .is_none_or(|v| Some(v.len() as u64) >= expected.as_u64()),
            "uniqueItems" => value.as_array().is_none_or(|items| is_unique(items)),
            "required" => array(expected)
                .iter()
                .all(|key| value.get(text(key)).is_some()),
            // Together, below.
            "properties" | "additionalProperties" | "items" => true,
            other => panic!("the keyword `{other}` is not known here"),
        };
        if !holds {
            problems.push(format!("{place}: `{value}` is not {keyword} {expected}"));
        }
    }
    // A value of another type has been found above.
    let is_list = schema["type"] == "array";
    for item in value.as_array().into_iter().flatten().filter(|_| is_list) {
        judge(&schema["items"], item, &format!("{place}[]"), problems);
    }
    let is_table = schema["type"] == "object";
    for (key, below) in value.as_object().into_iter().flatten().filter(|_| is_table) {
        let place = format!("{place}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => problems.push(format!("{place}: unknown key")),
            (Value::Null, others) => judge(others, below, &place, problems),
            (known, _) => judge(known, below, &place, problems),
        }
    }
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match text(name) {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type `{other}` is not known here"),
    }
}

fn is_unique(items: &[Value]) -> bool {
    let mut others = items.iter().enumerate();
    others.all(|(index, item)| !items[..index].contains(item))
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().expect("the keyword has an array")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("the keyword has a string")
}
