//! Text for a terminal.

use std::fmt::Write;

/// Replaces the control characters of a text, but for its line breaks. A file name may hold them, and a terminal obeys
/// them: they move, recolor or hide what else is said.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) {
            printable.push(character);
        } else {
            printable.extend(character.escape_default());
        }
    }
    printable
}

/// Does the same for JSON, whose strings have an escape of their own (RFC 8259, section 7).
pub fn printable_json(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) {
            printable.push(character);
        } else {
            write!(printable, "\\u{:04x}", u32::from(character)).expect("a string takes all text");
        }
    }
    printable
}

fn is_harmless(character: char) -> bool {
    // Besides the control characters, those that turn the direction of writing (Unicode Standard Annex 9).
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    matches!(character, '\n' | '\t') || !(character.is_control() || turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(
            printable("a\x1b[2Jb\r\u{9b}1m\u{202e}c"),
            "a\\u{1b}[2Jb\\r\\u{9b}1m\\u{202e}c"
        );
        assert_eq!(
            printable("lines\nand\ttabs, ümläut"),
            "lines\nand\ttabs, ümläut"
        );
    }

    #[test]
    fn json_stays_json() {
        let text = printable_json("\"a\u{7f}\u{9b}b\"\n");
        assert_eq!(text, "\"a\\u007f\\u009bb\"\n");
        let value: String = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(value, "a\u{7f}\u{9b}b");
    }
}
