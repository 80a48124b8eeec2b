//! The version of a file's schema.

use serde::de::{Deserialize, Deserializer, Error};

/// The version that this program writes and reads.
pub const CURRENT: u32 = 1;

/// The key `schema` of a file: which version of its schema the file has. Files from before the key have version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Schema(u32);

impl Default for Schema {
    fn default() -> Self {
        Self(CURRENT)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            CURRENT => Ok(Self(CURRENT)),
            0 => Err(D::Error::custom(format!(
                "schema 0 does not exist; expected {CURRENT}"
            ))),
            newer => Err(D::Error::custom(format!(
                "schema {newer} is newer than this program, which reads {CURRENT}; expected a newer version of Sealift"
            ))),
        }
    }
}

impl schemars::JsonSchema for Schema {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Schema".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "enum": [CURRENT] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_schema_is_refused_with_what_to_do() {
        let read = |text: &str| serde_json::from_str::<Schema>(text).map_err(|e| e.to_string());
        assert_eq!(read("1"), Ok(Schema::default()));
        let error = read("2").expect_err("newer");
        let expected = "schema 2 is newer than this program, which reads 1; expected a newer version of Sealift";
        assert_eq!(error, expected);
        assert!(read("0").is_err());
    }
}
