//! Rust source as tokens, as far as declarations need it: comments, literals and lifetimes cannot be taken for code.

/// A token of Rust source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// An identifier or a keyword; of a raw one what follows `r#`.
    Word(String),
    /// The content of a string literal, with the escapes that names of symbols use replaced.
    Text(String),
    /// A punctuation character, or the first character of a number.
    Mark(char),
}

impl Token {
    /// Whether it is this identifier.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found == word)
    }

    /// Whether it is this punctuation character.
    pub fn is_mark(&self, mark: char) -> bool {
        *self == Self::Mark(mark)
    }
}

/// Splits source into tokens. Anything that is not Rust gives some tokens, too.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut scanner = Scanner { rest: source };
    let mut tokens = Vec::new();
    while let Some(token) = scanner.next_token() {
        tokens.push(token);
    }
    tokens
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn next_token(&mut self) -> Option<Token> {
        self.skip_blanks();
        let first = self.rest.chars().next()?;
        if let Some(text) = self.raw_string().or_else(|| self.string()) {
            return Some(Token::Text(text));
        }
        if is_word(first) {
            return Some(Token::Word(self.word().to_owned()));
        }
        if first == '\'' {
            self.character_or_lifetime();
            return Some(Token::Mark('\''));
        }
        self.advance(first.len_utf8());
        Some(Token::Mark(first))
    }

    fn advance(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.starts_with("//") {
                self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                self.skip_block_comment();
            } else {
                return;
            }
        }
    }

    /// Rust's block comments nest.
    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        while !self.rest.is_empty() {
            let length = if self.rest.starts_with("/*") {
                depth += 1;
                2
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                2
            } else {
                self.rest.chars().next().map_or(0, char::len_utf8)
            };
            self.advance(length);
            if depth == 0 {
                return;
            }
        }
    }

    /// `r"…"`, `r#"…"#`, and the same of bytes and C strings.
    fn raw_string(&mut self) -> Option<String> {
        let after = ["r", "br", "cr"]
            .iter()
            .find_map(|prefix| self.rest.strip_prefix(prefix))?;
        let body = after.trim_start_matches('#');
        let hashes = &after[..after.len() - body.len()];
        let body = body.strip_prefix('"')?;
        let end = format!("\"{hashes}");
        let length = body.find(&end).unwrap_or(body.len());
        self.rest = body.get(length + end.len()..).unwrap_or_default();
        Some(body[..length].to_owned())
    }

    fn string(&mut self) -> Option<String> {
        let prefixes = ["\"", "b\"", "c\""];
        let body = prefixes
            .iter()
            .find_map(|prefix| self.rest.strip_prefix(prefix))?;
        let mut escaped = false;
        let end = body.find(|character| {
            let is_end = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            is_end
        });
        let length = end.unwrap_or(body.len());
        self.rest = body.get(length + 1..).unwrap_or_default();
        Some(
            body[..length]
                .replace("\\u{1}", "\u{1}")
                .replace("\\x01", "\u{1}"),
        )
    }

    fn word(&mut self) -> &'a str {
        let raw = self
            .rest
            .strip_prefix("r#")
            .filter(|rest| rest.starts_with(is_word));
        if raw.is_some() {
            self.advance(2);
        }
        self.advance(self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len()))
    }

    /// `'a'` is a character, `'a` a lifetime: only the former has an end.
    fn character_or_lifetime(&mut self) {
        self.advance(1);
        let mut characters = self.rest.chars();
        let length = match (characters.next(), characters.next()) {
            (Some('\\'), Some(escaped)) => {
                let start = 1 + escaped.len_utf8();
                self.rest[start..]
                    .find('\'')
                    .map_or(start, |end| start + end + 1)
            }
            (Some(character), Some('\'')) => character.len_utf8() + 1,
            _ => 0,
        };
        self.advance(length);
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> String {
        let shown = |token: &Token| match token {
            Token::Word(word) => word.clone(),
            Token::Text(text) => format!("<{}>", text.escape_debug()),
            Token::Mark(mark) => mark.to_string(),
        };
        let all: Vec<String> = tokens(source).iter().map(shown).collect();
        all.join(" ")
    }

    #[test]
    fn comments_are_no_code() {
        let source = "a // fn b();\n/* x /* y */ \" */ c /* open";
        assert_eq!(shown(source), "a c");
    }

    #[test]
    fn literals_are_no_code() {
        assert_eq!(
            shown(r##"f("a\"b{", r#"c"d"#, b'"', '\'', '{') g"##),
            r##"f ( <a\\\"b{> , <c\"d> , b ' , ' , ' ) g"##
        );
        assert_eq!(
            shown("fn f<'a>(x: &'a str)"),
            "fn f < ' a > ( x : & ' a str )"
        );
        assert_eq!(shown("'\u{e9}' '\\u{1f}' x"), "' ' x");
    }

    #[test]
    fn names_that_are_used_as_they_are_begin_with_a_control_character() {
        assert_eq!(
            tokens(r#""\u{1}_f" "\x01_f""#),
            [Token::Text("\u{1}_f".into()), Token::Text("\u{1}_f".into())]
        );
    }

    #[test]
    fn raw_identifiers_are_the_identifier() {
        assert_eq!(shown("r#type r"), "type r");
    }

    #[test]
    fn what_has_no_end_ends_with_the_file() {
        for source in ["\"abc", "r#\"abc", "/* abc", "'\\", "'", "b'"] {
            tokens(source);
        }
    }
}
