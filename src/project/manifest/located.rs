//! Text files with errors that show the place.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::model::hint::Hint;
use crate::model::text::InvalidText;
use crate::output::path_error::PathError;

/// A text file in memory, for errors that point into it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path, as the user gave it.
    pub path: PathBuf,
    /// The content.
    pub text: String,
}

/// A text file that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] PathError),
    /// The file is not text.
    #[error("{}:{line}:{column}: not valid UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first wrong byte, from 1.
        line: usize,
        /// Its column in characters, from 1.
        column: usize,
    },
}

/// An error about a place in a text file. Displays as `path:line:column: message`, followed by the line itself
/// with the place underlined.
#[derive(Debug)]
pub struct Located {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The whole line.
    pub source_line: String,
    /// The number of characters to underline; at least 1.
    pub width: usize,
    /// What is wrong and what was expected.
    pub message: String,
    /// Advice, if there is any.
    pub hint: Option<String>,
}

impl Source {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let bytes = std::fs::read(path).map_err(PathError::reading(path))?;
        Self::from_bytes(path, bytes)
    }

    /// The content of a file.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, ReadError> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self {
                path: path.to_owned(),
                text,
            }),
            Err(error) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let (line, column) = position(&String::from_utf8_lossy(valid));
                Err(ReadError::NotUtf8 {
                    path: path.to_owned(),
                    line,
                    column,
                })
            }
        }
    }

    /// An error about a range of bytes.
    pub fn error_at(&self, span: Range<usize>, message: impl Into<String>) -> Box<Located> {
        let start = self.text.floor_char_boundary(span.start);
        let (line, column) = position(&self.text[..start]);
        let source_line = self.text.lines().nth(line - 1).unwrap_or_default();
        let end = self.text.floor_char_boundary(span.end).max(start);
        let meant = self.text[start..end].lines().next().unwrap_or_default();
        Box::new(Located {
            path: self.path.clone(),
            line,
            column,
            source_line: source_line.to_owned(),
            width: meant.chars().count().max(1),
            message: message.into(),
            hint: None,
        })
    }

    /// An error about a text in a range of bytes.
    pub fn invalid_at(&self, span: Range<usize>, error: &InvalidText) -> Box<Located> {
        let located = self.error_at(span, error.to_string());
        match error.hint() {
            Some(hint) => located.with_hint(hint),
            None => located,
        }
    }
}

/// The line and the column after a text, both from 1.
fn position(before: &str) -> (usize, usize) {
    let line = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[line_start..].chars().count() + 1)
}

impl Located {
    /// Adds advice.
    #[must_use]
    pub fn with_hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, .. } = self;
        writeln!(
            f,
            "{}:{line}:{column}: {}",
            self.path.display(),
            self.message
        )?;
        let number = line.to_string();
        let shown = self.source_line.replace('\t', " ");
        writeln!(f, "  {number} | {}", shown.trim_end())?;
        let (gap, carets) = (" ".repeat(number.len()), "^".repeat(self.width));
        write!(f, "  {gap} | {}{carets}", " ".repeat(column - 1))
    }
}

impl std::error::Error for Located {}

impl Hint for Located {
    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source {
            path: "x.toml".into(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn an_error_shows_its_line_with_the_place_underlined() {
        let error = source("a = 1\nbö = 22\n").error_at(12..14, "too large");
        let error = error.with_hint("take 21");
        assert_eq!(
            error.to_string(),
            "x.toml:2:6: too large\n  2 | bö = 22\n    |      ^^"
        );
        assert_eq!(error.hint().as_deref(), Some("take 21"));
    }

    #[test]
    fn an_error_at_the_end_of_the_text_has_a_place_too() {
        let error = source("a =").error_at(3..3, "no value");
        assert_eq!(
            error.to_string(),
            "x.toml:1:4: no value\n  1 | a =\n    |    ^"
        );
    }

    #[test]
    fn a_span_over_several_lines_is_underlined_on_the_first() {
        let error = source("[a]\nb = 1\n").error_at(0..9, "wrong");
        assert_eq!(error.width, 3);
    }
}
