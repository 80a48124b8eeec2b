//! The bill of materials of the programs for a target: what is linked into them, and what uses what (CycloneDX 1.6).
//!
//! It depends on `Cargo.lock`, the manifest and the target only, so that anybody gets the same bytes.

mod document;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::model::cargo_lock::CargoLock;
use crate::model::hint::Hint;
use crate::model::license::License;
use crate::model::target::Target;
use crate::output::json;
use crate::output::path_error::PathError;
use crate::project::Project;

use super::crates::{Crate, CratesError, Key, Linked, linked};
use document::{
    Component, Dependency, Document, Hash, LicenseChoice, Metadata, NamedLicense, Reference, Tools,
};

/// The source of crates that needs no words in a package URL.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Why there is no bill of materials.
#[derive(Debug, thiserror::Error)]
pub enum SbomError {
    /// The crates are not known.
    #[error(transparent)]
    Crates(#[from] CratesError),
    /// The lock could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// The lock is not valid.
    #[error("`{}` is not valid: {}", path.display(), source.message())]
    Lock {
        /// The lock.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<toml::de::Error>,
    },
}

impl Hint for SbomError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Crates(error) => error.hint(),
            _ => None,
        }
    }
}

/// The bill of materials for a target, as JSON.
pub fn sbom(project: &Project, target: Target) -> Result<String, SbomError> {
    let linked = linked(project, target)?;
    let path = linked.workspace.join("Cargo.lock");
    let text = std::fs::read_to_string(&path).map_err(PathError::reading(&path))?;
    let lock: CargoLock = toml::from_str(&text).map_err(|error| SbomError::Lock {
        path,
        source: Box::new(error),
    })?;
    Ok(json::to_text(&document(project, target, &linked, &lock)))
}

fn document(project: &Project, target: Target, linked: &Linked, lock: &CargoLock) -> Document {
    let package = &project.package;
    let program = format!("{}@{} {}", package.name, package.version, target.triple);
    let checksums: BTreeMap<_, _> = lock
        .packages
        .iter()
        .filter_map(|locked| {
            Some((
                place(&locked.name, &locked.version, locked.source.as_deref()),
                locked.checksum.as_deref()?,
            ))
        })
        .collect();
    // Of crates with one name and version, one.
    let mut components: BTreeMap<Key, Component> = BTreeMap::new();
    for each in &linked.crates {
        let place = place(&each.name, &each.version, each.source.as_deref());
        let checksum = checksums.get(&place).copied();
        components
            .entry(each.key())
            .or_insert_with(|| component(each, checksum));
    }
    let reference = |key: &Key| {
        components
            .get(key)
            .map(|component| component.bom_ref.clone())
    };
    let mut dependencies = vec![Dependency {
        of: program.clone(),
        depends_on: linked.roots.iter().filter_map(reference).collect(),
    }];
    for key in components.keys() {
        let used = linked.uses.iter().filter(|(user, _)| user == key);
        let used: BTreeSet<_> = used.filter_map(|(_, used)| reference(used)).collect();
        dependencies.push(Dependency {
            of: components[key].bom_ref.clone(),
            depends_on: used.into_iter().collect(),
        });
    }
    Document::new(
        Metadata {
            tools: Tools::new(),
            component: Component {
                kind: "application",
                bom_ref: program,
                name: package.name.to_string(),
                version: package.version.to_string(),
                description: Some(package.summary.to_string()),
                licenses: choice(Some(&package.license.to_string())),
                ..Component::default()
            },
        },
        components.into_values().collect(),
        dependencies,
    )
}

/// By what a crate of the lock is found.
fn place(name: &str, version: &str, source: Option<&str>) -> (String, String, Option<String>) {
    (
        name.to_owned(),
        version.to_owned(),
        source.map(str::to_owned),
    )
}

fn component(of: &Crate, checksum: Option<&str>) -> Component {
    let purl = purl(of);
    let repository = of.repository.clone().filter(|url| is_url(url));
    Component {
        kind: "library",
        bom_ref: purl
            .clone()
            .unwrap_or_else(|| format!("{}@{}", of.name, of.version)),
        name: of.name.clone(),
        version: of.version.clone(),
        description: None,
        authors: of
            .authors
            .iter()
            .map(|name| document::Author { name: name.clone() })
            .collect(),
        licenses: choice(of.license.as_deref()),
        hashes: checksum.map(Hash::sha256).into_iter().collect(),
        purl,
        external_references: repository
            .map(|url| Reference { kind: "vcs", url })
            .into_iter()
            .collect(),
    }
}

/// The package URL, if the crate is of crates.io or of a repository of git (purl specification, type `cargo`).
fn purl(of: &Crate) -> Option<String> {
    let base = format!("pkg:cargo/{}@{}", of.name, escaped(&of.version));
    let source = of.source.as_deref()?;
    if let Some(url) = source.strip_prefix("git+") {
        // `https://example.org/x.git?branch=main#0123abcd`: the commit is what was built.
        let (url, commit) = url.split_once('#')?;
        let url = url.split('?').next().unwrap_or(url);
        return Some(format!(
            "{base}?vcs_url={}",
            escaped(&format!("git+{url}@{commit}"))
        ));
    }
    if source == CRATES_IO {
        return Some(base);
    }
    let (_, url) = source.split_once('+')?;
    Some(format!("{base}?repository_url={}", escaped(url)))
}

/// Percent-encoding of everything but unreserved characters (RFC 3986, section 2.3) and the colon, which package URLs keep.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                out.push(char::from(byte))
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

/// What a license is called: an expression, or a name where it is none. `MIT/Apache-2.0` is how crates once wrote `OR`.
fn choice(license: Option<&str>) -> Vec<LicenseChoice> {
    let Some(license) = license else {
        return Vec::new();
    };
    let expression = license
        .split('/')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" OR ");
    vec![match expression.parse::<License>() {
        Ok(_) => LicenseChoice::Expression { expression },
        Err(_) => LicenseChoice::Named {
            license: NamedLicense {
                name: license.to_owned(),
            },
        },
    }]
}

fn is_url(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && !text.contains(char::is_whitespace)
}
