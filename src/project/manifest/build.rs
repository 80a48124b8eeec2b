//! The table `[build]`: how cargo compiles the programs. Nix also reads it, so every value must be safe on a command
//! line.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::model::line::Line;
use crate::model::macos_symbol::MacOsSymbols;
use crate::model::path::RelativePath;
use crate::model::text::{InvalidText, typed_text};

/// How the programs are compiled.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// How they are optimized.
    pub profile: Profile,
    /// Enabled cargo features.
    pub features: Vec<Feature>,
    /// Whether the feature `default` is enabled.
    pub default_features: bool,
    /// The workspace packages whose programs are built; empty means all.
    pub packages: Vec<CargoPackage>,
    /// The parts of the project that compiling reads besides `Cargo.toml` and `Cargo.lock`; empty means all.
    pub sources: Vec<RelativePath>,
    /// The hash of each git dependency's files, by its `source` in `Cargo.lock`.
    pub git_hashes: BTreeMap<Line, GitHash>,
    /// How programs for macOS are linked.
    pub macos: MacOs,
}

/// How programs for macOS are linked.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MacOs {
    /// What frameworks and libraries of macOS export, where Sealift's lists do not have it.
    pub symbols: MacOsSymbols,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            profile: Profile::Release,
            features: Vec::new(),
            default_features: true,
            packages: Vec::new(),
            sources: Vec::new(),
            git_hashes: BTreeMap::new(),
            macos: MacOs::default(),
        }
    }
}

/// What the compiler optimizes for; `nix/compile/profiles.nix` defines how.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Deserialize,
    schemars::JsonSchema,
    serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Uses `[profile.release]` of the project's `Cargo.toml`, and removes the symbols unless it says what becomes of them.
    #[default]
    Release,
    /// Uses `[profile.release]` of the project's `Cargo.toml`, and nothing else.
    Cargo,
    /// Small programs.
    Size,
    /// Fast programs.
    Speed,
    /// Like `cargo`, with the symbols in a separate file beside the program.
    DebugSymbols,
}

/// A cargo feature, of the package itself or of a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature(String);

/// The name of a cargo package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CargoPackage(String);

/// The SHA-256 of a directory as Nix archives it, in the notation of Subresource Integrity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitHash(String);

impl FromStr for Feature {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if is_name(text, "_-+./?") {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a name such as `tls` or `dependency/tls`";
        Err(InvalidText::new("cargo feature", text, expected))
    }
}

typed_text!(Feature(String));

impl FromStr for CargoPackage {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if is_name(text, "_-") {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a name of letters, digits, `-` and `_`";
        Err(InvalidText::new("cargo package", text, expected))
    }
}

typed_text!(CargoPackage(String));

impl FromStr for GitHash {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_base64 = |digits: &str| {
            let is_digit = |c: char| c.is_ascii_alphanumeric() || "+/".contains(c);
            digits.len() == 43 && digits.chars().all(is_digit)
        };
        let digits = text
            .strip_prefix("sha256-")
            .and_then(|t| t.strip_suffix('='));
        if digits.is_some_and(is_base64) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "`sha256-` and 44 characters of base 64, as `nixw seed` says it";
        Err(InvalidText::new("hash of a git dependency", text, expected))
    }
}

typed_text!(GitHash(String));

/// Letters, digits and some other characters, without a leading `-`, which would make it an option.
fn is_name(text: &str, others: &str) -> bool {
    let is_fit = |c: char| c.is_alphanumeric() || others.contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(text: &str) -> Result<Build, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned())
    }

    #[test]
    fn what_is_not_written_is_as_cargo_has_it() {
        let build = build("").expect("all keys have defaults");
        assert_eq!(build, Build::default());
        assert_eq!(
            serde_json::to_value(build).expect("plain"),
            serde_json::json!({
                "profile": "release", "features": [], "default-features": true, "packages": [],
                "sources": [], "git-hashes": {}, "macos": { "symbols": {} },
            })
        );
    }

    #[test]
    fn every_profile_has_its_name() {
        let profile = |name: &str| build(&format!("profile = '{name}'")).map(|b| b.profile);
        assert_eq!(profile("release"), Ok(Profile::Release));
        assert_eq!(profile("cargo"), Ok(Profile::Cargo));
        assert_eq!(profile("size"), Ok(Profile::Size));
        assert_eq!(profile("speed"), Ok(Profile::Speed));
        assert_eq!(profile("debug-symbols"), Ok(Profile::DebugSymbols));
        let error = profile("fast").expect_err("unknown");
        let expected = "unknown variant `fast`, expected one of `release`, `cargo`, `size`, `speed`, `debug-symbols`";
        assert_eq!(error, expected);
    }

    #[test]
    fn nothing_that_a_shell_or_cargo_would_take_for_something_else_is_a_name() {
        for text in ["tls", "serde/std", "dep?/std", "v1.2+x", "größe"] {
            assert!(build(&format!("features = ['{text}']")).is_ok(), "{text}");
        }
        for text in ["", "a b", "a,b", "--all", "$(x)", "a;b", "a\"b"] {
            assert!(build(&format!("features = ['{text}']")).is_err(), "{text}");
            assert!(build(&format!("packages = ['{text}']")).is_err(), "{text}");
        }
    }

    #[test]
    fn a_git_hash_is_in_the_notation_that_nix_prints() {
        let hash = |text: &str| build(&format!("git-hashes = {{ 'git+file:///x#0' = '{text}' }}"));
        assert!(hash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").is_ok());
        for text in [
            "",
            "sha256-",
            "sha1-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "0123",
        ] {
            let error = hash(text).expect_err("no such hash");
            assert!(
                error.starts_with(&format!("hash of a git dependency `{text}` is not valid")),
                "{error}"
            );
        }
    }
}
