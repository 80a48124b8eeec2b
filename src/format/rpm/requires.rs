//! What a package needs and provides without a word of the manifest.

use std::collections::BTreeSet;
use std::io;

use super::relation::{Relation, sense};
use super::{Compression, Rpm, Scripts};
use crate::format::installed;
use crate::model::tree::{Kind, Tree};

/// The shared libraries of the system that any program needs, and the versions of their symbols that it really uses, as rpm's
/// own `elfdeps` writes them: `libc.so.6(GLIBC_2.28)(64bit)`.
pub(super) fn libraries(tree: &Tree) -> io::Result<Vec<Relation>> {
    let mut found = BTreeSet::new();
    for facts in installed::elf_facts(tree)? {
        let (bits, empty) = if facts.header.is_64 {
            ("(64bit)", "()")
        } else {
            ("", "")
        };
        for library in &facts.needed {
            found.insert(format!("{library}{empty}{bits}"));
        }
        for version in &facts.versions {
            found.insert(format!("{}({}){bits}", version.library, version.name));
        }
    }
    Ok(found
        .into_iter()
        .map(|name| Relation::any(name, sense::FOUND))
        .collect())
}

/// The interpreters of the scripts.
pub(super) fn interpreters(scripts: &Scripts) -> Vec<Relation> {
    let named = scripts.named().into_iter();
    named
        .filter_map(|(tags, script)| {
            let program = script?.interpreter().next()?;
            Some(Relation::any(program, sense::INTERPRETER | tags.sense))
        })
        .collect()
}

/// What rpm must be able to do to read the package.
pub(super) fn features(rpm: &Rpm, version: &str, written: &[Relation]) -> Vec<Relation> {
    let mut features = vec![
        Relation::rpmlib("CompressedFileNames", "3.0.4-1"),
        Relation::rpmlib("FileDigests", "4.6.0-1"),
        Relation::rpmlib("PayloadFilesHavePrefix", "4.0-1"),
    ];
    match rpm.compression {
        Compression::Gzip => {}
        Compression::Xz => features.push(Relation::rpmlib("PayloadIsXz", "5.2-1")),
        Compression::Zstd => features.push(Relation::rpmlib("PayloadIsZstd", "5.4.18-1")),
    }
    if version.contains('~') {
        features.push(Relation::rpmlib("TildeInVersions", "4.10.0-1"));
    }
    if version.contains('^') {
        features.push(Relation::rpmlib("CaretInVersions", "4.15.0-1"));
    }
    if written.iter().any(Relation::is_rich) {
        features.push(Relation::rpmlib("RichDependencies", "4.12.0-1"));
    }
    features
}

/// The users and groups that a file for systemd-sysusers makes (sysusers.d(5)): rpm 4.19 and later makes them itself.
pub(super) fn users(tree: &Tree) -> io::Result<Vec<Relation>> {
    let mut found = Vec::new();
    for file in tree.files() {
        let is_list = file.path.starts_with("usr/lib/sysusers.d/") && file.kind != Kind::Doc;
        if !is_list {
            continue;
        }
        let text = String::from_utf8_lossy(&file.bytes()?).into_owned();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (Some(kind), Some(name)) = (words.next(), words.next()) else {
                continue;
            };
            match kind.trim_end_matches('!') {
                "u" => found.extend(["user", "group"].map(|what| format!("{what}({name})"))),
                "g" => found.push(format!("group({name})")),
                _ => {}
            }
        }
    }
    Ok(found
        .into_iter()
        .map(|name| Relation::any(name, 0))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{file, tree};
    use crate::program::elf::testing::Shape;

    #[test]
    fn a_program_needs_the_symbols_that_it_uses() {
        let program = Shape {
            needed: &[
                ("libm.so.6", &["GLIBC_2.29"]),
                ("libc.so.6", &["GLIBC_2.4", "GLIBC_2.28"]),
            ],
            ..Shape::good()
        };
        let tree = tree(vec![file("usr/bin/hello", Kind::Binary, program.bytes())]);
        let found = libraries(&tree).expect("in memory");
        let expected = [
            "libc.so.6()(64bit)",
            "libc.so.6(GLIBC_2.28)(64bit)",
            "libc.so.6(GLIBC_2.4)(64bit)",
            "libm.so.6()(64bit)",
            "libm.so.6(GLIBC_2.29)(64bit)",
        ];
        assert_eq!(
            found,
            expected.map(|name| Relation::any(name, sense::FOUND))
        );
    }

    #[test]
    fn users_and_groups_are_provided() {
        let list =
            "# of the service\nu! hello - \"Hello\" /var/lib/hello\ng staff\nm hello staff\n";
        let tree = tree(vec![file(
            "usr/lib/sysusers.d/hello.conf",
            Kind::Data,
            list,
        )]);
        let expected = ["user(hello)", "group(hello)", "group(staff)"];
        let expected = expected.map(|name| Relation::any(name, 0));
        assert_eq!(users(&tree).expect("in memory"), expected);
    }
}
