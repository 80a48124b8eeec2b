//! The table `[build]`: how cargo compiles the programs. Nix also reads it, so every value must be safe on a command
//! line.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use toml::Spanned;

use super::environment::Environment;
use super::json_schema;
use super::tool::Tool;
use crate::model::glibc::GlibcFloor;
use crate::model::line::Line;
use crate::model::macos_symbol::MacOsSymbols;
use crate::model::path::RelativePath;
use crate::model::target::{Selector, Target};
use crate::model::text::{InvalidText, typed_text};

/// How the programs are compiled.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// How they are optimized.
    pub profile: Profile,
    /// The profile of `Cargo.toml` that the programs are compiled with.
    #[schemars(with = "CargoProfile")]
    pub cargo_profile: Spanned<CargoProfile>,
    /// Enabled cargo features.
    pub features: Vec<Feature>,
    /// Whether the feature `default` is enabled.
    pub default_features: bool,
    /// The workspace packages whose programs are built; empty means all.
    pub packages: Vec<CargoPackage>,
    /// What differs for some targets, by target or operating system.
    #[schemars(schema_with = "json_schema::build_targets")]
    pub targets: BTreeMap<Compiled, TargetBuild>,
    /// The parts of the project that compiling reads besides `Cargo.toml` and `Cargo.lock`; empty means all.
    pub sources: Vec<RelativePath>,
    /// The hash of each git dependency's files, by its `source` in `Cargo.lock`.
    pub git_hashes: BTreeMap<Line, GitHash>,
    /// How programs for glibc are linked.
    pub linux_gnu: LinuxGnu,
    /// What build scripts run besides the compilers.
    pub tools: Vec<Tool>,
    /// Variables for everything that a build runs.
    pub environment: Environment,
    /// How programs for macOS are linked.
    pub macos: MacOs,
}

/// How programs for glibc are linked.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LinuxGnu {
    /// The oldest glibc that programs run with.
    pub glibc: GlibcFloor,
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

/// How programs for some targets are compiled, besides what is for all.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetBuild {
    /// Cargo features that are enabled besides those for all targets.
    pub features: Vec<Feature>,
    /// Whether the feature `default` is enabled.
    pub default_features: Option<bool>,
}

impl Build {
    /// The cargo features that are enabled for a target besides `default`: those for all targets, for its system, and for
    /// itself.
    pub fn features_for(&self, target: Target) -> Vec<&Feature> {
        let more = self.for_target(target).flat_map(|each| &each.features);
        self.features.iter().chain(more).collect()
    }

    /// Whether the feature `default` is enabled for a target. What is written for the target itself goes before what is for
    /// its system.
    pub fn has_default_features(&self, target: Target) -> bool {
        let written = self
            .for_target(target)
            .filter_map(|each| each.default_features);
        written.last().unwrap_or(self.default_features)
    }

    /// The tables for a target, that of its system first.
    fn for_target(&self, target: Target) -> impl Iterator<Item = &TargetBuild> {
        // Systems sort before targets.
        let tables = self.targets.iter();
        tables
            .filter(move |(key, _)| key.0.covers(target))
            .map(|(_, table)| table)
    }
}

impl Default for Build {
    fn default() -> Self {
        Self {
            profile: Profile::Release,
            cargo_profile: Spanned::new(0..0, CargoProfile("release".to_owned())),
            features: Vec::new(),
            default_features: true,
            packages: Vec::new(),
            targets: BTreeMap::new(),
            sources: Vec::new(),
            git_hashes: BTreeMap::new(),
            linux_gnu: LinuxGnu::default(),
            tools: Vec::new(),
            environment: Environment::new(),
            macos: MacOs::default(),
        }
    }
}

/// What the compiler optimizes for; `nix/compile/profiles.toml` defines how.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Deserialize,
    schemars::JsonSchema,
    serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Uses the profile of the project's `Cargo.toml`, and removes the symbols unless it says what becomes of them.
    #[default]
    Release,
    /// Uses the profile of the project's `Cargo.toml`, and nothing else.
    Cargo,
    /// Small programs.
    Size,
    /// Fast programs.
    Speed,
    /// Like `cargo`, with the symbols in a separate file beside the program.
    DebugSymbols,
}

/// The name of a cargo profile that makes releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CargoProfile(String);

/// A target or an operating system that programs are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compiled(Selector);

/// A cargo feature, of the package itself or of a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature(String);

/// The name of a cargo package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl FromStr for CargoProfile {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let expected = "a profile of `Cargo.toml` such as `release` or `dist`";
        let invalid = InvalidText::new("cargo profile", text, expected);
        match text {
            "dev" | "test" | "bench" => Err(invalid.with_problem("is for development")),
            // cargo has ASCII alone in names of profiles.
            _ if text.is_ascii() && is_name(text, "_-") => Ok(Self(text.to_owned())),
            _ => Err(invalid),
        }
    }
}

typed_text!(CargoProfile(String));

impl Compiled {
    /// All of them, by their names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Selector::names().filter(|name| name.parse::<Self>().is_ok())
    }
}

impl FromStr for Compiled {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let unknown = |_| InvalidText::unknown("operating system or target", text, Self::names());
        match text.parse().map_err(unknown)? {
            Selector::Target(target) if !target.members.is_empty() => {
                let expected = format!("`{}`, or `{}`", target.members.join("`, `"), target.os);
                Err(InvalidText::new("target", text, expected)
                    .with_problem("is merged from others, and not compiled"))
            }
            selector => Ok(Self(selector)),
        }
    }
}

impl fmt::Display for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

typed_text!(Compiled);

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
                "profile": "release", "cargo-profile": "release", "features": [], "default-features": true,
                "packages": [], "targets": {}, "sources": [], "git-hashes": {},
                "linux-gnu": { "glibc": "2.28" }, "tools": [], "environment": {}, "macos": { "symbols": {} },
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
    fn a_cargo_profile_is_one_that_makes_releases() {
        for name in ["release", "release-lto", "dist_2"] {
            let build = build(&format!("cargo-profile = '{name}'")).expect("a profile");
            assert_eq!(build.cargo_profile.get_ref().as_str(), name);
        }
        for name in ["dev", "bench", "", "-x", "a b", "größe", "a.b"] {
            let error = build(&format!("cargo-profile = '{name}'")).expect_err("no such profile");
            let expected = format!("cargo profile `{name}` is ");
            assert!(
                error.starts_with(&expected.escape_debug().to_string()) || name == "größe",
                "{error}"
            );
        }
    }

    #[test]
    fn features_of_a_system_and_of_a_target_are_added() {
        let build = build(
            "features = ['a']\n[targets.windows]\nfeatures = ['b']\ndefault-features = false\n\
             [targets.x86_64-pc-windows-gnullvm]\nfeatures = ['c']\ndefault-features = true\n",
        );
        let build = build.expect("valid");
        let of = |triple: &str| {
            let target = triple.parse().expect("a target");
            let features = build.features_for(target);
            let features: Vec<_> = features.iter().map(|feature| feature.as_str()).collect();
            (features.join(" "), build.has_default_features(target))
        };
        assert_eq!(of("x86_64-unknown-linux-musl"), ("a".to_owned(), true));
        assert_eq!(of("aarch64-pc-windows-gnullvm"), ("a b".to_owned(), false));
        assert_eq!(of("x86_64-pc-windows-gnullvm"), ("a b c".to_owned(), true));
    }

    #[test]
    fn what_is_not_compiled_has_no_features() {
        let error = build("[targets.universal2-apple-darwin]\n").expect_err("it is merged");
        let expected = "target `universal2-apple-darwin` is merged from others, and not compiled; expected `aarch64-apple-darwin`, \
                        `x86_64-apple-darwin`, or `macos`";
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
