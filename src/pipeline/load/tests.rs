use super::*;
use crate::testing::{TestProject, target};

const BINARY: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";
const DATA: &str = "[[files]]\nkind = 'data'\nsource = 'data/'\n";

fn error_of(project: &TestProject) -> String {
    let loaded = load(&project.project(), target(), &project.path("tree"));
    let error = loaded.expect_err("the tree is wrong").to_string();
    let root = project.path("tree").canonicalize().expect("it exists");
    error.replace(&root.display().to_string(), "TREE")
}

fn paths(tree: &Tree) -> Vec<(&str, u32)> {
    tree.files()
        .iter()
        .map(|file| (file.path.as_str(), file.mode))
        .collect()
}

#[test]
fn files_get_the_place_and_the_mode_of_their_kind() {
    let tree = TestProject::new(&format!("{BINARY}{DATA}"))
        .file("tree/bin/hello", b"program")
        .file("tree/data/a/b.txt", b"b")
        .file("tree/data/c.txt", b"c")
        .file("tree/unnamed", b"not shipped")
        .tree();
    assert_eq!(
        paths(&tree),
        [
            ("usr/bin/hello", 0o755),
            ("usr/share/hello/a/b.txt", 0o644),
            ("usr/share/hello/c.txt", 0o644)
        ]
    );
}

#[test]
fn a_rule_s_destination_and_mode_go_before_those_of_the_kind() {
    let rule = "[[files]]\nkind = 'data'\nsource = 'data/'\ndestination = 'opt/x'\nmode = 0o600\n";
    let tree = TestProject::new(rule).file("tree/data/a/b", b"b").tree();
    assert_eq!(paths(&tree), [("opt/x/a/b", 0o600)]);
}

#[test]
fn a_missing_file_is_shown_in_the_manifest() {
    let expected = "sealift.toml:5:10: `bin/hello` is not in `TREE`\n  5 | source = 'bin/hello'\n    |          ^^^^^^^^^^^";
    assert_eq!(error_of(&TestProject::new(BINARY)), expected);
}

#[test]
fn a_missing_tree_is_named() {
    let project = TestProject::new(BINARY);
    let path = project.path("nowhere");
    let error = load(&project.project(), target(), &path).expect_err("no directory");
    assert_eq!(
        error.to_string(),
        format!("cannot read `{}`", path.display())
    );
}

#[test]
fn a_link_out_of_the_tree_is_refused() {
    let project = TestProject::new(BINARY)
        .file("secret", b"secret")
        .link("tree/bin/hello", "../../secret");
    let error = error_of(&project);
    let secret = project.path("secret").canonicalize().expect("it exists");
    let expected = format!(
        "`TREE/bin/hello` leads to `{}`, outside of `TREE`",
        secret.display()
    );
    assert_eq!(error, expected);
}

#[test]
fn a_linked_directory_out_of_the_tree_is_refused() {
    let project = TestProject::new(BINARY)
        .file("outside/hello", b"secret")
        .link("tree/bin", "../outside");
    assert!(error_of(&project).contains("outside of `TREE`"));
}

#[test]
fn a_link_out_of_the_tree_below_a_directory_is_refused() {
    let project = TestProject::new(DATA)
        .file("secret", b"secret")
        .link("tree/data/a/link", "../../../secret");
    let error = error_of(&project);
    assert!(error.starts_with("`TREE/data/a/link` leads to"), "{error}");
}

#[test]
fn a_link_inside_its_directory_is_kept_and_another_one_is_followed() {
    let tree = TestProject::new(DATA)
        .file("tree/data/real", b"real")
        .file("tree/other", b"other")
        .link("tree/data/kept", "real")
        .link("tree/data/followed", "../other")
        .tree();
    let content = |path: &str| {
        let file = tree.files().iter().find(|file| file.path.ends_with(path));
        &file.expect("it is shipped").content
    };
    assert!(matches!(content("kept"), Content::Symlink(target) if target == "real"));
    assert!(matches!(content("followed"), Content::File(file) if file.size() == 5));
}

#[test]
fn a_link_to_nothing_is_refused() {
    let project = TestProject::new(DATA).link("tree/data/link", "nothing");
    assert_eq!(error_of(&project), "cannot read `TREE/data/link`");
}

#[test]
fn a_name_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let project = TestProject::new(DATA).file("tree/data/ok", b"");
    let name = std::ffi::OsStr::from_bytes(b"bad\xff");
    std::fs::write(project.path("tree/data").join(name), "x").expect("writable");
    assert_eq!(
        error_of(&project),
        "the name of `TREE/data/bad\u{fffd}` is not UTF-8"
    );
}

#[test]
fn a_name_with_a_line_break_is_refused() {
    let project = TestProject::new(DATA).file("tree/data/a\nb", b"");
    let error = error_of(&project);
    assert!(error.ends_with("cannot be packaged"), "{error}");
}

#[test]
fn two_files_of_one_name_from_different_directories_clash() {
    let rule = "[[files]]\nkind = 'man'\nsource = 'man/'\n";
    let project = TestProject::new(rule)
        .file("tree/man/a/x.1", b"")
        .file("tree/man/b/x.1", b"");
    assert_eq!(
        error_of(&project),
        "`/usr/share/man/man1/x.1` would be installed twice"
    );
}

#[test]
fn a_directory_has_to_be_written_as_one() {
    let project = TestProject::new(BINARY).file("tree/bin/hello/x", b"");
    assert!(error_of(&project).contains("`bin/hello` is a directory; write `bin/hello/`"));
    let project = TestProject::new(DATA).file("tree/data", b"");
    assert!(error_of(&project).contains("`data/` is not a directory"));
}

#[test]
fn an_empty_directory_is_refused() {
    let project = TestProject::new(DATA);
    std::fs::create_dir(project.path("tree/data")).expect("writable");
    assert!(error_of(&project).contains("`data/` holds no file"));
}

#[test]
fn a_special_file_is_refused() {
    let project = TestProject::new(DATA).file("tree/data/ok", b"");
    let socket = project.path("tree/data/socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a short path");
    assert_eq!(
        error_of(&project),
        "`TREE/data/socket` is a special file; expected a regular file"
    );
}
