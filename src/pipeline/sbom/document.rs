//! The documents of CycloneDX 1.6, as much as is written here.

use serde::Serialize;

use crate::model::digest::Sha256Sum;

/// The whole.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
    dependencies: Vec<Dependency>,
}

impl Document {
    pub(super) fn new(
        metadata: Metadata,
        components: Vec<Component>,
        dependencies: Vec<Dependency>,
    ) -> Self {
        let mut document = Self {
            schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
            bom_format: "CycloneDX",
            spec_version: "1.6",
            serial_number: String::new(),
            version: 1,
            metadata,
            components,
            dependencies,
        };
        let text = crate::output::json::to_text(&document);
        document.serial_number = format!("urn:uuid:{}", uuid(&Sha256Sum::of(text.as_bytes())));
        document
    }
}

/// A UUID of the content, so that the same content has the same (RFC 9562, section 5.8).
fn uuid(sum: &Sha256Sum) -> String {
    let digits = sum.to_string();
    // The version is 8, the variant the one of the RFC.
    format!(
        "{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..32]
    )
}

/// About what the document is.
#[derive(Serialize)]
pub(super) struct Metadata {
    pub(super) tools: Tools,
    pub(super) component: Component,
}

/// What has written it.
#[derive(Serialize)]
pub(super) struct Tools {
    components: [Component; 1],
}

impl Tools {
    pub(super) fn new() -> Self {
        Self {
            components: [Component {
                kind: "application",
                bom_ref: "sealift".to_owned(),
                name: "sealift".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ..Component::default()
            }],
        }
    }
}

/// A program, or a crate.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref")]
    pub(super) bom_ref: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) authors: Vec<Author>,
    pub(super) name: String,
    pub(super) version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<LicenseChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) external_references: Vec<Reference>,
}

/// Somebody who has written something.
#[derive(Serialize)]
pub(super) struct Author {
    pub(super) name: String,
}

/// A sum of the crate's archive.
#[derive(Serialize)]
pub(super) struct Hash {
    alg: &'static str,
    content: String,
}

impl Hash {
    pub(super) fn sha256(content: &str) -> Self {
        Self {
            alg: "SHA-256",
            content: content.to_owned(),
        }
    }
}

/// What something is licensed under.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum LicenseChoice {
    /// An SPDX expression.
    Expression { expression: String },
    /// Something else.
    Named { license: NamedLicense },
}

/// A license by a name that is none of SPDX's.
#[derive(Serialize)]
pub(super) struct NamedLicense {
    pub(super) name: String,
}

/// A place that something is developed at.
#[derive(Serialize)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) url: String,
}

/// What something uses.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) of: String,
    pub(super) depends_on: Vec<String>,
}
