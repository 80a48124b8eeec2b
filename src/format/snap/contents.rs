//! The files of a snap: those of the package, and what snapd looks for in `meta`.

use std::sync::Arc;

use super::{Snap, apps, yaml};
use crate::format::FormatError;
use crate::format::appimage::icon;
use crate::format::archive::layout::without_usr;
use crate::format::desktop_entry::value;
use crate::format::relocate::{Layout, relocate};
use crate::format::shell::{Shell, file_name};
use crate::model::package::{Context, Package};
use crate::model::tree::{Clash, Content, Kind, Tree, TreeFile};

/// Nothing but directories: enough for static programs, and a thousandth of another.
const BARE: &str = "bare";
/// A small Ubuntu, with the C library and a shell.
const CORE: &str = "core24";

/// The files at their places in the snap.
pub(super) fn tree(
    snap: &Snap,
    package: &Package,
    context: &Context<'_>,
) -> Result<Tree, FormatError> {
    let name = snap.name(package)?;
    let moved = relocate(context.tree, &Below)?;
    let meta = moved.iter().find(|file| file.path.starts_with("meta/"));
    if let Some(file) = meta {
        let path = &file.path;
        return Err(FormatError::Invalid(format!(
            "a snap has its description in `/meta`, where the file `/{path}` would be, too"
        )));
    }
    let moved = Tree::new(moved).map_err(invalid)?;
    let base = match &snap.base {
        Some(base) => base.as_str(),
        None if context.target.has_glibc() || !snap.hooks.is_empty() || has_script(&moved)? => CORE,
        None => BARE,
    };
    let mut apps = apps::apps(snap, package, &name, &moved)?;
    if base == BARE {
        // A completer is run by a shell of the base.
        apps.values_mut().for_each(|app| app.completer = None);
    }
    let is_used = |file: &&TreeFile| match file.kind {
        Kind::Completion => apps
            .values()
            .any(|app| app.completer.as_ref() == Some(&file.path)),
        Kind::Desktop | Kind::Icon | Kind::SystemdUnit => false,
        _ => true,
    };
    let mut files: Vec<_> = moved.files().iter().filter(is_used).cloned().collect();
    for (hook, script) in &snap.hooks {
        let mut file = made(&format!("meta/hooks/{hook}"), script.as_str().as_bytes());
        file.mode = 0o755;
        files.push(file);
    }
    gui(&name, package, context.tree, &apps, &mut files)?;
    let about = yaml::About {
        snap,
        package,
        name: &name,
        base,
        target: context.target,
        apps: &apps,
    };
    files.push(made("meta/snap.yaml", about.to_yaml().as_bytes()));
    Tree::new(files).map_err(invalid)
}

fn invalid(clash: Clash) -> FormatError {
    FormatError::Invalid(clash.to_string())
}

fn made(path: &str, bytes: &[u8]) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::Bytes(Arc::from(bytes)),
    }
}

/// The layout: paths without `usr/`, and nothing that only another package manager shows.
struct Below;

impl Layout for Below {
    fn place(&self, file: &TreeFile) -> Option<String> {
        match file.kind {
            Kind::Man | Kind::Doc | Kind::Changelog => None,
            Kind::Completion if Shell::of(&file.path) != Shell::Bash => None,
            _ => Some(without_usr(&file.path).to_owned()),
        }
    }

    fn place_other(&self, path: &str) -> String {
        without_usr(path).to_owned()
    }
}

fn has_script(tree: &Tree) -> Result<bool, FormatError> {
    for file in tree.files().iter().filter(|file| file.kind == Kind::Binary) {
        let mut start = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(file.open()?, 2), &mut start)?;
        if start == b"#!" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What desktops see: the entries, with commands that snapd knows, and the icon.
fn gui(
    name: &str,
    package: &Package,
    tree: &Tree,
    apps: &std::collections::BTreeMap<super::PartName, apps::Described>,
    files: &mut Vec<TreeFile>,
) -> Result<(), FormatError> {
    let mut wanted = package.name.to_string();
    for file in tree.files() {
        if file.kind != Kind::Desktop || matches!(file.content, Content::Symlink(_)) {
            continue;
        }
        let text = String::from_utf8(file.bytes()?).map_err(|_| {
            FormatError::Invalid(format!("the desktop entry `/{}` is not UTF-8", file.path))
        })?;
        if let Some(icon) = value(&text, "Icon") {
            icon.clone_into(&mut wanted);
        }
        let icon = icon::best(tree, &wanted).and_then(icon::extension);
        let command = |word: &str| {
            let program = file_name(word);
            let of_program = |app: &apps::Described| {
                app.daemon.is_none()
                    && file_name(app.command.split(' ').next().unwrap_or_default()) == program
            };
            let (app, _) = apps.iter().find(|(_, app)| of_program(app))?;
            Some(if app.as_str() == name {
                name.to_owned()
            } else {
                format!("{name}.{app}")
            })
        };
        let entry = adapted(&text, icon, command).map_err(|word| {
            FormatError::Invalid(format!(
                "the desktop entry `/{}` starts `{word}`, which is no program of the snap",
                file.path
            ))
        })?;
        let path = format!("meta/gui/{}", file_name(&file.path));
        files.push(made(&path, entry.as_bytes()));
    }
    if let Some(best) = icon::best(tree, &wanted)
        && let Some(extension) = icon::extension(best)
    {
        files.push(TreeFile {
            path: format!("meta/gui/icon.{extension}"),
            mode: 0o644,
            kind: Kind::Data,
            content: best.content.clone(),
        });
    }
    Ok(())
}

/// A desktop entry with the commands of the snap and the place of its icon. snapd drops lines that it does not know, such as
/// `TryExec`. The error is a command that the snap does not have.
fn adapted(
    entry: &str,
    icon: Option<&str>,
    command: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut adapted = String::new();
    for line in entry.lines() {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        match (key.trim(), icon) {
            ("Exec", _) => {
                let value = value.trim();
                let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
                let word = word.trim_matches('"');
                let command = command(word).ok_or_else(|| word.to_owned())?;
                adapted += format!("Exec={command} {rest}").trim_end();
            }
            ("TryExec", _) => continue,
            ("Icon", Some(extension)) => {
                adapted += &format!("Icon=${{SNAP}}/meta/gui/icon.{extension}")
            }
            _ => adapted += line,
        }
        adapted.push('\n');
    }
    Ok(adapted)
}
