//! Bytes as people can read them.

use std::fmt::Write;

/// How many bytes of a line are shown before and behind a difference.
const AROUND: usize = 60;

/// The place of a byte: its line, and its column in characters, both from 1.
pub(super) fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = &bytes[..offset.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = line_start(before);
    let mut column = 1;
    // A byte in a character is at the place of that character.
    for chunk in before[start..].utf8_chunks() {
        column += chunk.valid().chars().count();
        let rest = chunk.invalid();
        let is_begun = !rest.is_empty() && begins_character(rest, &bytes[offset..]);
        column += if is_begun { 0 } else { rest.len() };
    }
    (line, column)
}

/// Whether some bytes at the end and those that follow are a character together.
fn begins_character(begun: &[u8], following: &[u8]) -> bool {
    (1..=3).any(|count| {
        let rest = following.get(..count);
        rest.is_some_and(|rest| std::str::from_utf8(&[begun, rest].concat()).is_ok())
    })
}

/// The line that holds a byte, in quotes and with everything that cannot be printed escaped; of a long line, what is around
/// that byte.
pub(super) fn line_at(bytes: &[u8], offset: usize) -> String {
    let offset = offset.min(bytes.len());
    let start = line_start(&bytes[..offset]);
    let rest = &bytes[offset..];
    let end = rest.iter().position(|byte| *byte == b'\n');
    let end = end.map_or(bytes.len(), |end| offset + end + 1);
    if start == bytes.len() {
        return "the end".to_owned();
    }
    let (from, to) = (
        start.max(offset.saturating_sub(AROUND)),
        end.min(offset + AROUND),
    );
    let (from, to) = (boundary(bytes, from, start), boundary(bytes, to, from));
    let before = if from > start { "…" } else { "" };
    let after = if to < end { "…" } else { "" };
    format!("{before}\"{}\"{after}", escaped(&bytes[from..to]))
}

/// The beginning of the character that an offset is in.
fn boundary(bytes: &[u8], offset: usize, least: usize) -> usize {
    let is_inside = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    // A character has four bytes at most; what is more is none.
    let candidates = (least.max(offset.saturating_sub(3))..=offset).rev();
    candidates
        .into_iter()
        .find(|at| !is_inside(at))
        .unwrap_or(offset)
}

fn line_start(before: &[u8]) -> usize {
    before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1)
}

/// Text as in a string of Rust, with `\xff` for bytes that are no text.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => text.push('\''),
                _ => text.extend(character.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("a string takes all text");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        let text = "a\nbü€c\n".as_bytes();
        let places: Vec<_> = (0..=text.len())
            .map(|offset| position(text, offset))
            .collect();
        let expected = [
            (1, 1),
            (1, 2),
            (2, 1),
            (2, 2),
            (2, 2),
            (2, 3),
            (2, 3),
            (2, 3),
            (2, 4),
            (2, 5),
            (3, 1),
        ];
        assert_eq!(places, expected);
        assert_eq!(position(b"\xff\xffa", 2), (1, 3));
    }

    #[test]
    fn what_cannot_be_printed_is_escaped() {
        assert_eq!(
            line_at(b"x\na\x1b\xff'\"\t\nb", 3),
            "\"a\\u{1b}\\xff'\\\"\\t\\n\""
        );
        assert_eq!(line_at(b"x\n", 2), "the end");
        assert_eq!(line_at(b"", 0), "the end");
        assert_eq!(line_at(b"x", 1), "\"x\"");
    }

    #[test]
    fn of_a_long_line_the_middle_is_shown() {
        let mut line = "ü".repeat(100);
        line.push('X');
        line.push_str(&"y".repeat(100));
        let shown = line_at(line.as_bytes(), 200);
        assert!(shown.starts_with("…\"ü"), "{shown}");
        assert!(shown.contains("üXyy") && shown.ends_with("y\"…"), "{shown}");
        assert!(shown.chars().count() < 100, "{shown}");
    }
}
