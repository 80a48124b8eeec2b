//! Resolves the rules for files.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::file_names::refuse_unholdable;
use crate::model::path::RelativePath;
use crate::model::target::{Os, Selector, Target};
use crate::model::tree::Kind;
use crate::project::manifest::destination::{NoDefault, default_destination};
use crate::project::manifest::located::{Located, Source};
use crate::project::manifest::values::{GenerateOutput, OUT, Origin};
use crate::project::manifest::{self, GenerateRule, Words};

/// Which files go where, resolved.
#[derive(Clone, Debug)]
pub struct FileRule {
    /// The purpose of the files.
    pub kind: Kind,
    /// Where they are: a file, a directory or a pattern.
    pub origin: Origin,
    /// The install path: of the file, or of the directory. Without one, each file of a directory goes to the default
    /// path of its kind.
    pub destination: Option<RelativePath>,
    /// Permission bits.
    pub mode: u32,
    /// The project's targets whose packages contain them.
    pub targets: Vec<Target>,
    /// The place of `source` in the manifest.
    pub span: Range<usize>,
}

impl FileRule {
    /// The rule for a target, or `None` if its packages do not contain the files. A single program gets the suffix of
    /// the target's programs.
    pub fn for_target(&self, target: Target) -> Option<FileRule> {
        if !self.targets.contains(&target) {
            return None;
        }
        let mut rule = self.clone();
        if let (Kind::Binary, Origin::File(path)) = (self.kind, &mut rule.origin) {
            let suffix = target.os.program_suffix();
            *path = path.with_suffix(suffix);
            rule.destination = rule.destination.map(|path| path.with_suffix(suffix));
        }
        Some(rule)
    }

    /// Where a file of the rule is installed. `relative` is its path below the rule's directory or below that
    /// before the first wildcard of its pattern, or else its name.
    pub fn install_path(
        &self,
        package: &str,
        relative: &RelativePath,
    ) -> Result<RelativePath, NoDefault> {
        match (&self.destination, &self.origin) {
            (Some(destination), Origin::File(_)) => Ok(destination.clone()),
            (Some(destination), Origin::Directory(_) | Origin::Glob(_)) => {
                Ok(destination.join(relative))
            }
            (None, _) => default_destination(self.kind, package, relative),
        }
    }
}

/// Resolves all rules. Refuses two files with the same destination.
pub(super) fn resolve(
    rules: Vec<manifest::FileRule>,
    package: &str,
    targets: &[Target],
    source: &Source,
) -> Result<Vec<FileRule>, Box<Located>> {
    if rules.is_empty() {
        let end = source.text.len();
        let message =
            "no `[[files]]` anywhere; expected at least one, or there is nothing to package";
        return Err(source.error_at(end..end, message));
    }
    let resolve = |rule| resolve_rule(rule, package, targets, source);
    let rules: Vec<_> = rules.into_iter().map(resolve).collect::<Result<_, _>>()?;
    for target in targets {
        check_destinations(&rules, *target, source)?;
    }
    Ok(rules)
}

fn resolve_rule(
    rule: manifest::FileRule,
    package: &str,
    all: &[Target],
    source: &Source,
) -> Result<FileRule, Box<Located>> {
    let span = rule.source.span();
    let mut resolved = FileRule {
        kind: rule.kind,
        origin: rule.source.into_inner(),
        destination: rule.destination,
        mode: match (rule.mode, rule.kind) {
            (Some(mode), _) => mode.0,
            (None, Kind::Binary) => 0o755,
            (None, _) => 0o644,
        },
        targets: match rule.targets {
            Some(words) => rule_targets(source, &words, all)?,
            None => all_for(rule.kind, all),
        },
        span,
    };
    if let Origin::File(path) = &resolved.origin {
        let name = path
            .file_name()
            .parse()
            .expect("the last component of a valid path is a valid path");
        let place = resolved.install_path(package, &name).map_err(|error| {
            let error = source.error_at(resolved.span.clone(), error.to_string());
            error.with_hint("give the rule a `destination`")
        })?;
        resolved.destination = Some(place);
    }
    Ok(resolved)
}

/// The targets on which files of a kind are useful.
fn all_for(kind: Kind, all: &[Target]) -> Vec<Target> {
    let is_of_use = |target: &&Target| match kind {
        Kind::Desktop | Kind::Icon | Kind::Metainfo | Kind::SystemdUnit => target.os == Os::Linux,
        Kind::Man | Kind::Completion => target.os != Os::Windows,
        Kind::Binary | Kind::Config | Kind::Doc | Kind::License | Kind::Changelog | Kind::Data => {
            true
        }
    };
    all.iter().filter(is_of_use).copied().collect()
}

fn rule_targets(
    source: &Source,
    words: &Words,
    all: &[Target],
) -> Result<Vec<Target>, Box<Located>> {
    let selectors: Vec<Selector> = super::resolve_list(source, "targets", words, str::parse)?;
    for (word, selector) in words.get_ref().iter().zip(&selectors) {
        // A system may have no target yet, but a missing target is a mistake.
        if let Selector::Target(target) = selector
            && !all.contains(target)
        {
            let message = format!("`{target}` is not one of the manifest's `targets`");
            return Err(source.error_at(word.span(), message));
        }
    }
    let is_meant = |target: &&Target| selectors.iter().any(|selector| selector.covers(**target));
    Ok(all.iter().filter(is_meant).copied().collect())
}

fn check_destinations(
    rules: &[FileRule],
    target: Target,
    source: &Source,
) -> Result<(), Box<Located>> {
    let mut seen = BTreeMap::new();
    for rule in rules.iter().filter_map(|rule| rule.for_target(target)) {
        let (Some(place), Origin::File(_)) = (rule.destination, &rule.origin) else {
            continue;
        };
        let known = seen.keys().map(RelativePath::as_str);
        refuse_unholdable(known.chain([place.as_str()]), target.os)
            .map_err(|error| source.error_at(rule.span.clone(), error.to_string()))?;
        if let Some(other) = seen.insert(place.clone(), rule.origin) {
            let message = format!("`/{place}` would be installed twice: `{other}` goes there too");
            return Err(source.error_at(rule.span.clone(), message));
        }
    }
    Ok(())
}

/// Refuses generated files that no rule ships, files that are generated twice, and directories that a command would not
/// know of.
pub(super) fn check_generated(
    generate: &[GenerateRule],
    rules: &[FileRule],
    source: &Source,
) -> Result<(), Box<Located>> {
    for (index, rule) in generate.iter().enumerate() {
        let output = rule.output.get_ref();
        let refuse = |message| Err(source.error_at(rule.output.span(), message));
        match (output, rule.command.fills_directory()) {
            (GenerateOutput::Directory(_), false) => {
                return refuse(format!(
                    "`{output}` is a directory, which the command is not told; expected `{OUT}` among its arguments, or a file \
                     that gets its standard output"
                ));
            }
            (GenerateOutput::File(_), true) => {
                return refuse(format!(
                    "`{output}` is a file, and `{OUT}` in the command is a directory; expected a path that ends with `/`"
                ));
            }
            _ => {}
        }
        if !rules.iter().any(|file| file.origin.reaches(output)) {
            return refuse(format!(
                "`{output}` is generated but not shipped; expected a `[[files]]` whose `source` it is"
            ));
        }
        let is_same = |other: &GenerateRule| {
            let other = other.output.get_ref();
            other.path() == output.path()
                || other.makes(output.path())
                || output.makes(other.path())
        };
        if generate[..index].iter().any(is_same) {
            return refuse(format!("`{output}` is generated twice"));
        }
    }
    Ok(())
}
