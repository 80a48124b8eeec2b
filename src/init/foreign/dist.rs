//! `[workspace.metadata.dist]`, `[package.metadata.dist]` and `dist-workspace.toml`, of dist.

use toml::{Table, Value};

use super::{Foreign, Note};

/// The file that newer versions keep their table in.
pub(super) const FILE: &str = "dist-workspace.toml";

/// How triples begin and what they have in them, with the target whose programs run on the same machines.
const TARGETS: &[(&str, &str, &str)] = &[
    ("x86_64-", "-linux-", "x86_64-unknown-linux-musl"),
    ("aarch64-", "-linux-", "aarch64-unknown-linux-musl"),
    ("armv7-", "-linux-", "armv7-unknown-linux-musleabihf"),
    ("riscv64gc-", "-linux-", "riscv64gc-unknown-linux-musl"),
    ("x86_64-", "-windows-", "x86_64-pc-windows-gnullvm"),
    ("aarch64-", "-windows-", "aarch64-pc-windows-gnullvm"),
    ("x86_64-", "-apple-darwin", X86_64_MAC),
    ("aarch64-", "-apple-darwin", AARCH64_MAC),
];

const X86_64_MAC: &str = "x86_64-apple-darwin";
const AARCH64_MAC: &str = "aarch64-apple-darwin";
const BOTH_MACS: &str = "universal2-apple-darwin";

/// Takes over the targets.
pub(super) fn take(name: &'static str, table: &Table, foreign: &mut Foreign) {
    let mut note = Note::new(name);
    for (key, value) in table {
        match (key.as_str(), value) {
            ("targets", Value::Array(triples)) => {
                let triples = triples.iter().filter_map(Value::as_str);
                let (targets, unknown) = ours(triples);
                for triple in unknown {
                    note.leaves(&triple, "is no target of Sealift");
                }
                if !targets.is_empty() {
                    note.takes(format!("targets, as {}", targets.join(", ")));
                    foreign.targets = targets;
                }
            }
            ("installers", _) => note.leaves(key, "is not taken: a release is made of packages"),
            (key, _) => note.leaves(key, "has no counterpart"),
        }
    }
    foreign.notes.push(note);
}

/// Our targets for triples, each once, and the triples that there is none for.
fn ours<'a>(triples: impl Iterator<Item = &'a str>) -> (Vec<&'static str>, Vec<String>) {
    let (mut targets, mut unknown) = (Vec::new(), Vec::new());
    for triple in triples {
        let is_for = |(start, part, _): &&(&str, &str, &str)| {
            triple.starts_with(start) && triple.contains(part)
        };
        match TARGETS.iter().find(is_for) {
            Some((_, _, target)) if !targets.contains(target) => targets.push(*target),
            Some(_) => {}
            None => unknown.push(triple.to_owned()),
        }
    }
    if targets.contains(&X86_64_MAC) && targets.contains(&AARCH64_MAC) {
        targets.retain(|target| ![X86_64_MAC, AARCH64_MAC].contains(target));
        targets.push(BOTH_MACS);
    }
    (targets, unknown)
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_from;
    use super::*;
    use crate::model::target::Target;

    #[test]
    fn every_target_is_one_of_ours() {
        for triple in TARGETS
            .iter()
            .map(|(_, _, triple)| triple)
            .chain([&BOTH_MACS])
        {
            triple.parse::<Target>().expect("in the table");
        }
    }

    #[test]
    fn targets_are_taken_and_installers_are_not() {
        let cargo = r#"
[package]
name = "hello"
[workspace.metadata.dist]
cargo-dist-version = "0.8.0"
installers = ["shell", "powershell"]
targets = ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "aarch64-apple-darwin", "x86_64-apple-darwin",
    "i686-pc-windows-msvc", "x86_64-pc-windows-msvc"]
"#;
        let expected = [
            "x86_64-unknown-linux-musl",
            "x86_64-pc-windows-gnullvm",
            BOTH_MACS,
        ];
        let foreign = read_from(cargo, &[]);
        assert_eq!(foreign.targets, expected);
        assert_eq!(
            foreign.notes[0].left,
            [
                "`cargo-dist-version` has no counterpart",
                "`installers` is not taken: a release is made of packages",
                "`i686-pc-windows-msvc` is no target of Sealift",
            ]
        );
        let file =
            "[workspace]\nmembers = ['cargo:.']\n[dist]\ntargets = ['aarch64-apple-darwin']\n";
        let foreign = read_from("[package]\nname = 'hello'\n", &[(FILE, file)]);
        assert_eq!(foreign.targets, [AARCH64_MAC]);
    }
}
