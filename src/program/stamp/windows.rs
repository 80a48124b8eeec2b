//! The resources that a stamp gives a Windows program: version information from the package's metadata, and an icon.

use std::path::Path;

use super::{Fault, Stamp, StampError};
use crate::model::commit::Commit;
use crate::model::package::Package;
use crate::program::file::Program;
use crate::program::pe::{Icon, Key, Version, language, replace_resources, types};

/// The resources that a stamp adds.
pub struct Resources {
    version: Option<Version>,
    icon: Option<Icon>,
}

/// Reads an icon.
pub fn read_icon(path: &Path) -> Result<Icon, StampError> {
    Icon::read(&Program::read(path)?.bytes).map_err(|source| StampError::Icon {
        path: path.to_owned(),
        source,
    })
}

/// The resources for a program with that file name.
pub fn resources(stamp: &Stamp<'_>, icon: Option<Icon>, name: &str) -> Resources {
    let version = stamp
        .package
        .map(|package| version(package, stamp.commit, name));
    Resources { version, icon }
}

impl Resources {
    /// Writes the resources into a program, which keeps its other resources.
    pub fn add(&self, program: Vec<u8>) -> Result<Vec<u8>, Fault> {
        if self.version.is_none() && self.icon.is_none() {
            return Ok(program);
        }
        let version = self.version.as_ref().map(Version::to_bytes).transpose()?;
        let changed = replace_resources(&program, |resources| {
            if let Some(version) = version {
                resources.0.remove(&types::VERSION);
                resources.insert(types::VERSION, Key::Id(1), language::ENGLISH, version);
            }
            if let Some(icon) = &self.icon {
                icon.insert(resources);
            }
        });
        Ok(changed?)
    }
}

/// The version information of a program with that file name.
pub fn version(package: &Package, commit: Option<&Commit>, name: &str) -> Version {
    let version = package.version.to_string();
    let internal = name.strip_suffix(".exe").unwrap_or(name);
    let mut texts = vec![
        ("CompanyName", package.maintainer.name().to_owned()),
        ("FileDescription", package.summary.to_string()),
        ("FileVersion", version.clone()),
        ("InternalName", internal.to_owned()),
        (
            "LegalCopyright",
            format!("Licensed under {}", package.license),
        ),
        ("OriginalFilename", name.to_owned()),
        ("ProductName", package.name.to_string()),
        ("ProductVersion", version),
    ];
    if let Some(commit) = commit {
        texts.push(("Commit", commit.to_string()));
    }
    Version {
        version: package.version.clone(),
        texts,
    }
}
