//! HTML and SVG, written so that no text can become an element.

use std::fmt::{self, Display, Write};

/// Attributes: names of this program with values of anybody.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a dyn Display)];

/// A document under construction. Only texts of this program are taken as they are; every other one is escaped.
#[derive(Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds markup of this program itself.
    pub(super) fn raw(&mut self, markup: &'static str) {
        self.0 += markup;
    }

    /// Adds the style sheet, which has no text of anybody else.
    pub(super) fn style(&mut self, sheet: &str) {
        self.0 += sheet;
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: impl Display) {
        let mut escaped = Escaped(&mut self.0);
        write!(escaped, "{text}").expect("a string takes all text");
    }

    /// Adds an element with what is in it.
    pub(super) fn within(
        &mut self,
        tag: &'static str,
        attributes: Attributes<'_>,
        content: impl FnOnce(&mut Self),
    ) {
        self.start(tag, attributes);
        self.0.push('>');
        content(self);
        self.0 += "</";
        self.0 += tag;
        self.0.push('>');
    }

    /// Adds an element with a text.
    pub(super) fn leaf(
        &mut self,
        tag: &'static str,
        attributes: Attributes<'_>,
        text: impl Display,
    ) {
        self.within(tag, attributes, |markup| markup.text(text));
    }

    /// Adds an element of SVG that holds nothing.
    pub(super) fn shape(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.start(tag, attributes);
        self.0 += "/>";
    }

    /// Ends a line, which keeps the source readable.
    pub(super) fn line(&mut self) {
        self.0.push('\n');
    }

    fn start(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.0.push('<');
        self.0 += tag;
        for (name, value) in attributes {
            self.0.push(' ');
            self.0 += name;
            self.0 += "=\"";
            self.text(value);
            self.0.push('"');
        }
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Escapes what is written, for elements and for attributes in double quotes (HTML, section 13.1.2).
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(character),
                // As on a terminal, text that is turned around does not look like another text.
                _ if character.is_control() || turns(character) => {
                    self.0.extend(character.escape_default());
                }
                _ => self.0.push(character),
            }
        }
        Ok(())
    }
}

/// Whether a character changes the direction of writing (Unicode Standard Annex 9).
fn turns(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number of a drawing, with two decimals at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Px(pub f64);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// A share of a drawing's width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share(pub f64);

impl Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", Px(100.0 * self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut markup = Markup::default();
        let hostile = "</title><script>alert('1')</script> \" onload=\"x";
        markup.leaf("title", &[("class", &hostile)], hostile);
        let escaped =
            "&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot; onload=&quot;x";
        let expected = format!("<title class=\"{escaped}\">{escaped}</title>");
        assert_eq!(markup.finish(), expected);
    }

    #[test]
    fn text_cannot_turn_around() {
        let mut markup = Markup::default();
        markup.text("a\u{202e}b\0c\u{1b}[1m\nd");
        assert_eq!(markup.finish(), "a\\u{202e}b\\u{0}c\\u{1b}[1m\nd");
    }

    #[test]
    fn numbers_are_short() {
        let text = |number| Px(number).to_string();
        assert_eq!([text(1.0), text(0.126), text(-0.001)], ["1", "0.13", "0"]);
        assert_eq!(Share(1.0 / 3.0).to_string(), "33.33%");
    }
}
