//! What was seen of a release's programs where they run: records that are made beside the release, and judged with it.
//!
//! A release can be judged anywhere, and always with the same verdict. Time, memory and answers of a running program differ
//! from machine to machine, so they are measured by commands of their own, which write what they saw as a record. A gate
//! reads the records; it runs nothing.

mod advisories;
mod comparison;
pub mod measurement;
mod parity;
mod results;
pub mod soak;

use std::path::{Path, PathBuf};

use crate::model::digest::Sha256Sum;
use crate::model::schema::Schema;
use crate::output::json::{self, JsonError};
use crate::output::path_error::PathError;

pub use advisories::{Advisories, AdvisoriesError, Advisory};
pub use comparison::{Comparison, Difference};
pub use measurement::Measurement;
pub use parity::{CaseDifference, Coverage, DanglingPath, DifferingCase, NormalizationUse, Parity};
pub use results::{CheckFinding, Results};

/// All records that a release is judged with, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Evidence(Vec<Recorded>);

/// A record, and the file that it was read from.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The file's name, which findings tell.
    pub name: String,
    /// What was recorded.
    pub record: Record,
}

/// One file of evidence.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The version of this record's schema.
    #[serde(default)]
    pub schema: Schema,
    /// What was seen.
    pub observation: Observation,
}

/// What was seen, by the command that saw it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observation {
    /// How two releases differ.
    Comparison(Comparison),
    /// Which files of a reference have a counterpart.
    Coverage(Coverage),
    /// How a program compares with recorded cases.
    Parity(Parity),
    /// How a program starts, and how much memory it needs.
    Measurement(Box<Measurement>),
    /// How checks of the source ended.
    Results(Results),
    /// How a program ran for long.
    Soak(Box<soak::Soak>),
}

/// A program that was run, as a release tells it apart from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservedProgram {
    /// Its file name.
    pub name: String,
    /// The sum of its bytes. A record of a program that the release does not hold is stale.
    pub sha256: Sha256Sum,
}

impl Record {
    /// A record of what was seen.
    pub fn new(observation: Observation) -> Self {
        Self {
            schema: Schema::default(),
            observation,
        }
    }
}

impl Evidence {
    /// Reads records: files, and the files named `*.json` of directories, not of those below them.
    pub fn read(paths: &[PathBuf]) -> Result<Self, JsonError> {
        let mut records = Vec::new();
        for path in paths {
            for file in files(path)? {
                let name = file.file_name().unwrap_or(file.as_os_str());
                let name = name.to_string_lossy().into_owned();
                let record = json::read_foreign(&file)?;
                records.push(Recorded { name, record });
            }
        }
        records.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self(records))
    }

    /// The records of one kind.
    pub fn of<'e, T: 'e>(
        &'e self,
        kind: impl Fn(&'e Observation) -> Option<&'e T>,
    ) -> impl Iterator<Item = (&'e str, &'e T)> {
        let of_kind = move |each: &'e Recorded| {
            let found = kind(&each.record.observation)?;
            Some((each.name.as_str(), found))
        };
        self.0.iter().filter_map(of_kind)
    }
}

impl FromIterator<Recorded> for Evidence {
    fn from_iter<T: IntoIterator<Item = Recorded>>(records: T) -> Self {
        Self(records.into_iter().collect())
    }
}

fn files(path: &Path) -> Result<Vec<PathBuf>, PathError> {
    let metadata = std::fs::metadata(path).map_err(PathError::reading(path))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(PathError::reading(path))?;
    let entries = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut found: Vec<_> = entries
        .collect::<Result<_, _>>()
        .map_err(PathError::reading(path))?;
    found.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULTS: &str = r#"{"schema": 1, "observation": {"results":
        {"check": "tests", "command": [], "commit": null, "dirty": false, "passed": 3, "findings": []}}}"#;

    #[test]
    fn records_of_a_directory_are_read_in_the_order_of_their_names() {
        let directory = tempfile::tempdir().expect("a place");
        for (name, content) in [("b.json", RESULTS), ("a.json", RESULTS), ("c.txt", "no")] {
            std::fs::write(directory.path().join(name), content).expect("writable");
        }
        let evidence = Evidence::read(&[directory.path().to_owned()]).expect("valid");
        let results = evidence.of(|observation| match observation {
            Observation::Results(results) => Some(results),
            _ => None,
        });
        let names: Vec<_> = results.map(|(name, _)| name).collect();
        assert_eq!(names, ["a.json", "b.json"]);
    }

    #[test]
    fn a_record_that_is_none_is_named() {
        let directory = tempfile::tempdir().expect("a place");
        let path = directory.path().join("a.json");
        std::fs::write(&path, r#"{"observation": {"results": 3}}"#).expect("writable");
        let error = Evidence::read(std::slice::from_ref(&path)).expect_err("no record");
        assert_eq!(
            error.to_string(),
            format!("`{}` is not valid", path.display())
        );
        let error = Evidence::read(&[directory.path().join("b")]).expect_err("nothing there");
        assert!(error.is_missing());
    }
}
