//! Resolves the formats for each target.

use std::collections::BTreeMap;

use toml::Spanned;

use super::{Chosen, resolve_list};
use crate::format::{Registration, Tables};
use crate::model::target::{Selector, Target};
use crate::model::text::InvalidText;
use crate::project::manifest::Words;
use crate::project::manifest::located::{Located, Source};

/// The formats of each target, in the manifest's order.
pub(super) struct Formats(BTreeMap<Target, Vec<Chosen>>);

impl Formats {
    /// The formats of a target, which must be one of the manifest's.
    pub(super) fn of(&self, target: Target) -> &[Chosen] {
        self.0.get(&target).map_or(&[], Vec::as_slice)
    }
}

/// The format settings of the manifest.
pub(super) struct Written<'a> {
    /// `formats`
    pub(super) for_all: &'a Words,
    /// `[formats-for]`
    pub(super) exceptions: &'a BTreeMap<Spanned<String>, Words>,
    /// The formats' tables.
    pub(super) tables: &'a Tables,
}

/// Resolves the formats of each target: those of its triple, else those of its system, else those for all.
pub(super) fn resolve(
    written: &Written<'_>,
    targets: &[Target],
    known: &'static [Registration],
    source: &Source,
) -> Result<Formats, Box<Located>> {
    let choose = |key: &str, words: &Words| {
        resolve_list(source, key, words, |name| {
            choose(known, written.tables, name)
        })
    };
    // Exceptions for targets that are not in the manifest are also checked.
    let mut exceptions = BTreeMap::new();
    choose("formats", written.for_all)?;
    for (key, words) in written.exceptions {
        let selector: Selector = key
            .get_ref()
            .parse()
            .map_err(|error| source.invalid_at(key.span(), &error))?;
        choose(key.get_ref(), words)?;
        exceptions.insert(selector, (key.get_ref(), words));
    }
    let mut formats = BTreeMap::new();
    for target in targets {
        let exception = exceptions
            .get(&Selector::Target(*target))
            .or_else(|| exceptions.get(&Selector::System(target.os)));
        let chosen = match exception {
            Some((key, words)) => choose(key, words)?,
            None => choose("formats", written.for_all)?,
        };
        formats.insert(*target, chosen);
    }
    Ok(Formats(formats))
}

fn choose(
    known: &'static [Registration],
    tables: &Tables,
    name: &str,
) -> Result<Chosen, InvalidText> {
    let registration = known.iter().find(|format| format.name == name);
    let names = known.iter().map(|format| format.name);
    let registration = registration.ok_or_else(|| InvalidText::unknown("format", name, names))?;
    Ok(Chosen {
        registration,
        format: (registration.new)(tables),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::TestProject;

    const FILE: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";
    const ARM: &str = "aarch64-unknown-linux-musl";
    const INTEL: &str = "x86_64-unknown-linux-musl";
    const WINDOWS: &str = "x86_64-pc-windows-gnullvm";

    fn project(exceptions: &str) -> TestProject {
        let table = format!("[formats-for]\n{exceptions}");
        TestProject::new(&format!("{FILE}{table}")).targets(&[ARM, INTEL, WINDOWS])
    }

    fn formats_of(exceptions: &str) -> Vec<(&'static str, Vec<&'static str>)> {
        let project = project(exceptions).project();
        let names = |target| {
            let formats = project.formats_for(target).iter();
            formats.map(|chosen| chosen.registration.name).collect()
        };
        let targets = project.targets.iter();
        targets.map(|t| (t.triple, names(*t))).collect()
    }

    #[test]
    fn without_exceptions_all_targets_have_the_same_formats() {
        let plain = vec!["plain"];
        assert_eq!(
            formats_of(""),
            [
                (ARM, plain.clone()),
                (INTEL, plain.clone()),
                (WINDOWS, plain)
            ]
        );
    }

    #[test]
    fn a_triple_wins_over_its_system_and_a_system_over_the_list_for_all() {
        let exceptions = format!("linux = ['full', 'twin']\n{ARM} = ['twin']\n");
        assert_eq!(
            formats_of(&exceptions),
            [
                (ARM, vec!["twin"]),
                (INTEL, vec!["full", "twin"]),
                (WINDOWS, vec!["plain"]),
            ]
        );
    }

    #[test]
    fn a_key_that_names_no_platform_is_refused() {
        let message = project("darwin = ['plain']\n").error();
        let expected = "sealift.toml:7:1: operating system or target `darwin` is unknown; expected one of `linux`";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn an_exception_is_checked_also_where_no_target_has_it() {
        let message = project("macos = ['plain', 'rar']\n").error();
        let expected = "sealift.toml:7:19: format `rar` is unknown; expected one of `full`";
        assert!(message.starts_with(expected), "{message}");
        let message = project("macos = []\n").error();
        assert_eq!(
            message,
            "sealift.toml:7:9: `macos` is empty; expected at least one\n  7 | macos = []\n    |         ^^"
        );
    }
}
