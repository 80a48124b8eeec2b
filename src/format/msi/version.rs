//! Versions as Windows Installer compares them: three numbers.

use std::fmt;
use std::str::FromStr;

use crate::format::FormatError;
use crate::model::text::{InvalidText, typed_text};

/// The version of a product (the property `ProductVersion`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProductVersion {
    major: u8,
    minor: u8,
    build: u16,
}

/// What the numbers can be.
const EXPECTED: &str =
    "three numbers, of which the first two are 255 at most and the third 65535, such as `1.2.3`";

impl fmt::Display for ProductVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

impl FromStr for ProductVersion {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let parse = || {
            let mut parts = text.split('.');
            let mut part = || parts.next().filter(|part| !part.starts_with('+'));
            let version = Self {
                major: part()?.parse().ok()?,
                minor: part()?.parse().ok()?,
                build: part()?.parse().ok()?,
            };
            parts.next().is_none().then_some(version)
        };
        parse().ok_or_else(|| InvalidText::new("version", text, EXPECTED))
    }
}

typed_text!(ProductVersion);

impl ProductVersion {
    /// The version of a package, if its order among others survives. Two that differ in nothing but build metadata have no
    /// order.
    pub(super) fn of(version: &semver::Version) -> Result<Self, FormatError> {
        let numbers = format!("{}.{}.{}", version.major, version.minor, version.patch);
        let refused = |why: &str| {
            FormatError::Invalid(format!(
                "Windows Installer has no version `{version}`, {why}; expected {EXPECTED}. Give one that grows with each \
                 release as `version` in `[msi]`"
            ))
        };
        if !version.pre.is_empty() {
            return Err(refused("since it knows no pre-releases"));
        }
        numbers
            .parse()
            .map_err(|_| refused("whose numbers are too large"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: &str) -> Result<String, String> {
        let version = version.parse().expect("a semantic version");
        let product = ProductVersion::of(&version);
        product.map(|v| v.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_version_of_three_numbers_keeps_its_order() {
        let versions = [
            "0.0.1",
            "0.1.0",
            "0.1.10",
            "1.0.0",
            "1.2.3",
            "255.255.65535",
        ];
        let products: Vec<ProductVersion> = versions
            .iter()
            .map(|version| of(version).expect("valid").parse().expect("valid"))
            .collect();
        assert!(products.is_sorted_by(|a, b| a < b));
        assert_eq!(of("1.2.3+build.5").expect("valid"), "1.2.3");
    }

    #[test]
    fn a_version_whose_order_would_be_lost_is_refused() {
        for version in [
            "1.0.0-alpha.1",
            "1.0.0-rc.1+5",
            "256.0.0",
            "1.256.0",
            "1.0.65536",
            "2026.11.29",
        ] {
            let error = of(version).expect_err(version);
            assert!(
                error.contains(&format!("has no version `{version}`")),
                "{error}"
            );
            assert!(error.contains("`version` in `[msi]`"), "{error}");
        }
    }

    #[test]
    fn the_manifest_s_version_has_the_limits_of_the_installer() {
        assert!("1.2.3".parse::<ProductVersion>().is_ok());
        for bad in [
            "1.2",
            "1.2.3.4",
            "256.0.0",
            "1.0.65536",
            "1.0.0-rc",
            "",
            "+1.0.0",
        ] {
            let error = bad.parse::<ProductVersion>().expect_err(bad).to_string();
            assert!(
                error.starts_with(&format!("version `{bad}` is not valid; expected three")),
                "{error}"
            );
        }
    }
}
