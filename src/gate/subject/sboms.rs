//! The SBOMs of a release, and the crates that programs name in themselves.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::Measured;
use crate::gate::GateError;
use crate::model::digest::Sha256Sum;
use crate::model::release::{Release, SBOMS, SbomFile};
use crate::output::open_regular;

/// The largest SBOM that is read: one of 10,000 crates has 10 MB.
const MAX_SBOM_BYTES: u64 = 64 << 20;

/// An SBOM that has been read, as far as that was possible.
pub(in crate::gate) struct OpenedSbom<'a> {
    /// What is recorded.
    pub(in crate::gate) record: &'a SbomFile,
    /// The file.
    pub(in crate::gate) file: Result<Measured, GateError>,
    /// What is in it, or what is wrong with it; `None` where the file is not the recorded one.
    pub(in crate::gate) document: Option<Result<Document, String>>,
}

/// As much of a CycloneDX document as is judged.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::gate) struct Document {
    pub(in crate::gate) bom_format: String,
    pub(in crate::gate) spec_version: String,
    pub(in crate::gate) metadata: Metadata,
    #[serde(default)]
    pub(in crate::gate) components: Vec<Component>,
    #[serde(default)]
    pub(in crate::gate) dependencies: Vec<Dependency>,
}

/// About what the document is.
#[derive(Deserialize)]
pub(in crate::gate) struct Metadata {
    pub(in crate::gate) component: Component,
}

/// The program, or a crate.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::gate) struct Component {
    #[serde(default)]
    pub(in crate::gate) bom_ref: String,
    pub(in crate::gate) name: String,
    #[serde(default)]
    pub(in crate::gate) version: String,
    #[serde(default)]
    pub(in crate::gate) licenses: Vec<LicenseChoice>,
    #[serde(default)]
    pub(in crate::gate) purl: Option<String>,
}

impl Component {
    /// Whether it is a crate of crates.io: the package URL of another one has words about where it is from.
    pub(in crate::gate) fn is_of_crates_io(&self) -> bool {
        let purl = self.purl.as_deref();
        purl.is_some_and(|purl| purl.starts_with("pkg:cargo/") && !purl.contains('?'))
    }
}

/// A license: an expression, or one by its name.
#[derive(Deserialize)]
pub(in crate::gate) struct LicenseChoice {
    #[serde(default)]
    pub(in crate::gate) expression: Option<String>,
    #[serde(default)]
    pub(in crate::gate) license: Option<NamedLicense>,
}

/// A license of the SPDX list, or another one.
#[derive(Deserialize)]
pub(in crate::gate) struct NamedLicense {
    #[serde(default)]
    pub(in crate::gate) id: Option<String>,
    #[serde(default)]
    pub(in crate::gate) name: Option<String>,
}

impl LicenseChoice {
    /// The expression, identifier or name.
    pub(in crate::gate) fn text(&self) -> &str {
        let license = self.license.as_ref();
        let named = license.and_then(|license| license.id.as_deref().or(license.name.as_deref()));
        self.expression.as_deref().or(named).unwrap_or_default()
    }
}

/// What a component uses, by references.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::gate) struct Dependency {
    #[serde(rename = "ref")]
    pub(in crate::gate) of: String,
    #[serde(default)]
    pub(in crate::gate) depends_on: Vec<String>,
}

impl OpenedSbom<'_> {
    /// Its path in the release directory.
    pub(in crate::gate) fn place(&self) -> String {
        format!("{SBOMS}/{}", self.record.file)
    }
}

/// Reads all SBOMs of a release.
pub(super) fn open<'a>(release: &'a Release, directory: &Path) -> Vec<OpenedSbom<'a>> {
    let open = |record: &'a SbomFile| {
        let path = directory.join(SBOMS).join(record.file.as_str());
        match read(&path, record) {
            Ok((measured, bytes)) => {
                let is_recorded = measured.sha256 == Some(record.sha256);
                OpenedSbom {
                    record,
                    file: Ok(measured),
                    document: is_recorded.then(|| parse(&bytes)),
                }
            }
            Err(source) => OpenedSbom {
                record,
                file: Err(GateError::Read {
                    path,
                    source: Arc::new(source),
                }),
                document: None,
            },
        }
    };
    release.sboms.iter().map(open).collect()
}

fn read(path: &Path, record: &SbomFile) -> io::Result<(Measured, Vec<u8>)> {
    let (file, metadata) = open_regular(path)?;
    let size = metadata.len();
    let mut bytes = Vec::new();
    if size != record.size || size > MAX_SBOM_BYTES {
        let sha256 = None;
        return Ok((Measured { size, sha256 }, bytes));
    }
    file.take(size).read_to_end(&mut bytes)?;
    let sha256 = Some(Sha256Sum::of(&bytes));
    Ok((Measured { size, sha256 }, bytes))
}

fn parse(bytes: &[u8]) -> Result<Document, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// The crates that a program names in the paths of their sources, such as `anyhow-1.0.104`. A panic says where it
/// happened, so a crate that can panic is named; one that cannot is not.
///
/// The builds of Sealift call the directory of the crates `/cargo`, and so does cargo's own in containers; cargo's has directories
/// in between.
pub(super) fn named_crates(program: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // The components since `/cargo/`.
    let mut depth = None;
    for component in program.split(|byte| *byte == b'/') {
        depth = match (depth, component) {
            (_, b"cargo") => Some(0),
            (Some(0), b"registry") => Some(1),
            (Some(1), b"src") => Some(2),
            // The directory of the registry.
            (Some(2), _) => Some(3),
            (Some(0 | 3), name) => {
                found.extend(crate_of(name));
                None
            }
            _ => None,
        };
    }
    found
}

/// A component that is the name and the version of a crate.
fn crate_of(component: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(component).ok()?;
    let is_version = |(at, _): &(usize, &str)| semver::Version::parse(&text[at + 1..]).is_ok();
    let (at, _) = text.match_indices('-').find(is_version)?;
    let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_name = at > 0 && text[..at].chars().all(is_fit);
    is_name.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_found_by_the_paths_of_their_sources() {
        let program = b"\0/cargo/anyhow-1.0.104/src/lib.rs/cargo/toml-1.2.1+spec-1.1.0/src/de.rs\
            x/cargo/registry/src/index-0123/md-5-0.11.0/src/lib.rs\0/rust/deps/hashbrown-0.15.0/src/a.rs\
            /cargo/registry/cache/a-1.0.0/cargo/no-version/src/lib.rs/cargo/-1.0.0/a/cargo/";
        let found: Vec<_> = named_crates(program).into_iter().collect();
        assert_eq!(
            found,
            ["anyhow-1.0.104", "md-5-0.11.0", "toml-1.2.1+spec-1.1.0"]
        );
    }
}
