//! The commands of maintainer scripts for systemd: units, users (sysusers.d(5)) and directories (tmpfiles.d(5)).

mod deb;
mod rpm;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

use super::FormatError;
use super::script::Script;
use crate::model::steps::Step;
use crate::model::tree::{Content, TreeFile};

const SYSTEM: &str = "usr/lib/systemd/system/";
const USER: &str = "usr/lib/systemd/user/";
const SYSUSERS: &str = "usr/lib/sysusers.d/";
const TMPFILES: &str = "usr/lib/tmpfiles.d/";

/// The suffixes of units that can be enabled and started (systemd.unit(5)).
const SUFFIXES: [&str; 8] = [
    ".automount",
    ".mount",
    ".path",
    ".service",
    ".socket",
    ".swap",
    ".target",
    ".timer",
];

/// The lines of a script that the commands take the place of: our own word for it, and debhelper's.
const PLACES: [&str; 2] = ["#SYSTEMD#", "#DEBHELPER#"];

/// No unit is larger.
const MAX_UNIT_BYTES: u64 = 1 << 20;

/// What systemd finds in a package.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// Units of the system that can be enabled: those with a section `[Install]`.
    system: Vec<String>,
    /// Units of the users' sessions that can be enabled.
    user: Vec<String>,
    /// Units of the system that others start.
    started_by_others: Vec<String>,
    sysusers: Vec<String>,
    tmpfiles: Vec<String>,
}

impl Units {
    /// Finds them among the files of a package, in their order.
    pub(super) fn of(steps: &[Step<'_>]) -> io::Result<Self> {
        let mut units = Self::default();
        for step in steps {
            let Step::File(file) = step else { continue };
            units.add(file)?;
        }
        Ok(units)
    }

    fn add(&mut self, file: &TreeFile) -> io::Result<()> {
        let directly_in = |folder| {
            let name = file.path.strip_prefix(folder)?;
            (!name.contains('/')).then(|| name.to_owned())
        };
        if let Some(name) = directly_in(SYSUSERS) {
            self.sysusers.push(name);
        } else if let Some(name) = directly_in(TMPFILES) {
            self.tmpfiles.push(name);
        } else if let Some(name) = directly_in(SYSTEM).filter(|name| is_unit(name)) {
            match has_install_section(file)? {
                true => self.system.push(name),
                false => self.started_by_others.push(name),
            }
        } else if let Some(name) = directly_in(USER).filter(|name| is_unit(name))
            && has_install_section(file)?
        {
            self.user.push(name);
        }
        Ok(())
    }

    /// The units of the system.
    fn all_of_system(&self) -> Vec<String> {
        [&self.system[..], &self.started_by_others].concat()
    }
}

/// A template such as `hello@.service` is not a unit until somebody names an instance.
fn is_unit(name: &str) -> bool {
    let stem = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with('@'))
}

/// Whether a unit says what enabling it means. A link to a unit is another name of it.
fn has_install_section(file: &TreeFile) -> io::Result<bool> {
    if matches!(file.content, Content::Symlink(_)) {
        return Ok(false);
    }
    let mut text = Vec::new();
    file.open()?.take(MAX_UNIT_BYTES).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().any(|line| line.trim() == "[Install]"))
}

/// A script with the commands in their place, where there are any. `name` is the script's in the manifest.
fn with_commands(
    script: Option<&Script>,
    commands: &str,
    name: &str,
) -> Result<Option<Script>, FormatError> {
    if commands.is_empty() {
        return Ok(script.cloned());
    }
    let parse = |text: String| Some(text.parse().expect("it begins with its interpreter"));
    let Some(script) = script else {
        return Ok(parse(format!("#!/bin/sh\nset -e\n{commands}")));
    };
    let is_place = |line: &str| PLACES.contains(&line.trim());
    if !script.as_str().lines().any(is_place) {
        return Err(FormatError::Invalid(format!(
            "`{name}` has no line `{}`, which the commands for the package's systemd units take the place of; write it where \
             they are to run, or turn them off in [systemd]",
            PLACES[0]
        )));
    }
    let lines = script.as_str().lines().map(|line| match is_place(line) {
        true => commands.to_owned(),
        false => format!("{line}\n"),
    });
    Ok(parse(lines.collect()))
}

/// Words for a shell, each quoted where it has to be.
fn words(names: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%-_=+:,./".contains(c);
    let word = |name: &String| match name.chars().all(is_plain) {
        true => name.clone(),
        false => format!("'{}'", name.replace('\'', r"'\''")),
    };
    names.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Commands below a condition.
fn guarded(condition: &str, commands: &str) -> String {
    if commands.is_empty() {
        return String::new();
    }
    let indented: String = commands
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect();
    format!("if {condition}; then\n{indented}fi\n")
}
