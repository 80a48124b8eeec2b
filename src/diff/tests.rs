//! Releases that differ in one thing, and what is said of it.

use std::path::PathBuf;

use object::SymbolKind;
use object::read::{File, Object, ObjectSection, ObjectSymbol};

use super::{Difference, content, differences, program};
use crate::testing::{FORMATS, TestProject};

const FILES: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n\n[[files]]\nkind = 'doc'\nsource = 'README'\n";

/// A release of a program and a text.
fn release(program: &[u8], text: &str) -> TestProject {
    let project = TestProject::new(FILES)
        .file("tree/bin/hello", program)
        .file("tree/README", text.as_bytes());
    project.release(false);
    project
}

fn compared(left: &TestProject, right: &TestProject) -> Vec<Difference> {
    let scratch = tempfile::tempdir().expect("a directory");
    let found = differences(
        &left.path("release"),
        &right.path("release"),
        FORMATS,
        scratch.path(),
    );
    let left_over = std::fs::read_dir(scratch.path()).expect("readable").count();
    assert_eq!(left_over, 0);
    found.expect("comparable")
}

fn lines(found: &[Difference]) -> Vec<String> {
    let line = |d: &Difference| format!("{} | {} | {}", d.place, d.left, d.right);
    found.iter().map(line).collect()
}

#[test]
fn a_release_is_the_same_as_itself() {
    let one = release(b"#!/bin/sh\n", "text\n");
    let other = release(b"#!/bin/sh\n", "text\n");
    assert_eq!(compared(&one, &other), []);
}

#[test]
fn a_line_of_a_text_is_told_with_its_number() {
    let one = release(b"#!/bin/sh\n", "one\ntwo\nthree\n");
    let other = release(b"#!/bin/sh\n", "one\nzwei\nthree\n");
    let found = lines(&compared(&one, &other));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("plain for x86_64-unknown-linux-musl: "),
        "{found:?}"
    );
    assert!(
        found[0].ends_with("README: line 2 | \"two\\n\" | \"zwei\\n\""),
        "{found:?}"
    );
}

#[test]
fn bytes_are_told_with_their_place() {
    let one = release(b"\0\x01\x02\x03", "same");
    let other = release(b"\0\x01\xff\x03\x04", "same");
    let found = lines(&compared(&one, &other));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].ends_with("hello: from byte 2 | 02 03 | ff 03 04"),
        "{found:?}"
    );
}

#[test]
fn what_only_one_release_has_is_told() {
    let one = release(b"#!/bin/sh\n", "text");
    let other = TestProject::new("[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n")
        .file("tree/bin/hello", b"#!/bin/sh\n");
    other.release(true);
    let found = lines(&compared(&one, &other));
    assert_eq!(found[0], "release.json: dirty | false | true");
    assert!(
        found[1..]
            .iter()
            .any(|line| line.ends_with("README | a file | missing")),
        "{found:?}"
    );
}

/// This test's own program, and the offset of a function's first byte. What is between functions belongs to none.
fn own_program() -> (Vec<u8>, usize) {
    let path = std::env::current_exe().expect("a program");
    let bytes = std::fs::read(path).expect("readable");
    let file = File::parse(bytes.as_slice()).expect("a program");
    let code = file
        .section_by_name(".text")
        .or_else(|| file.section_by_name("__text"));
    let code = code.expect("code");
    let (start, size) = code.file_range().expect("in the file");
    let in_code = code.address()..code.address() + size;
    let mut symbols = file.symbols();
    let function = symbols
        .find(|symbol| symbol.kind() == SymbolKind::Text && in_code.contains(&symbol.address()));
    let address = function.expect("a function").address();
    (bytes, (start + address - in_code.start) as usize)
}

#[test]
fn a_changed_instruction_is_told_with_its_section_and_symbol() {
    let (one, at) = own_program();
    let mut other = one.clone();
    other[at] ^= 0xff;
    let found = program::differences("hello", &one, &other).expect("programs");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].place.contains("text`: 1 of "), "{found:?}");
    assert!(
        found[0].place.contains(" bytes, from offset 0x"),
        "{found:?}"
    );
    assert!(found[0].left.contains(" in `"), "{found:?}");
    assert!(found[0].left != found[0].right);
    assert_eq!(program::differences("hello", &one, &one), None);
    assert_eq!(program::differences("hello", &one, b"text"), None);
}

#[test]
fn one_file_may_be_the_start_of_the_other() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).expect("writable");
        path
    };
    let (short, long) = (file("short", b"\xff\xfe"), file("long", b"\xff\xfe\xfd"));
    let found = content::differences("f", &short, &long).expect("readable");
    assert_eq!(lines(&found), ["f: from byte 2 | the end | fd"]);
    let (short, long) = (file("a", b"a\n"), file("b", b"a"));
    let found = content::differences("f", &short, &long).expect("readable");
    assert_eq!(lines(&found), ["f: line 1 | \"a\\n\" | \"a\""]);
}
