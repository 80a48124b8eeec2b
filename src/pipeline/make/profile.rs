//! How cargo optimizes programs: the profiles of `[build] profile`, from the file that the flake reads as well.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::project::manifest::build::{Build, Profile};

/// What Sealift sets in a profile of `Cargo.toml`, by the name of its own.
const PROFILES: &str = include_str!("../../../nix/compile/profiles.toml");

type Profiles = BTreeMap<Profile, BTreeMap<String, Value>>;

/// What cargo is told about the profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Arguments.
    pub arguments: Vec<String>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
}

impl Settings {
    /// The settings for a manifest's `[build]`, and for the text of the workspace's `Cargo.toml`.
    pub fn of(build: &Build, cargo_toml: &str) -> Self {
        let cargos = build.cargo_profile.get_ref().as_str();
        let own = match build.profile {
            // What Cargo.toml says of the symbols counts.
            Profile::Release if says_symbols(cargo_toml, cargos) => Profile::Cargo,
            own => own,
        };
        let mut profiles: Profiles = toml::from_str(PROFILES).expect("a test reads the file");
        let keys = profiles.remove(&own).unwrap_or_default();
        if cargos == "release" {
            return Self {
                arguments: vec!["--release".to_owned()],
                environment: keys.into_iter().map(variable).collect(),
            };
        }
        // A variable for a key of `release-lto` is to cargo one for the key `lto` of `release`, and refused.
        let config = |(key, value): (String, Value)| {
            let value = match value {
                Value::String(text) => format!("\"{text}\""),
                other => plain(other),
            };
            format!("--config=profile.{cargos}.{key}={value}")
        };
        let mut arguments = vec![format!("--profile={cargos}")];
        arguments.extend(keys.into_iter().map(config));
        Self {
            arguments,
            environment: Vec::new(),
        }
    }
}

fn variable((key, value): (String, Value)) -> (String, String) {
    let key = key.to_uppercase().replace('-', "_");
    (format!("CARGO_PROFILE_RELEASE_{key}"), plain(value))
}

fn plain(value: Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::String(text) => text,
        other => unreachable!("a test reads the file, which has no {other:?}"),
    }
}

/// Whether a profile of a `Cargo.toml`, or one that it inherits from, says what becomes of the symbols.
fn says_symbols(cargo_toml: &str, profile: &str) -> bool {
    let parsed: Table = toml::from_str(cargo_toml).unwrap_or_default();
    let mut profiles = match parsed.get("profile") {
        Some(Value::Table(profiles)) => profiles.clone(),
        _ => return false,
    };
    let mut next = Some(profile.to_owned());
    // Each is looked at once, also where they inherit from each other in a circle.
    while let Some(Value::Table(own)) = next.and_then(|name| profiles.remove(&name)) {
        if own.contains_key("strip") || own.contains_key("debug") {
            return true;
        }
        next = own
            .get("inherits")
            .and_then(Value::as_str)
            .map(str::to_owned);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(manifest: &str, cargo_toml: &str) -> String {
        let build = toml::from_str(manifest).expect("a `[build]`");
        let Settings {
            arguments,
            environment,
        } = Settings::of(&build, cargo_toml);
        let variables = environment
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"));
        arguments
            .into_iter()
            .chain(variables)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn each_profile_of_the_manifest_is_in_the_file_and_no_other() {
        let profiles: Profiles = toml::from_str(PROFILES).expect("its keys are profiles");
        let all = [
            Profile::Release,
            Profile::Cargo,
            Profile::Size,
            Profile::Speed,
            Profile::DebugSymbols,
        ];
        assert_eq!(profiles.keys().copied().collect::<Vec<_>>(), all);
        for value in profiles.into_values().flat_map(BTreeMap::into_values) {
            assert!(value.is_integer() || value.is_str(), "{value:?}");
        }
    }

    #[test]
    fn settings_are_variables_for_cargo_s_own_profile() {
        assert_eq!(
            settings("profile = 'speed'", ""),
            "--release CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 CARGO_PROFILE_RELEASE_DEBUG=none \
             CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_OPT_LEVEL=3 CARGO_PROFILE_RELEASE_PANIC=abort \
             CARGO_PROFILE_RELEASE_STRIP=symbols"
        );
        assert_eq!(settings("profile = 'cargo'", ""), "--release");
    }

    #[test]
    fn settings_are_arguments_for_another_profile() {
        assert_eq!(
            settings("profile = 'size'\ncargo-profile = 'dist'", ""),
            "--profile=dist --config=profile.dist.codegen-units=1 --config=profile.dist.debug=\"none\" \
             --config=profile.dist.lto=\"fat\" --config=profile.dist.opt-level=\"z\" --config=profile.dist.panic=\"abort\" \
             --config=profile.dist.strip=\"symbols\""
        );
    }

    #[test]
    fn what_cargo_toml_says_of_symbols_counts_in_the_default_profile() {
        let stripped = "--release CARGO_PROFILE_RELEASE_STRIP=symbols";
        assert_eq!(settings("", ""), stripped);
        assert_eq!(
            settings("", "[profile.release]\nstrip = false\n"),
            "--release"
        );
        assert_eq!(
            settings(
                "",
                "[profile.release]\nlto = true\n[profile.dev]\ndebug = 1\n"
            ),
            stripped
        );
        let dist = "[profile.dist]\ninherits = 'release'\n[profile.release]\ndebug = 1\n";
        assert_eq!(settings("cargo-profile = 'dist'", dist), "--profile=dist");
        let circle = "[profile.dist]\ninherits = 'dist'\n";
        let stripped = "--profile=dist --config=profile.dist.strip=\"symbols\"";
        assert_eq!(settings("cargo-profile = 'dist'", circle), stripped);
    }
}
