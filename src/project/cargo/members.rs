//! The directories of a workspace's members.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use super::dependencies::Dependencies;
use super::names;
use crate::output::path_error::PathError;

/// `[workspace]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Workspace {
    members: Vec<String>,
    exclude: Vec<String>,
    default_members: Vec<String>,
    /// `[workspace.dependencies]`
    pub dependencies: Dependencies,
    /// `[workspace.package]`
    pub package: SharedFields,
}

/// What the packages of a workspace can inherit.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct SharedFields {
    /// The version.
    pub version: Option<String>,
    /// The oldest Rust that compiles them.
    pub rust_version: Option<String>,
}

impl Workspace {
    /// The members' directories below the workspace's, sorted.
    pub fn members(&self, root: &Path) -> Result<Vec<String>, PathError> {
        let mut found = expand_all(root, &self.members)?;
        found.retain(|member| !self.excludes(member));
        Ok(found.into_iter().collect())
    }

    /// The directories of the members that `cargo build` builds by default; empty if that is not configured.
    pub fn default_members(&self, root: &Path) -> Result<BTreeSet<String>, PathError> {
        expand_all(root, &self.default_members)
    }

    /// Whether a directory below the workspace's is excluded from it.
    pub fn excludes(&self, member: &str) -> bool {
        let is_below = |directory: &String| {
            let rest = member.strip_prefix(directory.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.exclude.iter().any(is_below)
    }
}

fn expand_all(root: &Path, patterns: &[String]) -> Result<BTreeSet<String>, PathError> {
    let mut found = BTreeSet::new();
    for pattern in patterns {
        let parts: Vec<_> = pattern
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        expand(root, String::new(), &parts, &mut found)?;
    }
    Ok(found)
}

/// Adds the directories with a `Cargo.toml` that match the parts of a pattern, below `base`.
fn expand(
    root: &Path,
    base: String,
    parts: &[&str],
    found: &mut BTreeSet<String>,
) -> Result<(), PathError> {
    let Some((part, rest)) = parts.split_first() else {
        if root.join(&base).join("Cargo.toml").is_file() {
            found.insert(base);
        }
        return Ok(());
    };
    let below = |name: &str| match base.as_str() {
        "" => name.to_owned(),
        base => format!("{base}/{name}"),
    };
    if !part.contains(['*', '?']) {
        return expand(root, below(part), rest, found);
    }
    for name in names(&root.join(&base))? {
        if matches(part.as_bytes(), name.as_bytes()) && root.join(below(&name)).is_dir() {
            expand(root, below(&name), rest, found)?;
        }
    }
    Ok(())
}

/// Whether a name matches a pattern with `*` and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            matches(rest, name)
                || name
                    .split_first()
                    .is_some_and(|(_, tail)| matches(pattern, tail))
        }
        (Some((expected, rest)), Some((found, tail))) => {
            (*expected == b'?' || expected == found) && matches(rest, tail)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Vec<String> {
        let root = tempfile::tempdir().expect("a directory");
        for directory in ["crates/a", "crates/b", "tools/x", "crates/b/deep"] {
            let directory = root.path().join(directory);
            std::fs::create_dir_all(&directory).expect("writable");
            std::fs::write(directory.join("Cargo.toml"), "").expect("writable");
        }
        std::fs::create_dir(root.path().join("crates/none")).expect("writable");
        let workspace: Workspace = toml::from_str(text).expect("valid TOML");
        workspace.members(root.path()).expect("readable")
    }

    #[test]
    fn patterns_and_names_find_members() {
        assert_eq!(
            members("members = ['crates/*', 'tools/x']"),
            ["crates/a", "crates/b", "tools/x"]
        );
        assert_eq!(members("members = ['./tools/?/']"), ["tools/x"]);
        assert_eq!(members("members = ['*/b/d*p']"), ["crates/b/deep"]);
    }

    #[test]
    fn what_is_excluded_is_no_member() {
        assert_eq!(
            members("members = ['crates/*']\nexclude = ['crates/a/']"),
            ["crates/b"]
        );
        assert_eq!(
            members("members = ['crates/*']\nexclude = ['crate']"),
            ["crates/a", "crates/b"]
        );
    }
}
