//! `cfg(…)` predicates, judged for macOS.

use super::tokens::Token;

/// Whether something exists on macOS, by a `cfg` predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exists {
    /// In every build.
    Yes,
    /// In no build.
    No,
    /// It depends on features and the like.
    Maybe,
}

impl Exists {
    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }

    fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// Judges the predicate inside the parentheses of `cfg(…)`, or before the first comma of `cfg_attr(…)`.
pub fn exists(predicate: &[Token]) -> Exists {
    Reader { rest: predicate }.predicate()
}

struct Reader<'a> {
    rest: &'a [Token],
}

impl Reader<'_> {
    fn predicate(&mut self) -> Exists {
        let [Token::Word(name), rest @ ..] = self.rest else {
            self.rest = &[];
            return Exists::Maybe;
        };
        self.rest = rest;
        match self.rest {
            [Token::Mark('('), rest @ ..] => {
                self.rest = rest;
                self.combination(name)
            }
            [Token::Mark('='), Token::Text(value), rest @ ..] => {
                self.rest = rest;
                judge(name, value)
            }
            _ => judge_flag(name),
        }
    }

    /// `all`, `any` and `not`, behind their opening parenthesis.
    fn combination(&mut self, name: &str) -> Exists {
        let mut parts = Vec::new();
        while let Some(token) = self.rest.first() {
            match token {
                Token::Mark(')') => break,
                Token::Mark(',') => self.rest = &self.rest[1..],
                _ => parts.push(self.predicate()),
            }
        }
        self.rest = self.rest.get(1..).unwrap_or_default();
        match name {
            "all" => all(&parts),
            "any" => all(&parts.iter().map(|part| part.not()).collect::<Vec<_>>()).not(),
            "not" => parts.first().map_or(Exists::Maybe, |part| part.not()),
            _ => Exists::Maybe,
        }
    }
}

fn all(parts: &[Exists]) -> Exists {
    if parts.contains(&Exists::No) {
        Exists::No
    } else if parts.contains(&Exists::Maybe) {
        Exists::Maybe
    } else {
        Exists::Yes
    }
}

fn judge(name: &str, value: &str) -> Exists {
    match name {
        "target_os" => Exists::of(value == "macos"),
        "target_vendor" => Exists::of(value == "apple"),
        "target_family" => Exists::of(value == "unix"),
        "target_env" => Exists::of(value.is_empty()),
        "target_pointer_width" => Exists::of(value == "64"),
        "target_arch" if !matches!(value, "x86_64" | "aarch64") => Exists::No,
        _ => Exists::Maybe,
    }
}

fn judge_flag(name: &str) -> Exists {
    match name {
        "unix" => Exists::Yes,
        "windows" | "doc" | "docsrs" | "miri" => Exists::No,
        _ => Exists::Maybe,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn predicates_are_judged_for_macos() {
        for (predicate, expected) in [
            ("target_os = \"macos\"", Exists::Yes),
            ("target_os = \"ios\"", Exists::No),
            ("not(target_os = \"ios\")", Exists::Yes),
            (
                "any(target_os = \"ios\", target_os = \"macos\")",
                Exists::Yes,
            ),
            ("all(unix, not(target_vendor = \"apple\"))", Exists::No),
            ("all(unix, feature = \"x\")", Exists::Maybe),
            ("any(windows, feature = \"x\")", Exists::Maybe),
            ("any(doc, target_arch = \"x86\")", Exists::No),
            ("target_arch = \"aarch64\"", Exists::Maybe),
            ("all()", Exists::Yes),
            ("any()", Exists::No),
            ("version(\"1.2\")", Exists::Maybe),
            ("not(", Exists::Maybe),
            ("", Exists::Maybe),
        ] {
            assert_eq!(exists(&tokens(predicate)), expected, "{predicate}");
        }
    }
}
