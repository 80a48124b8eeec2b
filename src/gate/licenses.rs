//! Gate `licenses`: crates have licenses that the project accepts.

use std::collections::BTreeMap;

use super::subject::Component;
use super::{Gate, GateError, GateFinding, Subject, Verdict};
use crate::model::license::License;

/// The table `[gates.licenses]`.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Licenses {
    /// The licenses that every crate may have: SPDX identifiers, perhaps with an exception. The gate judges nothing without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<License>>,
    /// Further licenses that a crate may have, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub allow_for: BTreeMap<String, Vec<License>>,
}

impl Gate for Licenses {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let Some(allow) = &self.allow else {
            let reason = "`allow` of `[gates.licenses]` lists no licenses";
            return Ok(Verdict::NotApplicable(reason.to_owned()));
        };
        if subject.sboms.is_empty() {
            return Ok(Verdict::NotApplicable("the release has no SBOM".to_owned()));
        }
        let mut findings = Vec::new();
        for (sbom, document) in subject.documents(&mut findings)? {
            let crates = document.components.iter();
            findings.extend(crates.filter_map(|each| self.judge(&sbom.place(), each, allow)));
        }
        Ok(findings.into())
    }
}

impl Licenses {
    fn judge(&self, sbom: &str, component: &Component, allow: &[License]) -> Option<GateFinding> {
        let finding = |found: String, expected: &str| {
            Some(GateFinding {
                place: format!("{sbom}: {} {}", component.name, component.version),
                found,
                expected: expected.to_owned(),
            })
        };
        let more = self.allow_for.get(&component.name);
        let accepts = |license: &str| {
            let mut accepted = allow.iter().chain(more.into_iter().flatten());
            accepted.any(|each| each.as_str() == license)
        };
        if component.licenses.is_empty() {
            return finding("no license".to_owned(), "a license");
        }
        // More than one are all to be met.
        for choice in &component.licenses {
            let text = choice.text();
            let Ok(license) = text.parse::<License>() else {
                return finding(format!("the license `{text}`"), "an SPDX expression");
            };
            if !license.permits(&accepts) {
                return finding(
                    format!("the license `{text}`"),
                    "a license that `allow` has",
                );
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::report::{GateReport, Outcome};
    use crate::gate::testing::{ANYHOW, release_of, release_with_sbom, verdict_with};

    fn verdict(limits: &str, sbom: &str) -> GateReport {
        let limits = toml::from_str(limits).expect("valid limits");
        verdict_with(&release_with_sbom("", sbom), "licenses", &limits)
    }

    #[test]
    fn a_crate_needs_a_license_of_the_list_or_of_its_own() {
        let outcome = |limits: &str| verdict(limits, ANYHOW).outcome;
        assert_eq!(outcome("[licenses]\nallow = ['MIT']"), Outcome::Pass);
        assert_eq!(outcome("[licenses]\nallow = ['ISC']"), Outcome::Fail);
        assert_eq!(outcome("[licenses]\nallow = []"), Outcome::Fail);
        let of_one = "[licenses]\nallow = []\n[licenses.allow-for]\nanyhow = ['Apache-2.0']";
        assert_eq!(outcome(of_one), Outcome::Pass);
        assert_eq!(outcome(&of_one.replace("anyhow", "other")), Outcome::Fail);
    }

    #[test]
    fn a_license_that_is_missing_or_no_expression_is_found() {
        let of = |from: &str, to: &str| {
            let report = verdict("[licenses]\nallow = ['MIT']", &ANYHOW.replace(from, to));
            report.findings[0].found.clone()
        };
        assert_eq!(
            of("MIT OR Apache-2.0", "see the file"),
            "the license `see the file`"
        );
        let expression = r#"{"expression": "MIT OR Apache-2.0"}"#;
        assert_eq!(of(expression, ""), "no license");
        let named = r#"{"license": {"name": "proprietary stuff"}}"#;
        assert_eq!(of(expression, named), "the license `proprietary stuff`");
        let id = r#"{"license": {"id": "ISC"}}"#;
        assert_eq!(of(expression, id), "the license `ISC`");
        assert_eq!(
            of("\"name\": \"anyhow\"", "\"nam\": 1"),
            "a file that cannot be read as the recorded SBOM"
        );
    }

    #[test]
    fn without_a_list_or_an_sbom_nothing_is_judged() {
        assert_eq!(verdict("", ANYHOW).outcome, Outcome::NotApplicable);
        let limits = toml::from_str("[licenses]\nallow = ['MIT']").expect("valid");
        let report = verdict_with(&release_of(b"text"), "licenses", &limits);
        assert_eq!(report.outcome, Outcome::NotApplicable);
    }
}
