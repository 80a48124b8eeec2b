//! A database of security advisories in the format of RustSec: a Markdown file for each, `crates/CRATE/ID.md`, which begins
//! with a block of TOML.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::output::open_regular;
use crate::output::path_error::PathError;

/// The largest advisory that is read.
const MAX_ADVISORY_BYTES: u64 = 1 << 20;

/// A database.
#[derive(Clone, Debug, Default)]
pub struct Advisories {
    /// All advisories that have not been withdrawn, by their IDs.
    advisories: Vec<Advisory>,
}

/// An advisory about a crate.
#[derive(Clone, Debug)]
pub struct Advisory {
    /// Such as `RUSTSEC-2021-0001`.
    pub id: String,
    /// What it is about, in one line.
    pub title: String,
    /// The crate.
    pub package: String,
    /// The day that it is from, such as `2021-01-31`.
    pub date: String,
    /// What it is if no vulnerability: `unmaintained`, `unsound` or `notice`.
    pub informational: Option<String>,
    /// The versions that are not affected any more.
    pub patched: Vec<semver::VersionReq>,
    /// The versions that never were.
    pub unaffected: Vec<semver::VersionReq>,
    /// The operating systems that it is about, by cargo's names; empty for all.
    pub systems: Vec<String>,
}

/// A database that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AdvisoriesError {
    /// A file or directory could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// A file is no advisory.
    #[error("`{}` is not valid: {problem}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A directory without advisories is no database: to pass with it would say nothing.
    #[error("`{}` has no advisories; expected a directory with `crates/CRATE/RUSTSEC-….md`", path.display())]
    Empty {
        /// The directory.
        path: PathBuf,
    },
}

#[derive(Deserialize)]
struct FrontMatter {
    advisory: Head,
    #[serde(default)]
    affected: Affected,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    package: String,
    date: Date,
    #[serde(default)]
    withdrawn: Option<Date>,
    #[serde(default)]
    informational: Option<String>,
}

/// A day, as a text or as a date of TOML.
#[derive(Deserialize)]
#[serde(untagged)]
enum Date {
    Text(String),
    Toml(toml::value::Datetime),
}

#[derive(Deserialize, Default)]
struct Affected {
    #[serde(default)]
    os: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Versions {
    #[serde(default)]
    patched: Vec<semver::VersionReq>,
    #[serde(default)]
    unaffected: Vec<semver::VersionReq>,
}

impl Advisories {
    /// Reads a database.
    pub fn read(directory: &Path) -> Result<Self, AdvisoriesError> {
        let mut advisories = Vec::new();
        for below in entries(&directory.join("crates"))? {
            if !below.is_dir() {
                continue;
            }
            for file in entries(&below)? {
                if file.extension().is_some_and(|extension| extension == "md") {
                    advisories.extend(read(&file)?);
                }
            }
        }
        if advisories.is_empty() {
            let path = directory.to_owned();
            return Err(AdvisoriesError::Empty { path });
        }
        advisories.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { advisories })
    }

    /// The day of the newest one.
    pub fn newest(&self) -> &str {
        let days = self.advisories.iter().map(|each| each.date.as_str());
        days.max().unwrap_or_default()
    }

    /// Those about a version of a crate on an operating system.
    pub fn about(
        &self,
        package: &str,
        version: &semver::Version,
        system: &str,
    ) -> impl Iterator<Item = &Advisory> {
        let meets = |all: &[semver::VersionReq]| all.iter().any(|each| each.matches(version));
        self.advisories.iter().filter(move |each| {
            each.package == package
                && !meets(&each.patched)
                && !meets(&each.unaffected)
                && (each.systems.is_empty() || each.systems.iter().any(|each| each == system))
        })
    }
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, PathError> {
    let fail = PathError::reading(directory);
    let entries = std::fs::read_dir(directory).map_err(fail)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>().map_err(fail)?;
    paths.sort();
    Ok(paths)
}

/// An advisory, unless it was withdrawn.
fn read(path: &Path) -> Result<Option<Advisory>, AdvisoriesError> {
    use std::io::Read as _;
    let fail = PathError::reading(path);
    let (file, _) = open_regular(path).map_err(fail)?;
    let mut text = String::new();
    file.take(MAX_ADVISORY_BYTES)
        .read_to_string(&mut text)
        .map_err(fail)?;
    let invalid = |problem: &str| AdvisoriesError::Invalid {
        path: path.to_owned(),
        problem: problem.to_owned(),
    };
    let block = text
        .strip_prefix("```toml\n")
        .and_then(|rest| rest.split_once("\n```"));
    let (block, body) =
        block.ok_or_else(|| invalid("expected a block of TOML at its beginning"))?;
    let front: FrontMatter = toml::from_str(block).map_err(|error| invalid(error.message()))?;
    let Head {
        id,
        package,
        date,
        withdrawn,
        informational,
    } = front.advisory;
    if withdrawn.is_some() {
        return Ok(None);
    }
    let title = body.lines().find_map(|line| line.strip_prefix("# "));
    Ok(Some(Advisory {
        id,
        title: title.unwrap_or_default().trim().to_owned(),
        package,
        date: date.into_text(),
        informational,
        patched: front.versions.patched,
        unaffected: front.versions.unaffected,
        systems: front.affected.os,
    }))
}

impl Date {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Toml(date) => date.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVISORY: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2021-0001\"\npackage = \"anyhow\"\n\
        date = \"2021-01-31\"\n[affected]\nos = [\"linux\"]\n[versions]\npatched = [\">= 1.0.50\"]\n\
        unaffected = [\"< 1.0.10\"]\n```\n\n# It breaks\n\nBadly.\n";

    fn database(advisory: &str) -> Result<Advisories, AdvisoriesError> {
        let directory = tempfile::tempdir().expect("a place");
        let below = directory.path().join("crates/anyhow");
        std::fs::create_dir_all(&below).expect("writable");
        std::fs::write(below.join("RUSTSEC-2021-0001.md"), advisory).expect("writable");
        Advisories::read(directory.path())
    }

    #[test]
    fn an_advisory_is_about_versions_between_the_fixed_and_those_before_it() {
        let database = database(ADVISORY).expect("valid");
        assert_eq!(database.newest(), "2021-01-31");
        let about = |package: &str, version: &str, system: &str| {
            let version = version.parse().expect("a version");
            database.about(package, &version, system).count()
        };
        assert_eq!(about("anyhow", "1.0.49", "linux"), 1);
        assert_eq!(about("anyhow", "1.0.50", "linux"), 0);
        assert_eq!(about("anyhow", "1.0.9", "linux"), 0);
        assert_eq!(about("anyhow", "1.0.49", "windows"), 0);
        assert_eq!(about("other", "1.0.49", "linux"), 0);
        let version = "1.0.49".parse().expect("a version");
        let title = database.about("anyhow", &version, "linux").next();
        assert_eq!(title.expect("one").title, "It breaks");
    }

    #[test]
    fn a_date_of_toml_is_a_date_too() {
        let toml = ADVISORY.replace("\"2021-01-31\"", "2021-01-31");
        assert_eq!(database(&toml).expect("valid").newest(), "2021-01-31");
    }

    #[test]
    fn what_is_no_database_is_refused() {
        let withdrawn = ADVISORY.replace("[affected]", "withdrawn = \"2022-01-01\"\n[affected]");
        let error = database(&withdrawn).expect_err("nothing left").to_string();
        assert!(error.contains("has no advisories"), "{error}");
        let error = database("# text").expect_err("no TOML").to_string();
        assert!(
            error.ends_with(
                "RUSTSEC-2021-0001.md` is not valid: expected a block of TOML at its beginning"
            ),
            "{error}"
        );
        let error = database(&ADVISORY.replace(">= 1.0.50", "soon")).expect_err("no version");
        assert!(matches!(error, AdvisoriesError::Invalid { .. }));
        let error = Advisories::read(Path::new("/nowhere")).expect_err("no directory");
        assert!(error.to_string().contains("/nowhere/crates"), "{error}");
    }
}
