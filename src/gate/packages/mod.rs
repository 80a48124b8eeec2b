//! Gate `packages`: the release directory is what its record says, down to each file in each package.

mod contents;
mod directory;
mod record;
mod sums;

use super::subject::{Measured, Opened};
use super::{Gate, GateError, GateFinding, Subject, Verdict};
use crate::model::digest::Sha256Sum;

/// The table `[gates.packages]`; there is nothing to set.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Packages {}

impl Gate for Packages {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let mut findings = record::judge(subject.release);
        findings.extend(directory::judge(subject.release, subject.directory)?);
        findings.extend(sums::judge(subject.release, subject.directory)?);
        for opened in &subject.artifacts {
            // That one is missing, or no file at all, has been found in the directory.
            if opened.is_regular() {
                findings.extend(judge_file(opened)?);
            }
            // What is inside a file that is not the recorded one has nothing to say.
            if let Some(contents) = &opened.contents {
                findings.extend(contents::judge(opened, contents)?);
            }
        }
        for sbom in &subject.sboms {
            // That one is missing has been found in the directory.
            if let Ok(measured) = &sbom.file {
                let recorded = (sbom.record.size, sbom.record.sha256);
                findings.extend(held(sbom.place(), *measured, recorded));
            }
        }
        findings.extend(contents::judge_trees(subject.release));
        Ok(findings.into())
    }
}

fn judge_file(opened: &Opened<'_>) -> Result<Option<GateFinding>, GateError> {
    let (artifact, place) = (opened.artifact, opened.place());
    let measured = opened.file.as_ref().map_err(Clone::clone)?;
    Ok(held(place, *measured, (artifact.size, artifact.sha256)))
}

/// Holds a file against the recorded size and sum.
fn held(place: String, measured: Measured, recorded: (u64, Sha256Sum)) -> Option<GateFinding> {
    match measured.sha256 {
        None => Some(GateFinding::new(
            place,
            format!("{} bytes", measured.size),
            format!("{} bytes, as in release.json", recorded.0),
        )),
        Some(sum) if sum != recorded.1 => Some(GateFinding::new(
            place,
            format!("SHA-256 {sum}"),
            format!("SHA-256 {}, as in release.json", recorded.1),
        )),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use crate::gate::report::Outcome;
    use crate::gate::testing::{alter, lines, release_of, verdict_of};
    use crate::model::digest::Sha256Sum;
    use crate::model::entry::EntryContent;
    use crate::testing::TestProject;

    const ARTIFACT: &str = "artifacts/hello-1.2.3.plain";

    fn path(project: &TestProject) -> PathBuf {
        project.path("release").join(ARTIFACT)
    }

    fn findings(project: &TestProject) -> Vec<String> {
        let report = verdict_of(project, "packages");
        let is_judged = matches!(report.outcome, Outcome::Pass | Outcome::Fail);
        assert!(is_judged, "{report:?}");
        lines(&report.findings)
    }

    /// Rewrites the artifact and records its new sum, as one would who wants to hide that it was changed.
    fn replace_artifact(project: &TestProject, bytes: &[u8]) {
        fs::write(path(project), bytes).expect("writable");
        alter(project, |release| {
            release.artifacts[0].size = bytes.len() as u64;
            release.artifacts[0].sha256 = Sha256Sum::of(bytes);
            fs::write(project.path("release/SHA256SUMS"), release.sums()).expect("writable");
        });
    }

    #[test]
    fn a_release_as_it_was_collected_passes() {
        assert_eq!(findings(&release_of(b"program")), [""; 0]);
    }

    #[test]
    fn a_file_that_is_not_recorded_is_found() {
        let project = release_of(b"program").file("release/artifacts/extra.deb", b"");
        let expected =
            "artifacts/extra.deb: a file that is not in release.json; expected no such file";
        assert_eq!(findings(&project), [expected]);
    }

    #[test]
    fn a_missing_artifact_is_found() {
        let project = release_of(b"program");
        fs::remove_file(path(&project)).expect("it was there");
        let expected =
            format!("{ARTIFACT}: nothing; expected the artifact that release.json names");
        assert_eq!(findings(&project), [expected]);
    }

    #[test]
    fn a_changed_byte_is_found() {
        let project = release_of(b"program");
        let mut bytes = fs::read(path(&project)).expect("readable");
        *bytes.last_mut().expect("not empty") ^= 1;
        fs::write(path(&project), bytes).expect("writable");
        let findings = findings(&project);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].starts_with("artifacts/hello-1.2.3.plain: SHA-256 "),
            "{findings:?}"
        );
    }

    #[test]
    fn a_changed_file_inside_is_found_though_all_sums_outside_fit() {
        let project = release_of(b"program");
        let bytes = fs::read(path(&project)).expect("readable");
        let text = String::from_utf8(bytes).expect("this format is text");
        replace_artifact(&project, text.replace("program", "malware").as_bytes());
        let findings = findings(&project);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].starts_with("artifacts/hello-1.2.3.plain, entry 1: file of 7 bytes"));
        assert_eq!(
            findings[1],
            "artifacts/hello-1.2.3.plain: no executable file with the bytes of `usr/bin/hello`; \
             expected every program of the tree"
        );
    }

    #[test]
    fn a_truncated_package_is_found() {
        let project = release_of(b"program");
        let bytes = fs::read(path(&project)).expect("readable");
        replace_artifact(&project, &bytes[..bytes.len() - 3]);
        let findings = findings(&project);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].contains(
                "content that is too short at byte 0; expected a package of format `plain`"
            )
        );
    }

    #[test]
    fn a_path_out_of_the_package_is_found() {
        let project = release_of(b"program");
        let bytes = fs::read(path(&project)).expect("readable");
        let text = String::from_utf8(bytes).expect("this format is text");
        replace_artifact(
            &project,
            text.replace("usr/bin/hello", "../../bin/sh").as_bytes(),
        );
        let findings = findings(&project);
        let expected =
            "artifacts/hello-1.2.3.plain: ../../bin/sh: a path that has the component `..`";
        assert!(
            findings.iter().any(|finding| finding.starts_with(expected)),
            "{findings:?}"
        );
    }

    #[test]
    fn a_program_that_cannot_be_started_is_found() {
        let project = release_of(b"program");
        let bytes = fs::read(path(&project)).expect("readable");
        let text = String::from_utf8(bytes).expect("this format is text");
        replace_artifact(
            &project,
            text.replace("\"mode\":493", "\"mode\":420").as_bytes(),
        );
        alter(&project, |release| {
            release.artifacts[0].contents[0].mode = 0o644
        });
        let findings = findings(&project);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].contains("no executable file"), "{findings:?}");
    }

    #[test]
    fn a_wrong_a_strange_and_a_missing_sum_are_found() {
        let project = release_of(b"program");
        let sums = project.path("release/SHA256SUMS");
        let (zeros, good) = ("0".repeat(64), fs::read_to_string(&sums).expect("readable"));
        fs::write(&sums, format!("{zeros}  {ARTIFACT}\n{good}nonsense\n")).expect("writable");
        let found = findings(&project);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with(&format!("SHA256SUMS, line 1: `{zeros}` for `{ARTIFACT}`")));
        assert!(found[1].starts_with(&format!("SHA256SUMS, line 2: a sum of `{ARTIFACT}`")));
        assert!(found[2].starts_with("SHA256SUMS, line 3: `nonsense`"));
        fs::write(&sums, "").expect("writable");
        let expected =
            format!("SHA256SUMS: no sum of an artifact; expected a line for `{ARTIFACT}`");
        assert_eq!(findings(&project), [expected]);
        fs::remove_file(&sums).expect("it was there");
        let expected = "SHA256SUMS: nothing; expected a file with the artifacts' sums";
        assert_eq!(findings(&project), [expected]);
    }

    #[test]
    fn artifacts_of_one_target_with_different_trees_are_found() {
        let project = release_of(b"program");
        fs::copy(path(&project), project.path("release/artifacts/z.plain")).expect("writable");
        alter(&project, |release| {
            let mut other = release.artifacts[0].clone();
            other.file = "z.plain".parse().expect("a file name");
            other.tree[0].content = EntryContent::Symlink("elsewhere".to_owned());
            release.artifacts.push(other);
            fs::write(project.path("release/SHA256SUMS"), release.sums()).expect("writable");
        });
        let expected = "artifacts/z.plain: another tree: `usr/bin/hello` differs; \
                        expected the files of artifacts/hello-1.2.3.plain";
        assert_eq!(findings(&project)[1], expected);
    }

    #[test]
    fn an_artifact_that_says_something_else_than_the_release_is_found() {
        let project = release_of(b"program");
        alter(&project, |release| {
            release.name = "other".parse().expect("a name");
            release.version = "9.9.9".parse().expect("a version");
            release.date = -1;
        });
        let place = format!("release.json, {ARTIFACT}");
        assert_eq!(
            findings(&project),
            [
                "release.json: the date -1; expected a time since 1970, in seconds".to_owned(),
                format!("{place}: the name `hello`; expected `other`, that of the release"),
                format!("{place}: the version `1.2.3`; expected `9.9.9`, that of the release"),
                format!("{place}: the date `0`; expected `-1`, that of the release"),
            ]
        );
    }

    #[test]
    fn an_artifact_of_another_commit_or_without_a_tree_is_found() {
        let project = release_of(b"program");
        alter(&project, |release| {
            release.artifacts[0].commit = Some("abc".parse().expect("hexadecimal"));
            release.artifacts[0].tree.clear();
        });
        let place = format!("release.json, {ARTIFACT}");
        assert_eq!(
            findings(&project),
            [
                format!("{place}: the commit `abc`; expected `none`, that of the release"),
                format!("{place}: an empty tree; expected the files that it was written from"),
            ]
        );
    }

    #[test]
    fn two_artifacts_of_one_format_and_target_are_found() {
        let project = release_of(b"program");
        fs::copy(path(&project), project.path("release/artifacts/z.plain")).expect("writable");
        alter(&project, |release| {
            let mut other = release.artifacts[0].clone();
            other.file = "z.plain".parse().expect("a file name");
            release.artifacts.push(other);
            fs::write(project.path("release/SHA256SUMS"), release.sums()).expect("writable");
        });
        let expected = "release.json, artifacts/z.plain: another `plain` for \
                        `x86_64-unknown-linux-musl`; expected only artifacts/hello-1.2.3.plain";
        assert_eq!(findings(&project), [expected]);
    }

    #[test]
    fn an_artifact_that_is_recorded_twice_is_found() {
        let project = release_of(b"program");
        alter(&project, |release| {
            let first = release.artifacts[0].clone();
            release.artifacts.push(first);
        });
        let found = findings(&project);
        let expected = format!("release.json, {ARTIFACT}: two artifacts; expected each file once");
        assert_eq!(found, [expected]);
        alter(&project, |release| release.artifacts.clear());
        assert_eq!(
            findings(&project)[0],
            "release.json: no artifact; expected at least one"
        );
    }

    #[test]
    fn what_is_beside_the_artifacts_is_found() {
        let project = release_of(b"program").file("release/install.sh", b"");
        let expected = "install.sh: a regular file; expected nothing besides the release";
        assert_eq!(findings(&project), [expected]);
    }

    #[test]
    fn no_link_is_followed_and_no_pipe_is_waited_for() {
        let project = release_of(b"program");
        let aside = project.path("aside");
        fs::rename(path(&project), &aside).expect("writable");
        std::os::unix::fs::symlink(&aside, path(&project)).expect("writable");
        let expected = format!("{ARTIFACT}: a symbolic link; expected a regular file");
        assert_eq!(findings(&project), [expected]);

        fs::remove_file(path(&project)).expect("it was there");
        make_pipe(&path(&project));
        let expected = format!("{ARTIFACT}: a pipe, socket or device; expected a regular file");
        assert_eq!(findings(&project), [expected]);

        fs::remove_file(path(&project)).expect("it was there");
        fs::rename(&aside, path(&project)).expect("writable");
        fs::remove_file(project.path("release/SHA256SUMS")).expect("it was there");
        make_pipe(&project.path("release/SHA256SUMS"));
        let expected = "SHA256SUMS: a pipe, socket or device; expected a regular file";
        assert_eq!(findings(&project), [expected]);
    }

    #[test]
    fn a_directory_of_artifacts_elsewhere_is_found_and_not_opened() {
        let project = release_of(b"program");
        let artifacts = project.path("release/artifacts");
        fs::rename(&artifacts, project.path("aside")).expect("writable");
        std::os::unix::fs::symlink(project.path("aside"), &artifacts).expect("writable");
        let expected = "artifacts: a symbolic link; expected a directory";
        assert_eq!(findings(&project), [expected]);
        assert_eq!(verdict_of(&project, "size").outcome, Outcome::Error);
    }

    fn make_pipe(path: &std::path::Path) {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo is there").success());
    }

    #[test]
    fn a_format_that_is_unknown_here_cannot_be_judged() {
        let project = release_of(b"program");
        alter(&project, |release| {
            release.artifacts[0].format = "rpm".to_owned()
        });
        let report = verdict_of(&project, "packages");
        assert_eq!(report.outcome, Outcome::Error);
        assert_eq!(report.reason.as_deref(), Some("format `rpm` is unknown"));
    }

    #[test]
    fn a_release_without_its_directory_cannot_be_judged() {
        let project = release_of(b"program");
        fs::remove_dir_all(project.path("release/artifacts")).expect("it was there");
        assert_eq!(verdict_of(&project, "packages").outcome, Outcome::Error);
    }
}
