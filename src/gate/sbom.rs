//! Gate `sbom`: the SBOMs list what is in the programs.

use std::collections::BTreeSet;

use super::subject::{Component, Document, OpenedSbom};
use super::{Gate, GateError, GateFinding, Subject, Verdict};
use crate::model::release::SBOMS;
use crate::model::target::Target;

/// The table `[gates.sbom]`, which has no keys.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Sbom {}

impl Gate for Sbom {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        if subject.sboms.is_empty() {
            return Ok(Verdict::NotApplicable("the release has no SBOM".to_owned()));
        }
        let mut findings = Vec::new();
        for sbom in &subject.sboms {
            sbom.file.as_ref().map_err(Clone::clone)?;
            match &sbom.document {
                None => findings.push(GateFinding::new(
                    sbom.place(),
                    "a file that is not the recorded one",
                    "the file that release.json names",
                )),
                Some(Err(error)) => findings.push(GateFinding::new(
                    sbom.place(),
                    format!("no SBOM: {error}"),
                    "a CycloneDX document",
                )),
                Some(Ok(document)) => judge(subject, sbom, document, &mut findings),
            }
        }
        findings.extend(without(subject));
        Ok(findings.into())
    }
}

fn judge(
    subject: &Subject<'_>,
    sbom: &OpenedSbom<'_>,
    document: &Document,
    findings: &mut Vec<GateFinding>,
) {
    let place = sbom.place();
    let mut hold = |what: &str, found: &str, expected: &str| {
        if found != expected {
            findings.push(GateFinding::new(
                place.clone(),
                format!("{what} `{found}`"),
                format!("`{expected}`"),
            ));
        }
    };
    hold("the format", &document.bom_format, "CycloneDX");
    hold(
        "the version of the specification",
        &document.spec_version,
        "1.6",
    );
    let about = &document.metadata.component;
    let release = subject.release;
    hold("the package", &about.name, release.name.as_str());
    hold("the version", &about.version, &release.version.to_string());
    findings.extend(graph(&place, document));

    let list = |component: &Component| format!("{}-{}", component.name, component.version);
    let listed: BTreeSet<_> = document.components.iter().map(list).collect();
    for (program, crates) in subject.named_crates(sbom.record.target) {
        for each in crates.difference(&listed) {
            findings.push(GateFinding::new(
                program,
                format!("code of the crate `{each}`"),
                format!("only crates that {place} lists"),
            ));
        }
    }
}

/// What is wrong with the references of a document.
fn graph(place: &str, document: &Document) -> Vec<GateFinding> {
    let mut findings = Vec::new();
    let mut known = BTreeSet::from([document.metadata.component.bom_ref.as_str()]);
    for component in &document.components {
        if !known.insert(&component.bom_ref) {
            findings.push(GateFinding::new(
                place,
                format!("two components `{}`", component.bom_ref),
                "each once",
            ));
        }
    }
    let dependencies = document.dependencies.iter();
    let references = dependencies.flat_map(|each| each.depends_on.iter().chain([&each.of]));
    let unknown: BTreeSet<_> = references
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    findings.extend(unknown.into_iter().map(|name| {
        let found = format!("a reference to `{name}`");
        GateFinding::new(place, found, "references to components of the document")
    }));
    findings
}

/// The targets whose programs no SBOM lists.
fn without(subject: &Subject<'_>) -> impl Iterator<Item = GateFinding> {
    let artifacts = subject.release.artifacts.iter();
    let targets: BTreeSet<Target> = artifacts.filter_map(|artifact| artifact.target).collect();
    let has = |target: &Target| {
        let mut sboms = subject.sboms.iter();
        sboms.any(|sbom| sbom.record.target == *target)
    };
    targets
        .into_iter()
        .filter(move |target| !has(target))
        .map(|target| {
            GateFinding::new(
                format!("{SBOMS}/"),
                format!("no SBOM for {}", target.triple),
                "one for each target",
            )
        })
}

#[cfg(test)]
mod tests {
    use crate::gate::report::Outcome;
    use crate::gate::testing::{ANYHOW, lines, release_with_sbom, verdict_of};

    fn findings(crates: &str, sbom: &str) -> Vec<String> {
        let report = verdict_of(&release_with_sbom(crates, sbom), "sbom");
        assert!(
            matches!(report.outcome, Outcome::Pass | Outcome::Fail),
            "{report:?}"
        );
        lines(&report.findings)
    }

    #[test]
    fn programs_hold_only_crates_that_are_listed() {
        assert_eq!(
            findings("/cargo/anyhow-1.0.104/src/lib.rs", ANYHOW),
            [""; 0]
        );
        assert_eq!(
            findings("/cargo/anyhow-1.0.105/src/lib.rs", ANYHOW),
            [
                "artifacts/hello-1.2.3.plain: usr/bin/hello: code of the crate `anyhow-1.0.105`; \
                 expected only crates that sbom/hello-1.2.3-x86_64-unknown-linux-musl.cdx.json lists"
            ]
        );
    }

    #[test]
    fn a_document_about_something_else_or_with_loose_ends_is_refused() {
        let of = |from: &str, to: &str| findings("", &ANYHOW.replace(from, to)).join("\n");
        assert!(of("1.2.3", "1.2.4").contains("the version `1.2.4`; expected `1.2.3`"));
        assert!(of("1.6", "1.5").contains("specification `1.5`; expected `1.6`"));
        assert!(of("[\"a\"]", "[\"b\"]").contains("a reference to `b`"));
        assert!(of("\"a\"", "\"hello\"").contains("two components `hello`"));
        assert!(of("{\"bomFormat\"", "[\"bomFormat\"").contains("no SBOM: "));
    }

    #[test]
    fn a_release_without_any_is_not_judged() {
        let report = verdict_of(&crate::gate::testing::release_of(b"text"), "sbom");
        assert_eq!(report.outcome, Outcome::NotApplicable);
    }
}
