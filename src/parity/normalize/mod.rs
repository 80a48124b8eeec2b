//! What may differ from run to run, declared by name.

mod builtin;
mod pattern;

use std::collections::BTreeMap;

pub(super) use builtin::{BUILTINS, Builtin};
pub(super) use pattern::Pattern;

/// What a run knows of itself, which its output may hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// The paths of the current directory, longest first.
    pub(super) directories: Vec<Vec<u8>>,
    /// The paths of the directory for temporary files, longest first.
    pub(super) temporary: Vec<Vec<u8>>,
    /// The program's path as it was started, and its name.
    pub(super) program: [Vec<u8>; 2],
}

/// A normalization.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    /// One that every corpus knows.
    Builtin(&'static Builtin),
    /// One of this corpus.
    Pattern { find: Pattern, replace: String },
}

/// The normalizations of a case by their names. Of those that match at a place the longest match counts, then the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules(pub(super) Vec<(String, Rule)>);

/// How often each normalization changed something.
pub(super) type Counts = BTreeMap<String, u64>;

impl Rules {
    /// Replaces all matches, and counts them.
    pub(super) fn apply(
        &self,
        bytes: &[u8],
        around: &Surroundings,
        counts: &mut Counts,
    ) -> Vec<u8> {
        if self.0.is_empty() {
            return bytes.to_vec();
        }
        let mut normalized = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match self.longest(bytes, at, around) {
                Some((name, length, replacement)) => {
                    // A text that stands for itself, as in what was normalized before, is nothing that was changed.
                    if &bytes[at..at + length] != replacement {
                        *counts.entry(name.to_owned()).or_default() += 1;
                    }
                    normalized.extend_from_slice(replacement);
                    at += length;
                }
                None => {
                    normalized.push(*byte);
                    at += 1;
                }
            }
        }
        normalized
    }

    fn longest(
        &self,
        bytes: &[u8],
        at: usize,
        around: &Surroundings,
    ) -> Option<(&str, usize, &[u8])> {
        let mut best: Option<(&str, usize, &[u8])> = None;
        for (name, rule) in &self.0 {
            let (length, replacement) = match rule {
                Rule::Builtin(builtin) => {
                    ((builtin.matches)(bytes, at, around), builtin.replacement)
                }
                Rule::Pattern { find, replace } => (find.matches(&bytes[at..]), replace.as_str()),
            };
            let most = best.map_or(0, |(_, length, _)| length);
            if let Some(length) = length.filter(|length| *length > most) {
                best = Some((name, length, replacement.as_bytes()));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around() -> Surroundings {
        Surroundings {
            directories: vec![b"/tmp/x/w".to_vec()],
            temporary: vec![b"/tmp/x/t".to_vec()],
            program: [b"/bin/sort".to_vec(), b"sort".to_vec()],
        }
    }

    fn normalized(names: &[&str], text: &str) -> (String, Vec<(String, u64)>) {
        let rule = |name: &&str| {
            let builtin = BUILTINS.iter().find(|builtin| builtin.name == *name);
            let builtin = builtin.expect("in the table");
            ((*name).to_owned(), Rule::Builtin(builtin))
        };
        let rules = Rules(names.iter().map(rule).collect());
        let mut counts = Counts::new();
        let bytes = rules.apply(text.as_bytes(), &around(), &mut counts);
        let text = String::from_utf8(bytes).expect("text stays text");
        (text, counts.into_iter().collect())
    }

    fn text(name: &str, text: &str) -> String {
        normalized(&[name], text).0
    }

    #[test]
    fn nothing_is_changed_unless_it_is_declared() {
        let line = "/tmp/x/w/a 2024-01-31T10:20:30Z 5 ms";
        assert_eq!(normalized(&[], line), (line.to_owned(), vec![]));
    }

    #[test]
    fn paths_of_the_run_are_replaced_and_counted() {
        let (text, counts) = normalized(
            &["working-directory", "temporary-directory"],
            "/tmp/x/w/a and /tmp/x/w: /tmp/x/t/.tmpAb12/y",
        );
        assert_eq!(text, "{dir}/a and {dir}: {tmp}/y");
        let expected = [
            ("temporary-directory".to_owned(), 1),
            ("working-directory".to_owned(), 2),
        ];
        assert_eq!(counts, expected);
    }

    #[test]
    fn the_program_is_known_as_a_word() {
        let name = "program-name";
        assert_eq!(
            text(name, "sort: no `x`\nUsage: /bin/sort [file]"),
            "{program}: no `x`\nUsage: {program} [file]"
        );
        assert_eq!(
            text(name, "resort, sorted, sort-of, my.sort"),
            "resort, sorted, sort-of, my.sort"
        );
    }

    #[test]
    fn times_are_replaced_and_dates_alone_are_not() {
        let name = "iso-times";
        for time in [
            "2024-01-31T10:20:30Z",
            "2024-01-31 10:20",
            "2024-01-31 10:20:30.123456+01:00",
            "2024-01-31 10:20:30 +0100",
            "2024-01-31T10:20:30,5-08",
        ] {
            let line = format!("at {time};");
            assert_eq!(text(name, &line), "at {time};", "{line}");
        }
        for other in [
            "2024-01-31",
            "12024-01-31T10:20",
            "2024-1-31T10:20",
            "2024-13-31T10:20",
        ] {
            assert_eq!(text(name, other), other);
        }
        assert_eq!(
            normalized(&["dates", name], "2024-01-31, 2024-01-31T10:20").0,
            "{date}, {time}"
        );
    }

    #[test]
    fn durations_are_replaced_with_their_unit() {
        let name = "durations";
        for duration in [
            "1ms",
            "0.25 s",
            "12 seconds",
            "3µs",
            "0m0.003s",
            "1 minute",
            "1.5 min",
        ] {
            let line = format!("took {duration}, ok");
            assert_eq!(text(name, &line), "took {duration}, ok", "{line}");
        }
        for other in ["5 m", "10 msx", "v1s", "3 stars", "7", "1.2.3s"] {
            assert_eq!(text(name, other), other);
        }
    }

    #[test]
    fn what_was_normalized_before_counts_for_nothing() {
        let rules = Rules(vec![(
            "any".to_owned(),
            Rule::Pattern {
                find: "id={word}".parse().expect("a pattern"),
                replace: "id=x".to_owned(),
            },
        )]);
        let mut counts = Counts::new();
        let normalized = rules.apply(b"id=x id=ab id=x", &around(), &mut counts);
        assert_eq!(
            (normalized.as_slice(), counts["any"]),
            (&b"id=x id=x id=x"[..], 1)
        );
    }
}
