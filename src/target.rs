//! Platforms that a release can be made for.

use std::fmt;
use std::str::FromStr;

/// A platform, by its Rust target triple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(&'static Platform);

/// What the formats need to know about a platform.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The Rust target triple.
    pub triple: &'static str,
    /// The operating system, as Rust's `target_os` names it.
    pub os: &'static str,
    /// The machine as `uname -m` names it; AppImage and archive file names use it.
    pub machine: &'static str,
    /// The architecture as Debian names it (`dpkg-architecture -L`).
    pub debian: &'static str,
    /// The architecture as Go, and so the OCI image specification, names it.
    pub oci: &'static str,
    /// The `e_machine` of an ELF file for it (System V gABI, chapter 4); 0 where executables are not ELF.
    pub elf_machine: u16,
}

/// Every platform, sorted by triple.
pub const PLATFORMS: &[Platform] = &[Platform {
    triple: "x86_64-unknown-linux-musl",
    os: "linux",
    machine: "x86_64",
    debian: "amd64",
    oci: "amd64",
    elf_machine: 62,
}];

impl Target {
    /// All targets, in the order of the table.
    pub fn all() -> impl Iterator<Item = Target> {
        PLATFORMS.iter().map(Target)
    }
}

impl std::ops::Deref for Target {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.triple)
    }
}

/// A triple that is not in the table.
#[derive(Debug, thiserror::Error)]
#[error("unsupported target `{found}`; expected one of {}", list())]
pub struct UnknownTarget {
    /// What was given.
    pub found: String,
}

fn list() -> String {
    let triples: Vec<_> = PLATFORMS
        .iter()
        .map(|p| format!("`{}`", p.triple))
        .collect();
    triples.join(", ")
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(triple: &str) -> Result<Self, UnknownTarget> {
        Target::all()
            .find(|t| t.triple == triple)
            .ok_or_else(|| UnknownTarget {
                found: triple.to_owned(),
            })
    }
}

impl serde::Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.triple)
    }
}

impl<'de> serde::Deserialize<'de> for Target {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let triple = String::deserialize(deserializer)?;
        triple.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_duplicates() {
        assert!(PLATFORMS.windows(2).all(|p| p[0].triple < p[1].triple));
    }

    #[test]
    fn an_unknown_triple_is_named_beside_the_known_ones() {
        let error = "sparc-sun-solaris"
            .parse::<Target>()
            .expect_err("not in the table");
        assert_eq!(
            error.to_string(),
            "unsupported target `sparc-sun-solaris`; expected one of `x86_64-unknown-linux-musl`"
        );
    }
}
