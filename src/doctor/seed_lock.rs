//! The lock of the seeds, as `nixw` writes it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::{Host, store_path};
use crate::model::digest::Sha256Sum;

/// The inputs of the mirrors universe, for each system that it builds on.
#[derive(Debug, Deserialize)]
struct Systems {
    systems: BTreeMap<String, SeedLock>,
}

/// The inputs of the mirrors universe.
#[derive(Debug, Deserialize)]
pub(super) struct SeedLock {
    bootstrap: Bootstrap,
    python: Vec<Seed>,
    debian: Vec<Seed>,
}

/// The two programs that unpack everything else.
#[derive(Debug, Deserialize)]
struct Bootstrap {
    sha256: Sha256Sum,
}

/// A file.
#[derive(Debug, Deserialize)]
struct Seed {
    file: String,
    sha256: Sha256Sum,
    size: u64,
}

/// A seed's place in the store.
pub(super) struct Place {
    /// The path, beginning with `/nix/store/`.
    pub path: String,
    /// The size of its download.
    pub size: u64,
}

impl SeedLock {
    /// Reads the lock in force: one in the cache takes precedence over the checkout's, from which it was made. On a
    /// system that is not built on, it is the first system's.
    pub fn in_force(host: &Host<'_>) -> Result<Self, String> {
        let Some(path) = &host.surroundings.seed_lock else {
            return Err("no checkout of Sealift was found: name one with `--sealift`".to_owned());
        };
        let read = |path: &PathBuf| host.machine.read(path);
        let own = read(path).ok_or_else(|| format!("cannot read `{}`", path.display()))?;
        let sum = Sha256Sum::of(own.as_bytes()).to_string();
        let refreshed = host.surroundings.cache.join("locks").join(format!(
            "{}-{}.json",
            &sum[..32],
            host.system()
        ));
        let (path, text) = match read(&refreshed) {
            Some(text) => (&refreshed, text),
            None => (path, own),
        };
        let is_not = |error: String| format!("`{}` is not a seed lock: {error}", path.display());
        let Systems { mut systems } =
            serde_json::from_str(&text).map_err(|error| is_not(error.to_string()))?;
        let first = |systems: BTreeMap<_, _>| systems.into_values().next();
        systems
            .remove(&host.system())
            .or_else(|| first(systems))
            .ok_or_else(|| is_not("it has no system".to_owned()))
    }

    /// The version of its Rust compiler.
    pub fn rustc(&self) -> Option<String> {
        let mut names = self
            .debian
            .iter()
            .filter_map(|seed| seed.file.split_once('_'));
        let (_, rest) = names.find(|(name, _)| *name == "rustc" || name.starts_with("rustc-"))?;
        let is_version = |c: char| c.is_ascii_digit() || c == '.';
        let end = rest.find(|c| !is_version(c)).unwrap_or(rest.len());
        Some(rest[..end].to_owned())
    }

    /// Where all seeds should be.
    pub fn places(&self) -> Vec<Place> {
        let seeds = self.python.iter().chain(&self.debian);
        let mut places: Vec<_> = seeds
            .map(|seed| Place {
                path: store_path::flat(&store_name(&seed.file), &seed.sha256),
                size: seed.size,
            })
            .collect();
        // Made from seeds, not fetched.
        places.push(Place {
            path: store_path::recursive("bootstrap", &self.bootstrap.sha256),
            size: 0,
        });
        places
    }
}

/// A file's name in the store, which allows fewer characters: a hyphen stands for each run of others.
fn store_name(file: &str) -> String {
    let mut name = String::new();
    let mut in_run = false;
    for character in file.chars() {
        let is_allowed = character.is_ascii_alphanumeric() || "+._?=-".contains(character);
        match (is_allowed, in_run) {
            (true, _) => name.push(character),
            (false, false) => name.push('-'),
            (false, true) => {}
        }
        in_run = !is_allowed;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_hyphen_for_what_the_store_forbids() {
        assert_eq!(
            store_name("a_1%3a2~rc1+b_amd64.deb"),
            "a_1-3a2-rc1+b_amd64.deb"
        );
        assert_eq!(store_name("a%~:b"), "a-b");
    }
}
