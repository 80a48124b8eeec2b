//! Names of eight letters and three, which the tables have beside longer ones.

use std::collections::{BTreeMap, BTreeSet};

/// The names of one directory.
#[derive(Default)]
pub(super) struct ShortNames {
    taken: BTreeSet<String>,
    next: BTreeMap<String, u32>,
}

/// The name and the extension have so many letters.
const STEM: usize = 8;
const EXTENSION: usize = 3;

impl ShortNames {
    /// Names of a directory; those that are short already are kept free.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Self {
            taken: names
                .filter(|name| is_short(name))
                .map(str::to_uppercase)
                .collect(),
            next: BTreeMap::new(),
        }
    }

    /// As the tables have it: the name, or a short one and the name.
    pub(super) fn both(&mut self, name: &str) -> String {
        if is_short(name) {
            return name.to_owned();
        }
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, extension),
            _ => (name, ""),
        };
        let letters = |text: &str, count: usize| -> String {
            let fit = text.chars().filter(char::is_ascii_alphanumeric);
            fit.take(count).collect::<String>().to_uppercase()
        };
        let (stem, extension) = (letters(stem, STEM - 2), letters(extension, EXTENSION));
        let dot = if extension.is_empty() { "" } else { "." };
        loop {
            let next = self.next.entry(format!("{stem}.{extension}")).or_insert(0);
            *next += 1;
            let number = format!("~{next}");
            let length = stem.len().min(STEM - number.len());
            let short = format!("{}{number}{dot}{extension}", &stem[..length]);
            if self.taken.insert(short.clone()) {
                return format!("{short}|{name}");
            }
        }
    }
}

/// Whether a name needs no other.
fn is_short(name: &str) -> bool {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let is_fit = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-~".contains(c))
    };
    let ends_with_dot = name.ends_with('.');
    (1..=STEM).contains(&stem.len())
        && extension.len() <= EXTENSION
        && !ends_with_dot
        && is_fit(stem)
        && is_fit(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_directory_has_a_short_one_of_its_own() {
        let names = [
            "hello.exe",
            "README",
            "LICENSE-APACHE",
            "LICENSE-MIT.txt",
            "LICENS~1",
            ".hidden",
            "größe.toml",
            "two words.md",
            "a.b.c",
        ];
        let mut short = ShortNames::new(names.iter().copied());
        let both: Vec<_> = names.iter().map(|name| short.both(name)).collect();
        assert_eq!(
            both,
            [
                "hello.exe",
                "README",
                "LICENS~2|LICENSE-APACHE",
                "LICENS~1.TXT|LICENSE-MIT.txt",
                "LICENS~1",
                "HIDDEN~1|.hidden",
                "GRE~1.TOM|größe.toml",
                "TWOWOR~1.MD|two words.md",
                "AB~1.C|a.b.c",
            ]
        );
    }

    #[test]
    fn thousands_of_like_names_stay_apart() {
        let names: Vec<_> = (0..12_000)
            .map(|n| format!("like-each-other-{n}"))
            .collect();
        let mut short = ShortNames::new(names.iter().map(String::as_str));
        let both: BTreeSet<_> = names
            .iter()
            .map(|name| short.both(name).split('|').next().map(str::to_owned))
            .collect();
        assert_eq!(both.len(), names.len());
        assert!(both.iter().flatten().all(|short| short.len() <= 8));
    }
}
