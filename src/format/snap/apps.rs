//! The programs and daemons of a snap.

use std::collections::BTreeMap;

use super::{PartName, Snap};
use crate::format::FormatError;
use crate::format::shell::{Shell, file_name};
use crate::model::line::Line;
use crate::model::package::Package;
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// What is different for one program or daemon.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct App {
    /// The command, such as `bin/hello --quiet`.
    pub command: Option<Line>,
    /// The interfaces that it uses, in place of those for all.
    pub plugs: Option<Vec<PartName>>,
    /// How snapd starts it, if it is a daemon.
    #[schemars(with = "Daemon")]
    pub daemon: Option<Daemon>,
    /// When snapd starts a daemon again, such as `on-failure`.
    #[schemars(with = "RestartCondition")]
    pub restart_condition: Option<RestartCondition>,
}

/// How a daemon is started (systemd.service(5), `Type`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Daemon {
    /// It runs in the foreground.
    Simple,
    /// It runs once.
    Oneshot,
    /// It goes to the background.
    Forking,
    /// It says when it is ready.
    Notify,
}

/// When a daemon is started again (systemd.service(5), `Restart`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum RestartCondition {
    /// After a failure.
    OnFailure,
    /// After an end without one.
    OnSuccess,
    /// After a signal, a timeout, or a core dump.
    OnAbnormal,
    /// After a signal that nobody expected.
    OnAbort,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The characters of a command (snapd, `appContentWhitelist`).
const COMMAND: &str = "/. _#:$-";

/// An app as `snap.yaml` has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Described {
    pub(super) command: String,
    pub(super) plugs: Vec<PartName>,
    pub(super) daemon: Option<Daemon>,
    pub(super) restart: Option<RestartCondition>,
    pub(super) completer: Option<String>,
}

/// The apps of a tree whose files have their places in the snap, by name.
pub(super) fn apps(
    snap: &Snap,
    package: &Package,
    snap_name: &str,
    tree: &Tree,
) -> Result<BTreeMap<PartName, Described>, FormatError> {
    let mut apps = BTreeMap::new();
    for file in tree.files() {
        if file.kind != Kind::Binary || matches!(file.content, Content::Symlink(_)) {
            continue;
        }
        let program = file_name(&file.path);
        // The program with the package's name is started by the snap's.
        let name = if program == &*package.name {
            snap_name
        } else {
            program
        };
        let described = Described {
            command: file.path.clone(),
            completer: completer(tree, program),
            ..Described::default()
        };
        apps.insert(part(&name.replace(['_', '.', '+'], "-"), file)?, described);
    }
    if snap.daemons {
        for (name, described) in daemons(snap_name, tree)? {
            if apps.insert(name.clone(), described).is_some() {
                let message =
                    format!("the service `{name}` and a program would both be the snap's `{name}`");
                return Err(FormatError::Invalid(message));
            }
        }
    }
    for (name, own) in &snap.apps {
        if !apps.contains_key(name) && own.command.is_none() {
            let known: Vec<_> = apps.keys().map(PartName::as_str).collect();
            return Err(FormatError::Invalid(format!(
                "[snap.apps] has `{name}`, which no program or service of the package is called; there are `{}`",
                known.join("`, `")
            )));
        }
        let app = apps.entry(name.clone()).or_default();
        if let Some(command) = &own.command {
            app.command = command.to_string();
        }
        app.daemon = own.daemon.or(app.daemon);
        app.restart = own.restart_condition.or(app.restart);
    }
    for (name, app) in &mut apps {
        let own = snap.apps.get(name).and_then(|app| app.plugs.clone());
        app.plugs = own.unwrap_or_else(|| snap.plugs.clone());
        check(name, app, tree)?;
    }
    Ok(apps)
}

fn part(name: &str, file: &TreeFile) -> Result<PartName, FormatError> {
    name.parse().map_err(|error| {
        FormatError::Invalid(format!(
            "`/{}` cannot be an app of a snap: {error}",
            file.path
        ))
    })
}

fn check(name: &PartName, app: &Described, tree: &Tree) -> Result<(), FormatError> {
    let refuse = |what: String| {
        Err(FormatError::Invalid(format!(
            "the snap's app `{name}` {what}"
        )))
    };
    let is_fit = |c: char| c.is_ascii_alphanumeric() || COMMAND.contains(c);
    if let Some(bad) = app.command.chars().find(|c| !is_fit(*c)) {
        return refuse(format!(
            "has `{bad}` in its command `{}`, which snapd does not take",
            app.command
        ));
    }
    let program = app.command.split(' ').next().unwrap_or_default();
    let is_there = |file: &TreeFile| file.path == program && file.mode & 0o111 != 0;
    if !tree.files().iter().any(is_there) {
        return refuse(format!(
            "starts `{program}`, which is no program of the snap"
        ));
    }
    if app.restart.is_some() && app.daemon.is_none() {
        return refuse("has a `restart-condition` and is no daemon".to_owned());
    }
    Ok(())
}

/// The completions for bash of a program.
fn completer(tree: &Tree, program: &str) -> Option<String> {
    let is_its = |file: &&TreeFile| {
        let name = file_name(&file.path);
        file.kind == Kind::Completion
            && Shell::of(&file.path) == Shell::Bash
            && name.strip_suffix(".bash").unwrap_or(name) == program
    };
    tree.files()
        .iter()
        .find(is_its)
        .map(|file| file.path.clone())
}

const SYSTEM: &str = "lib/systemd/system/";

/// The services of the system: one that starts a program of the snap.
fn daemons(snap_name: &str, tree: &Tree) -> Result<Vec<(PartName, Described)>, FormatError> {
    let mut found = Vec::new();
    for file in tree.files() {
        let unit = file.path.strip_prefix(SYSTEM);
        let Some(unit) = unit.and_then(|unit| unit.strip_suffix(".service")) else {
            continue;
        };
        if file.kind != Kind::SystemdUnit
            || unit.ends_with('@')
            || matches!(file.content, Content::Symlink(_))
        {
            continue;
        }
        let text = String::from_utf8_lossy(&file.bytes()?).into_owned();
        let Some(described) = daemon(&text).map_err(|problem| {
            FormatError::Invalid(format!(
                "the unit `/{}` {problem}; write the daemon below [snap.apps], and `daemons = false` below [snap]",
                file.path
            ))
        })?
        else {
            continue;
        };
        // A program has the snap's own name already.
        let name = if unit == snap_name { "daemon" } else { unit };
        found.push((part(name, file)?, described));
    }
    Ok(found)
}

/// A simple service, or `None` if it starts nothing; the error says what is not simple in it, as a verb phrase.
fn daemon(unit: &str) -> Result<Option<Described>, String> {
    let service = unit
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[Service]")
        .skip(1);
    let service = service.take_while(|line| !line.starts_with('['));
    let values: Vec<_> = service.filter_map(|line| line.split_once('=')).collect();
    let all = |key: &str| {
        let found = values.iter().filter(|(found, _)| found.trim() == key);
        found.map(|(_, value)| value.trim()).collect::<Vec<_>>()
    };
    let start = all("ExecStart");
    let start = match start[..] {
        [] => return Ok(None),
        [start] => start,
        _ => {
            return Err(format!(
                "has {} lines `ExecStart`; expected one",
                start.len()
            ));
        }
    };
    let Some(command) = start
        .strip_prefix("/usr/")
        .filter(|_| !start.contains(['%', '"', '\'']))
    else {
        return Err(format!(
            "starts `{start}`, which is no plain command line of a program below `/usr`"
        ));
    };
    let daemon = match all("Type").last() {
        None | Some(&("simple" | "exec")) => Daemon::Simple,
        Some(&"oneshot") => Daemon::Oneshot,
        Some(&"forking") => Daemon::Forking,
        Some(&("notify" | "notify-reload")) => Daemon::Notify,
        Some(other) => return Err(format!("has the type `{other}`, which no app has")),
    };
    let restart = match all("Restart").last() {
        Some(&"on-failure") => Some(RestartCondition::OnFailure),
        Some(&"on-success") => Some(RestartCondition::OnSuccess),
        Some(&"on-abnormal") => Some(RestartCondition::OnAbnormal),
        Some(&"on-abort") => Some(RestartCondition::OnAbort),
        Some(&"always") => Some(RestartCondition::Always),
        // systemd's default. That of snapd is another.
        _ => Some(RestartCondition::Never),
    };
    Ok(Some(Described {
        command: command.to_owned(),
        daemon: Some(daemon),
        restart,
        ..Described::default()
    }))
}
