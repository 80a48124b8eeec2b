//! Gate `macos`: macOS can start the programs. They declare a minimum macOS version, their signatures are valid, and the
//! libraries that they load have the symbols that they bind.

mod imports;

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};

use super::executable::macho::named;
use super::executable::signature::Signature;
use super::executable::{Executable, macho};
use super::{Problems, Program, ProgramGate};
use crate::model::macos_symbol::MacOsSymbols;

/// The table `[gates.macos]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MacOs {
    /// The highest minimum version that a program may declare.
    #[schemars(with = "String")]
    pub minimum_version_limit: Version,
    /// What frameworks export beyond Sealift's lists; the symbols of `[build.macos]` are always among it.
    pub symbols: MacOsSymbols,
}

/// A macOS version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u16; 3]);

/// The first version for ARM, used for both processors.
const BIG_SUR: Version = Version([11, 0, 0]);

/// Programs for this processor are not started without a signature.
const ARM64: u32 = 0x0100_000c;

impl Default for MacOs {
    fn default() -> Self {
        Self {
            minimum_version_limit: BIG_SUR,
            symbols: MacOsSymbols::new(),
        }
    }
}

impl ProgramGate for MacOs {
    fn what(&self) -> &'static str {
        "a program for macOS"
    }

    fn judge(&self, program: &Program<'_>, problems: &mut Problems) -> bool {
        let Executable::MachO(parts) = &program.executable else {
            return false;
        };
        for (name, part) in named(parts) {
            self.judge_version(&name, part, problems);
            judge_signature(&name, part, problems);
            imports::judge(&name, part, &self.symbols, problems);
        }
        true
    }
}

impl MacOs {
    fn judge_version(&self, name: &str, part: &macho::Facts, problems: &mut Problems) {
        let limit = self.minimum_version_limit;
        let found = match part.minimum.map(Version) {
            Some(version) if version <= limit => return,
            Some(version) => format!("{name}needs macOS {version}"),
            None => format!("{name}declares no minimum macOS version"),
        };
        problems.add(found, format!("macOS {limit} or an older one"));
    }
}

fn judge_signature(name: &str, part: &macho::Facts, problems: &mut Problems) {
    match &part.signature {
        Signature::None if part.cpu == ARM64 => {
            problems.add(format!("{name}no signature"), "at least an ad-hoc one");
        }
        Signature::Invalid(reason) => {
            problems.add(
                format!("{name}an invalid signature: {reason}"),
                "one that was made after the last change",
            );
        }
        Signature::None | Signature::Valid => {}
    }
}

/// A text that is not a macOS version.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a macOS version; expected one such as `11.0` or `10.15.4`", found.escape_debug())]
pub struct NotAVersion {
    /// The text.
    pub found: String,
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let numbers: Result<Vec<u16>, _> = text.split('.').map(str::parse).collect();
        let version = match numbers.as_deref() {
            Ok([major, minor]) => Some([*major, *minor, 0]),
            Ok([major, minor, patch]) => Some([*major, *minor, *patch]),
            _ => None,
        };
        // A program has 8 bits for each of the last two numbers.
        let fits = |version: &[u16; 3]| version[1..].iter().all(|number| *number < 256);
        version.filter(fits).map(Self).ok_or_else(|| NotAVersion {
            found: text.to_owned(),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [major, minor, 0] => write!(f, "{major}.{minor}"),
            [major, minor, patch] => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl serde::Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::report::Outcome;
    use crate::gate::testing::{MachO, elf, lines, release_for, verdict_of};
    use crate::program::macho::testing::{ARM64, X86_64};

    const MACOS: &str = "aarch64-apple-darwin";
    const PLACE: &str = "artifacts/hello-1.2.3.plain: usr/bin/hello";

    fn findings(program: &[u8]) -> Vec<String> {
        let report = verdict_of(&release_for(MACOS, program), "macos");
        assert!(
            matches!(report.outcome, Outcome::Pass | Outcome::Fail),
            "{report:?}"
        );
        lines(&report.findings)
    }

    #[test]
    fn a_program_that_is_signed_and_says_its_version_passes() {
        assert_eq!(findings(&MachO::good(ARM64).program()), [""; 0]);
    }

    #[test]
    fn a_program_that_needs_a_newer_version_or_does_not_say_is_found() {
        let version = |minimum| MachO {
            minimum,
            ..MachO::good(ARM64)
        };
        assert_eq!(
            findings(&version(Some(0x000d_0201)).program()),
            [format!(
                "{PLACE}: needs macOS 13.2.1; expected macOS 11.0 or an older one"
            )]
        );
        assert_eq!(
            findings(&version(None).program()),
            [format!(
                "{PLACE}: declares no minimum macOS version; expected macOS 11.0 or an older one"
            )]
        );
    }

    #[test]
    fn a_program_without_a_signature_is_found_where_its_processor_asks_for_one() {
        let unsigned = |cpu| MachO {
            signed: false,
            ..MachO::good(cpu)
        };
        assert_eq!(
            findings(&unsigned(ARM64).program()),
            [format!(
                "{PLACE}: no signature; expected at least an ad-hoc one"
            )]
        );
        assert_eq!(findings(&unsigned(X86_64).program()), [""; 0]);
    }

    #[test]
    fn a_program_that_was_changed_after_it_was_signed_is_found() {
        let mut program = MachO::good(X86_64).program();
        program[5000] ^= 1;
        assert_eq!(
            findings(&program),
            [format!(
                "{PLACE}: an invalid signature: the page at byte 4096 has another hash; expected one that \
                 was made after the last change"
            )]
        );
    }

    #[test]
    fn a_release_for_other_systems_has_nothing_to_judge() {
        let project = release_for("x86_64-unknown-linux-musl", &elf(62, None, &[], b""));
        let report = verdict_of(&project, "macos");
        assert_eq!(report.outcome, Outcome::NotApplicable);
        let reason = "no artifact holds a program for macOS";
        assert_eq!(report.reason.as_deref(), Some(reason));
    }

    #[test]
    fn versions_are_read_and_compared_by_their_numbers() {
        let version = |text: &str| text.parse::<Version>().map_err(|e| e.to_string());
        assert!(version("10.15.4") < version("11.0") && version("11.0") == version("11.0.0"));
        for text in ["", "11", "11.", "11.0.0.0", "11.256", "v11.0"] {
            assert!(version(text).is_err(), "{text}");
        }
        let error = "`11` is not a macOS version; expected one such as `11.0` or `10.15.4`";
        assert_eq!(version("11"), Err(error.to_owned()));
    }
}
