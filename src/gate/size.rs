//! Gate `size`: downloads are small, and do not grow much.

use super::exhibit::{Amount, ExhibitContent, Unit};
use super::{Exhibit, Gate, GateError, GateFinding, Subject, Verdict};
use crate::model::artifact::Artifact;
use crate::model::release::{ARTIFACTS, Release};

/// The table `[gates.size]`. All sizes are those of the files that users download, so compressed.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, schemars::JsonSchema, serde::Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Size {
    /// Each artifact must be smaller than this many bytes; one that was made of several artifacts, than as many as they may
    /// have together.
    pub artifact_limit_bytes: u64,
    /// All artifacts together must be smaller than this many bytes, where that is asked for: it depends on how many there
    /// are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_limit_bytes: Option<u64>,
    /// No artifact may be larger than the previous release's by more than this many hundredths of it.
    pub growth_limit_percent: Percent,
    /// No artifact may be larger than the previous release's by more than this many bytes, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth_limit_bytes: Option<u64>,
}

impl Default for Size {
    /// 25 MB each, and 10 % more than before.
    fn default() -> Self {
        Self {
            artifact_limit_bytes: 25_000_000,
            total_limit_bytes: None,
            growth_limit_percent: Percent(10.0),
            growth_limit_bytes: None,
        }
    }
}

/// Hundredths: a finite number that is not negative.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Percent(f64);

impl<'de> serde::Deserialize<'de> for Percent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if (0.0..=1_000_000.0).contains(&number) {
            return Ok(Self(number));
        }
        Err(serde::de::Error::custom(format!(
            "{number} is not a percentage; expected a number from 0 to 1000000"
        )))
    }
}

impl Gate for Size {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let mut findings = Vec::new();
        let mut total = 0_u64;
        for opened in &subject.artifacts {
            // The size on disk: what users download, whatever the record says.
            let size = opened.file.as_ref().map_err(Clone::clone)?.size;
            total = total.saturating_add(size);
            let limit = self.limit(opened.artifact, subject.release);
            findings.extend(judge(opened.place(), size, limit));
            let before = before(opened.artifact, subject.previous);
            let grown = before.and_then(|before| self.growth(opened.place(), before, size));
            findings.extend(grown);
        }
        let place = format!("{ARTIFACTS}/, all together");
        let limit = self.total_limit_bytes;
        findings.extend(limit.and_then(|limit| judge(place, total, limit)));
        Ok(findings.into())
    }

    fn exhibits(&self, subject: &Subject<'_>) -> Vec<Exhibit> {
        let artifacts = &subject.release.artifacts;
        let amount = |artifact: &Artifact| Amount {
            label: artifact.file.to_string(),
            value: artifact.size as f64,
            limit: Some(self.limit(artifact, subject.release) as f64),
        };
        let sizes = Exhibit {
            title: "Downloads".to_owned(),
            note: String::new(),
            content: ExhibitContent::Amounts {
                unit: Unit::Bytes,
                amounts: artifacts.iter().map(amount).collect(),
            },
        };
        let growth = subject
            .previous
            .map(|previous| growth_table(subject.release, previous));
        [sizes].into_iter().chain(growth).collect()
    }
}

impl Size {
    fn limit(&self, artifact: &Artifact, release: &Release) -> u64 {
        self.artifact_limit_bytes
            .saturating_mul(parts(artifact, release))
    }

    fn growth(&self, place: String, before: u64, size: u64) -> Option<GateFinding> {
        let more = size.checked_sub(before)?;
        let by_percent = percent(before, size) > self.growth_limit_percent.0;
        let by_bytes = self.growth_limit_bytes.is_some_and(|limit| more > limit);
        let limit = match self.growth_limit_bytes {
            Some(limit) if by_bytes => format!("{limit} bytes"),
            _ if by_percent => format!("{} %", self.growth_limit_percent.0),
            _ => return None,
        };
        Some(GateFinding {
            place,
            found: format!(
                "{size} bytes, {more} ({:.1} %) more than before",
                percent(before, size)
            ),
            expected: format!(
                "at most {limit} more than {before} bytes, as the previous release has"
            ),
        })
    }
}

/// How much larger something is than before, in hundredths of that.
fn percent(before: u64, size: u64) -> f64 {
    (size as f64 - before as f64) * 100.0 / (before.max(1) as f64)
}

/// What the same artifact of the previous release has: the one of its format and target, whatever its name.
fn before(artifact: &Artifact, previous: Option<&Release>) -> Option<u64> {
    let is_it =
        |other: &&Artifact| other.format == artifact.format && other.target == artifact.target;
    let found = previous?.artifacts.iter().find(is_it)?;
    Some(found.size)
}

fn growth_table(release: &Release, previous: &Release) -> Exhibit {
    let row = |artifact: &Artifact| {
        let size = artifact.size;
        let (then, change) = match before(artifact, Some(previous)) {
            Some(then) => (then.to_string(), format!("{:+.1} %", percent(then, size))),
            None => ("none".to_owned(), "new".to_owned()),
        };
        vec![artifact.file.to_string(), then, size.to_string(), change]
    };
    let columns = ["artifact", "bytes before", "bytes now", "change"];
    Exhibit {
        title: format!("Growth since {}", previous.version),
        note: String::new(),
        content: ExhibitContent::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: release.artifacts.iter().map(row).collect(),
        },
    }
}

/// How many artifacts an artifact was made of; one for one that was not.
fn parts(artifact: &Artifact, release: &Release) -> u64 {
    let is_part = |other: &&Artifact| other.format == artifact.format && other.target.is_some();
    match artifact.target {
        Some(_) => 1,
        None => release.artifacts.iter().filter(is_part).count() as u64,
    }
}

fn judge(place: String, size: u64, limit: u64) -> Option<GateFinding> {
    (size >= limit).then(|| GateFinding {
        place,
        found: format!("{size} bytes"),
        expected: format!("less than {limit} bytes"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::report::Outcome;
    use crate::gate::testing::{release_of, report_after};

    #[test]
    fn the_limit_itself_is_too_large() {
        assert_eq!(judge("a".into(), 99, 100), None);
        let finding = judge("a".into(), 100, 100).expect("not less");
        assert_eq!(finding.found, "100 bytes");
        assert_eq!(finding.expected, "less than 100 bytes");
    }

    #[test]
    fn growth_is_held_against_both_limits() {
        let size = Size {
            growth_limit_bytes: Some(50),
            ..Size::default()
        };
        let growth = |before, now| size.growth("a".into(), before, now);
        assert_eq!(growth(100, 110), None);
        assert_eq!(growth(100, 50), None);
        assert_eq!(growth(1000, 1050), None);
        let found = growth(100, 111).expect("11 %");
        assert_eq!(found.found, "111 bytes, 11 (11.0 %) more than before");
        let expected = "at most 10 % more than 100 bytes, as the previous release has";
        assert_eq!(found.expected, expected);
        let found = growth(1000, 1051).expect("51 bytes");
        assert!(
            found.expected.starts_with("at most 50 bytes more"),
            "{found:?}"
        );
        assert!(growth(0, 5).is_some());
    }

    #[test]
    fn an_artifact_is_compared_with_the_one_of_its_format_and_target() {
        let project = release_of(b"text");
        let directory = project.path("release");
        let mut previous = Release::read(&directory).expect("valid");
        previous.artifacts[0].size = 3;
        previous.artifacts[0].file = "hello-1.0.0.plain".parse().expect("a name");
        let report = report_after(&project, &previous, "size");
        assert_eq!(report.outcome, Outcome::Fail);
        let found = &report.findings[0].found;
        assert!(found.contains(" more than before"), "{found}");
        assert_eq!(report.exhibits.len(), 2);
        previous.artifacts[0].format = "other".to_owned();
        assert_eq!(
            report_after(&project, &previous, "size").outcome,
            Outcome::Pass
        );
    }

    #[test]
    fn limits_that_are_no_percentages_are_refused() {
        for number in ["-1.0", "1e99", "nan", "'25 mb'"] {
            let text = format!("growth-limit-percent = {number}");
            assert!(toml::from_str::<Size>(&text).is_err(), "{number}");
        }
        for number in ["-1", "1e99", "'25 mb'"] {
            let text = format!("artifact-limit-bytes = {number}");
            assert!(toml::from_str::<Size>(&text).is_err(), "{number}");
        }
    }
}
