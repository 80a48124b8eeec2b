//! The targets and formats of a first manifest.

use std::str::FromStr;

use crate::model::target::{Os, Target};
use crate::model::text::InvalidText;

/// The platform that everyone can immediately build for and run on.
pub(super) const USUAL_TARGET: &str = "x86_64-unknown-linux-musl";

/// Formats that need nothing but a program.
pub(super) const USUAL_FORMATS: [&str; 3] = ["archive", "deb", "oci"];

/// The format of packages that start one program and hold no choice.
pub(super) const APPIMAGE: &str = "appimage";

/// Targets that one word stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platforms(pub Vec<Target>);

impl FromStr for Platforms {
    type Err = InvalidText;

    /// An operating system, or else a triple.
    fn from_str(word: &str) -> Result<Self, InvalidText> {
        match Os::ALL.into_iter().find(|os| os.name() == word) {
            Some(os) => usual(os).iter().map(|triple| triple.parse()).collect(),
            None => word.parse().map(|target| vec![target]),
        }
        .map(Self)
    }
}

/// The machines that most of a system's users have.
fn usual(os: Os) -> &'static [&'static str] {
    match os {
        Os::Linux => &[USUAL_TARGET, "aarch64-unknown-linux-musl"],
        Os::Windows => &["x86_64-pc-windows-gnullvm"],
        Os::MacOs => &["universal2-apple-darwin"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_stands_for_targets_of_its_own() {
        for os in Os::ALL {
            let Platforms(targets) = os.name().parse().expect("known");
            assert!(!targets.is_empty());
            assert!(targets.iter().all(|target| target.os == os), "{targets:?}");
        }
    }

    #[test]
    fn a_triple_stands_for_itself() {
        for target in Target::all() {
            assert_eq!(target.triple.parse(), Ok(Platforms(vec![target])));
        }
        assert!("solaris".parse::<Platforms>().is_err());
    }
}
