//! What an AppDir has beside a tree's files: something to start, a desktop entry and an icon at its root.

use std::io::Read;
use std::sync::Arc;

use super::{desktop, icon};
use crate::format::FormatError;
use crate::format::program::program;
use crate::format::shell::file_name;
use crate::model::package::Package;
use crate::model::tree::{Content, Kind, Tree, TreeFile};

const APP_RUN: &str = "AppRun";
const DIR_ICON: &str = ".DirIcon";

/// The files to add to a tree. What the tree already has at a place stays.
pub fn additions(package: &Package, tree: &Tree) -> Result<Vec<TreeFile>, FormatError> {
    let program = program(package, tree).map_err(|count| {
        FormatError::Invalid(format!(
            "an AppImage needs a program to start, but the tree has {count} and none is called `{}`",
            package.name
        ))
    })?;
    let mut added = Added {
        tree,
        files: Vec::new(),
    };
    match tree.files().iter().find(|file| file.path == APP_RUN) {
        Some(own) => check_app_run(own, tree)?,
        None => added.link(APP_RUN, &program.path),
    }
    let entry = added.desktop(package, file_name(&program.path));
    let icon = desktop::icon(&text(&entry)?)
        .unwrap_or(&package.name)
        .to_owned();
    added.icon(&icon);
    Ok(added.files)
}

/// Refuses something of the tree's to start that Linux would not start.
fn check_app_run(own: &TreeFile, tree: &Tree) -> Result<(), FormatError> {
    let started = match &own.content {
        Content::Symlink(target) => tree.files().iter().find(|file| file.path == *target),
        _ => Some(own),
    };
    let what = match started {
        None => "is a link to nothing in the tree",
        Some(file) if file.mode & 0o111 == 0 => "is not executable",
        Some(file) if !begins_like_a_program(file)? => "is neither a program nor a script",
        Some(_) => return Ok(()),
    };
    Err(FormatError::Invalid(format!(
        "an AppImage starts `/{APP_RUN}`, but the tree's {what}; leave it out, and a link to the program is made"
    )))
}

fn begins_like_a_program(file: &TreeFile) -> Result<bool, FormatError> {
    let mut start = Vec::new();
    file.open()?.take(4).read_to_end(&mut start)?;
    Ok(start.starts_with(b"#!") || start == b"\x7fELF")
}

fn text(file: &TreeFile) -> Result<String, FormatError> {
    let problem = || format!("the desktop entry `/{}` is not UTF-8", file.path);
    String::from_utf8(file.bytes()?).map_err(|_| FormatError::Invalid(problem()))
}

/// Files that are added to a tree.
struct Added<'a> {
    tree: &'a Tree,
    files: Vec<TreeFile>,
}

impl Added<'_> {
    fn add(&mut self, path: String, kind: Kind, mode: u32, content: Content) {
        let mut all = self.tree.files().iter().chain(&self.files);
        if all.any(|file| file.path == path) {
            return;
        }
        self.files.push(TreeFile {
            path,
            mode,
            kind,
            content,
        });
    }

    fn link(&mut self, path: &str, target: &str) {
        let content = Content::Symlink(target.to_owned());
        self.add(path.to_owned(), Kind::Binary, 0o777, content);
    }

    /// Puts the tree's desktop entry, or one that is made, at the root and returns it.
    fn desktop(&mut self, package: &Package, program: &str) -> TreeFile {
        let is_entry = |file: &&TreeFile| {
            file.kind == Kind::Desktop && !matches!(file.content, Content::Symlink(_))
        };
        let own = format!("{}.desktop", package.name);
        let entries = self.tree.files().iter().filter(is_entry);
        let entry = entries.min_by_key(|file| file_name(&file.path) != own);
        let entry = entry.cloned().unwrap_or_else(|| TreeFile {
            path: format!("usr/share/applications/{own}"),
            mode: 0o644,
            kind: Kind::Desktop,
            content: bytes(desktop::generate(package, program)),
        });
        self.both(&entry, file_name(&entry.path).to_owned());
        entry
    }

    /// Puts the tree's icon, or one that is drawn, at the root under the name that the desktop entry has for it.
    fn icon(&mut self, name: &str) {
        let icon = icon::best(self.tree, name).cloned();
        let icon = icon.unwrap_or_else(|| TreeFile {
            path: format!("usr/share/icons/hicolor/scalable/apps/{name}.svg"),
            mode: 0o644,
            kind: Kind::Icon,
            content: bytes(icon::draw(name)),
        });
        let extension = icon::extension(&icon).unwrap_or("svg");
        self.both(&icon, format!("{name}.{extension}"));
        self.both(&icon, DIR_ICON.to_owned());
    }

    /// Adds a file at its own place and at another one: as two files, since some tools read an image without following
    /// links, and since equal content is stored once.
    fn both(&mut self, file: &TreeFile, other: String) {
        for path in [file.path.clone(), other] {
            self.add(path, file.kind, 0o644, file.content.clone());
        }
    }
}

fn bytes(text: String) -> Content {
    Content::Bytes(Arc::from(text.into_bytes()))
}
