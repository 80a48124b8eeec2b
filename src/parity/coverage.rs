//! Which files of a reference have a counterpart in a tree, as a map says it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::ParityError;
use super::files::read_file;
use super::shown::escaped;
use crate::evidence::{Coverage, DanglingPath};
use crate::model::commit::Commit;
use crate::model::path::RelativePath;
use crate::model::text::{InvalidText, typed_text};
use crate::output::path_error::PathError;
use crate::project::manifest::located::{Located, Source};
use crate::project::manifest::toml_error;

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Trees<'a> {
    /// The directory with what a program was made after.
    pub reference: &'a Path,
    /// The directory with the program's source.
    pub tree: &'a Path,
}

/// The map as written.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    files: BTreeMap<Spanned<Place>, Counterpart>,
}

/// A path that does not lead out of its directory. Those of directories have a `/` at their end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place(String);

/// What a path of the reference became.
#[derive(Debug)]
enum Counterpart {
    /// Places in the tree.
    Paths(Vec<Place>),
    /// Nothing, for a reason.
    Omitted,
}

/// The map, by place in the reference.
type Map = BTreeMap<String, Entry>;

struct Entry {
    line: u64,
    counterpart: Counterpart,
}

/// Compares a reference with a map, and the map with a tree. The commit is the tree's.
pub fn coverage(
    map: &Path,
    trees: Trees<'_>,
    commit: Option<Commit>,
    dirty: bool,
) -> Result<Coverage, ParityError> {
    let entries = read(map)?;
    let mut files = Vec::new();
    list(trees.reference, "", &mut files)?;
    files.sort();
    let mut coverage = Coverage {
        map: map
            .file_name()
            .unwrap_or(map.as_os_str())
            .to_string_lossy()
            .into_owned(),
        commit,
        dirty,
        mapped: 0,
        omitted: 0,
        unmapped: Vec::new(),
        dangling: dangling(&entries, &files, trees.tree),
    };
    for file in files {
        match counterpart(&entries, &file) {
            Some(Counterpart::Paths(_)) => coverage.mapped += 1,
            Some(Counterpart::Omitted) => coverage.omitted += 1,
            None => coverage.unmapped.push(file),
        }
    }
    Ok(coverage)
}

/// That of the file itself, or of the innermost directory that is mapped.
fn counterpart<'m>(map: &'m Map, file: &str) -> Option<&'m Counterpart> {
    let directories = file.rmatch_indices('/').map(|(end, _)| &file[..=end]);
    let mut candidates = std::iter::once(file).chain(directories);
    let entry = candidates.find_map(|candidate| map.get(candidate))?;
    Some(&entry.counterpart)
}

/// Paths that lead nowhere, by line.
fn dangling(map: &Map, files: &[String], tree: &Path) -> Vec<DanglingPath> {
    let mut dangling = Vec::new();
    for (path, entry) in map {
        let mut add = |path: &str, in_reference| {
            dangling.push(DanglingPath {
                path: path.to_owned(),
                line: entry.line,
                in_reference,
            });
        };
        // The first file that is not before the path is the path, or below it if there is any.
        let first = files.partition_point(|file| file < path);
        let is_there = files.get(first).is_some_and(|file| {
            if path.ends_with('/') {
                file.starts_with(path)
            } else {
                file == path
            }
        });
        if !is_there {
            add(path, true);
        }
        if let Counterpart::Paths(targets) = &entry.counterpart {
            for target in targets
                .iter()
                .filter(|target| !exists(tree, target.as_str()))
            {
                add(target, false);
            }
        }
    }
    dangling.sort_by_key(|path| path.line);
    dangling
}

fn exists(tree: &Path, target: &str) -> bool {
    let found = fs::metadata(tree.join(target.trim_end_matches('/')));
    found.is_ok_and(|found| {
        if target.ends_with('/') {
            found.is_dir()
        } else {
            found.is_file()
        }
    })
}

/// The files below a directory, but for what git keeps for itself. Links are not followed.
fn list(directory: &Path, prefix: &str, files: &mut Vec<String>) -> Result<(), PathError> {
    let entries = fs::read_dir(directory).map_err(PathError::reading(directory))?;
    for entry in entries {
        let entry = entry.map_err(PathError::reading(directory))?;
        let name = entry.file_name();
        if name == ".git" {
            continue;
        }
        let path = format!("{prefix}{}", escaped(name.as_encoded_bytes()));
        if entry
            .file_type()
            .map_err(PathError::reading(&entry.path()))?
            .is_dir()
        {
            list(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Map, ParityError> {
    let missing = || PathError::reading(path)(std::io::ErrorKind::NotFound.into());
    let source = Source::from_bytes(path, read_file(path)?.ok_or_else(missing)?)?;
    Ok(parse(&source)?)
}

fn parse(source: &Source) -> Result<Map, Box<Located>> {
    let written: Written =
        toml::from_str(&source.text).map_err(|error| toml_error(source, &error))?;
    let mut map = Map::new();
    for (path, counterpart) in written.files {
        let line = source.text[..path.span().start].matches('\n').count() as u64 + 1;
        map.insert(path.into_inner().0, Entry { line, counterpart });
    }
    Ok(map)
}

impl FromStr for Place {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let path = text.strip_suffix('/').unwrap_or(text);
        path.parse::<RelativePath>()?;
        Ok(Self(text.to_owned()))
    }
}

typed_text!(Place(String));

impl<'de> Deserialize<'de> for Counterpart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Notation)
    }
}

struct Notation;

impl<'de> Visitor<'de> for Notation {
    type Value = Counterpart;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path, a list of paths, or `{ omitted = \"reason\" }`")
    }

    fn visit_str<E: Error>(self, path: &str) -> Result<Counterpart, E> {
        let path = path.parse().map_err(InvalidText::for_serde)?;
        Ok(Counterpart::Paths(vec![path]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Counterpart, A::Error> {
        let mut paths = Vec::new();
        while let Some(path) = list.next_element()? {
            paths.push(path);
        }
        if paths.is_empty() {
            return Err(A::Error::custom(
                "an empty list; expected paths, or `{ omitted = \"reason\" }`",
            ));
        }
        Ok(Counterpart::Paths(paths))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Counterpart, A::Error> {
        let mut reason = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != "omitted" {
                return Err(A::Error::unknown_field(&key, &["omitted"]));
            }
            reason = Some(map.next_value::<String>()?);
        }
        match reason {
            None => Err(A::Error::missing_field("omitted")),
            Some(reason) if reason.trim().is_empty() => {
                Err(A::Error::custom("`omitted` is empty; expected the reason"))
            }
            Some(_) => Ok(Counterpart::Omitted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::with_hint;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for file in files {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().expect("it is below")).expect("writable");
            fs::write(path, "x").expect("writable");
        }
        directory
    }

    fn covered(reference: &[&str], files: &[&str], map: &str) -> Coverage {
        let (reference, files) = (tree(reference), tree(files));
        let path = files.path().join("map.toml");
        fs::write(&path, map).expect("writable");
        let trees = Trees {
            reference: reference.path(),
            tree: files.path(),
        };
        coverage(&path, trees, None, false).expect("a valid map")
    }

    #[test]
    fn every_file_is_mapped_omitted_or_unmapped() {
        let reference = [
            "a.c",
            "b.c",
            "lib/x.c",
            "lib/deep/y.c",
            "lib/z.h",
            "m4/one",
            ".git/HEAD",
        ];
        let map = "[files]\n'a.c' = 'src/a.rs'\n'lib/' = ['src/lib/', 'src/a.rs']\n\
                   'lib/z.h' = { omitted = 'a header' }\n'm4/' = { omitted = 'autoconf' }\n";
        let coverage = covered(&reference, &["src/a.rs", "src/lib/mod.rs"], map);
        assert_eq!((coverage.mapped, coverage.omitted), (3, 2));
        assert_eq!(coverage.unmapped, ["b.c"]);
        assert_eq!(coverage.dangling, []);
    }

    #[test]
    fn paths_that_lead_nowhere_are_told_by_line() {
        let map = "[files]\n'a.c' = ['a.rs', 'b.rs', 'src']\n'c.c' = 'src/'\n'd/' = { omitted = 'gone' }\n";
        let coverage = covered(&["a.c", "d.c"], &["a.rs", "src/x"], map);
        let dangling: Vec<_> = coverage
            .dangling
            .iter()
            .map(|path| (path.path.as_str(), path.line, path.in_reference))
            .collect();
        assert_eq!(
            dangling,
            [
                ("b.rs", 2, false),
                ("src", 2, false),
                ("c.c", 3, true),
                ("d/", 4, true)
            ]
        );
        assert_eq!(coverage.unmapped, ["d.c"]);
    }

    #[test]
    fn a_map_that_is_wrong_is_refused_with_its_place() {
        for (map, expected) in [
            ("'a' = ''", "map.toml:2:7: path `` is empty"),
            (
                "'../a' = 'b'",
                "map.toml:2:1: path `../a` has the component `..`",
            ),
            (
                "'a' = ['b', '/etc']",
                "map.toml:2:7: path `/etc` is absolute",
            ),
            ("'a' = []", "map.toml:2:7: an empty list"),
            (
                "'a' = { omitted = ' ' }",
                "map.toml:2:7: `omitted` is empty; expected the reason",
            ),
            (
                "'a' = { ommitted = 'x' }",
                "map.toml:2:7: unknown field `ommitted`, expected `omitted`",
            ),
            (
                "'a' = 3",
                "map.toml:2:7: invalid type: integer `3`, expected a path, a list of paths, or ",
            ),
            ("'a' = 'b'\n'a' = 'c'", "map.toml:3:1: duplicate key"),
        ] {
            let source = Source {
                path: "map.toml".into(),
                text: format!("[files]\n{map}\n"),
            };
            let error = parse(&source).err().expect("it is wrong");
            let message = with_hint(&*error);
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
