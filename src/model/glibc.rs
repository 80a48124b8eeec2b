//! Versions of glibc: of its symbols, and the oldest one that programs are linked for.

use std::fmt;
use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A version of glibc, such as 2.28, or 2.2.5 in the names of old symbol versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlibcVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

impl GlibcVersion {
    const fn new(major: u32, minor: u32) -> Self {
        Self {
            major,
            minor,
            patch: 0,
        }
    }

    /// The version in the name of a symbol version, such as `GLIBC_2.28`; `None` for other names, such as `GLIBC_PRIVATE`.
    pub fn of_symbol(name: &str) -> Option<Self> {
        Self::parse(name.strip_prefix("GLIBC_")?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| {
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| number.parse().ok()).flatten()
        });
        let (major, minor) = (numbers.next()??, numbers.next()??);
        let patch = numbers.next().unwrap_or(Some(0))?;
        numbers.next().is_none().then_some(Self {
            major,
            minor,
            patch,
        })
    }
}

impl fmt::Display for GlibcVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.patch {
            0 => Ok(()),
            patch => write!(f, ".{patch}"),
        }
    }
}

/// The oldest glibc that programs run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlibcFloor(GlibcVersion);

impl GlibcFloor {
    /// Rust's standard library needs as much.
    const OLDEST: GlibcVersion = GlibcVersion::new(2, 17);
    /// The newest that zig knows the symbols of.
    const NEWEST: GlibcVersion = GlibcVersion::new(2, 44);

    /// The version.
    pub fn version(self) -> GlibcVersion {
        self.0
    }
}

impl Default for GlibcFloor {
    /// Debian 10, Ubuntu 20.04, RHEL 8 and everything newer; `nix/table/glibc.nix` has the same.
    fn default() -> Self {
        Self(GlibcVersion::new(2, 28))
    }
}

impl fmt::Display for GlibcFloor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for GlibcFloor {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let (oldest, newest) = (Self::OLDEST, Self::NEWEST);
        let expected = format!("a version from `{oldest}` to `{newest}`");
        let invalid = || InvalidText::new("glibc", text, expected);
        let version = GlibcVersion::parse(text)
            // Only versions in their one spelling: Nix compares texts.
            .filter(|version| version.to_string() == text && version.patch == 0);
        match version {
            None => Err(invalid()),
            Some(version) if version < oldest => {
                let problem = "is older than Rust's standard library runs with";
                Err(invalid().with_problem(problem))
            }
            Some(version) if version > newest => {
                Err(invalid().with_problem("is newer than zig knows"))
            }
            Some(version) => Ok(Self(version)),
        }
    }
}

typed_text!(GlibcFloor);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers() {
        let version = |name: &str| GlibcVersion::of_symbol(name).expect("a version");
        assert!(version("GLIBC_2.2.5") < version("GLIBC_2.17"));
        assert!(version("GLIBC_2.9") < version("GLIBC_2.28"));
        assert_eq!(version("GLIBC_2.2.5").to_string(), "2.2.5");
        assert_eq!(version("GLIBC_2.34").to_string(), "2.34");
        for name in [
            "GLIBC_PRIVATE",
            "GLIBC_2",
            "GLIBC_2.",
            "GCC_3.0",
            "GLIBC_2.1.2.3",
            "GLIBC_ABI_DT_RELR",
        ] {
            assert_eq!(GlibcVersion::of_symbol(name), None, "{name}");
        }
    }

    #[test]
    fn a_floor_is_one_that_rust_and_zig_have() {
        for text in ["2.17", "2.28", "2.44"] {
            assert_eq!(text.parse::<GlibcFloor>().expect(text).to_string(), text);
        }
        let refused = |text: &str| text.parse::<GlibcFloor>().expect_err(text).to_string();
        let range = "expected a version from `2.17` to `2.44`";
        assert_eq!(
            refused("2.16"),
            format!("glibc `2.16` is older than Rust's standard library runs with; {range}")
        );
        assert_eq!(
            refused("3.0"),
            format!("glibc `3.0` is newer than zig knows; {range}")
        );
        for text in [
            "",
            "2",
            "two",
            "2.028",
            "2.28.1",
            "2.28 ",
            "+2.28",
            "2.99999999999",
        ] {
            assert_eq!(
                refused(text),
                format!("glibc `{text}` is not valid; {range}")
            );
        }
    }
}
