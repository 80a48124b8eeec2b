//! Turns a tree directory into a [`Tree`], by a project's rules about files.

#[cfg(test)]
mod tests;

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::file_names::{Unholdable, refuse_unholdable};
use crate::model::hint::Hint;
use crate::model::path::{RelativePath, slashed};
use crate::model::target::Target;
use crate::model::text::InvalidText;
use crate::model::tree::{Clash, Content, SourceFile, Tree, TreeFile};
use crate::output::path_error::PathError;
use crate::output::unfinished::is_unfinished;
use crate::project::manifest::glob::{Glob, GlobError};
use crate::project::manifest::located::Located;
use crate::project::manifest::values::Origin;
use crate::project::{FileRule, Project};

/// Why a tree directory was refused.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// What a rule of the manifest names is not there, or is something else.
    #[error(transparent)]
    Rule(Box<Located>),
    /// A file could not be looked at.
    #[error(transparent)]
    Io(#[from] PathError),
    /// The files of a pattern cannot be found.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// A symbolic link leads out of the directory.
    #[error("`{}` leads to `{}`, outside of `{}`", link.display(), leads_to.display(), root.display())]
    Outside {
        /// The link, or a file below it.
        link: PathBuf,
        /// What it leads to.
        leads_to: PathBuf,
        /// The tree directory.
        root: PathBuf,
    },
    /// A name is not text.
    #[error("the name of `{}` is not UTF-8", path.display())]
    NotUtf8 {
        /// The file, with the wrong bytes replaced when displayed.
        path: PathBuf,
    },
    /// A name cannot be used in packages.
    #[error("`{}` cannot be packaged", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// What is wrong with its name.
        source: InvalidText,
    },
    /// Something is neither a regular file, nor a directory, nor a link to a file.
    #[error("`{}` is {found}; expected a regular file", path.display())]
    NotAFile {
        /// What cannot be packaged.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// The tree is not complete.
    #[error(
        "`{}` is left from a run that was interrupted; expected a complete tree",
        path.display()
    )]
    Unfinished {
        /// What was left.
        path: PathBuf,
    },
    /// Two files cannot be installed together.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// The target's system cannot hold the files.
    #[error(transparent)]
    Unholdable(#[from] Unholdable),
}

impl Hint for LoadError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Rule(located) => located.hint(),
            Self::Unfinished { .. } => {
                Some("remove the directory and make it again with `sealift tree`".to_owned())
            }
            _ => None,
        }
    }
}

/// Loads the files for a target from a tree directory. Nothing is read but names and metadata.
pub fn load(project: &Project, target: Target, directory: &Path) -> Result<Tree, LoadError> {
    let root = directory
        .canonicalize()
        .map_err(PathError::reading(directory))?;
    refuse_unfinished(&root)?;
    let loader = Loader { project, root };
    let mut files = Vec::new();
    for rule in project.files_for(target) {
        loader.load_rule(&rule, &mut files)?;
    }
    let tree = Tree::new(files)?;
    let paths = tree.files().iter().map(|file| file.path.as_str());
    refuse_unholdable(paths, target.os)?;
    Ok(tree)
}

/// What an interrupted run has left says that the rest may be incomplete.
fn refuse_unfinished(directory: &Path) -> Result<(), LoadError> {
    for entry in fs::read_dir(directory).map_err(PathError::reading(directory))? {
        let entry = entry.map_err(PathError::reading(directory))?;
        if is_unfinished(&entry.file_name()) {
            return Err(LoadError::Unfinished { path: entry.path() });
        }
    }
    Ok(())
}

struct Loader<'a> {
    project: &'a Project,
    root: PathBuf,
}

impl Loader<'_> {
    fn load_rule(&self, rule: &FileRule, files: &mut Vec<TreeFile>) -> Result<(), LoadError> {
        let path = match &rule.origin {
            Origin::File(path) | Origin::Directory(path) => self.root.join(path.as_str()),
            Origin::Glob(glob) => return self.load_glob(rule, glob, files),
        };
        let resolved = match self.resolve(&path) {
            Err(LoadError::Io(error)) if error.source.kind() == io::ErrorKind::NotFound => {
                let message = format!("`{}` is not in `{}`", rule.origin, self.root.display());
                return Err(self.missing(rule, message));
            }
            resolved => resolved?,
        };
        if let Some(message) = rule.origin.contradiction(resolved.is_dir()) {
            return Err(self.error_at(rule, message));
        }
        match &rule.origin {
            Origin::File(name) => {
                let name = name.file_name().parse();
                let name = name.expect("the last component of a valid path is a valid path");
                files.push(self.tree_file(rule, &name, content_of(&resolved)?)?);
                Ok(())
            }
            Origin::Directory(_) | Origin::Glob(_) => {
                let before = files.len();
                self.load_directory(rule, &resolved, &resolved, files)?;
                if files.len() == before {
                    return Err(self.error_at(rule, format!("`{}` holds no file", rule.origin)));
                }
                Ok(())
            }
        }
    }

    fn load_glob(
        &self,
        rule: &FileRule,
        glob: &Glob,
        files: &mut Vec<TreeFile>,
    ) -> Result<(), LoadError> {
        let found = glob.files(&self.root)?;
        if found.is_empty() {
            let message = format!("no file in `{}` matches `{glob}`", self.root.display());
            return Err(self.missing(rule, message));
        }
        for path in found {
            let relative = glob.below_base(&path);
            let relative = relative.expect("a file that was found by the pattern matches it");
            let resolved = self.resolve(&self.root.join(path.as_str()))?;
            files.push(self.tree_file(rule, &relative, content_of(&resolved)?)?);
        }
        Ok(())
    }

    fn missing(&self, rule: &FileRule, message: String) -> LoadError {
        let error = self.project.manifest.error_at(rule.span.clone(), message);
        let hint = "`sealift tree` fills a directory with all files of the manifest";
        LoadError::Rule(error.with_hint(hint))
    }

    fn error_at(&self, rule: &FileRule, message: String) -> LoadError {
        LoadError::Rule(self.project.manifest.error_at(rule.span.clone(), message))
    }

    /// Follows all links; refuses what is not below the root then.
    fn resolve(&self, path: &Path) -> Result<PathBuf, LoadError> {
        let resolved = path.canonicalize().map_err(PathError::reading(path))?;
        if !resolved.starts_with(&self.root) {
            return Err(LoadError::Outside {
                link: path.to_owned(),
                leads_to: resolved,
                root: self.root.clone(),
            });
        }
        Ok(resolved)
    }

    /// Adds all files below `directory`, which is `top` or below it.
    fn load_directory(
        &self,
        rule: &FileRule,
        top: &Path,
        directory: &Path,
        files: &mut Vec<TreeFile>,
    ) -> Result<(), LoadError> {
        refuse_unfinished(directory)?;
        for entry in fs::read_dir(directory).map_err(PathError::reading(directory))? {
            let path = entry.map_err(PathError::reading(directory))?.path();
            let metadata = fs::symlink_metadata(&path).map_err(PathError::reading(&path))?;
            if metadata.is_dir() {
                self.load_directory(rule, top, &path, files)?;
                continue;
            }
            let content = if metadata.is_symlink() {
                self.link_content(top, &path)?
            } else {
                regular_content(&path, &metadata)?
            };
            files.push(self.tree_file(rule, &relative_to(top, &path)?, content)?);
        }
        Ok(())
    }

    /// A relative link that stays inside the rule's directory is kept as it is; another one is replaced by the file
    /// that it leads to, because its target would have another place on the user's machine.
    fn link_content(&self, top: &Path, link: &Path) -> Result<Content, LoadError> {
        let target = fs::read_link(link).map_err(PathError::reading(link))?;
        let resolved = self.resolve(link)?;
        if target.is_relative() && resolved.starts_with(top) {
            let target = slashed(&target).ok_or_else(|| LoadError::NotUtf8 {
                path: link.to_owned(),
            });
            return Ok(Content::Symlink(target?));
        }
        if resolved.is_dir() {
            return Err(LoadError::NotAFile {
                path: link.to_owned(),
                found: "a link to a directory",
            });
        }
        content_of(&resolved)
    }

    fn tree_file(
        &self,
        rule: &FileRule,
        relative: &RelativePath,
        content: Content,
    ) -> Result<TreeFile, LoadError> {
        let place = rule.install_path(&self.project.package.name, relative);
        let path = place.map_err(|error| self.error_at(rule, error.to_string()))?;
        let mode = match content {
            Content::Symlink(_) => 0o777,
            _ => rule.mode,
        };
        Ok(TreeFile {
            path: path.to_string(),
            mode,
            kind: rule.kind,
            content,
        })
    }
}

fn content_of(path: &Path) -> Result<Content, LoadError> {
    let metadata = fs::metadata(path).map_err(PathError::reading(path))?;
    regular_content(path, &metadata)
}

fn regular_content(path: &Path, metadata: &Metadata) -> Result<Content, LoadError> {
    if !metadata.is_file() {
        let found = if metadata.is_dir() {
            "a directory"
        } else {
            "a special file"
        };
        let path = path.to_owned();
        return Err(LoadError::NotAFile { path, found });
    }
    let file = SourceFile::new(path.to_owned()).map_err(PathError::reading(path))?;
    Ok(Content::File(Arc::new(file)))
}

fn relative_to(top: &Path, path: &Path) -> Result<RelativePath, LoadError> {
    let relative = path
        .strip_prefix(top)
        .expect("a directory's entries are below it");
    let text = slashed(relative).ok_or_else(|| LoadError::NotUtf8 {
        path: path.to_owned(),
    })?;
    text.parse().map_err(|source| LoadError::Name {
        path: path.to_owned(),
        source,
    })
}
