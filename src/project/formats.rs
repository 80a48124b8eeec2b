//! Resolves the formats for each target.

use std::collections::BTreeMap;

use toml::Spanned;

use super::{Chosen, resolve_list};
use crate::format::{Registration, Resources, Tables, Unsupported};
use crate::model::package::Package;
use crate::model::target::{Selector, Target};
use crate::model::text::InvalidText;
use crate::project::manifest::Words;
use crate::project::manifest::located::{Located, Source};

/// The formats of each target.
pub(super) struct Formats(BTreeMap<Target, TargetFormats>);

/// The formats of one target, in the manifest's order.
struct TargetFormats {
    chosen: Vec<Chosen>,
    skipped: Vec<Unsupported>,
}

impl TargetFormats {
    fn new(target: Target, all: Vec<Chosen>) -> Self {
        let (mut chosen, mut skipped) = (Vec::new(), Vec::new());
        for each in all {
            match each.format.supports(target) {
                Ok(()) => chosen.push(each),
                Err(unsupported) => skipped.push(unsupported),
            }
        }
        Self { chosen, skipped }
    }
}

impl Formats {
    /// The formats of a target, which must be one of the manifest's.
    pub(super) fn of(&self, target: Target) -> &[Chosen] {
        self.0.get(&target).map_or(&[], |formats| &formats.chosen)
    }

    /// Whether a target has a format.
    pub(super) fn have(&self, format: &str) -> bool {
        let mut chosen = self.0.values().flat_map(|formats| &formats.chosen);
        chosen.any(|chosen| chosen.registration.name == format)
    }

    /// Refuses two packages of one name: most formats have one name for a processor, whatever the C library. `words` are
    /// the targets as written.
    pub(super) fn refuse_same_names(
        &self,
        package: &Package,
        targets: &[Target],
        words: &Words,
        source: &Source,
    ) -> Result<(), Box<Located>> {
        let names = |target: &Target| {
            let formats = self.of(*target).iter();
            let names = formats.map(|each| each.format.file_name(package, *target));
            names.collect::<Vec<_>>()
        };
        for (index, target) in targets.iter().enumerate() {
            let is_like =
                |other: &&Target| (other.os, other.machine) == (target.os, target.machine);
            for other in targets[..index].iter().filter(is_like) {
                let others = names(other);
                let mut formats = self.of(*target).iter().zip(names(target));
                if let Some((chosen, name)) = formats.find(|(_, name)| others.contains(name)) {
                    let format = chosen.registration.name;
                    let message = format!(
                        "format `{format}` would write `{name}` for both `{other}` and `{target}`"
                    );
                    let error = source.error_at(words.get_ref()[index].span(), message);
                    return Err(error.with_hint(format!(
                        "leave one of them out, or give one other formats, such as `{target} = [\"archive\"]` below \
                         `[formats-for]`"
                    )));
                }
            }
        }
        Ok(())
    }

    /// The formats for all targets that this one cannot have.
    pub(super) fn skipped(&self, target: Target) -> &[Unsupported] {
        self.0.get(&target).map_or(&[], |formats| &formats.skipped)
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
    /// What the formats take from elsewhere.
    pub(super) resources: &'a Resources,
}

/// Resolves the formats of each target: those of its triple, else those of its system, else those for all.
///
/// A format that a target cannot have is skipped where the list is for all targets, and refused where it was named for
/// that target or its system.
pub(super) fn resolve(
    written: &Written<'_>,
    targets: &[Target],
    known: &'static [Registration],
    source: &Source,
) -> Result<Formats, Box<Located>> {
    let choose = |key: &str, words: &Words| {
        resolve_list(source, key, words, |name| choose(known, written, name))
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
        let of_target = match exception {
            Some((key, words)) => {
                let of_target = TargetFormats::new(*target, choose(key, words)?);
                refuse_unsupported(&of_target, key, words, source)?;
                of_target
            }
            None => TargetFormats::new(*target, choose("formats", written.for_all)?),
        };
        if of_target.chosen.is_empty() {
            let message = format!("`{target}` can have none of the formats");
            let error = source.error_at(written.for_all.span(), message);
            return Err(error.with_hint("`archive` can be made for every target"));
        }
        formats.insert(*target, of_target);
    }
    Ok(Formats(formats))
}

/// Refuses a format that was named for a target that cannot have it.
fn refuse_unsupported(
    formats: &TargetFormats,
    key: &str,
    words: &Words,
    source: &Source,
) -> Result<(), Box<Located>> {
    let Some(unsupported) = formats.skipped.first() else {
        return Ok(());
    };
    let mut words = words.get_ref().iter();
    let word = words.find(|word| word.get_ref() == unsupported.format);
    let span = word.map_or(0..0, Spanned::span);
    let error = source.error_at(span, unsupported.to_string());
    let target = unsupported.target;
    Err(error.with_hint(match key == target {
        true => format!("leave it out of `formats-for.{key}`"),
        // Others of the system may have it.
        false => format!(
            "leave it out of `formats-for.{key}`, or give `{target}` formats of its own below `[formats-for]`"
        ),
    }))
}

fn choose(
    known: &'static [Registration],
    written: &Written<'_>,
    name: &str,
) -> Result<Chosen, InvalidText> {
    let registration = known.iter().find(|format| format.name == name);
    let names = known.iter().map(|format| format.name);
    let registration = registration.ok_or_else(|| InvalidText::unknown("format", name, names))?;
    Ok(Chosen {
        registration,
        format: (registration.new)(written.tables, written.resources),
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
    fn a_format_that_was_named_for_a_target_that_cannot_have_it_is_refused() {
        let message = project("windows = ['plain', 'nowhere']\n").error();
        assert_eq!(
            message,
            "sealift.toml:7:21: format `nowhere` cannot be made for `x86_64-pc-windows-gnullvm`: it is only a test\n  \
             7 | windows = ['plain', 'nowhere']\n    |                     ^^^^^^^^^\n\
             hint: leave it out of `formats-for.windows`, or give `x86_64-pc-windows-gnullvm` formats of its own below `[formats-for]`"
        );
    }

    #[test]
    fn a_target_that_can_have_no_format_is_refused() {
        let message = TestProject::with_formats("'nowhere'", FILE).error();
        let expected =
            "sealift.toml:2:11: `x86_64-unknown-linux-musl` can have none of the formats\n";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_key_that_names_no_platform_is_refused() {
        let message = project("darwin = ['plain']\n").error();
        let expected = "sealift.toml:7:1: operating system or target `darwin` is unknown; expected one of `linux`";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn packages_of_both_c_libraries_with_the_same_name_are_refused() {
        let both = |exceptions: &str| {
            let table = format!("[formats-for]\n{exceptions}");
            TestProject::new(&format!("{FILE}{table}")).targets(&[
                INTEL,
                ARM,
                "x86_64-unknown-linux-gnu",
            ])
        };
        let message = both("").error();
        let expected = "sealift.toml:1:71: format `plain` would write `hello-1.2.3.plain` for both \
                        `x86_64-unknown-linux-musl` and `x86_64-unknown-linux-gnu`\n";
        assert!(message.starts_with(expected), "{message}");
        both("x86_64-unknown-linux-gnu = ['full']\n").project();
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
