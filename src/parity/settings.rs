//! `parity.toml` at the top of a corpus: limits, and normalizations.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::ParityError;
use super::normalize::{BUILTINS, Pattern, Rule, Rules};
use crate::model::hint::did_you_mean;
use crate::process::Limits;
use crate::project::manifest::located::{Located, Source};
use crate::project::manifest::toml_error;

/// The file's name.
pub(super) const SETTINGS: &str = "parity.toml";

/// The longest time that can be asked for, in seconds: a day.
const MOST_SECONDS: u64 = 86_400;
/// The most output that can be asked for, since it is compared in memory.
const MOST_BYTES: u64 = 256 << 20;

/// The file as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    timeout_seconds: Spanned<u64>,
    grace_seconds: Spanned<u64>,
    output_limit_bytes: Spanned<u64>,
    file_limit_bytes: Spanned<u64>,
    normalize: Vec<Spanned<String>>,
    patterns: BTreeMap<Spanned<String>, WrittenPattern>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenPattern {
    find: Pattern,
    replace: String,
}

impl Default for Written {
    fn default() -> Self {
        let unplaced = |value| Spanned::new(0..0, value);
        Self {
            timeout_seconds: unplaced(10),
            grace_seconds: unplaced(2),
            output_limit_bytes: unplaced(16 << 20),
            file_limit_bytes: unplaced(64 << 20),
            normalize: Vec::new(),
            patterns: BTreeMap::new(),
        }
    }
}

/// What holds for all cases of a corpus.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// What a run may use.
    pub(super) limits: Limits,
    /// The normalizations of all cases.
    rules: Rules,
    /// Those that this corpus defines, by name.
    patterns: BTreeMap<String, WrittenPattern>,
}

impl Settings {
    /// Reads the file of a corpus; the defaults hold where there is none.
    pub(super) fn read(corpus: &Path) -> Result<Self, ParityError> {
        let path = corpus.join(SETTINGS);
        let text = super::files::read_file(&path)?.unwrap_or_default();
        let source = Source::from_bytes(&path, text)?;
        Ok(Self::parse(&source)?)
    }

    fn parse(source: &Source) -> Result<Self, Box<Located>> {
        let written: Written =
            toml::from_str(&source.text).map_err(|error| toml_error(source, &error))?;
        for name in written.patterns.keys() {
            if BUILTINS
                .iter()
                .any(|builtin| builtin.name == name.get_ref())
            {
                let message = format!(
                    "`{}` is a normalization that every corpus has; expected another name",
                    name.get_ref()
                );
                return Err(source.error_at(name.span(), message));
            }
        }
        let bytes = |value: &Spanned<u64>| within(source, value, MOST_BYTES);
        let mut settings = Self {
            limits: Limits {
                time: seconds(source, &written.timeout_seconds)?,
                grace: seconds(source, &written.grace_seconds)?,
                output_bytes: bytes(&written.output_limit_bytes)?,
                file_bytes: bytes(&written.file_limit_bytes)?,
            },
            rules: Rules::default(),
            patterns: written
                .patterns
                .into_iter()
                .map(|(name, pattern)| (name.into_inner(), pattern))
                .collect(),
        };
        settings.rules = settings.rules_with(source, &written.normalize)?;
        Ok(settings)
    }

    /// The normalizations of all cases and those that a file names besides.
    pub(super) fn rules_with(
        &self,
        source: &Source,
        names: &[Spanned<String>],
    ) -> Result<Rules, Box<Located>> {
        let mut rules = self.rules.clone();
        for name in names {
            let rule = self.rule(name.get_ref()).map_err(|(message, hint)| {
                let located = source.error_at(name.span(), message);
                match hint {
                    Some(hint) => located.with_hint(hint),
                    None => located,
                }
            })?;
            let name = name.get_ref().clone();
            if !rules.0.iter().any(|(known, _)| *known == name) {
                rules.0.push((name, rule));
            }
        }
        Ok(rules)
    }

    /// A normalization by its name; otherwise a message and a hint.
    fn rule(&self, name: &str) -> Result<Rule, (String, Option<String>)> {
        if let Some(builtin) = BUILTINS.iter().find(|builtin| builtin.name == name) {
            return Ok(Rule::Builtin(builtin));
        }
        if let Some(WrittenPattern { find, replace }) = self.patterns.get(name) {
            let (find, replace) = (find.clone(), replace.clone());
            return Ok(Rule::Pattern { find, replace });
        }
        let builtins = BUILTINS.iter().map(|builtin| builtin.name);
        let known: Vec<_> = builtins
            .chain(self.patterns.keys().map(String::as_str))
            .collect();
        let message = format!(
            "normalization `{}` is unknown; expected one of `{}`, or one that `[patterns]` of {SETTINGS} defines",
            name.escape_debug(),
            known.join("`, `")
        );
        Err((message, did_you_mean(name, known)))
    }
}

/// A number of seconds of a file.
pub(super) fn seconds(source: &Source, value: &Spanned<u64>) -> Result<Duration, Box<Located>> {
    within(source, value, MOST_SECONDS).map(Duration::from_secs)
}

fn within(source: &Source, value: &Spanned<u64>, most: u64) -> Result<u64, Box<Located>> {
    let number = *value.get_ref();
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    let message = format!("{number} is out of range; expected a number from 1 to {most}");
    Err(source.error_at(value.span(), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let source = Source {
            path: SETTINGS.into(),
            text: text.to_owned(),
        };
        let error = Settings::parse(&source).expect_err("it is wrong");
        crate::testing::with_hint(&*error)
    }

    #[test]
    fn what_is_wrong_is_shown_with_its_place() {
        assert_eq!(
            error("timeout-seconds = 0\n"),
            "parity.toml:1:19: 0 is out of range; expected a number from 1 to 86400\n  1 | timeout-seconds = 0\n    |                   ^"
        );
        let message = error("normalize = ['iso-time']\n");
        let expected = "parity.toml:1:14: normalization `iso-time` is unknown; expected one of `dates`, `durations`, `iso-times`, ";
        assert!(message.starts_with(expected), "{message}");
        assert!(
            message.ends_with("\nhint: did you mean `iso-times`?"),
            "{message}"
        );
        let message = error("[patterns.dates]\nfind = 'x'\nreplace = 'y'\n");
        let expected = "parity.toml:1:11: `dates` is a normalization that every corpus has; expected another name";
        assert!(message.starts_with(expected), "{message}");
        let message = error("[patterns.x]\nfind = '{digit}'\nreplace = 'y'\n");
        assert!(
            message.starts_with("parity.toml:2:8: placeholder `digit` is unknown"),
            "{message}"
        );
        let message = error("timeout = 3\n");
        assert!(
            message.starts_with("parity.toml:1:1: unknown field `timeout`, expected one of "),
            "{message}"
        );
    }
}
