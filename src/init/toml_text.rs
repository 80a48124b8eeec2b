//! Strings in TOML's notation.

use std::fmt::Write;

/// A basic string (TOML 1.0, "String").
pub(super) fn quoted(text: &str) -> String {
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

/// An array of basic strings, on one line.
pub(super) fn array<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
