//! Gate `size`: downloads are small.

use super::{Gate, GateError, GateFinding, Subject, Verdict};
use crate::model::artifact::Artifact;
use crate::model::release::{ARTIFACTS, Release};

/// The table `[gates.size]`. All sizes are those of the files that users download, so compressed.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Size {
    /// Each artifact must be smaller than this many bytes; one that was made of several artifacts, than as many as they may
    /// have together.
    pub artifact_limit_bytes: u64,
    /// All artifacts together must be smaller than this many bytes, where that is asked for: it depends on how many there
    /// are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_limit_bytes: Option<u64>,
}

impl Default for Size {
    /// 25 MB each.
    fn default() -> Self {
        Self {
            artifact_limit_bytes: 25_000_000,
            total_limit_bytes: None,
        }
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
            let parts = parts(opened.artifact, subject.release);
            let limit = self.artifact_limit_bytes.saturating_mul(parts);
            findings.extend(judge(opened.place(), size, limit));
        }
        let place = format!("{ARTIFACTS}/, all together");
        let limit = self.total_limit_bytes;
        findings.extend(limit.and_then(|limit| judge(place, total, limit)));
        Ok(findings.into())
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

    #[test]
    fn the_limit_itself_is_too_large() {
        assert_eq!(judge("a".into(), 99, 100), None);
        let finding = judge("a".into(), 100, 100).expect("not less");
        assert_eq!(finding.found, "100 bytes");
        assert_eq!(finding.expected, "less than 100 bytes");
    }
}
