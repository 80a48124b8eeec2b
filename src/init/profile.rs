//! The cargo profile that a project has for its releases.

use toml::{Table, Value};

/// The only profile of a workspace's `Cargo.toml` that is based on `release` and named as those for releases are: `dist`,
/// which dist takes, or `release-lto` and the like.
pub(super) fn for_releases(cargo: &Table) -> Option<String> {
    let profiles = cargo.get("profile")?.as_table()?;
    let is_one = |(name, profile): &(&String, &Value)| {
        let is_based = profile.get("inherits").and_then(Value::as_str) == Some("release");
        is_based && (name.as_str() == "dist" || name.starts_with("release-"))
    };
    let mut found = profiles.iter().filter(is_one).map(|(name, _)| name);
    let first = found.next()?;
    found.next().is_none().then(|| first.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_profile_for_releases_is_taken() {
        let table = [
            ("[profile.release]\nlto = true", None),
            (
                "[profile.release-lto]\ninherits = 'release'\n[profile.deb]\ninherits = 'release'",
                Some("release-lto"),
            ),
            ("[profile.dist]\ninherits = 'release'", Some("dist")),
            ("[profile.release-lto]\ninherits = 'dev'", None),
            (
                "[profile.dist]\ninherits = 'release'\n[profile.release-ci]\ninherits = 'release'",
                None,
            ),
        ];
        for (text, expected) in table {
            let cargo = toml::from_str(text).expect("valid TOML");
            assert_eq!(for_releases(&cargo).as_deref(), expected, "{text}");
        }
    }
}
