//! `meta/snap.yaml`: what snapd knows of a snap (Snapcraft, "The snap format").

use std::collections::BTreeMap;
use std::fmt::Write;

use super::apps::{Daemon, Described, RestartCondition};
use super::{Confinement, Grade, PartName, Snap};
use crate::format::deb::architecture;
use crate::model::package::Package;
use crate::model::target::Target;

/// The longest summary in characters (Snapcraft; snapd takes 128).
const MAX_SUMMARY: usize = 78;
/// The longest description in characters.
const MAX_DESCRIPTION: usize = 4096;

/// What is written.
pub(super) struct About<'a> {
    pub(super) snap: &'a Snap,
    pub(super) package: &'a Package,
    pub(super) name: &'a str,
    pub(super) base: &'a str,
    pub(super) target: Target,
    pub(super) apps: &'a BTreeMap<PartName, Described>,
}

impl About<'_> {
    pub(super) fn to_yaml(&self) -> String {
        let Self { snap, package, .. } = self;
        let summary = shortened(&package.summary, MAX_SUMMARY);
        let description = match package.description.as_str() {
            "" => format!("{}.", package.summary.as_str()),
            // All of it is somewhere.
            text if summary != package.summary.as_str() => {
                format!("{}.\n\n{text}", package.summary.as_str())
            }
            text => text.to_owned(),
        };
        let description = shortened(&description, MAX_DESCRIPTION);
        let is_release = package.version.pre.is_empty();
        let grade = match snap.grade {
            Some(Grade::Devel) => "devel",
            None if !is_release => "devel",
            _ => "stable",
        };
        let confinement = match snap.confinement {
            Confinement::Strict => "strict",
            Confinement::Classic => "classic",
            Confinement::Devmode => "devmode",
        };
        let mut yaml = String::new();
        let mut line = |indent: usize, key: &str, value: &str| {
            let space = if value.is_empty() { "" } else { " " };
            writeln!(yaml, "{:indent$}{key}:{space}{value}", "").expect("a string takes all text");
        };
        line(0, "name", self.name);
        line(0, "version", &quoted(&package.version.to_string()));
        line(0, "summary", &quoted(&summary));
        line(0, "description", &quoted(&description));
        line(0, "license", &quoted(&package.license));
        let architecture = architecture(self.target).expect("`supports` refuses others");
        line(0, "architectures", &format!("[{architecture}]"));
        line(0, "base", self.base);
        line(0, "confinement", confinement);
        line(0, "grade", grade);
        if !self.apps.is_empty() {
            line(0, "apps", "");
        }
        for (name, app) in self.apps {
            line(2, &quoted(name), "");
            line(4, "command", &quoted(&app.command));
            if let Some(daemon) = app.daemon {
                line(4, "daemon", word(daemon));
            }
            if let Some(restart) = app.restart {
                line(4, "restart-condition", condition(restart));
            }
            if let Some(completer) = &app.completer {
                line(4, "completer", &quoted(completer));
            }
            if !app.plugs.is_empty() {
                let plugs: Vec<_> = app.plugs.iter().map(|plug| quoted(plug)).collect();
                line(4, "plugs", &format!("[{}]", plugs.join(", ")));
            }
        }
        yaml
    }
}

/// A text in double quotes, which YAML reads as JSON does (YAML 1.2, section 7.3.1).
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn word(daemon: Daemon) -> &'static str {
    match daemon {
        Daemon::Simple => "simple",
        Daemon::Oneshot => "oneshot",
        Daemon::Forking => "forking",
        Daemon::Notify => "notify",
    }
}

fn condition(restart: RestartCondition) -> &'static str {
    match restart {
        RestartCondition::OnFailure => "on-failure",
        RestartCondition::OnSuccess => "on-success",
        RestartCondition::OnAbnormal => "on-abnormal",
        RestartCondition::OnAbort => "on-abort",
        RestartCondition::Always => "always",
        RestartCondition::Never => "never",
    }
}

/// The text, or as many of its words as fit before an ellipsis.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most - 1).collect();
    // A word that is longer than all is cut.
    let words = start.rsplit_once(char::is_whitespace);
    let start = words.map_or(&start[..], |(words, _)| words);
    format!("{}…", start.trim_end())
}
