use super::*;
use crate::event::Silent;
use crate::pipeline::plan::{Selection, plan};
use crate::program::kind;
use crate::program::macho::testing::{ARM64, Shape, X86_64};
use crate::testing::TestProject;

const FILES: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";
const UNIVERSAL: &str = "universal2-apple-darwin";
const ARM: &str = "build/aarch64-apple-darwin/release/hello";
const INTEL: &str = "build/x86_64-apple-darwin/release/hello";

/// A project with both parts of a universal program, as cargo leaves them.
fn project() -> TestProject {
    TestProject::new(FILES)
        .targets(&[UNIVERSAL])
        .file(ARM, &Shape::program(ARM64).bytes())
        .file(INTEL, &Shape::program(X86_64).bytes())
}

/// Makes the release of a project in `release/`.
fn make(project: &TestProject) -> Result<Release, MakeError> {
    let resolved = project.project();
    let plan = plan(&resolved, &Selection::default()).expect("it can be built");
    let builds = Builds::find(&project.path("build"), &resolved.targets, "release");
    let host = Host {
        os: "linux".to_owned(),
        arch: "x86_64".to_owned(),
    };
    let make = Make {
        project: &resolved,
        plan: &plan,
        builds: &builds.expect("programs of the right kind"),
        host: &host,
        generate_with: None,
        out_dirs: &OutDirs::new(),
        symbols: None,
        commit: None,
        dirty: false,
        date: 0,
        threads: NonZeroUsize::MIN,
        built_with: serde_json::Map::new(),
        lists_crates: false,
    };
    let workspace = Workspace::create(&project.path("release")).expect("writable");
    let release = make.run(&workspace, &Silent)?;
    workspace.keep(RELEASE).expect("writable");
    Ok(release)
}

#[test]
fn a_universal_program_is_merged_from_its_parts_and_signed() {
    let project = project();
    let release = make(&project).expect("it can be made");
    assert_eq!(
        project.names("release"),
        ["SHA256SUMS", "artifacts", "release.json"]
    );
    let artifact =
        crate::model::release::artifact_path(&project.path("release"), &release.artifacts[0]);
    let bytes = std::fs::read(artifact).expect("readable");
    // The format of tests has a line with the entry before the file.
    let line = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line");
    let program = &bytes[line + 1..];
    let target: Target = UNIVERSAL.parse().expect("known");
    assert_eq!(kind::read(program).expect("a program"), *target.program);
    assert_ne!(
        program.len(),
        2 * Shape::program(ARM64).bytes().len(),
        "nothing was signed"
    );
}

#[test]
fn the_programs_that_were_built_stay_as_they_are() {
    let project = project();
    make(&project).expect("it can be made");
    let found = std::fs::read(project.path(ARM)).expect("readable");
    assert_eq!(found, Shape::program(ARM64).bytes());
}

#[test]
fn a_program_that_one_part_lacks_is_named_with_its_place() {
    let rules = "[[files]]\nkind = 'binary'\nsource = 'bin/hullo'\n";
    let project = TestProject::new(rules)
        .targets(&[UNIVERSAL])
        .file(ARM, &Shape::program(ARM64).bytes())
        .file(INTEL, &Shape::program(X86_64).bytes());
    let error = make(&project).expect_err("it is not there");
    let message = error.to_string();
    let place = project.path("build/aarch64-apple-darwin/release");
    let expected = format!("`{}` has no program `hullo`", place.display());
    assert!(message.contains(&expected), "{message}");
    assert_eq!(error.hint().as_deref(), Some("did you mean `bin/hello`?"));
}
