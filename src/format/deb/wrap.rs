//! Text in lines of limited width.

/// The width that Debian's tools expect of text files.
pub(super) const WIDTH: usize = 79;

/// Wraps a text between words. `first` is the prefix of the first line, `rest` of the others. A word that is longer
/// than a line is not split.
pub(super) fn wrap(text: &str, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let width = line.chars().count() + 1 + word.chars().count();
        if !is_empty && width > WIDTH {
            lines += &line;
            lines.push('\n');
            line = rest.to_owned();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line += word;
        is_empty = false;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        let text = wrap(&"word ".repeat(20), "  * ", "    ");
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(format!("  * {}", ["word"; 15].join(" ")).as_str())
        );
        assert_eq!(
            lines.next(),
            Some(format!("    {}", ["word"; 5].join(" ")).as_str())
        );
        assert!(text.ends_with("word\n"));
    }

    #[test]
    fn a_long_word_stays_whole() {
        let long = "x".repeat(200);
        assert_eq!(wrap(&long, " ", " "), format!(" {long}\n"));
    }
}
