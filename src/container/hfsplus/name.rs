//! Names as a volume holds them: UTF-16, with marks apart from their letters.

use std::cmp::Ordering;

use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

use super::fold::folded;

/// The longest name.
const MAX_UNITS: usize = 255;

/// A file's name, or the volume's; empty in the key of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name(Vec<u16>);

impl Name {
    /// The name for a text. The error says why there is none.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        // macOS shows a `/` of the catalog as `:`, and has neither within a name.
        if let Some(c) = text.chars().find(|c| matches!(c, '\0' | '/' | ':')) {
            return Err(format!("it has the character `{}`", c.escape_debug()));
        }
        let units: Vec<u16> = decomposed(text).encode_utf16().collect();
        match units.len() {
            0 => Err("it is empty".to_owned()),
            1..=MAX_UNITS => Ok(Self(units)),
            long => Err(format!(
                "it has {long} UTF-16 units; expected at most {MAX_UNITS}"
            )),
        }
    }

    /// A name as it was read; `None` if the writer would have written another one.
    pub(super) fn read(units: Vec<u16>) -> Option<Self> {
        let text = String::from_utf16(&units).ok()?;
        let name = Self::new(&text).ok()?;
        (name.0 == units && !matches!(&*text, "." | "..")).then_some(name)
    }

    pub(super) fn units(&self) -> &[u16] {
        &self.0
    }

    /// The name as text.
    pub(super) fn text(&self) -> String {
        String::from_utf16(&self.0).expect("it was made of text")
    }

    /// The order of the catalog, in which names are equal that macOS takes for the same.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let a = self.0.iter().filter_map(|unit| folded(*unit));
        let b = other.0.iter().filter_map(|unit| folded(*unit));
        a.cmp(b)
    }
}

/// Takes marks off their letters as macOS does: canonical decomposition, but for symbols and for ideographs of other
/// encodings (Technical Q&A QA1173), and for what came after Unicode 3.2.
pub(crate) fn decomposed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut chars = Vec::new();
    for c in text.chars() {
        match c {
            '\u{2000}'..='\u{2fff}' | '\u{f900}'..='\u{faff}' => chars.push(c),
            '\u{1b00}'..='\u{1b7f}' | '\u{10000}'.. => chars.push(c),
            c => decompose_canonical(c, |part| chars.push(part)),
        }
    }
    // Marks that do not touch each other have one order; a letter has the class 0.
    for marks in chars.chunk_by_mut(|_, next| canonical_combining_class(*next) != 0) {
        let marks = match marks.first() {
            Some(first) if canonical_combining_class(*first) == 0 => &mut marks[1..],
            _ => marks,
        };
        marks.sort_by_key(|mark| canonical_combining_class(*mark));
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(a: &str, b: &str) -> Ordering {
        let name = |text: &str| Name::new(text).expect("a name");
        name(a).order(&name(b))
    }

    #[test]
    fn marks_are_taken_off_but_not_from_symbols() {
        assert_eq!(decomposed("caf\u{e9}"), "cafe\u{301}");
        assert_eq!(decomposed("\u{1ed9}"), "o\u{323}\u{302}");
        assert_eq!(decomposed("\u{ac00}"), "\u{1100}\u{1161}");
        // The Ångström sign, an ideograph for compatibility, and a letter that macOS does not know.
        for kept in ["\u{212b}", "\u{f900}", "\u{1b06}", "\u{1d15e}"] {
            assert_eq!(decomposed(kept), kept);
        }
    }

    #[test]
    fn marks_have_one_order() {
        assert_eq!(decomposed("a\u{302}\u{323}b"), "a\u{323}\u{302}b");
        assert_eq!(decomposed("\u{302}\u{323}"), "\u{323}\u{302}");
        assert_eq!(decomposed("a\u{301}\u{302}"), "a\u{301}\u{302}");
    }

    #[test]
    fn capitals_and_invisible_characters_make_no_difference() {
        assert_eq!(order("README", "readme"), Ordering::Equal);
        assert_eq!(order("\u{c4}rger", "a\u{308}RGER"), Ordering::Equal);
        assert_eq!(order("\u{1c5}", "\u{1c6}"), Ordering::Equal);
        assert_eq!(order("a\u{200d}b", "ab"), Ordering::Equal);
        // The sharp s and the final sigma are letters of their own.
        assert_eq!(order("stra\u{df}e", "strasse"), Ordering::Greater);
        assert_eq!(order("\u{3a3}", "\u{3c2}"), Ordering::Greater);
        assert_eq!(order("_", "A"), Ordering::Less);
        assert_eq!(order("a", "ab"), Ordering::Less);
    }

    #[test]
    fn what_no_volume_can_hold_is_refused() {
        let refusal = |text: &str| Name::new(text).expect_err("no name");
        assert_eq!(refusal(""), "it is empty");
        assert_eq!(refusal("a:b"), "it has the character `:`");
        assert!(Name::new(&"\u{e9}".repeat(127)).is_ok());
        // Each is two characters when the mark is apart.
        assert_eq!(
            refusal(&"\u{e9}".repeat(128)),
            "it has 256 UTF-16 units; expected at most 255"
        );
    }

    #[test]
    fn a_name_is_read_as_it_was_written() {
        let name = Name::new("caf\u{e9} \u{1f980}").expect("a name");
        assert_eq!(Name::read(name.0.clone()), Some(name));
        assert_eq!(Name::read(vec![0xe9]), None);
        assert_eq!(Name::read(vec![0xd800]), None);
        assert_eq!(Name::read(vec![0x2e, 0x2e]), None);
    }
}
