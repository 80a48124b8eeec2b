//! Turns a tree directory into a [`Tree`], by a project's rules about files.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::manifest::located::Located;
use crate::manifest::values::Origin;
use crate::path::{NotRelative, RelativePath};
use crate::project::{FileRule, Project};
use crate::target::Target;
use crate::tree::{Clash, Content, SourceFile, Tree, TreeFile};

/// Why a tree directory was refused.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// What a rule of the manifest names is not there, or is something else.
    #[error(transparent)]
    Rule(Box<Located>),
    /// A file could not be looked at.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
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
        source: NotRelative,
    },
    /// Something is neither a regular file, nor a directory, nor a link to a file.
    #[error("`{}` is {found}; expected a regular file", path.display())]
    NotAFile {
        /// What cannot be packaged.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// Two files cannot be installed together.
    #[error(transparent)]
    Clash(#[from] Clash),
}

/// Loads the files for a target from a tree directory. Nothing is read but names and metadata.
pub fn load(project: &Project, target: Target, directory: &Path) -> Result<Tree, LoadError> {
    let root = directory.canonicalize().map_err(io_error(directory))?;
    let loader = Loader { project, root };
    let mut files = Vec::new();
    for rule in project.files.iter().filter(|rule| rule.applies_to(target)) {
        loader.load_rule(rule, &mut files)?;
    }
    Ok(Tree::new(files)?)
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> LoadError {
    let path = path.to_owned();
    move |source| LoadError::Io { path, source }
}

struct Loader<'a> {
    project: &'a Project,
    root: PathBuf,
}

impl Loader<'_> {
    fn load_rule(&self, rule: &FileRule, files: &mut Vec<TreeFile>) -> Result<(), LoadError> {
        let path = self.root.join(rule.origin.path().as_str());
        let resolved = match self.resolve(&path) {
            Err(LoadError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let message = format!("`{}` is not in `{}`", rule.origin, self.root.display());
                return Err(self.complain(rule, message));
            }
            resolved => resolved?,
        };
        let is_directory = resolved.is_dir();
        match &rule.origin {
            Origin::File(_) if is_directory => {
                let message = format!(
                    "`{}` is a directory; write `{0}/` to ship what is in it",
                    rule.origin
                );
                Err(self.complain(rule, message))
            }
            Origin::Directory(_) if !is_directory => {
                let message = format!(
                    "`{}` is not a directory; write it without the `/` at its end",
                    rule.origin
                );
                Err(self.complain(rule, message))
            }
            Origin::File(name) => {
                let name = name.file_name().parse();
                let name = name.expect("the last component of a valid path is a valid path");
                files.push(self.tree_file(rule, &name, content_of(&resolved)?)?);
                Ok(())
            }
            Origin::Directory(_) => {
                let before = files.len();
                self.load_directory(rule, &resolved, &resolved, files)?;
                if files.len() == before {
                    return Err(self.complain(rule, format!("`{}` holds no file", rule.origin)));
                }
                Ok(())
            }
        }
    }

    fn complain(&self, rule: &FileRule, message: String) -> LoadError {
        let complaint = self.project.manifest.complain(rule.span.clone(), message);
        LoadError::Rule(Box::new(complaint))
    }

    /// Follows all links; refuses what is not below the root then.
    fn resolve(&self, path: &Path) -> Result<PathBuf, LoadError> {
        let resolved = path.canonicalize().map_err(io_error(path))?;
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
        for entry in fs::read_dir(directory).map_err(io_error(directory))? {
            let path = entry.map_err(io_error(directory))?.path();
            let metadata = fs::symlink_metadata(&path).map_err(io_error(&path))?;
            if metadata.is_dir() {
                self.load_directory(rule, top, &path, files)?;
                continue;
            }
            let content = match metadata.is_symlink() {
                true => self.link_content(top, &path)?,
                false => regular_content(&path, &metadata)?,
            };
            files.push(self.tree_file(rule, &relative_to(top, &path)?, content)?);
        }
        Ok(())
    }

    /// A relative link that stays inside the rule's directory is kept as it is; another one is replaced by the file
    /// that it leads to, because its target would have another place on the user's machine.
    fn link_content(&self, top: &Path, link: &Path) -> Result<Content, LoadError> {
        let target = fs::read_link(link).map_err(io_error(link))?;
        let resolved = self.resolve(link)?;
        if target.is_relative() && resolved.starts_with(top) {
            let target = target.into_os_string().into_string();
            let not_utf8 = |_| LoadError::NotUtf8 {
                path: link.to_owned(),
            };
            return Ok(Content::Symlink(target.map_err(not_utf8)?));
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
        let path = place.map_err(|error| self.complain(rule, error.to_string()))?;
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
    let metadata = fs::metadata(path).map_err(io_error(path))?;
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
    let file = SourceFile::new(path.to_owned()).map_err(io_error(path))?;
    Ok(Content::File(Arc::new(file)))
}

fn relative_to(top: &Path, path: &Path) -> Result<RelativePath, LoadError> {
    let relative = path
        .strip_prefix(top)
        .expect("a directory's entries are below it");
    let text = relative.to_str().ok_or_else(|| LoadError::NotUtf8 {
        path: path.to_owned(),
    })?;
    text.parse().map_err(|source| LoadError::Name {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestProject, target};

    const BINARY: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";
    const DATA: &str = "[[files]]\nkind = 'data'\nsource = 'data/'\n";

    fn error_of(project: &TestProject) -> String {
        let loaded = load(&project.project(), target(), &project.path("tree"));
        let error = loaded.expect_err("the tree is wrong").to_string();
        let root = project.path("tree").canonicalize().expect("it exists");
        error.replace(&root.display().to_string(), "TREE")
    }

    fn paths(tree: &Tree) -> Vec<(&str, u32)> {
        tree.files()
            .iter()
            .map(|file| (file.path.as_str(), file.mode))
            .collect()
    }

    #[test]
    fn files_get_the_place_and_the_mode_of_their_kind() {
        let tree = TestProject::new(&format!("{BINARY}{DATA}"))
            .file("tree/bin/hello", b"program")
            .file("tree/data/a/b.txt", b"b")
            .file("tree/data/c.txt", b"c")
            .file("tree/unnamed", b"not shipped")
            .tree();
        assert_eq!(
            paths(&tree),
            [
                ("usr/bin/hello", 0o755),
                ("usr/share/hello/a/b.txt", 0o644),
                ("usr/share/hello/c.txt", 0o644)
            ]
        );
    }

    #[test]
    fn a_rule_s_destination_and_mode_go_before_those_of_the_kind() {
        let rule =
            "[[files]]\nkind = 'data'\nsource = 'data/'\ndestination = 'opt/x'\nmode = 0o600\n";
        let tree = TestProject::new(rule).file("tree/data/a/b", b"b").tree();
        assert_eq!(paths(&tree), [("opt/x/a/b", 0o600)]);
    }

    #[test]
    fn a_missing_file_is_shown_in_the_manifest() {
        let expected = "sealift.toml:5:10: `bin/hello` is not in `TREE`\n  5 | source = 'bin/hello'\n    |          ^^^^^^^^^^^";
        assert_eq!(error_of(&TestProject::new(BINARY)), expected);
    }

    #[test]
    fn a_missing_tree_is_named() {
        let project = TestProject::new(BINARY);
        let path = project.path("nowhere");
        let error = load(&project.project(), target(), &path).expect_err("no directory");
        assert_eq!(
            error.to_string(),
            format!("cannot read `{}`", path.display())
        );
    }

    #[test]
    fn a_link_out_of_the_tree_is_refused() {
        let project = TestProject::new(BINARY)
            .file("secret", b"secret")
            .link("tree/bin/hello", "../../secret");
        let error = error_of(&project);
        let secret = project.path("secret").canonicalize().expect("it exists");
        let expected = format!(
            "`TREE/bin/hello` leads to `{}`, outside of `TREE`",
            secret.display()
        );
        assert_eq!(error, expected);
    }

    #[test]
    fn a_linked_directory_out_of_the_tree_is_refused() {
        let project = TestProject::new(BINARY)
            .file("outside/hello", b"secret")
            .link("tree/bin", "../outside");
        assert!(error_of(&project).contains("outside of `TREE`"));
    }

    #[test]
    fn a_link_out_of_the_tree_below_a_directory_is_refused() {
        let project = TestProject::new(DATA)
            .file("secret", b"secret")
            .link("tree/data/a/link", "../../../secret");
        let error = error_of(&project);
        assert!(error.starts_with("`TREE/data/a/link` leads to"), "{error}");
    }

    #[test]
    fn a_link_inside_its_directory_is_kept_and_another_one_is_followed() {
        let tree = TestProject::new(DATA)
            .file("tree/data/real", b"real")
            .file("tree/other", b"other")
            .link("tree/data/kept", "real")
            .link("tree/data/followed", "../other")
            .tree();
        let content = |path: &str| {
            let file = tree.files().iter().find(|file| file.path.ends_with(path));
            &file.expect("it is shipped").content
        };
        assert!(matches!(content("kept"), Content::Symlink(target) if target == "real"));
        assert!(matches!(content("followed"), Content::File(file) if file.size() == 5));
    }

    #[test]
    fn a_link_to_nothing_is_refused() {
        let project = TestProject::new(DATA).link("tree/data/link", "nothing");
        assert_eq!(error_of(&project), "cannot read `TREE/data/link`");
    }

    #[test]
    fn a_name_that_is_not_utf8_is_refused() {
        use std::os::unix::ffi::OsStrExt;
        let project = TestProject::new(DATA).file("tree/data/ok", b"");
        let name = std::ffi::OsStr::from_bytes(b"bad\xff");
        std::fs::write(project.path("tree/data").join(name), "x").expect("writable");
        assert_eq!(
            error_of(&project),
            "the name of `TREE/data/bad\u{fffd}` is not UTF-8"
        );
    }

    #[test]
    fn a_name_with_a_line_break_is_refused() {
        let project = TestProject::new(DATA).file("tree/data/a\nb", b"");
        let error = error_of(&project);
        assert!(error.ends_with("cannot be packaged"), "{error}");
    }

    #[test]
    fn two_files_of_one_name_from_different_directories_clash() {
        let rule = "[[files]]\nkind = 'man'\nsource = 'man/'\n";
        let project = TestProject::new(rule)
            .file("tree/man/a/x.1", b"")
            .file("tree/man/b/x.1", b"");
        assert_eq!(
            error_of(&project),
            "`/usr/share/man/man1/x.1` would be installed twice"
        );
    }

    #[test]
    fn a_directory_has_to_be_written_as_one() {
        let project = TestProject::new(BINARY).file("tree/bin/hello/x", b"");
        assert!(error_of(&project).contains("`bin/hello` is a directory; write `bin/hello/`"));
        let project = TestProject::new(DATA).file("tree/data", b"");
        assert!(error_of(&project).contains("`data/` is not a directory"));
    }

    #[test]
    fn an_empty_directory_is_refused() {
        let project = TestProject::new(DATA);
        std::fs::create_dir(project.path("tree/data")).expect("writable");
        assert!(error_of(&project).contains("`data/` holds no file"));
    }

    #[test]
    fn a_special_file_is_refused() {
        let project = TestProject::new(DATA).file("tree/data/ok", b"");
        let socket = project.path("tree/data/socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a short path");
        assert_eq!(
            error_of(&project),
            "`TREE/data/socket` is a special file; expected a regular file"
        );
    }
}
