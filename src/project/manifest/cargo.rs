//! The package's values in `Cargo.toml`, for those that are missing in the manifest.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ManifestError;
use super::located::{Located, ReadError, Source};
use crate::model::hint::Hint;
use crate::model::text::InvalidText;

/// The `Cargo.toml` of a project.
#[derive(Debug)]
pub struct CargoToml {
    source: Source,
    package: Fields,
    /// `[workspace.package]`, in the file that is a workspace's root.
    workspace: Option<Fields>,
}

type Fields = BTreeMap<String, Field>;

#[derive(Clone, Debug)]
struct Field {
    span: Range<usize>,
    value: FieldValue,
}

#[derive(Clone, Debug)]
enum FieldValue {
    /// A string, or the first one of an array.
    Text(String),
    /// `workspace = true`
    Inherited,
}

/// A string in a `Cargo.toml`, with its place.
#[derive(Clone, Debug)]
pub struct Found {
    source: Source,
    span: Range<usize>,
    /// The text.
    pub text: String,
}

impl Found {
    /// An error about the text, with a hint how the manifest can override it.
    pub fn error(&self, key: &str, message: impl Into<String>) -> Box<Located> {
        let hint = format!("set `package.{key}` in the manifest to use another value");
        let error = self.source.error_at(self.span.clone(), message);
        error.with_hint(hint)
    }

    /// Parses the text for a key of the manifest.
    pub fn parse<T: FromStr<Err = InvalidText>>(&self, key: &str) -> Result<T, Box<Located>> {
        self.text.parse().map_err(|error: InvalidText| {
            // What is wrong with the value is better advice than that there could be another one.
            let located = self.error(key, error.to_string());
            match error.hint() {
                Some(hint) => located.with_hint(hint),
                None => located,
            }
        })
    }
}

impl CargoToml {
    /// Reads `Cargo.toml` in a directory, if there is one.
    pub fn read(directory: &Path) -> Result<Option<Self>, ManifestError> {
        match Source::read(&directory.join("Cargo.toml")) {
            Ok(source) => Ok(Some(Self::parse(source)?)),
            Err(ReadError::Io(error)) if error.source.kind() == std::io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn parse(source: Source) -> Result<Self, Box<Located>> {
        let document =
            DeTable::parse(&source.text).map_err(|error| super::toml_error(&source, &error))?;
        let root = document.get_ref();
        let workspace = root
            .get("workspace")
            .map(|workspace| fields_at(workspace, "package"));
        let package = root.get("package").map(fields).unwrap_or_default();
        Ok(Self {
            package,
            workspace,
            source,
        })
    }

    /// A field of `[package]`; `key.workspace = true` is looked up in the workspace; an array gives its first string.
    pub fn field(&self, key: &str) -> Result<Option<Found>, ManifestError> {
        match self.package.get(key) {
            None => Ok(None),
            Some(Field { value, span }) => match value {
                FieldValue::Text(text) => Ok(Some(self.found(text, span))),
                FieldValue::Inherited => self.inherited(key, span).map(Some),
            },
        }
    }

    fn inherited(&self, key: &str, span: &Range<usize>) -> Result<Found, ManifestError> {
        let look_up = |file: &CargoToml| match file.workspace.as_ref()?.get(key)? {
            Field {
                value: FieldValue::Text(text),
                span,
            } => Some(file.found(text, span)),
            _ => None,
        };
        let found = match self.workspace {
            Some(_) => look_up(self),
            None => self.workspace_above()?.as_ref().and_then(look_up),
        };
        let nowhere = || {
            let message = format!(
                "`{key}` comes from the workspace, and there is no `workspace.package.{key}` in one above"
            );
            self.source.error_at(span.clone(), message)
        };
        Ok(found.ok_or_else(nowhere)?)
    }

    /// The nearest file above with a `[workspace]`.
    fn workspace_above(&self) -> Result<Option<CargoToml>, ManifestError> {
        let directory = self.source.path.parent().unwrap_or(Path::new(""));
        for above in directory.ancestors().skip(1) {
            match CargoToml::read(above)? {
                Some(file) if file.workspace.is_some() => return Ok(Some(file)),
                _ => {}
            }
        }
        Ok(None)
    }

    fn found(&self, text: &str, span: &Range<usize>) -> Found {
        Found {
            source: self.source.clone(),
            span: span.clone(),
            text: text.to_owned(),
        }
    }
}

/// The fields of a table that are strings or inherited.
fn fields(table: &Spanned<DeValue<'_>>) -> Fields {
    let Some(table) = table.get_ref().as_table() else {
        return Fields::new();
    };
    table
        .iter()
        .filter_map(|(key, value)| Some((key.get_ref().clone().into_owned(), field(value)?)))
        .collect()
}

fn fields_at(table: &Spanned<DeValue<'_>>, key: &str) -> Fields {
    let below = table.get_ref().as_table().and_then(|table| table.get(key));
    below.map(fields).unwrap_or_default()
}

fn field(value: &Spanned<DeValue<'_>>) -> Option<Field> {
    let text = match value.get_ref() {
        DeValue::Array(values) => values.first()?,
        DeValue::Table(inherited) => {
            let inherits = inherited.get("workspace")?.get_ref().as_bool();
            return (inherits == Some(true)).then(|| Field {
                span: value.span(),
                value: FieldValue::Inherited,
            });
        }
        _ => value,
    };
    Some(Field {
        span: text.span(),
        value: FieldValue::Text(text.get_ref().as_str()?.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo(text: &str) -> CargoToml {
        let source = Source {
            path: "/nowhere/Cargo.toml".into(),
            text: text.to_owned(),
        };
        CargoToml::parse(source).expect("valid TOML")
    }

    fn text(cargo: &CargoToml, key: &str) -> Option<String> {
        let found = cargo.field(key).expect("no file above");
        found.map(|found| found.text)
    }

    #[test]
    fn fields_are_read_from_the_package() {
        let cargo = cargo("[package]\nname = 'a'\nauthors = ['A <a@b>', 'B <b@c>']\n");
        assert_eq!(text(&cargo, "name").as_deref(), Some("a"));
        assert_eq!(text(&cargo, "authors").as_deref(), Some("A <a@b>"));
        assert_eq!(text(&cargo, "version"), None);
    }

    #[test]
    fn an_inherited_field_comes_from_the_workspace_in_the_same_file() {
        let cargo =
            cargo("workspace.package.version = '2.0.0'\n[package]\nversion.workspace = true\n");
        assert_eq!(text(&cargo, "version").as_deref(), Some("2.0.0"));
    }

    #[test]
    fn a_field_that_no_workspace_gives_is_named_with_its_place() {
        let error = cargo("[package]\nversion.workspace = true\n")
            .field("version")
            .expect_err("no workspace");
        let message = error.to_string();
        assert!(
            message.starts_with("/nowhere/Cargo.toml:2:1: `version` comes from the workspace"),
            "{message}"
        );
    }
}
