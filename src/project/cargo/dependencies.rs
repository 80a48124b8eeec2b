//! The path dependencies of a package, which cargo takes into its workspace.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A table of dependencies, by name.
pub type Dependencies = BTreeMap<String, Dependency>;

/// A dependency, as far as it names another package or its directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "toml::Value")]
pub struct Dependency {
    path: Option<String>,
    /// The name of the package, if the dependency has another one here.
    package: Option<String>,
    /// Whether the workspace has its path.
    is_inherited: bool,
}

impl From<toml::Value> for Dependency {
    fn from(value: toml::Value) -> Self {
        let text = |key| value.get(key).and_then(toml::Value::as_str);
        let inherited = value.get("workspace").and_then(toml::Value::as_bool);
        Self {
            path: text("path").map(str::to_owned),
            package: text("package").map(str::to_owned),
            is_inherited: inherited == Some(true),
        }
    }
}

/// The tables of dependencies that a package has, or has for a target.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Tables {
    dependencies: Dependencies,
    dev_dependencies: Dependencies,
    build_dependencies: Dependencies,
}

impl Tables {
    /// The names of the packages. `shared` is `[workspace.dependencies]`.
    pub fn packages(&self, shared: &Dependencies) -> Vec<String> {
        let name = |(name, own): (&String, &Dependency)| {
            let written = shared.get(name).filter(|_| own.is_inherited);
            let package = &written.unwrap_or(own).package;
            package.as_ref().unwrap_or(name).clone()
        };
        self.all().map(name).collect()
    }

    fn all(&self) -> impl Iterator<Item = (&String, &Dependency)> {
        let tables = [
            &self.dependencies,
            &self.dev_dependencies,
            &self.build_dependencies,
        ];
        tables.into_iter().flatten()
    }

    /// The directories of the path dependencies below the workspace's. `directory` is that of the package, and `shared` is
    /// `[workspace.dependencies]`. Those outside of the workspace are left out.
    pub fn directories(&self, directory: &str, shared: &Dependencies) -> Vec<String> {
        let found = self.all().filter_map(|(name, dependency)| {
            if dependency.is_inherited {
                below("", shared.get(name)?.path.as_deref()?)
            } else {
                below(directory, dependency.path.as_deref()?)
            }
        });
        found.collect()
    }
}

/// A path from a directory, without `.` and `..`; `None` if it leads above.
fn below(directory: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<_> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_dependencies_are_found_below_the_workspace() {
        let text = "[dependencies]\na = { path = '../a' }\nb = { package = 'c', version = '1' }\nshared.workspace = true\n\
                    [dev-dependencies]\nout = { path = '../../../out' }\nabsolute = { path = '/a' }\n";
        let tables: Tables = toml::from_str(text).expect("valid TOML");
        let shared = "shared = { path = './x/shared', package = 'common' }";
        let shared: Dependencies = toml::from_str(shared).expect("valid TOML");
        let found = tables.directories("crates/own", &shared);
        assert_eq!(found, ["crates/a", "x/shared"]);
        let names = tables.packages(&shared);
        assert_eq!(names, ["a", "c", "common", "absolute", "out"]);
    }
}
