//! Installer packages for macOS: programs of the command line, with their files, below /usr/local.
//!
//! A package is what `productbuild` calls a product archive: a xar with a description for the Installer, and a component
//! with the files, the list of them, and scripts.

mod documents;
mod layout;
mod license;
mod payload;
mod read;
mod scripts;
#[cfg(test)]
mod tests;

use super::archive::layout::stem;
use super::dmg::Identifier;
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::Output;
use crate::container::bom;
use crate::container::compress::gzip_member::EFFORT;
use crate::container::xar::{Encoding, XarWriter};
use crate::format::script::Script;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::package::{Context, Package};
use crate::model::steps::steps;
use crate::model::target::{Os, Target};
use documents::{Contents, distribution, package_info};

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "pkg",
    summary: "a .pkg for macOS, which its Installer installs below /usr/local",
    new: |tables, _| Box::new(tables.pkg.clone()),
    read: read::read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pkg {
    /// What macOS knows the package by, such as `org.example.hello`. A package with the same one is an upgrade.
    pub identifier: Option<Identifier>,
    /// Programs that the Installer runs.
    pub scripts: Scripts,
}

/// Programs that the Installer runs as root; each is the text of a script.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scripts {
    /// Before the files are installed.
    pub preinstall: Option<Script>,
    /// After the files are installed.
    pub postinstall: Option<Script>,
}

/// Where the files are installed, and below what they are listed.
const LOCATION: &str = "usr/local";
/// What the Installer shows.
const DISTRIBUTION: &str = "Distribution";
const LICENSE: &str = "Resources/License.rtf";
// The parts of a component.
const PACKAGE_INFO: &str = "PackageInfo";
const SCRIPTS: &str = "Scripts";
const PAYLOAD: &str = "Payload";
const BOM: &str = "Bom";

impl Format for Pkg {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        if target.os == Os::MacOs {
            return Ok(());
        }
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason: "only macOS has the Installer that opens it",
        })
    }

    fn effort(&self) -> u32 {
        EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        format!("{}.pkg", stem(package, target))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let date = u32::try_from(context.date).map_err(|_| {
            let date = context.date;
            FormatError::Invalid(format!(
                "a pkg cannot hold the date {date}: it is after 2106"
            ))
        })?;
        let layout = layout::Arranged::new(package, context.tree)?;
        let steps = steps(&layout.tree);
        let license = license::rtf(context.tree)?;
        let scripts = scripts::files(&self.scripts, &layout.defaults);
        let component = format!("{}.pkg", package.name);
        let identifier = self.identifier.clone();
        let contents = Contents {
            identifier: &identifier.unwrap_or_else(|| Identifier::of(&package.name, &package.name)),
            component: &component,
            bytes: layout.tree.size(),
            // The top directory is one of them.
            files: steps.len() + 1,
            scripts: &scripts,
            has_license: license.is_some(),
        };
        let mut documents = vec![(
            DISTRIBUTION.to_owned(),
            distribution(package, context.target, &contents).into_bytes(),
        )];
        documents.extend(license.map(|text| (LICENSE.to_owned(), text.into_bytes())));
        documents.push((
            format!("{component}/{PACKAGE_INFO}"),
            package_info(package, &contents).into_bytes(),
        ));
        let mut members: Vec<_> = documents
            .iter()
            .map(|(path, _)| (path.as_str(), Encoding::Zlib))
            .collect();
        let [in_scripts, payload, list] =
            [SCRIPTS, PAYLOAD, BOM].map(|n| format!("{component}/{n}"));
        if !scripts.is_empty() {
            members.push((in_scripts.as_str(), Encoding::Stored));
        }
        members.push((payload.as_str(), Encoding::Stored));
        members.push((list.as_str(), Encoding::Zlib));

        let mut xar = XarWriter::new(out, &members, context.date)?;
        let mut entries = Vec::new();
        for (path, bytes) in &documents {
            xar.zlib(bytes)?;
            entries.push(made(path.clone(), 0o644, bytes));
        }
        if !scripts.is_empty() {
            let archive = scripts::archive(&scripts, date)?;
            xar.stored(|out| out.write_all(&archive))?;
            entries.extend(
                scripts.iter().map(|(name, text)| {
                    made(format!("{in_scripts}/{name}"), 0o755, text.as_bytes())
                }),
            );
        }
        let (files, paths) =
            xar.stored(|out| payload::write(&steps, date, context.threads, out))?;
        entries.extend(files);
        xar.zlib(&bom::write(&paths, date))?;
        xar.finish()?;
        Ok(entries)
    }
}

/// The entry of a file that is made.
fn made(path: String, mode: u32, bytes: &[u8]) -> Entry {
    Entry {
        path,
        mode,
        content: EntryContent::File {
            size: bytes.len() as u64,
            sha256: Sha256Sum::of(bytes),
        },
    }
}
