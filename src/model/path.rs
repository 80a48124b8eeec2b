//! Paths below a root, and file names, which are always valid.

use std::path::{MAIN_SEPARATOR, Path};
use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A path below some root: relative, `/`-separated, normalized, without control characters or backslashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativePath(String);

impl RelativePath {
    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The path with a suffix, unless it already ends with it.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> RelativePath {
        match self.0.ends_with(suffix) {
            true => self.clone(),
            false => Self(format!("{}{suffix}", self.0)),
        }
    }

    /// The path of something below this directory.
    #[must_use]
    pub fn join(&self, below: &RelativePath) -> RelativePath {
        Self(format!("{}/{}", self.0, below.0))
    }

    /// The rest of the path below a directory; `None` if it is not below it.
    pub fn below(&self, directory: &RelativePath) -> Option<RelativePath> {
        let rest = self.0.strip_prefix(&directory.0)?.strip_prefix('/')?;
        Some(Self(rest.to_owned()))
    }

    /// The directories above it, the innermost first, without the root.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        self.0.rmatch_indices('/').map(|(end, _)| &self.0[..end])
    }
}

impl FromStr for RelativePath {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        match problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(problem) => {
                let expected = "a relative path such as `share/doc/README`";
                Err(InvalidText::new("path", text, expected).with_problem(problem))
            }
        }
    }
}

typed_text!(RelativePath(String));

fn problem(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("is empty");
    }
    if text.starts_with('/') {
        return Some("is absolute");
    }
    if text.contains(char::is_control) {
        return Some("holds a control character");
    }
    if text.contains('\\') {
        return Some("holds a backslash");
    }
    text.split('/').find_map(|component| match component {
        "" => Some("has an empty component"),
        "." => Some("has the component `.`"),
        ".." => Some("has the component `..`, which leads outside the tree"),
        _ => None,
    })
}

/// A relative path of this machine as text, separated by `/`; `None` if it is not UTF-8.
pub(crate) fn slashed(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    Some(match MAIN_SEPARATOR {
        '/' => text.to_owned(),
        separator => text.replace(separator, "/"),
    })
}

/// The name of a file in a directory: a [`RelativePath`] of one component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FromStr for FileName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if problem(text).is_none() && !text.contains('/') {
            Ok(Self(text.to_owned()))
        } else {
            let expected = "a plain name without `/` and control characters";
            Err(InvalidText::new("file name", text, expected))
        }
    }
}

typed_text!(FileName(String));

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelativePath {
        text.parse().expect(text)
    }

    #[test]
    fn a_path_that_could_leave_its_root_is_refused() {
        for text in [
            "", "/etc", "..", "a/../b", "a//b", "a/", "./a", "a/.", "a\\b", "a\nb", "a\0",
        ] {
            assert!(text.parse::<RelativePath>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn dots_inside_names_are_no_components() {
        for text in ["...", "a..b", ".hidden", "a/b.c/..d"] {
            assert_eq!(path(text).as_str(), text);
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        let error = "../up".parse::<RelativePath>().expect_err("leads out");
        assert_eq!(
            error.to_string(),
            "path `../up` has the component `..`, which leads outside the tree; \
             expected a relative path such as `share/doc/README`"
        );
    }

    #[test]
    fn below_needs_a_whole_component() {
        assert_eq!(path("a/b/c").below(&path("a")), Some(path("b/c")));
        assert_eq!(path("ab/c").below(&path("a")), None);
        assert_eq!(path("a").below(&path("a")), None);
    }

    #[test]
    fn parents_go_outwards() {
        let path = path("a/b/c");
        assert_eq!(path.parents().collect::<Vec<_>>(), ["a/b", "a"]);
    }

    #[test]
    fn a_file_name_has_one_component() {
        assert_eq!(
            "a.deb".parse::<FileName>().expect("plain").as_str(),
            "a.deb"
        );
        assert!("a/b".parse::<FileName>().is_err());
        assert!("..".parse::<FileName>().is_err());
    }
}
