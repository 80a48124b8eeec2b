//! `package.json`, as npm documents it.

use std::collections::BTreeMap;

use crate::model::line::Line;
use crate::model::package::Package;

/// The path of the file.
pub(crate) const PATH: &str = "package.json";

/// The file `package.json`.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "<[Line]>::is_empty")]
    keywords: &'a [Line],
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<Repository>,
    license: &'a str,
    author: String,
    /// Programs that npm makes callable, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) bin: BTreeMap<String, String>,
    /// Pages that npm links to where `man` finds them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) man: Vec<String>,
    /// Where npm installs it; everywhere if these are empty.
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    pub(crate) os: &'a [&'a str],
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    pub(crate) cpu: &'a [&'a str],
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    pub(crate) libc: &'a [&'a str],
    /// Tells Yarn to unpack it, as a program cannot be started in a zip.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) prefer_unplugged: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) optional_dependencies: BTreeMap<String, String>,
}

#[derive(Debug, serde::Serialize)]
struct Repository {
    r#type: &'static str,
    url: String,
}

impl<'a> Manifest<'a> {
    /// What all packages of a release have in common.
    pub(crate) fn new(
        package: &'a Package,
        name: &'a str,
        version: &'a str,
        keywords: &'a [Line],
    ) -> Self {
        Self {
            name,
            version,
            description: &package.summary,
            keywords,
            homepage: package.homepage.as_deref(),
            repository: package.repository.as_deref().map(|url| Repository {
                r#type: "git",
                url: git_address(url),
            }),
            license: &package.license,
            author: package.maintainer.to_string(),
            bin: BTreeMap::new(),
            man: Vec::new(),
            os: &[],
            cpu: &[],
            libc: &[],
            prefer_unplugged: false,
            optional_dependencies: BTreeMap::new(),
        }
    }

    /// The file's bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        crate::output::json::to_text(self).into_bytes()
    }
}

/// A repository's address as npm writes it.
fn git_address(url: &str) -> String {
    match url.split_once("://") {
        Some(("http" | "https", _)) => format!("git+{url}"),
        _ => url.to_owned(),
    }
}
