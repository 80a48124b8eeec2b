//! Where files are in an archive.

use std::collections::BTreeMap;

use crate::format::FormatError;
use crate::format::relocate::{Layout, relocate, resolve};
use crate::format::shell::{Shell, file_name};
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// The name of the folder, and of the file without its suffix.
pub(super) fn stem(package: &Package, target: Target) -> String {
    format!("{}-{}-{target}", package.name, package.version)
}

/// The files at their places in an archive.
pub(super) fn arranged(package: &Package, context: &Context<'_>) -> Result<Tree, FormatError> {
    let folder = Folder(stem(package, context.target));
    let invalid = |error: crate::model::tree::Clash| FormatError::Invalid(error.to_string());
    let files = match context.target.os {
        Os::Windows => relocate(&without_links(context.tree)?, &folder)?,
        Os::Linux | Os::MacOs => relocate(context.tree, &folder)?,
    };
    Tree::new(files).map_err(invalid)
}

/// The files with copies in place of links: Windows lets users make links only where an administrator allowed it, and its
/// Explorer unpacks a link as a text.
fn without_links(tree: &Tree) -> Result<Tree, FormatError> {
    let by_path: BTreeMap<&str, &TreeFile> = tree
        .files()
        .iter()
        .map(|file| (file.path.as_str(), file))
        .collect();
    let copied = tree.files().iter().map(|file| {
        let mut found = file;
        // A circle has as many links as there are files at most.
        for _ in 0..=by_path.len() {
            let Content::Symlink(target) = &found.content else {
                return Ok(TreeFile {
                    mode: found.mode,
                    content: found.content.clone(),
                    path: file.path.clone(),
                    kind: file.kind,
                });
            };
            let path = resolve(&found.path, target);
            match path.and_then(|path| by_path.get(path.as_str()).copied()) {
                Some(next) => found = next,
                None => break,
            }
        }
        Err(FormatError::Invalid(format!(
            "the link `/{}` does not lead to a file of the package, whose copy users of Windows get in its place",
            file.path
        )))
    });
    let files = copied.collect::<Result<_, _>>()?;
    Ok(Tree::new(files).expect("the paths are the same"))
}

/// The layout: everything in one folder, with the files that a user looks for at its top.
struct Folder(String);

impl Layout for Folder {
    fn place(&self, file: &TreeFile) -> Option<String> {
        let name = file_name(&file.path);
        let place = match file.kind {
            Kind::Binary | Kind::License | Kind::Changelog => name.to_owned(),
            Kind::Doc => match file.path.split_once("share/doc/") {
                // Files in subfolders stay in them.
                Some((_, below)) if below.matches('/').count() > 1 => format!("doc/{below}"),
                _ => name.to_owned(),
            },
            // Below `man`, as on an installed system, so that `MANPATH` can point there.
            Kind::Man => match file.path.split_once("share/man/") {
                Some((_, below)) => format!("man/{below}"),
                None => format!("man/{name}"),
            },
            // On an installed system the folder identifies the shell; here the file name must.
            Kind::Completion if Shell::of(name) == Shell::of(&file.path) => {
                format!("completions/{name}")
            }
            Kind::Completion => match Shell::of(&file.path) {
                Shell::Bash => format!("completions/{name}.bash"),
                _ => format!("completions/{name}"),
            },
            _ => without_usr(&file.path).to_owned(),
        };
        Some(format!("{}/{place}", self.0))
    }

    fn place_other(&self, path: &str) -> String {
        format!("{}/{}", self.0, without_usr(path))
    }
}

fn without_usr(path: &str) -> &str {
    path.strip_prefix("usr/").unwrap_or(path)
}
