//! The programs that `cargo build` makes from a package.
//!
//! The Cargo Book, "Cargo Targets": configured targets take precedence over discovered ones, and are matched by name
//! and by path.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::features::{Features, enabled};
use super::names;
use crate::output::path_error::PathError;

/// A `[[bin]]`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Bin {
    name: String,
    path: Option<String>,
    #[serde(default)]
    required_features: Vec<String>,
}

/// The parts of a `Cargo.toml` about programs.
pub struct Configured<'a> {
    /// The package's name.
    pub package: &'a str,
    /// Whether programs are discovered by the paths of their files.
    pub autobins: bool,
    /// The configured programs.
    pub bins: &'a [Bin],
    /// `[features]`
    pub features: &'a Features,
}

impl Configured<'_> {
    /// Whether the root of a program is in the directory.
    pub fn has_sources(&self, directory: &Path) -> Result<bool, PathError> {
        let mut paths = self.bins.iter().filter_map(|bin| bin.path.as_ref());
        let is_there = paths.any(|path| directory.join(path).is_file());
        Ok(is_there || !found(directory, self.package)?.is_empty())
    }
}

/// A package's programs, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Programs {
    /// Those that are always built.
    pub built: Vec<String>,
    /// Those that need a feature that is off by default.
    pub left_out: Vec<String>,
    /// The features that programs need, where they need any.
    pub required: BTreeMap<String, Vec<String>>,
}

/// Finds the programs of the package in a directory.
pub fn programs(directory: &Path, configured: &Configured<'_>) -> Result<Programs, PathError> {
    let default = enabled(configured.package, configured.features, ["default"]);
    let is_built = |bin: &&Bin| {
        bin.required_features
            .iter()
            .all(|f| default.contains(f.as_str()))
    };
    let (built, left_out): (Vec<_>, Vec<_>) = configured.bins.iter().partition(is_built);
    let name = |bin: &Bin| bin.name.clone();
    let mut built: BTreeSet<_> = built.into_iter().map(name).collect();
    if configured.autobins {
        let is_named = |(name, path): &(String, String)| {
            let same = |bin: &Bin| bin.name == *name || bin.path.as_ref() == Some(path);
            configured.bins.iter().any(same)
        };
        let found = found(directory, configured.package)?.into_iter();
        built.extend(found.filter(|file| !is_named(file)).map(|(name, _)| name));
    }
    Ok(Programs {
        built: built.into_iter().collect(),
        left_out: left_out.into_iter().map(name).collect(),
        required: configured
            .bins
            .iter()
            .filter(|bin| !bin.required_features.is_empty())
            .map(|bin| (bin.name.clone(), bin.required_features.clone()))
            .collect(),
    })
}

/// Programs discovered by the paths of their files: pairs of name and path.
fn found(directory: &Path, package: &str) -> Result<Vec<(String, String)>, PathError> {
    let mut found = Vec::new();
    if directory.join("src/main.rs").is_file() {
        found.push((package.to_owned(), "src/main.rs".to_owned()));
    }
    let folder = directory.join("src/bin");
    for name in names(&folder)? {
        if let Some(stem) = name.strip_suffix(".rs") {
            found.push((stem.to_owned(), format!("src/bin/{name}")));
        } else if folder.join(&name).join("main.rs").is_file() {
            let path = format!("src/bin/{name}/main.rs");
            found.push((name, path));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[derive(Deserialize)]
    struct Tables {
        #[serde(default)]
        bin: Vec<Bin>,
        #[serde(default)]
        features: Features,
    }

    /// The programs of the package `hello` with some files.
    fn of(files: &[&str], tables: &str, autobins: bool) -> Programs {
        let directory = tempfile::tempdir().expect("a directory");
        for file in files {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
            fs::write(path, "fn main() {}").expect("writable");
        }
        let tables: Tables = toml::from_str(tables).expect("valid TOML");
        let configured = Configured {
            package: "hello",
            autobins,
            bins: &tables.bin,
            features: &tables.features,
        };
        programs(directory.path(), &configured).expect("readable")
    }

    #[test]
    fn files_in_their_usual_places_are_programs() {
        let files = [
            "src/main.rs",
            "src/bin/two.rs",
            "src/bin/three/main.rs",
            "src/bin/no/lib.rs",
        ];
        assert_eq!(of(&files, "", true).built, ["hello", "three", "two"]);
    }

    #[test]
    fn a_library_has_no_program() {
        assert_eq!(of(&["src/lib.rs"], "", true), Programs::default());
    }

    #[test]
    fn a_named_program_takes_the_place_of_the_one_that_would_be_found_there() {
        let named = "[[bin]]\nname = 'hi'\npath = 'src/main.rs'\n";
        assert_eq!(of(&["src/main.rs"], named, true).built, ["hi"]);
        let named = "[[bin]]\nname = 'hello'\npath = 'src/other.rs'\n";
        assert_eq!(
            of(&["src/main.rs", "src/other.rs"], named, true).built,
            ["hello"]
        );
    }

    #[test]
    fn nothing_is_found_where_that_is_switched_off() {
        let named = "[[bin]]\nname = 'hi'\n";
        assert_eq!(
            of(&["src/main.rs", "src/bin/hi.rs"], named, false).built,
            ["hi"]
        );
    }

    #[test]
    fn a_program_that_needs_a_feature_is_built_where_that_is_on_by_default() {
        let bins = "[[bin]]\nname = 'on'\nrequired-features = ['a']\n[[bin]]\nname = 'off'\nrequired-features = ['b']\n";
        let features = "[features]\ndefault = ['all']\nall = ['a']\na = []\nb = []\n";
        let programs = of(
            &["src/bin/on.rs", "src/bin/off.rs"],
            &format!("{bins}{features}"),
            true,
        );
        assert_eq!(programs.required["off"], ["b"]);
        assert_eq!(
            (programs.built, programs.left_out),
            (vec!["on".to_owned()], vec!["off".to_owned()])
        );
    }
}
