//! Where what was done differs from what was expected.

use std::collections::BTreeSet;

use super::case::Expected;
use super::files::{Files, Node};
use super::shown::{escaped, line_at, position};
use crate::evidence::CaseDifference;
use crate::process::End;

/// How many files are told that differ; of more, how many there are.
const MOST_FILES: usize = 20;

/// The first difference in each of the things that are compared.
pub(super) fn differences(expected: &Expected, found: &Expected) -> Vec<CaseDifference> {
    let mut differences = Vec::new();
    if expected.end != found.end {
        differences.push(CaseDifference {
            place: "the end".to_owned(),
            found: ending(found.end),
            expected: ending(expected.end),
        });
    }
    differences.extend(in_bytes("stdout", &expected.stdout, &found.stdout));
    differences.extend(in_bytes("stderr", &expected.stderr, &found.stderr));
    differences.extend(in_files(&expected.files, &found.files));
    differences
}

/// How a program ended, for people.
pub(super) fn ending(end: End) -> String {
    match end {
        End::Code(code) => format!("exit code {code}"),
        End::Signal(signal) => format!("the signal {signal}"),
        End::TimedOut => "no end within the time limit, so it was killed".to_owned(),
        End::TooMuchOutput(stream) => {
            format!("more on {} than the limit, so it was killed", stream.name())
        }
    }
}

fn in_bytes(what: &str, expected: &[u8], found: &[u8]) -> Option<CaseDifference> {
    if expected == found {
        return None;
    }
    let pairs = expected.iter().zip(found);
    let offset = pairs.take_while(|(one, other)| one == other).count();
    let (line, column) = position(expected, offset);
    Some(CaseDifference {
        place: format!("{what}, line {line}, column {column}"),
        found: line_at(found, offset),
        expected: line_at(expected, offset),
    })
}

fn in_files(expected: &Files, found: &Files) -> Vec<CaseDifference> {
    let paths: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let mut differences = Vec::new();
    for path in paths {
        let place = format!("file `{}`", escaped(path.as_os_str().as_encoded_bytes()));
        differences.extend(in_node(&place, expected.get(path), found.get(path)));
    }
    if differences.len() > MOST_FILES {
        let more = differences.len() - MOST_FILES;
        differences.truncate(MOST_FILES);
        differences.push(CaseDifference {
            place: "other files".to_owned(),
            found: format!("{more} more that differ"),
            expected: "what was recorded".to_owned(),
        });
    }
    differences
}

fn in_node(place: &str, expected: Option<&Node>, found: Option<&Node>) -> Option<CaseDifference> {
    let difference = |found: String, expected: String| {
        Some(CaseDifference {
            place: place.to_owned(),
            found,
            expected,
        })
    };
    let kind = |node: Option<&Node>| node.map_or("nothing", Node::kind).to_owned();
    match (expected, found) {
        (
            Some(Node::File {
                content: one,
                executable: is_executable,
            }),
            Some(Node::File {
                content: other,
                executable: was_executable,
            }),
        ) => in_bytes(place, one, other).or_else(|| {
            let bit = |set: bool| if set { "executable" } else { "not executable" }.to_owned();
            // Windows has no such bit, and so says nothing about it.
            let differs = cfg!(unix) && is_executable != was_executable;
            differs.then(|| difference(bit(*was_executable), bit(*is_executable)))?
        }),
        (Some(Node::Link(one)), Some(Node::Link(other))) if one != other => {
            let target = |link: &std::path::Path| {
                format!(
                    "a link to `{}`",
                    escaped(link.as_os_str().as_encoded_bytes())
                )
            };
            difference(target(other), target(one))
        }
        (one, other) if kind(one) != kind(other) => difference(kind(other), kind(one)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(stdout: &[u8]) -> Expected {
        Expected {
            end: End::Code(0),
            stdout: stdout.to_vec(),
            stderr: Vec::new(),
            files: Files::new(),
        }
    }

    fn lines(expected: &Expected, found: &Expected) -> Vec<String> {
        let line = |d: CaseDifference| format!("{}: {} for {}", d.place, d.found, d.expected);
        differences(expected, found).into_iter().map(line).collect()
    }

    #[test]
    fn what_is_equal_has_no_difference() {
        assert!(differences(&done(b"a\xff\n"), &done(b"a\xff\n")).is_empty());
    }

    #[test]
    fn a_difference_of_one_character_is_told_with_its_place() {
        let found = lines(&done(b"one\nbananas\n"), &done(b"one\nbananaz\n"));
        assert_eq!(
            found,
            ["stdout, line 2, column 7: \"bananaz\\n\" for \"bananas\\n\""]
        );
        let found = lines(&done(b"one\n"), &done(b"one"));
        assert_eq!(found, ["stdout, line 1, column 4: \"one\" for \"one\\n\""]);
        let found = lines(&done(b"one\n"), &done(b"one\ntwo\n"));
        assert_eq!(found, ["stdout, line 2, column 1: \"two\\n\" for the end"]);
        let found = lines(&done(b"\xfe\n"), &done(b"\xff\n"));
        assert_eq!(
            found,
            ["stdout, line 1, column 1: \"\\xff\\n\" for \"\\xfe\\n\""]
        );
    }

    #[test]
    fn the_end_and_every_kind_of_file_are_compared() {
        let file = |content: &str, executable| Node::File {
            content: content.as_bytes().to_vec(),
            executable,
        };
        let mut expected = done(b"");
        let mut found = done(b"");
        found.end = End::Signal(crate::process::Signal(9));
        for (path, one, other) in [
            ("bit", Some(file("x", false)), Some(file("x", true))),
            ("content", Some(file("x", false)), Some(file("xy", false))),
            ("gone", Some(Node::Directory), None),
            ("kind", Some(file("", false)), Some(Node::Other)),
            (
                "link",
                Some(Node::Link("a".into())),
                Some(Node::Link("b".into())),
            ),
            ("new", None, Some(file("", false))),
            (
                "same",
                Some(Node::Link("a".into())),
                Some(Node::Link("a".into())),
            ),
        ] {
            expected.files.extend(one.map(|node| (path.into(), node)));
            found.files.extend(other.map(|node| (path.into(), node)));
        }
        let expected_lines = [
            "the end: the signal SIGKILL for exit code 0",
            "file `bit`: executable for not executable",
            "file `content`, line 1, column 2: \"xy\" for \"x\"",
            "file `gone`: nothing for a directory that holds nothing",
            "file `kind`: a pipe, socket or device for a regular file",
            "file `link`: a link to `b` for a link to `a`",
            "file `new`: a regular file for nothing",
        ];
        assert_eq!(lines(&expected, &found), expected_lines);
    }
}
