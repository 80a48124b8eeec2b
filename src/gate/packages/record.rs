//! Holds the release's record against itself: what it says of the release, each artifact says, too.

use crate::gate::GateFinding;
use crate::model::artifact::Artifact;
use crate::model::release::{ARTIFACTS, RECORD, Release};

/// Judges the record.
pub(super) fn judge(release: &Release) -> Vec<GateFinding> {
    let mut findings = Vec::new();
    if release.artifacts.is_empty() {
        findings.push(GateFinding::new(RECORD, "no artifact", "at least one"));
    }
    if release.date < 0 {
        let found = format!("the date {}", release.date);
        findings.push(GateFinding::new(
            RECORD,
            found,
            "a time since 1970, in seconds",
        ));
    }
    for artifact in &release.artifacts {
        findings.extend(judge_artifact(artifact, release));
    }
    findings.extend(judge_duplicates(&release.artifacts));
    findings
}

fn place(artifact: &Artifact) -> String {
    format!("{RECORD}, {ARTIFACTS}/{}", artifact.file)
}

fn judge_artifact(artifact: &Artifact, release: &Release) -> Vec<GateFinding> {
    let commit = |commit: &Option<_>| match commit {
        Some(commit) => format!("{commit}"),
        None => "none".to_owned(),
    };
    let pairs = [
        ("name", artifact.name.to_string(), release.name.to_string()),
        (
            "version",
            artifact.version.to_string(),
            release.version.to_string(),
        ),
        ("date", artifact.date.to_string(), release.date.to_string()),
    ];
    let mut findings: Vec<_> = pairs
        .into_iter()
        .filter(|(_, found, expected)| found != expected)
        .map(|(what, found, expected)| {
            let expected = format!("`{expected}`, that of the release");
            GateFinding::new(place(artifact), format!("the {what} `{found}`"), expected)
        })
        .collect();
    // An artifact may have been made without a commit; the release was told of one then.
    if artifact.commit.is_some() && artifact.commit != release.commit {
        findings.push(GateFinding::new(
            place(artifact),
            format!("the commit `{}`", commit(&artifact.commit)),
            format!("`{}`, that of the release", commit(&release.commit)),
        ));
    }
    if artifact.tree.is_empty() && artifact.target.is_some() {
        let expected = "the files that it was written from";
        findings.push(GateFinding::new(place(artifact), "an empty tree", expected));
    }
    findings
}

fn judge_duplicates(artifacts: &[Artifact]) -> Vec<GateFinding> {
    let mut findings = Vec::new();
    for (index, artifact) in artifacts.iter().enumerate() {
        let earlier = &artifacts[..index];
        if earlier.iter().any(|other| other.file == artifact.file) {
            findings.push(GateFinding::new(
                place(artifact),
                "two artifacts",
                "each file once",
            ));
            continue;
        }
        let is_same = |other: &&Artifact| {
            (&other.format, other.target) == (&artifact.format, artifact.target)
        };
        if let Some(other) = earlier.iter().find(is_same) {
            let target = artifact
                .target
                .map_or("all targets", |target| target.triple);
            let found = format!("another `{}` for `{target}`", artifact.format);
            let expected = format!("only {ARTIFACTS}/{}", other.file);
            findings.push(GateFinding::new(place(artifact), found, expected));
        }
    }
    findings
}
