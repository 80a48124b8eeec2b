//! The one program of a tree that a package starts.

use super::shell::file_name;
use crate::model::package::Package;
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// The program with the package's name, or the only one. The error is how many there are.
pub(super) fn program<'a>(package: &Package, tree: &'a Tree) -> Result<&'a TreeFile, usize> {
    let is_program = |file: &&TreeFile| {
        file.kind == Kind::Binary && !matches!(file.content, Content::Symlink(_))
    };
    let programs: Vec<_> = tree.files().iter().filter(is_program).collect();
    let has_name = |file: &&&TreeFile| file_name(&file.path) == &*package.name;
    match (programs.iter().find(has_name), &programs[..]) {
        (Some(named), _) => Ok(named),
        (None, [only]) => Ok(only),
        (None, found) => Err(found.len()),
    }
}
