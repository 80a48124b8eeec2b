//! Text in lines of fields with tabs between them.

/// A value without tabs and ends of lines.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out
}

/// The value again; `None` if it was not written by [`escaped`].
pub fn unescaped(field: &str) -> Option<String> {
    let mut out = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(c) = characters.next() {
        out.push(match c {
            '\\' => match characters.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_survives() {
        for text in ["", "plain", "a\\b\tc\r\nd", "\\n", "Grüße"] {
            let field = escaped(text);
            assert!(!field.contains(['\t', '\n', '\r']));
            assert_eq!(unescaped(&field).as_deref(), Some(text));
        }
        assert_eq!(unescaped("\\x"), None);
        assert_eq!(unescaped("\\"), None);
    }
}
