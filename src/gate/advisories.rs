//! Gate `advisories`: no crate in the programs has a known vulnerability.

use super::exhibit::ExhibitContent;
use super::subject::{Component, Document, OpenedSbom};
use super::{Exhibit, Gate, GateError, GateFinding, Subject, Verdict};
use crate::evidence::{Advisories as Database, Advisory};
use crate::model::date;

const SECONDS_PER_DAY: i64 = 86_400;

/// The table `[gates.advisories]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Advisories {
    /// The kinds of advisories that are findings although they are no vulnerabilities.
    pub informational: Vec<Informational>,
    /// The newest advisory may be older than the release by this many days.
    pub age_limit_days: u32,
}

impl Default for Advisories {
    /// Unsound code is a finding, and a database of three months ago is stale.
    fn default() -> Self {
        Self {
            informational: vec![Informational::Unsound],
            age_limit_days: 90,
        }
    }
}

/// What an advisory says of a crate that is not vulnerable.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Informational {
    /// Something that users should know.
    Notice,
    /// Nobody maintains it.
    Unmaintained,
    /// Its safe functions can do what only unsafe ones may.
    Unsound,
}

impl Informational {
    fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Unmaintained => "unmaintained",
            Self::Unsound => "unsound",
        }
    }
}

impl Gate for Advisories {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let Some(database) = subject.advisories else {
            let reason = "no database of advisories is given; `--advisories DIR` names one";
            return Ok(Verdict::NotApplicable(reason.to_owned()));
        };
        if subject.sboms.is_empty() {
            return Ok(Verdict::NotApplicable("the release has no SBOM".to_owned()));
        }
        let mut findings: Vec<_> = self.age(subject, database).into_iter().collect();
        for (sbom, document) in subject.documents(&mut findings)? {
            let found = known(sbom, document, database);
            let found = found
                .into_iter()
                .filter(|(_, advisory)| self.counts(advisory));
            findings.extend(found.map(|(component, advisory)| finding(sbom, component, advisory)));
        }
        Ok(findings.into())
    }

    fn exhibits(&self, subject: &Subject<'_>) -> Vec<Exhibit> {
        let Some(database) = subject.advisories else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        for sbom in &subject.sboms {
            let Some(Ok(document)) = &sbom.document else {
                continue;
            };
            for (component, advisory) in known(sbom, document, database) {
                let kind = advisory.informational.as_deref().unwrap_or("vulnerability");
                rows.push(vec![
                    advisory.id.clone(),
                    format!("{} {}", component.name, component.version),
                    kind.to_owned(),
                    advisory.title.clone(),
                ]);
            }
        }
        rows.sort();
        rows.dedup();
        let columns = ["advisory", "crate", "kind", "about"];
        vec![Exhibit {
            title: "Advisories about crates of the release".to_owned(),
            note: format!(
                "The newest advisory of the database is of {}.",
                database.newest()
            ),
            content: ExhibitContent::Table {
                columns: columns.map(str::to_owned).to_vec(),
                rows,
            },
        }]
    }
}

impl Advisories {
    fn counts(&self, advisory: &Advisory) -> bool {
        let kind = advisory.informational.as_deref();
        kind.is_none_or(|kind| self.informational.iter().any(|each| each.name() == kind))
    }

    /// A database that is too old says nothing of what became known since.
    fn age(&self, subject: &Subject<'_>, database: &Database) -> Option<GateFinding> {
        let limit = i64::from(self.age_limit_days) * SECONDS_PER_DAY;
        let oldest = date::rfc3339(subject.release.date.saturating_sub(limit));
        let oldest = oldest.get(..10).unwrap_or_default();
        (database.newest() < oldest).then(|| GateFinding {
            place: "the database of advisories".to_owned(),
            found: format!("none that is newer than {}", database.newest()),
            expected: format!("one of {oldest} or later"),
        })
    }
}

/// The crates with advisories. A crate that is not of crates.io is another one, whatever its name.
fn known<'s>(
    sbom: &OpenedSbom<'_>,
    document: &'s Document,
    database: &'s Database,
) -> Vec<(&'s Component, &'s Advisory)> {
    let system = sbom.record.target.os.name();
    let mut found = Vec::new();
    for component in document
        .components
        .iter()
        .filter(|each| each.is_of_crates_io())
    {
        if let Ok(version) = component.version.parse() {
            let about = database.about(&component.name, &version, system);
            found.extend(about.map(|advisory| (component, advisory)));
        }
    }
    found
}

fn finding(sbom: &OpenedSbom<'_>, component: &Component, advisory: &Advisory) -> GateFinding {
    let patched: Vec<_> = advisory.patched.iter().map(ToString::to_string).collect();
    GateFinding {
        place: format!("{}: {} {}", sbom.place(), component.name, component.version),
        found: format!("{}: {}", advisory.id, advisory.title),
        expected: match patched.is_empty() {
            true => "another crate; no version of this one is mended".to_owned(),
            false => format!("version {}", patched.join(" or ")),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Advisories as Database;
    use crate::gate::GateLimits;
    use crate::gate::report::{GateReport, Outcome};
    use crate::gate::testing::{
        ADVISORY, ANYHOW, advisories_of, lines, release_with_sbom, verdict_against,
    };

    fn verdict(limits: &str, database: &Database) -> GateReport {
        let limits: GateLimits = toml::from_str(limits).expect("valid limits");
        let project = release_with_sbom("", ANYHOW);
        verdict_against(&project, "advisories", &limits, database)
    }

    #[test]
    fn a_crate_with_an_advisory_is_found_with_the_version_that_is_mended() {
        let report = verdict("", &advisories_of(ADVISORY));
        let expected = "sbom/hello-1.2.3-x86_64-unknown-linux-musl.cdx.json: anyhow 1.0.104: \
            RUSTSEC-2026-0001: It reads what was freed; expected version >=1.0.105";
        assert_eq!(lines(&report.findings), [expected]);
        let mended = ADVISORY.replace("1.0.105", "1.0.104");
        assert_eq!(verdict("", &advisories_of(&mended)).outcome, Outcome::Pass);
        let never = ADVISORY.replace("\">=1.0.105\"", "");
        let report = verdict("", &advisories_of(&never));
        assert!(report.findings[0].expected.starts_with("another crate"));
    }

    #[test]
    fn an_advisory_that_informs_is_listed_and_counts_where_it_is_asked_for() {
        let informs = |kind: &str| {
            advisories_of(&ADVISORY.replace(
                "[versions]",
                &format!("informational = \"{kind}\"\n[versions]"),
            ))
        };
        let unmaintained = verdict("", &informs("unmaintained"));
        assert_eq!(unmaintained.outcome, Outcome::Pass);
        assert_eq!(unmaintained.exhibits.len(), 1);
        assert_eq!(verdict("", &informs("unsound")).outcome, Outcome::Fail);
        let strict = "[advisories]\ninformational = ['unmaintained']";
        assert_eq!(
            verdict(strict, &informs("unmaintained")).outcome,
            Outcome::Fail
        );
    }

    #[test]
    fn a_database_that_is_older_than_the_limit_is_found() {
        // The release is of 1970.
        let old = ADVISORY
            .replace("2026-01-02", "1969-01-02")
            .replace("1.0.105", "1.0.1");
        let report = verdict("", &advisories_of(&old));
        assert_eq!(report.findings[0].place, "the database of advisories");
        let patient = "[advisories]\nage-limit-days = 1000";
        assert_eq!(
            verdict(patient, &advisories_of(&old)).outcome,
            Outcome::Pass
        );
    }

    #[test]
    fn a_crate_from_elsewhere_is_another_one() {
        let project = release_with_sbom("", &ANYHOW.replace("@1.0.104\"", "@1.0.104?vcs_url=x\""));
        let database = advisories_of(ADVISORY);
        let report = verdict_against(&project, "advisories", &GateLimits::default(), &database);
        assert_eq!(report.outcome, Outcome::Pass);
    }
}
