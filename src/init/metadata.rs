//! A package's metadata, and the values that are missing.

use std::path::Path;
use std::str::FromStr;

use super::InitError;
use super::answers::Answers;
use crate::model::license::License;
use crate::model::line::{Line, Summary};
use crate::model::name::PackageName;
use crate::model::person::Person;
use crate::project::manifest::cargo::{CargoToml, Found};
use crate::project::manifest::values::Version;

/// A value of `[package]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// The project's `Cargo.toml` provides it, so the manifest need not.
    Inherited(String),
    /// The manifest must contain it.
    Written(String),
}

impl Value {
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Self::Inherited(text) | Self::Written(text) => text,
        }
    }
}

/// All of `[package]`; the texts are valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub name: Value,
    pub version: Value,
    pub summary: Value,
    /// Only if it is longer than the summary.
    pub description: Option<Value>,
    pub license: Value,
    pub maintainer: Value,
    pub homepage: Option<Value>,
    pub repository: Option<Value>,
}

/// A required value that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The key of `Cargo.toml` for it.
    pub key: &'static str,
    /// The option for it.
    pub option: Option<&'static str>,
    /// An example line of `Cargo.toml`.
    pub example: &'static str,
}

const UNKNOWN_LICENSE: Unknown = Unknown {
    key: "license",
    option: Some("--license"),
    example: "license = \"MIT\"",
};

/// Where the values come from.
struct Origins<'a> {
    cargo: &'a CargoToml,
    /// Whether this `Cargo.toml` provides the values that are missing in the manifest.
    inherits: bool,
    unknown: Vec<Unknown>,
}

/// Reads the metadata of the package in a directory. `inherits` means that it is the project's own; `other` is who answers
/// for it by the table of another packager.
pub(super) fn metadata(
    directory: &Path,
    inherits: bool,
    other: Option<&str>,
    answers: &Answers,
) -> Result<Metadata, InitError> {
    let cargo = CargoToml::read(directory)?.ok_or_else(|| InitError::NoCargoToml {
        directory: directory.to_owned(),
        above: None,
    })?;
    let mut origins = Origins {
        cargo: &cargo,
        inherits,
        unknown: Vec::new(),
    };
    let name = origins.name(answers)?;
    let version = origins.version()?;
    let summary = origins.summary(answers)?;
    let description = origins.description(answers)?;
    let license = origins.license(answers)?;
    let maintainer = origins.maintainer(other, answers)?;
    let homepage = origins.optional("homepage")?;
    let repository = origins.optional("repository")?;
    match (version, summary, license, maintainer) {
        (Some(version), Some(summary), Some(license), Some(maintainer)) => Ok(Metadata {
            name,
            version,
            summary,
            description,
            license,
            maintainer,
            homepage,
            repository,
        }),
        _ => Err(InitError::Unknown {
            cargo_toml: directory.join("Cargo.toml"),
            unknown: origins.unknown,
        }),
    }
}

impl Origins<'_> {
    fn field(&self, key: &str) -> Result<Option<Found>, InitError> {
        Ok(self.cargo.field(key)?)
    }

    fn found(&self, text: &str) -> Value {
        if self.inherits {
            Value::Inherited(text.to_owned())
        } else {
            Value::Written(text.to_owned())
        }
    }

    fn unknown(&mut self, unknown: Unknown) -> Option<Value> {
        self.unknown.push(unknown);
        None
    }

    /// Cargo's names may have capitals and underscores; package names may not.
    fn name(&self, answers: &Answers) -> Result<Value, InitError> {
        if let Some(name) = &answers.name {
            return Ok(Value::Written(name.to_string()));
        }
        let found = self
            .field("name")?
            .expect("a package without a name was refused before");
        if is::<PackageName>(&found.text) {
            return Ok(self.found(&found.text));
        }
        let name = found.text.to_lowercase().replace('_', "-");
        match name.parse::<PackageName>() {
            Ok(name) => Ok(Value::Written(name.to_string())),
            Err(error) => Err(InitError::Name(error)),
        }
    }

    fn version(&mut self) -> Result<Option<Value>, InitError> {
        let Some(found) = self.field("version")? else {
            return Ok(self.unknown(Unknown {
                key: "version",
                option: None,
                example: "version = \"0.1.0\"",
            }));
        };
        let Version(version) = found.parse("version")?;
        Ok(Some(self.found(&version.to_string())))
    }

    /// Cargo's description on one line.
    fn words(&self) -> Result<String, InitError> {
        let text = self.field("description")?.map(|found| found.text);
        let text = text.unwrap_or_default();
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Cargo's descriptions may have several lines and sentences; summaries are one phrase.
    fn summary(&mut self, answers: &Answers) -> Result<Option<Value>, InitError> {
        if let Some(summary) = &answers.summary {
            return Ok(Some(Value::Written(summary.to_string())));
        }
        let words = self.words()?;
        let summary = first_sentence(&words);
        if !is::<Summary>(summary) {
            return Ok(self.unknown(Unknown {
                key: "description",
                option: Some("--summary"),
                example: "description = \"greets the world\"",
            }));
        }
        let text = self
            .field("description")?
            .map(|found| found.text)
            .unwrap_or_default();
        // The manifest drops one period itself.
        let stays = text == summary || text.strip_suffix('.') == Some(summary);
        Ok(Some(if stays {
            self.found(summary)
        } else {
            Value::Written(summary.to_owned())
        }))
    }

    /// If the summary is only a part of Cargo's description, the whole text is kept here.
    fn description(&self, answers: &Answers) -> Result<Option<Value>, InitError> {
        let words = self.words()?;
        let is_longer = words.trim_end_matches('.') != first_sentence(&words);
        Ok((is_longer && answers.summary.is_none()).then_some(Value::Written(words)))
    }

    /// Older packages write `/` instead of SPDX's `OR`.
    fn license(&mut self, answers: &Answers) -> Result<Option<Value>, InitError> {
        if let Some(license) = &answers.license {
            return Ok(Some(Value::Written(license.to_string())));
        }
        let Some(found) = self
            .field("license")?
            .filter(|found| is::<Line>(&found.text))
        else {
            return Ok(self.unknown(UNKNOWN_LICENSE));
        };
        let parts: Vec<_> = found.text.split('/').map(str::trim).collect();
        let license = parts.join(" OR ");
        if !is::<License>(&license) {
            return Ok(self.unknown(UNKNOWN_LICENSE));
        }
        Ok(Some(match parts.as_slice() {
            [_] => self.found(&license),
            _ => Value::Written(license),
        }))
    }

    /// The first author with an address, else another packager's, else the caller's default.
    fn maintainer(
        &mut self,
        other: Option<&str>,
        answers: &Answers,
    ) -> Result<Option<Value>, InitError> {
        if let Some(maintainer) = &answers.maintainer {
            return Ok(Some(Value::Written(maintainer.to_string())));
        }
        let author = self
            .field("authors")?
            .filter(|found| is::<Person>(&found.text));
        if let Some(author) = author {
            return Ok(Some(self.found(&author.text)));
        }
        if let Some(other) = other {
            return Ok(Some(Value::Written(other.to_owned())));
        }
        match &answers.committer {
            Some(committer) => Ok(Some(Value::Written(committer.to_string()))),
            None => Ok(self.unknown(Unknown {
                key: "authors",
                option: Some("--maintainer"),
                example: "authors = [\"A. Person <person@example.org>\"]",
            })),
        }
    }

    fn optional(&self, key: &str) -> Result<Option<Value>, InitError> {
        let found = self.field(key)?.filter(|found| is::<Line>(&found.text));
        Ok(found.map(|found| self.found(&found.text)))
    }
}

/// What comes before the first full stop that ends a sentence, without full stops at its end.
fn first_sentence(words: &str) -> &str {
    let mut ends = words.match_indices(". ").map(|(end, _)| end);
    let is_end = |end: &usize| {
        let word = words[..*end].rsplit(' ').next().unwrap_or_default();
        words[end + 2..].starts_with(char::is_uppercase) || !is_abbreviation(word)
    };
    let end = ends.find(is_end).unwrap_or(words.len());
    words[..end].trim_end_matches('.')
}

/// Whether a full stop behind a word belongs to the word, as in `e.g.` and `vs.`, unless a sentence begins after it.
fn is_abbreviation(word: &str) -> bool {
    let word = word.trim_start_matches('(').to_lowercase();
    let known = ["approx", "cf", "etc", "incl", "no", "resp", "vs"];
    word.chars().count() == 1 || word.contains('.') || known.contains(&word.as_str())
}

fn is<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_where_another_one_begins() {
        let table = [
            ("Greets", "Greets"),
            ("Greets the world.", "Greets the world"),
            ("Greets. Twice", "Greets"),
            ("Greets the world. and more", "Greets the world"),
            ("Like hi etc. but louder", "Like hi etc. but louder"),
            ("Greets all, i.e. you", "Greets all, i.e. you"),
            ("Speaks HTTP 1.1. And waits...", "Speaks HTTP 1.1"),
            ("", ""),
        ];
        for (words, expected) in table {
            assert_eq!(first_sentence(words), expected);
        }
    }
}
