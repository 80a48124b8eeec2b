//! The order of directories and files in formats that contain both.

use std::collections::BTreeSet;

use crate::model::tree::{Tree, TreeFile};

/// One thing to write.
pub(crate) enum Step<'a> {
    /// A directory, by its path.
    Directory(&'a str),
    /// A file or link.
    File(&'a TreeFile),
}

/// The tree's files in order, and each directory once, before its first entry.
pub(crate) fn steps(tree: &Tree) -> Vec<Step<'_>> {
    let mut seen = BTreeSet::new();
    let mut steps = Vec::new();
    for file in tree.files() {
        let new = parents(&file.path).filter(|directory| seen.insert(*directory));
        steps.extend(new.map(Step::Directory));
        steps.push(Step::File(file));
    }
    steps
}

/// The directories above a path, the outermost first.
pub(crate) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(slash, _)| &path[..slash])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tree::Kind;
    use crate::testing::tree::{file, tree};

    #[test]
    fn each_directory_comes_once_and_before_its_files() {
        let tree = tree(vec![
            file("usr/lib/a", Kind::Data, "1"),
            file("usr/bin/b", Kind::Data, "2"),
            file("usr/bin-c", Kind::Data, "3"),
        ]);
        let names: Vec<_> = steps(&tree)
            .iter()
            .map(|step| match step {
                Step::Directory(path) => format!("{path}/"),
                Step::File(file) => file.path.clone(),
            })
            .collect();
        assert_eq!(
            names,
            [
                "usr/",
                "usr/bin-c",
                "usr/bin/",
                "usr/bin/b",
                "usr/lib/",
                "usr/lib/a"
            ]
        );
    }
}
