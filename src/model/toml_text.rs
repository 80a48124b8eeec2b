//! Strings in TOML's notation.

use std::fmt::Write;

/// A basic string (TOML 1.0, "String").
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(control)).expect("a string takes all text");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A text of several lines (TOML 1.0, "String"): a newline after the opening quotes is trimmed.
pub(crate) fn lines(text: &str) -> String {
    let mut quoted_lines = String::from("\"\"\"\n");
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let quoted = quoted(line);
        let inside = &quoted[1..quoted.len() - 1];
        // Single quotation marks may stand as they are.
        let inside = match inside.contains("\\\"\\\"") {
            true => inside.to_owned(),
            false => inside.replace("\\\"", "\""),
        };
        quoted_lines.extend([inside.as_str(), end]);
    }
    quoted_lines.push_str("\"\"\"");
    quoted_lines
}

/// An array of basic strings, on one line.
pub(crate) fn array<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_back() {
        for text in [
            "a\n\nb",
            "#!/bin/sh\n[ \"$1\" = x ]\n",
            "\"\"\"\n\\\n",
            "a \"\"\"\" b\n\"",
            "\ta\r\n",
        ] {
            let document = format!("key = {}", lines(text));
            let table: std::collections::BTreeMap<String, String> =
                toml::from_str(&document).expect("valid TOML");
            assert_eq!(table["key"], text);
        }
    }

    #[test]
    fn what_is_quoted_is_read_back() {
        for text in ["plain", "a \"b\" \\c", "tab\tbell\u{7}", "ümlaut", "\u{85}"] {
            let document = format!("key = {}", quoted(text));
            let table: std::collections::BTreeMap<String, String> =
                toml::from_str(&document).expect("valid TOML");
            assert_eq!(table["key"], text);
        }
    }
}
