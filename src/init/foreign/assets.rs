//! Lists of files with the places where a package installs them.

use super::super::beside::{Beside, document_kind};
use super::{Foreign, Note, Project};
use crate::model::path::RelativePath;
use crate::model::tree::Kind;
use crate::project::manifest::glob::Glob;

/// An entry of such a list.
pub(super) struct Asset<'a> {
    /// The file: relative to the package, or below cargo's build directory.
    pub source: &'a str,
    /// Where it is installed; a directory if it ends with a slash.
    pub destination: &'a str,
    /// Permission bits, in octal digits.
    pub mode: Option<&'a str>,
}

/// How destinations of packages begin, with the kinds of files that are there. The first that matches counts.
const PLACES: &[(&str, Kind)] = &[
    ("usr/bin/", Kind::Binary),
    ("usr/sbin/", Kind::Binary),
    ("bin/", Kind::Binary),
    ("sbin/", Kind::Binary),
    ("usr/share/man/", Kind::Man),
    ("usr/share/bash-completion/completions/", Kind::Completion),
    ("etc/bash_completion.d/", Kind::Completion),
    ("usr/share/zsh/vendor-completions/", Kind::Completion),
    ("usr/share/zsh/site-functions/", Kind::Completion),
    ("usr/share/fish/vendor_completions.d/", Kind::Completion),
    ("usr/share/fish/completions/", Kind::Completion),
    ("usr/share/elvish/lib/", Kind::Completion),
    ("usr/share/nushell/vendor/autoload/", Kind::Completion),
    ("usr/share/licenses/", Kind::License),
    ("usr/share/doc/", Kind::Doc),
    ("usr/share/applications/", Kind::Desktop),
    ("usr/share/icons/", Kind::Icon),
    ("usr/share/pixmaps/", Kind::Icon),
    ("usr/share/metainfo/", Kind::Metainfo),
    ("usr/lib/systemd/system/", Kind::SystemdUnit),
    ("etc/", Kind::Config),
];

/// Directories that distributions have under another name, with the one that a manifest's defaults have.
const RENAMED: &[(&str, &str)] = &[
    ("usr/local/", "usr/"),
    ("lib/systemd/", "usr/lib/systemd/"),
    (
        "etc/bash_completion.d/",
        "usr/share/bash-completion/completions/",
    ),
    (
        "usr/share/zsh/vendor-completions/",
        "usr/share/zsh/site-functions/",
    ),
    (
        "usr/share/fish/completions/",
        "usr/share/fish/vendor_completions.d/",
    ),
];

/// Takes the files over, and notes how many.
pub(super) fn take<'a>(
    project: Project<'_>,
    assets: impl Iterator<Item = Asset<'a>>,
    foreign: &mut Foreign,
    note: &mut Note,
) {
    let mut count = 0;
    for asset in assets {
        match rules(project, &asset) {
            Ok(rules) => {
                count += 1;
                for rule in rules {
                    add(project, rule, foreign);
                }
            }
            Err(why) => note.leaves(asset.source, why),
        }
    }
    match count {
        0 => {}
        1 => note.takes("one file"),
        count => note.takes(format!("{count} files")),
    }
}

/// Adds a file, unless the project's files have it or one at its place already.
fn add(project: Project<'_>, rule: Beside, foreign: &mut Foreign) {
    let mut known = project.beside.iter().chain(&foreign.files);
    let place = rule.place(project.name);
    let is_known = known.any(|known| {
        known.source == rule.source || (place.is_some() && known.place(project.name) == place)
    });
    if !is_known {
        foreign.files.push(rule);
    }
}

/// The rules for an asset; none if it is one of the programs, which are shipped anyway.
fn rules(project: Project<'_>, asset: &Asset<'_>) -> Result<Vec<Beside>, &'static str> {
    if let Some(built) = built(asset.source) {
        return match project.programs.iter().any(|program| program == built) {
            true => Ok(Vec::new()),
            false => Err("is made by something that a release does not run"),
        };
    }
    let source = source_in_project(project, asset.source).ok_or("is outside of the project")?;
    if source.contains(['*', '?', '[']) {
        return matching(project, asset, &source);
    }
    let source: RelativePath = source
        .parse()
        .map_err(|_| "has a name that no manifest can say")?;
    if !project.root.join(source.as_str()).is_file() {
        return Err("is not in the project");
    }
    rule(project, asset, source).map(|rule| vec![rule])
}

/// The files of the project that match a pattern, which a manifest would name again at each of its own.
fn matching(
    project: Project<'_>,
    asset: &Asset<'_>,
    pattern: &str,
) -> Result<Vec<Beside>, &'static str> {
    let glob: Glob = pattern
        .parse()
        .map_err(|_| "is a pattern that no manifest can say")?;
    let files = glob
        .files(project.root)
        .map_err(|_| "matches files that cannot be listed")?;
    if files.is_empty() {
        return Err("matches nothing in the project");
    }
    let placed = |file: RelativePath| {
        let below = glob
            .below_base(&file)
            .ok_or("is a pattern that no manifest can say")?;
        let destination = format!("{}/{below}", asset.destination.trim_end_matches('/'));
        let each = Asset {
            destination: &destination,
            ..*asset
        };
        rule(project, &each, file)
    };
    files.into_iter().map(placed).collect()
}

/// The name below cargo's build directory for releases, wherever that is said to be.
fn built(source: &str) -> Option<&str> {
    let (before, after) = source.split_once("target/")?;
    let is_ours = before
        .split('/')
        .all(|part| matches!(part, "" | "." | ".."));
    let (directory, name) = after.split_once('/')?;
    // `target/release/NAME`, or `target/TRIPLE/release/NAME`.
    let name = match directory {
        "release" => name,
        _ => name.strip_prefix("release/")?,
    };
    is_ours.then_some(name)
}

/// The path below the project, without `.` and `..`; `None` if it leads out of it.
pub(super) fn source_in_project(project: Project<'_>, source: &str) -> Option<String> {
    if source.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in project.directory.split('/').chain(source.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn rule(
    project: Project<'_>,
    asset: &Asset<'_>,
    source: RelativePath,
) -> Result<Beside, &'static str> {
    let file = source.file_name().to_owned();
    if file.ends_with(".gz") && asset.destination.contains("usr/share/man/") {
        return Err("is compressed already; the page itself can be shipped");
    }
    let mut destination = asset.destination.trim_start_matches('/').to_owned();
    if destination.is_empty() || destination.ends_with('/') {
        destination.push_str(&file);
    }
    for (other, usual) in RENAMED {
        if let Some(rest) = destination.strip_prefix(other) {
            destination = format!("{usual}{rest}");
        }
    }
    let place = PLACES
        .iter()
        .find(|(start, _)| destination.starts_with(start));
    let kind = match place {
        Some((_, Kind::Doc)) => document_kind(&file),
        Some((_, kind)) => *kind,
        None => Kind::Data,
    };
    if let (Kind::Doc, Some(below)) = (kind, below_documents(&destination)) {
        destination = format!("usr/share/doc/{}/{below}", project.name);
    }
    let destination: RelativePath = destination
        .parse()
        .map_err(|_| "has a destination that no manifest can say")?;
    let mut rule = Beside::new(kind, source);
    rule.mode = mode(asset.mode, kind);
    // Formats decide where licenses and changelogs go.
    let is_fixed = matches!(kind, Kind::License | Kind::Changelog);
    if !is_fixed && rule.place(project.name).as_deref() != Some(destination.as_str()) {
        rule.destination = Some(destination.to_string());
    }
    Ok(rule)
}

/// What comes after `usr/share/doc/PACKAGE/`, whatever the package is called there.
fn below_documents(destination: &str) -> Option<&str> {
    let below = destination.strip_prefix("usr/share/doc/")?;
    below.split_once('/').map(|(_, below)| below)
}

/// Permission bits that differ from those of the kind. Nobody but the owner gets to write.
fn mode(digits: Option<&str>, kind: Kind) -> Option<u32> {
    let mode = u32::from_str_radix(digits?, 8).ok()? & 0o755;
    let usual = if kind == Kind::Binary { 0o755 } else { 0o644 };
    (mode != usual && mode != 0).then_some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_cargo_s_build_directory() {
        let table = [
            ("target/release/hello", Some("hello")),
            ("../../target/release/hello", Some("hello")),
            (
                "target/x86_64-unknown-linux-musl/release/hello",
                Some("hello"),
            ),
            (
                "target/release/completions/hello.bash",
                Some("completions/hello.bash"),
            ),
            ("target/debug/hello", None),
            ("my-target/release/hello", None),
            ("docs/hello", None),
        ];
        for (source, expected) in table {
            assert_eq!(built(source), expected, "{source}");
        }
    }

    #[test]
    fn a_source_outside_of_the_project_is_none() {
        let project = Project {
            root: "/nowhere".as_ref(),
            directory: "crates/hello",
            name: "hello",
            programs: &[],
            beside: &[],
        };
        let table = [
            ("doc/hello.1", Some("crates/hello/doc/hello.1")),
            ("../../README.md", Some("README.md")),
            ("./a//b", Some("crates/hello/a/b")),
            ("../../../README.md", None),
            ("/etc/passwd", None),
        ];
        for (source, expected) in table {
            assert_eq!(
                source_in_project(project, source).as_deref(),
                expected,
                "{source}"
            );
        }
    }

    #[test]
    fn nobody_else_gets_to_write() {
        assert_eq!(mode(Some("664"), Kind::Completion), None);
        assert_eq!(mode(Some("0777"), Kind::Binary), None);
        assert_eq!(mode(Some("640"), Kind::Config), Some(0o640));
        assert_eq!(mode(Some("4755"), Kind::Binary), None);
        assert_eq!(mode(Some("rwx"), Kind::Binary), None);
    }
}
