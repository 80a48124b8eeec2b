//! The manifest's JSON schema, with which editors complete and check manifests while they are written.
//!
//! It is derived from the types that read a manifest and from the tables of targets and formats. Types and keys are in it,
//! and words that come from a list; what else a text must be, only the program knows.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::General;
use super::build::{Compiled, TargetBuild};
use crate::format::{FORMATS, Tables};
use crate::model::target::{Selector, Target};

/// Makes the schema. It conforms to draft 7, which every editor knows.
pub fn json_schema() -> Value {
    let mut schema = derived::<General>();
    let mut tables = derived::<Tables>();
    properties(&mut schema).append(properties(&mut tables));
    schema.insert("title".to_owned(), "sealift.toml".into());
    let about = "What a project releases: targets, formats, files, and the limits of the gates.";
    schema.insert("description".to_owned(), about.into());
    // Only reading takes a manifest without files, and has a better message for it when it is resolved.
    schema.insert(
        "required".to_owned(),
        json!(["targets", "formats", "files"]),
    );
    properties(&mut schema)["files"]["minItems"] = 1.into();
    schema.into()
}

/// `targets`
pub(super) fn targets(_: &mut SchemaGenerator) -> Schema {
    list_of(Target::all().map(|target| target.triple).collect())
}

/// `formats`
pub(super) fn formats(_: &mut SchemaGenerator) -> Schema {
    list_of(FORMATS.iter().map(|format| format.name).collect())
}

/// `[formats-for]`
pub(super) fn formats_for(generator: &mut SchemaGenerator) -> Schema {
    let lists = Selector::names().map(|name| {
        let mut list = formats(generator);
        list.insert(
            "description".to_owned(),
            format!("The formats for `{name}`.").into(),
        );
        (name.to_owned(), list.into())
    });
    let lists: Map<String, Value> = lists.collect();
    json_schema!({ "type": "object", "properties": lists, "additionalProperties": false })
}

/// `[build.targets]`
pub(super) fn build_targets(generator: &mut SchemaGenerator) -> Schema {
    let tables = Compiled::names().map(|name| {
        let mut table = TargetBuild::json_schema(generator);
        let about =
            format!("How programs for `{name}` are compiled, besides what is for all targets.");
        table.insert("description".to_owned(), about.into());
        (name.to_owned(), table.into())
    });
    let tables: Map<String, Value> = tables.collect();
    json_schema!({ "type": "object", "properties": tables, "additionalProperties": false })
}

/// `targets` of a file rule
pub(super) fn selectors(_: &mut SchemaGenerator) -> Schema {
    list_of(Selector::names().collect())
}

fn list_of(words: Vec<&str>) -> Schema {
    json_schema!({
        "type": "array",
        "items": { "type": "string", "enum": words },
        "minItems": 1,
        "uniqueItems": true,
    })
}

fn derived<T: JsonSchema>() -> Schema {
    // References would hide the description of a key behind that of its type.
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let settings = settings.with_transform(Plain);
    settings.into_generator().into_root_schema_for::<T>()
}

/// Leaves out what has no meaning in TOML, or none outside Rust.
#[derive(Clone)]
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        remove_null(schema);
        list_words(schema);
        // The width of an integer is not a format of the specification.
        schema.remove("format");
        // A table that is missing has the defaults of its keys.
        if matches!(schema.get("default"), Some(Value::Null | Value::Object(_))) {
            schema.remove("default");
        }
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = text.replace('\n', " ");
        }
    }
}

/// TOML has no null: an optional key is left out.
fn remove_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
}

/// Writes alternatives that are words as an `enum`, which editors offer, with the descriptions where Taplo looks for them.
fn list_words(schema: &mut Schema) {
    let Some(Value::Array(alternatives)) = schema.get("oneOf") else {
        return;
    };
    let words: Option<Vec<_>> = alternatives.iter().map(|each| each.get("const")).collect();
    let Some(words) = words else { return };
    let about = alternatives.iter().map(|each| each.get("description"));
    let (words, about) = (json!(words), json!(about.collect::<Vec<_>>()));
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), words);
    schema.insert(
        "x-taplo".to_owned(),
        json!({ "docs": { "enumValues": about } }),
    );
}

fn properties(schema: &mut Schema) -> &mut Map<String, Value> {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    properties.expect("a struct with named fields has properties")
}
