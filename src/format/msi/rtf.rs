//! Plain text as Rich Text Format, which the installer shows texts with that can be scrolled (RTF specification 1.9.1).

use std::fmt::Write;

/// The text in a font of windows, on one line. Characters beyond ASCII are numbers of 16 bits with a sign, each with a stand-in.
pub(super) fn rtf(text: &str) -> String {
    let mut out =
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil Tahoma;}}\\uc1\\f0\\fs16 "
            .to_owned();
    let mut units = [0; 2];
    for c in text.chars() {
        match c {
            '\\' | '{' | '}' => out.extend(['\\', c]),
            '\n' => out.push_str("\\par "),
            '\t' => out.push_str("\\tab "),
            // A page that ends.
            '\u{c}' => out.push_str("\\par "),
            c if c.is_ascii_control() => {}
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{}?", *unit as i16);
                }
            }
        }
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rtf_would_take_for_its_own_is_escaped() {
        let text = rtf("a\\b {c}\n\td");
        assert!(
            text.ends_with("\\fs16 a\\\\b \\{c\\}\\par \\tab d}"),
            "{text}"
        );
    }

    #[test]
    fn other_letters_are_signed_numbers_of_16_bits() {
        let text = rtf("ü\u{ffe6}\u{1f600}\u{1}");
        assert!(
            text.ends_with("\\u252?\\u-26?\\u-10179?\\u-8704?}"),
            "{text}"
        );
    }
}
