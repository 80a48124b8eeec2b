//! Which features of a package are enabled.
//!
//! The Cargo Book, "Features": a feature enables those in its list; `dependency/feature` enables the dependency, too.

use std::collections::{BTreeMap, BTreeSet};

/// `[features]`
pub type Features = BTreeMap<String, Vec<String>>;

/// The features of a package that are on when some are asked for on cargo's command line, where `default` is one of them.
pub fn enabled<'a>(
    package: &str,
    features: &'a Features,
    asked: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<&'a str> {
    let mut on = BTreeSet::new();
    let mut waiting: Vec<&str> = Vec::new();
    for feature in asked {
        // As for a workspace: `package/feature` is one of that member.
        let own = feature.split_once('/').filter(|(name, _)| *name == package);
        waiting.push(own.map_or(feature, |(_, own)| own));
    }
    while let Some(feature) = waiting.pop() {
        // `dep:name` and `name?/feature` enable no feature of the package.
        let name = match feature.split_once('/') {
            Some((name, _)) => name,
            None => feature,
        };
        if name.starts_with("dep:") || name.ends_with('?') || !on.insert(name) {
            continue;
        }
        let more = features.get(name).into_iter().flatten();
        waiting.extend(more.map(String::as_str));
    }
    on
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(asked: &[&str]) -> String {
        let text = "default = ['cli']\ncli = ['dep:clap', 'color']\ncolor = ['term/ansi', 'log?/std']\nother = []\n";
        let features: Features = toml::from_str(text).expect("valid TOML");
        let on = enabled("hello", &features, asked.iter().copied());
        on.into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_feature_enables_those_in_its_list() {
        assert_eq!(on(&[]), "");
        assert_eq!(on(&["default"]), "cli color default term");
        assert_eq!(on(&["hello/other"]), "other");
        assert_eq!(on(&["else/other"]), "else");
    }
}
