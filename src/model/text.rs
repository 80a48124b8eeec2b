//! Shared by every typed text: one error, and one macro for the traits of serde and the standard library.

use std::borrow::Cow;

use crate::model::hint::{Hint, did_you_mean};

/// A text that is not valid for its purpose. It is boxed, since it is a part of most errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} `{}` {}; expected {}", .0.what, .0.found.escape_debug(), .0.problem, .0.expected)]
pub struct InvalidText(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    /// The type of text, such as `version`.
    what: &'static str,
    /// What was given.
    found: String,
    /// A verb phrase.
    problem: Cow<'static, str>,
    /// The expected form.
    expected: Cow<'static, str>,
    hint: Option<String>,
}

impl InvalidText {
    /// A text that is not valid.
    pub fn new(what: &'static str, found: &str, expected: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            what,
            found: found.to_owned(),
            problem: "is not valid".into(),
            expected: expected.into(),
            hint: None,
        }))
    }

    /// A word that is not in a list, with a hint that names the word that was probably intended.
    pub fn unknown<'a>(
        what: &'static str,
        found: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<_> = known.into_iter().collect();
        let expected = format!("one of `{}`", known.join("`, `"));
        let mut unknown = Self::new(what, found, expected).with_problem("is unknown");
        unknown.0.hint = did_you_mean(found, known);
        unknown
    }

    /// What is wrong with it, as a verb phrase.
    pub fn problem(&self) -> &str {
        &self.0.problem
    }

    /// Sets what is wrong with it, as a verb phrase such as `is empty`.
    #[must_use]
    pub fn with_problem(mut self, problem: impl Into<Cow<'static, str>>) -> Self {
        self.0.problem = problem.into();
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }
}

impl Hint for InvalidText {
    fn hint(&self) -> Option<String> {
        self.0.hint.clone()
    }
}

/// What stands between an error and its advice in an error of serde, which holds nothing but text. A text that was found is
/// escaped, so it has no line break of its own.
const ADVICE: &str = "\nhint: ";

impl InvalidText {
    /// The error for serde. Whoever shows it takes the advice off again with [`split_advice`].
    pub(crate) fn for_serde<E: serde::de::Error>(self) -> E {
        match self.hint() {
            Some(hint) => E::custom(format!("{self}{ADVICE}{hint}")),
            None => E::custom(self),
        }
    }
}

/// The text and the advice of an error of serde.
pub(crate) fn split_advice(message: &str) -> (&str, Option<&str>) {
    match message.split_once(ADVICE) {
        Some((text, advice)) => (text, Some(advice)),
        None => (message, None),
    }
}

/// Implements the traits that a typed text needs besides `FromStr`.
///
/// `typed_text!(Type)` makes serde read the type by its `FromStr` and write it by its `Display`.
/// `typed_text!(Type(String))` is for a type that contains the text itself: it also gets `Display`, `Deref` and `as_str`.
macro_rules! typed_text {
    ($type:ident(String)) => {
        impl $type {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::ops::Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        $crate::model::text::typed_text!($type);
    };
    ($type:ident) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse()
                    .map_err($crate::model::text::InvalidText::for_serde)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
    };
}

pub(crate) use typed_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_what_was_found_and_what_was_expected() {
        let error = InvalidText::new("color", "b\nue", "a color such as `blue`");
        assert_eq!(
            error.to_string(),
            "color `b\\nue` is not valid; expected a color such as `blue`"
        );
        assert_eq!(error.hint(), None);
        assert_eq!(
            error.with_problem("has two lines").to_string(),
            "color `b\\nue` has two lines; expected a color such as `blue`"
        );
    }

    #[test]
    fn serde_keeps_the_advice() {
        let error = InvalidText::new("color", "b\nhint: x", "another").with_hint("write `blue`");
        let message = error.for_serde::<serde::de::value::Error>().to_string();
        let text = "color `b\\nhint: x` is not valid; expected another";
        assert_eq!(split_advice(&message), (text, Some("write `blue`")));
        assert_eq!(split_advice("plain"), ("plain", None));
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_known_ones() {
        let error = InvalidText::unknown("color", "bleu", ["red", "blue"]);
        assert_eq!(
            error.to_string(),
            "color `bleu` is unknown; expected one of `red`, `blue`"
        );
        assert_eq!(error.hint().as_deref(), Some("did you mean `blue`?"));
    }
}
