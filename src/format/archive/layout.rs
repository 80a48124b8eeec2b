//! Where files are in an archive.

use crate::format::FormatError;
use crate::format::relocate::{Layout, relocate, without_links};
use crate::format::shell::{Shell, file_name};
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
use crate::model::tree::{Kind, Tree, TreeFile};

/// The name of the folder, and of the file without its suffix.
pub(in crate::format) fn stem(package: &Package, target: Target) -> String {
    format!("{}-{}-{target}", package.name, package.version)
}

/// The files at their places in an archive.
pub(super) fn arranged(package: &Package, context: &Context<'_>) -> Result<Tree, FormatError> {
    arranged_below(&format!("{}/", stem(package, context.target)), context)
}

/// The same below another path, which ends with a slash or is empty.
pub(in crate::format) fn arranged_below(
    prefix: &str,
    context: &Context<'_>,
) -> Result<Tree, FormatError> {
    let folder = Folder(prefix.to_owned());
    let invalid = |error: crate::model::tree::Clash| FormatError::Invalid(error.to_string());
    let files = match context.target.os {
        // Windows lets users make links only where an administrator allowed it, and its Explorer unpacks a link as a text.
        Os::Windows => relocate(&without_links(context.tree)?, &folder)?,
        Os::Linux | Os::MacOs => relocate(context.tree, &folder)?,
    };
    Tree::new(files).map_err(invalid)
}

/// The layout: everything below one path, with the files that a user looks for at its top.
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
        Some(format!("{}{place}", self.0))
    }

    fn place_other(&self, path: &str) -> String {
        format!("{}{}", self.0, without_usr(path))
    }
}

pub(in crate::format) fn without_usr(path: &str) -> &str {
    path.strip_prefix("usr/").unwrap_or(path)
}
