use super::*;
use crate::event::Silent;
use crate::testing::TestProject;

const FILE: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";

/// A project whose one artifact is written.
fn written() -> TestProject {
    let project = TestProject::new(FILE).file("tree/bin/hello", b"program");
    project.write().expect("writable");
    project
}

fn artifact(project: &TestProject) -> PathBuf {
    project.path("out/hello-1.2.3.plain")
}

/// A copy of the artifact in another directory, whose record says something else.
fn altered(project: &TestProject, directory: &str, change: impl FnOnce(&mut Artifact)) -> PathBuf {
    let mut record: Artifact = json::read(&record_path(&artifact(project))).expect("valid");
    let bytes = std::fs::read(artifact(project)).expect("readable");
    change(&mut record);
    let directory = project.path(directory);
    std::fs::create_dir_all(&directory).expect("writable");
    let path = directory.join(record.file.as_str());
    std::fs::write(&path, bytes).expect("writable");
    std::fs::write(record_path(&path), json::to_text(&record)).expect("writable");
    path
}

fn request(artifacts: Vec<PathBuf>) -> Request<'static> {
    Request {
        artifacts,
        sboms: Vec::new(),
        commit: None,
        dirty: false,
        built_with: None,
        gates: serde_json::Map::new(),
        project: None,
    }
}

fn error_of(project: &TestProject, request: Request<'_>) -> String {
    let out = project.path("release");
    let error = collect(request, &out, &Silent)
        .expect_err("no release")
        .to_string();
    assert!(!out.exists(), "something stayed after: {error}");
    error.replace(&project.path("").display().to_string(), "")
}

#[test]
fn a_release_holds_artifacts_sums_and_the_record() {
    let project = written();
    let out = project.path("release");
    let release = collect(request(vec![artifact(&project)]), &out, &Silent).expect("valid");
    assert_eq!(
        project.names("release"),
        ["SHA256SUMS", "artifacts", "release.json"]
    );
    assert_eq!(project.names("release/artifacts"), ["hello-1.2.3.plain"]);
    assert_eq!(Release::read(&out).expect("valid"), release);
    let sums = std::fs::read_to_string(out.join(SUMS)).expect("readable");
    let sum = release.artifacts[0].sha256;
    assert_eq!(sums, format!("{sum}  artifacts/hello-1.2.3.plain\n"));
}

#[test]
fn an_artifact_that_is_not_as_recorded_is_refused() {
    let project = written();
    let mut bytes = std::fs::read(artifact(&project)).expect("readable");
    bytes[0] ^= 1;
    std::fs::write(artifact(&project), bytes).expect("writable");
    let error = error_of(&project, request(vec![artifact(&project)]));
    let expected = "`out/hello-1.2.3.plain` does not match its record: the SHA-256 is";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_renamed_artifact_is_refused() {
    let project = written();
    let renamed = project.path("out/other");
    std::fs::copy(artifact(&project), &renamed).expect("writable");
    std::fs::copy(record_path(&artifact(&project)), record_path(&renamed)).expect("writable");
    assert_eq!(
        error_of(&project, request(vec![renamed])),
        "`out/other` does not match its record: the file name is `other`; expected `hello-1.2.3.plain`"
    );
}

#[test]
fn an_artifact_without_a_record_is_refused() {
    let project = written().file("out/bare.deb", b"");
    let bare = project.path("out/bare.deb");
    let error = error_of(&project, request(vec![bare]));
    assert_eq!(error, "cannot read `out/bare.deb.artifact.json`");
}

#[test]
fn an_artifact_that_is_given_twice_is_refused() {
    let project = written();
    let error = error_of(
        &project,
        request(vec![artifact(&project), artifact(&project)]),
    );
    assert!(
        error.ends_with("are both named `hello-1.2.3.plain`"),
        "{error}"
    );
}

#[test]
fn two_artifacts_of_one_format_and_target_are_refused() {
    let project = written();
    let other = altered(&project, "other", |record| {
        record.file = "another.plain".parse().expect("a file name");
    });
    let error = error_of(&project, request(vec![artifact(&project), other]));
    let expected = "are both the `plain` for `x86_64-unknown-linux-musl`";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn artifacts_of_two_versions_are_refused() {
    let project = written();
    let other = altered(&project, "other", |record| {
        record.version = semver::Version::new(9, 0, 0);
        record.file = "z.plain".parse().expect("a file name");
    });
    assert_eq!(
        error_of(&project, request(vec![artifact(&project), other])),
        "`out/hello-1.2.3.plain` has version `1.2.3`, `other/z.plain` has `9.0.0`; expected one version in a release"
    );
}

#[test]
fn artifacts_of_another_commit_than_the_release_are_refused() {
    let project = written();
    let made = altered(&project, "made", |record| {
        record.commit = Some("abc".parse().expect("hexadecimal"));
    });
    let mut request = request(vec![made]);
    request.commit = Some("def".parse().expect("hexadecimal"));
    let expected = "`made/hello-1.2.3.plain` was made from commit `abc`; expected `def`";
    assert_eq!(error_of(&project, request), expected);
}

#[test]
fn no_artifact_makes_no_release() {
    let project = written();
    let error = error_of(&project, request(Vec::new()));
    assert_eq!(error, "no artifact was given; expected at least one");
}

#[test]
fn a_record_that_names_a_path_is_refused() {
    let project = written();
    let record = record_path(&artifact(&project));
    let text = std::fs::read_to_string(&record).expect("readable");
    std::fs::write(&record, text.replace("hello-1.2.3.plain", "../escape")).expect("writable");
    let error = error_of(&project, request(vec![artifact(&project)]));
    assert_eq!(error, "`out/hello-1.2.3.plain.artifact.json` is not valid");
}
