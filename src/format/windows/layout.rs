//! Where files are in the program's directory: as in an archive, with what only other systems use left out.

use crate::format::FormatError;
use crate::format::archive::layout::arranged_below;
use crate::model::entry::{Entry, EntryContent};
use crate::model::file_names::refuse_unholdable;
use crate::model::package::Context;
use crate::model::target::Os;
use crate::model::tree::{Kind, Tree, TreeFile};

/// A file at its place below the program's directory.
pub(in crate::format) struct Placed {
    pub(in crate::format) file: TreeFile,
    /// Its name in the tables and in the cabinet of a package for Windows Installer.
    pub(in crate::format) key: String,
}

/// Windows has no modes; every file is executable for it.
pub(in crate::format) const MODE: u32 = 0o755;

/// The longest name: its column has 255 characters, of which a short name takes 13.
const MAX_NAME: usize = 255 - 13;

/// What a package lists of its files.
pub(in crate::format) fn entries(files: &[Placed]) -> Result<Vec<Entry>, FormatError> {
    let entry = |placed: &Placed| {
        Ok(Entry {
            path: placed.file.path.clone(),
            mode: MODE,
            content: EntryContent::File {
                size: placed.file.size(),
                sha256: placed.file.sha256()?,
            },
        })
    };
    files.iter().map(entry).collect()
}

/// The files in the order of their numbers.
pub(in crate::format) fn arranged(context: &Context<'_>) -> Result<Vec<Placed>, FormatError> {
    let used = context
        .tree
        .files()
        .iter()
        .filter(|file| is_used(file.kind));
    let used = Tree::new(used.cloned().collect()).expect("a part of a tree is one");
    let tree = &used;
    let moved = arranged_below("", &Context { tree, ..*context })?;
    let invalid = |message: String| FormatError::Invalid(message);
    let paths = moved.files().iter().map(|file| file.path.as_str());
    refuse_unholdable(paths.clone(), Os::Windows).map_err(|e| invalid(e.to_string()))?;
    for path in paths {
        let mut names = path.split('/');
        let problem = names.find_map(|name| {
            let length = name.encode_utf16().count();
            if name.contains(|c: char| c.is_control() || c == '\\') {
                Some("a name has a control character or `\\`".to_owned())
            } else if length > MAX_NAME {
                Some(format!(
                    "a name has {length} characters; expected at most {MAX_NAME}"
                ))
            } else {
                None
            }
        });
        if let Some(problem) = problem {
            let path = path.escape_debug();
            return Err(invalid(format!(
                "`{path}` cannot be installed on Windows: {problem}"
            )));
        }
    }
    let numbered = moved.files().iter().enumerate();
    Ok(numbered
        .map(|(index, file)| Placed {
            file: file.clone(),
            key: format!("f{index}"),
        })
        .collect())
}

/// Desktop entries and icons become shortcuts. Windows has no systemd.
fn is_used(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Desktop | Kind::Icon | Kind::Metainfo | Kind::SystemdUnit
    )
}
