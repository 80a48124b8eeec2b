//! Completes a tree with what is made once for all formats: icons in sizes, and an AppStream file; and checks what projects
//! bring of it.

mod appstream;
mod desktop_entry;
mod icons;
mod metainfo;
mod picture;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use icons::Pictures;
pub use picture::PictureError;

use crate::model::hint::Hint;
use crate::model::target::{Os, Target};
use crate::model::tree::{Clash, Content, Kind, Tree, TreeFile};
use crate::project::Project;
use crate::project::manifest::located::{Located, ReadError, Source};

/// Why a tree could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// A text is not what its kind says.
    #[error(transparent)]
    Text(#[from] Box<Located>),
    /// A text could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An icon is not what its name says.
    #[error("{}: {source}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: PictureError,
    },
    /// An icon cannot be made in sizes.
    #[error("`{}` {what}", path.display())]
    Undrawable {
        /// The file.
        path: PathBuf,
        /// A verb phrase.
        what: &'static str,
    },
    /// A file of the tree could not be read.
    #[error("cannot read `/{path}`")]
    Tree {
        /// Its path below the root.
        path: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// What was made has the place of something else.
    #[error(transparent)]
    Clash(#[from] Clash),
}

impl Hint for CompleteError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Text(located) => located.hint(),
            Self::Undrawable { .. } => Some(
                "convert text to paths, or ship pictures yourself and write `sizes = []` below `[icons]`"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// Checks the tree's desktop entries, AppStream files and icons, and adds the icons and the AppStream file that it lacks.
/// `date` is in seconds since the epoch; `pictures` is shared by the targets of a release.
pub fn complete(
    project: &Project,
    target: Target,
    tree: Tree,
    date: i64,
    pictures: &Pictures,
) -> Result<Tree, CompleteError> {
    for file in tree.files() {
        if is_checked(file.kind) && !matches!(file.content, Content::Symlink(_)) {
            check(file.kind, &path_of(file), &bytes(file)?)?;
        }
    }
    let mut added = icons::files(&project.icons, target, &tree, pictures)?;
    if target.os == Os::Linux {
        added.extend(metainfo::file(
            &project.metainfo,
            &project.package,
            &tree,
            date,
        )?);
    }
    if added.is_empty() {
        return Ok(tree);
    }
    added.extend_from_slice(tree.files());
    Ok(Tree::new(added)?)
}

/// Whether files of a kind are held against the standard of their kind.
pub(super) fn is_checked(kind: Kind) -> bool {
    matches!(kind, Kind::Desktop | Kind::Icon | Kind::Metainfo)
}

/// Refuses a file that is not what its kind says. The path is for messages.
pub(super) fn check(kind: Kind, path: &Path, bytes: &[u8]) -> Result<(), CompleteError> {
    match kind {
        Kind::Desktop => desktop_entry::check(&Source::from_bytes(path, bytes.to_vec())?)?,
        Kind::Metainfo => appstream::check(&Source::from_bytes(path, bytes.to_vec())?)?,
        Kind::Icon => icons::check(path, bytes)?,
        _ => {}
    }
    Ok(())
}

/// Where a file is, for messages: on disk, or else where it is installed.
fn path_of(file: &TreeFile) -> PathBuf {
    match &file.content {
        Content::File(source) => source.path().to_owned(),
        Content::Bytes(_) | Content::Symlink(_) => Path::new("/").join(&file.path),
    }
}

fn bytes(file: &TreeFile) -> Result<Vec<u8>, CompleteError> {
    file.bytes().map_err(reading(file))
}

fn reading(file: &TreeFile) -> impl FnOnce(io::Error) -> CompleteError + use<> {
    let path = file.path.clone();
    move |source| CompleteError::Tree { path, source }
}

fn made(path: String, kind: Kind, bytes: Vec<u8>) -> TreeFile {
    TreeFile {
        path,
        mode: 0o644,
        kind,
        content: Content::Bytes(Arc::from(bytes)),
    }
}
