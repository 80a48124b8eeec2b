//! Moves a tree's files to where a format wants them, together with the links between them.

use std::collections::BTreeMap;

use super::FormatError;
use crate::model::tree::{Content, Tree, TreeFile};

/// How a format lays out a tree.
pub(super) trait Layout {
    /// Where a file goes; `None` if the format leaves it out.
    fn place(&self, file: &TreeFile) -> Option<String>;

    /// Where a path goes that is not a file of the tree, such as a directory.
    fn place_other(&self, path: &str) -> String {
        path.to_owned()
    }

    /// The target text of a link between two paths, both relative to the root.
    fn link(&self, from: &str, to: &str) -> String {
        relative(from, to)
    }
}

/// The files at their new paths. Links to a file of the tree still point to it.
pub(super) fn relocate(tree: &Tree, layout: &dyn Layout) -> Result<Vec<TreeFile>, FormatError> {
    let places: BTreeMap<&str, Option<String>> = tree
        .files()
        .iter()
        .map(|file| (file.path.as_str(), layout.place(file)))
        .collect();
    let mut moved = Vec::new();
    for file in tree.files() {
        let Some(path) = places[file.path.as_str()].clone() else {
            continue;
        };
        let content = match &file.content {
            Content::Symlink(target) => {
                let target = destination(file, target, &places, layout)?;
                Content::Symlink(layout.link(&path, &target))
            }
            other => other.clone(),
        };
        moved.push(TreeFile {
            path,
            content,
            ..*file
        });
    }
    Ok(moved)
}

/// The files with copies in place of links.
pub(super) fn without_links(tree: &Tree) -> Result<Tree, FormatError> {
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
            "the link `/{}` does not lead to a file of the package, whose copy this format has in its place",
            file.path
        )))
    });
    let files = copied.collect::<Result<_, _>>()?;
    Ok(Tree::new(files).expect("the paths are the same"))
}

/// The new path of a link's target.
fn destination(
    link: &TreeFile,
    target: &str,
    places: &BTreeMap<&str, Option<String>>,
    layout: &dyn Layout,
) -> Result<String, FormatError> {
    let invalid = |reason: &str| {
        FormatError::Invalid(format!(
            "the link `/{}` leads to `{target}`, which {reason}",
            link.path
        ))
    };
    let old = resolve(&link.path, target).ok_or_else(|| invalid("is outside the tree"))?;
    match places.get(old.as_str()) {
        Some(Some(new)) => Ok(new.clone()),
        Some(None) => Err(invalid("this format leaves out")),
        None => Ok(layout.place_other(&old)),
    }
}

/// The path of a link's target relative to the root; `None` if it is above the root.
pub(super) fn resolve(link: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => link.split('/').collect(),
    };
    if !target.starts_with('/') {
        parts.pop();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The relative path from a link to a path, both relative to the same root.
pub(super) fn relative(link: &str, to: &str) -> String {
    let mut from: Vec<_> = link.split('/').collect();
    from.pop();
    let to: Vec<_> = to.split('/').filter(|part| !part.is_empty()).collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    let way: Vec<_> = up.chain(to[shared..].iter().copied()).collect();
    if way.is_empty() {
        ".".to_owned()
    } else {
        way.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{file, link, tree};
    use crate::model::tree::Kind;

    struct Flat;

    impl Layout for Flat {
        fn place(&self, file: &TreeFile) -> Option<String> {
            let name = file.path.rsplit('/').next().expect("split yields one part");
            match file.kind {
                Kind::Binary => Some(name.to_owned()),
                Kind::Doc => None,
                _ => Some(format!("other/{name}")),
            }
        }
    }

    fn target_of_link(link_path: &str, kind: Kind, target: &str) -> Result<String, String> {
        let tree = tree(vec![
            file("usr/bin/hello", Kind::Binary, "1"),
            file("usr/share/doc/readme", Kind::Doc, "2"),
            file("usr/share/data", Kind::Data, "3"),
            link(link_path, kind, target),
        ]);
        let files = relocate(&tree, &Flat).map_err(|e| e.to_string())?;
        let links = files.iter().find_map(|f| match &f.content {
            Content::Symlink(target) => Some(target.clone()),
            _ => None,
        });
        links.ok_or_else(|| "no link".to_owned())
    }

    #[test]
    fn links_follow_what_they_lead_to() {
        let target = |path, kind, target| target_of_link(path, kind, target).expect("valid");
        assert_eq!(target("usr/bin/hi", Kind::Binary, "hello"), "hello");
        assert_eq!(
            target("usr/lib/x/hi", Kind::Data, "../../bin/hello"),
            "../hello"
        );
        assert_eq!(
            target("usr/bin/data", Kind::Binary, "../share/data"),
            "other/data"
        );
        assert_eq!(
            target("usr/lib/d", Kind::Data, "./.././share"),
            "../usr/share"
        );
        assert_eq!(
            target("usr/lib/e", Kind::Data, "/usr/bin/hello"),
            "../hello"
        );
    }

    #[test]
    fn a_link_to_what_is_not_there_is_refused() {
        assert_eq!(
            target_of_link("usr/bin/x", Kind::Data, "../../../etc/passwd"),
            Err(
                "the link `/usr/bin/x` leads to `../../../etc/passwd`, which is outside the tree"
                    .to_owned()
            )
        );
        assert_eq!(
            target_of_link("usr/bin/x", Kind::Data, "../share/doc/readme"),
            Err("the link `/usr/bin/x` leads to `../share/doc/readme`, which this format leaves out".to_owned())
        );
    }
}
