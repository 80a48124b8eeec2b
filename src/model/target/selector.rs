//! Selects one or several platforms.

use std::fmt;
use std::str::FromStr;

use super::{Os, PLATFORMS, Target};
use crate::model::text::InvalidText;

/// One target, or all of an operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// Every target of an operating system.
    System(Os),
    /// A target.
    Target(Target),
}

impl Selector {
    /// Whether a target is selected.
    pub fn covers(self, target: Target) -> bool {
        match self {
            Self::System(os) => target.os == os,
            Self::Target(one) => target == one,
        }
    }
}

impl Selector {
    /// The names of all selectors: the operating systems, then the targets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let systems = Os::ALL.iter().map(|os| os.name());
        systems.chain(PLATFORMS.iter().map(|platform| platform.triple))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(os) => os.fmt(f),
            Self::Target(target) => target.fmt(f),
        }
    }
}

impl FromStr for Selector {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let os = Os::ALL.into_iter().find(|os| os.name() == text);
        let target = || text.parse().ok().map(Self::Target);
        let selector = os.map(Self::System).or_else(target);
        let unknown = || InvalidText::unknown("operating system or target", text, Self::names());
        selector.ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(text: &str) -> Vec<&'static str> {
        let selector: Selector = text.parse().expect("known");
        let targets = Target::all().filter(|target| selector.covers(*target));
        targets.map(|target| target.triple).collect()
    }

    #[test]
    fn an_operating_system_means_all_of_its_targets_and_a_triple_itself() {
        assert_eq!(
            covered("windows"),
            ["aarch64-pc-windows-gnullvm", "x86_64-pc-windows-gnullvm"]
        );
        assert_eq!(covered("x86_64-apple-darwin"), ["x86_64-apple-darwin"]);
    }

    #[test]
    fn what_is_neither_is_refused_with_both_kinds() {
        let error = "darwin".parse::<Selector>().expect_err("neither");
        let start = "operating system or target `darwin` is unknown; expected one of `linux`, `windows`, `macos`, \
                     `aarch64-apple-darwin`, ";
        assert!(error.to_string().starts_with(start), "{error}");
    }
}
