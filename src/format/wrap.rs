//! Text in lines of limited width.

/// The width that the tools of Debian and Fedora expect of text files.
const WIDTH: usize = 79;

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

/// Wraps a description: paragraphs, which readers may rewrap, and list items, which they must not and which are one
/// column further in. `gap` stands for a blank line.
pub(super) fn paragraphs(description: &str, indent: &str, gap: &str) -> String {
    let (point, rest) = (format!("{indent} "), format!("{indent}   "));
    let mut text = String::new();
    let mut paragraph = String::new();
    let mut is_after_gap = false;
    let flush = |paragraph: &mut String, text: &mut String| {
        if !paragraph.is_empty() {
            *text += &wrap(paragraph, indent, indent);
            paragraph.clear();
        }
    };
    for line in description.lines() {
        let words = line.trim();
        let is_point = ["- ", "* "].iter().any(|mark| words.starts_with(mark));
        if words.is_empty() || is_point {
            flush(&mut paragraph, &mut text);
        }
        // A gap is written only before something that follows it, so that there is none at either end.
        if !words.is_empty() && std::mem::take(&mut is_after_gap) && !text.is_empty() {
            text += gap;
        }
        match (words.is_empty(), is_point) {
            (true, _) => is_after_gap = true,
            (_, true) => text += &wrap(words, &point, &rest),
            _ => paragraph = format!("{paragraph} {words}"),
        }
    }
    flush(&mut paragraph, &mut text);
    text
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
