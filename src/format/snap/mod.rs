//! Snaps: a squashfs image with a description for snapd (Snapcraft, "The snap format").

mod apps;
mod contents;
mod name;
mod sum;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

pub use apps::{App, Daemon};
pub use name::{HookName, PartName, SnapName};

use super::deb::architecture;
use super::script::Script;
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::compress::xz;
use crate::container::squashfs::{self, Compression, Image, Limits};
use crate::container::{Malformed, Output, Visit};
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::Target;
use sum::Summing;

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "snap",
    summary: "a .snap for snapd, as Ubuntu has it",
    new: |tables, _| Box::new(tables.snap.clone()),
    read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Snap {
    /// The snap's name, where the package's is another.
    pub name: Option<SnapName>,
    /// How far the programs are apart from the system.
    pub confinement: Confinement,
    /// Whether the snap is fit for everybody; by default `devel` for a pre-release, and else `stable`.
    #[schemars(with = "Grade")]
    pub grade: Option<Grade>,
    /// The snap with the system that the programs see.
    pub base: Option<SnapName>,
    /// The interfaces that all programs use, such as `home` and `network`.
    pub plugs: Vec<PartName>,
    /// Whether systemd services become daemons.
    pub daemons: bool,
    /// What is different for one program or daemon.
    pub apps: BTreeMap<PartName, App>,
    /// Scripts that snapd runs.
    pub hooks: BTreeMap<HookName, Script>,
}

impl Default for Snap {
    fn default() -> Self {
        Self {
            name: None,
            confinement: Confinement::default(),
            grade: None,
            base: None,
            plugs: Vec::new(),
            daemons: true,
            apps: BTreeMap::new(),
            hooks: BTreeMap::new(),
        }
    }
}

/// How far a snap's programs are apart from the system.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Deserialize,
    schemars::JsonSchema,
    serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Confinement {
    /// They reach what interfaces give them.
    #[default]
    Strict,
    /// They reach everything, as other programs do. The store asks for a reason.
    Classic,
    /// They reach everything, and what would be refused is logged.
    Devmode,
}

/// Who a snap is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Everybody.
    Stable,
    /// People who test it; the store refuses it in its stable channel.
    Devel,
}

/// The longest version (snapd, `snap/validate.go`).
const MAX_VERSION: usize = 32;
impl Snap {
    /// The snap's name: the given one, or the package's.
    fn name(&self, package: &Package) -> Result<SnapName, FormatError> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        package.name.parse().map_err(|error| {
            FormatError::Invalid(format!("{error}; give another with `name` below [snap]"))
        })
    }
}

impl Format for Snap {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        match architecture(target) {
            Some(_) => Ok(()),
            None => Err(Unsupported {
                format: REGISTRATION.name,
                target: target.triple,
                reason: "snaps are for Linux",
            }),
        }
    }

    fn check(&self, package: &Package) -> Result<(), FormatError> {
        self.name(package)?;
        let version = package.version.to_string();
        if version.len() > MAX_VERSION {
            return Err(FormatError::Invalid(format!(
                "a snap's version has at most {MAX_VERSION} characters, and `{version}` has {}",
                version.len()
            )));
        }
        Ok(())
    }

    fn effort(&self) -> u32 {
        xz::EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let architecture = architecture(target).expect("`supports` refuses others");
        // `check` refuses a package whose name no snap can have.
        let name = self.name.as_deref().unwrap_or(&package.name);
        format!("{name}_{}_{architecture}.snap", package.version)
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        self.check(package)?;
        let tree = contents::tree(self, package, context)?;
        let date = u32::try_from(context.date).map_err(|_| {
            let date = context.date;
            FormatError::Invalid(format!("squashfs cannot hold the date {date}, after 2106"))
        })?;
        let options = squashfs::Options {
            compression: Compression::Xz,
            has_fragments: false,
            date,
            threads: context.threads.clone(),
        };
        let mut summing = Summing::new(out);
        let entries = squashfs::write(tree.files(), &options, &mut summing)?;
        summing.finish()?;
        Ok(entries)
    }
}

/// Compares the sum at the end, and visits the entries.
fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut file = File::open(artifact)?;
    sum::check(&mut file)?;
    let length = file.metadata()?.len();
    let mut image = Image::open(&mut file, 0, Limits::default())?;
    let behind = length
        .checked_sub(image.padded_size())
        .ok_or_else(|| Malformed {
            what: "squashfs: the file ends before the image does".to_owned(),
            offset: length,
        })?;
    image.check_end(behind)?;
    Ok(image.visit(visit)?)
}
