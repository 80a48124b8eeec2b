//! Advice for an error.

use crate::output::OutputError;

/// An error that may have advice.
///
/// The advice is not part of the error's text, so that the text can be used within another one. The command line prints
/// it on a separate line, after `hint: `.
pub trait Hint {
    /// What to do, as a phrase without a period.
    fn hint(&self) -> Option<String>;
}

impl Hint for OutputError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotEmpty { .. } => {
                Some("remove what is in it, or name another directory with `--out`".to_owned())
            }
            Self::Write { .. } | Self::Directory { .. } => None,
        }
    }
}

/// The known word that was probably intended.
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = found.to_lowercase();
    let distances = known
        .into_iter()
        .map(|word| (distance(&found, &word.to_lowercase()), word));
    let (distance, word) = distances.min_by_key(|(distance, _)| *distance)?;
    // At most a third of the letters may be wrong.
    (distance * 3 <= word.chars().count()).then_some(word)
}

/// A hint that names the known word that was probably intended.
pub fn did_you_mean<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(found, known).map(|word| format!("did you mean `{word}`?"))
}

/// How many letters have to be inserted, removed, replaced, or swapped with the next one (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut cost = (rows[i - 1][j - 1] + usize::from(!same))
                .min(rows[i - 1][j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[i - 2][j - 2] + 1);
            }
            row.push(cost);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_that_differ() {
        for (a, b, expected) in [
            ("", "abc", 3),
            ("deb", "deb", 0),
            ("dbe", "deb", 1),
            ("debs", "deb", 1),
            ("archiv", "archive", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn the_word_that_was_meant_is_found() {
        let known = ["appimage", "archive", "deb", "oci"];
        assert_eq!(nearest("Deb", known), Some("deb"));
        assert_eq!(nearest("app-image", known), Some("appimage"));
        assert_eq!(nearest("archvie", known), Some("archive"));
        assert_eq!(nearest("rar", known), None);
        assert_eq!(nearest("", known), None);
        let triples = ["aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl"];
        let meant = nearest("x86_64-unknown-linux-gnu", triples);
        assert_eq!(meant, Some("x86_64-unknown-linux-musl"));
    }
}
