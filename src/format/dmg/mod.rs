//! Disk images for macOS: a compressed HFS+ volume with an application to drag into its folder, or with a program of the
//! command line as an archive has it.

mod application;
mod icns;
mod identifier;
mod info;
mod seal;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

pub use identifier::Identifier;
pub(super) use info::OLDEST as OLDEST_MACOS;

use super::archive::layout::{arranged_below, stem};
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::hfsplus::{Options, Volume, VolumeReader};
use crate::container::members::{list, show};
use crate::container::udif::{self, UdifReader, UdifWriter};
use crate::container::{Output, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::line::Line;
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
use crate::model::tree::{Clash, Content, Kind, Tree, TreeFile};
use application::Application;

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "dmg",
    summary: "a .dmg for macOS, with an application to drag into its folder",
    new: |tables, _| Box::new(tables.dmg.clone()),
    read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dmg {
    /// What macOS knows an application by, such as `org.example.Hello`.
    pub identifier: Option<Identifier>,
    /// The name of the volume that macOS shows.
    pub volume_name: Option<Line>,
}

/// The volume's icon, which the Finder looks for at this path.
const VOLUME_ICON: &str = ".VolumeIcon.icns";
/// Where applications are on a Mac, and the link beside one.
const APPLICATIONS: &str = "/Applications";

impl Dmg {
    fn volume_name(&self, package: &Package) -> String {
        match &self.volume_name {
            Some(name) => name.to_string(),
            None => format!("{} {}", package.name, package.version),
        }
    }

    /// The files at their places in the volume, and whether it has an icon.
    fn arranged(
        &self,
        package: &Package,
        context: &Context<'_>,
    ) -> Result<(Tree, bool), FormatError> {
        let application = Application::find(self, package, context.tree)?;
        let icon = icns::icon(
            context.tree,
            application.as_ref().and_then(Application::icon_name),
        )?;
        let mut files = match &application {
            Some(application) => {
                let mut files = application.files(package, context.tree, icon.as_ref())?;
                files.push(TreeFile {
                    path: APPLICATIONS[1..].to_owned(),
                    mode: 0o777,
                    kind: Kind::Data,
                    content: Content::Symlink(APPLICATIONS.to_owned()),
                });
                files
            }
            None => arranged_below("", context)?.files().to_vec(),
        };
        if let Some(icon) = &icon {
            files.push(made(VOLUME_ICON, icon.clone()));
        }
        Ok((Tree::new(files).map_err(invalid)?, icon.is_some()))
    }
}

impl Format for Dmg {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        if target.os == Os::MacOs {
            return Ok(());
        }
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason: "only macOS opens disk images",
        })
    }

    fn check(&self, package: &Package) -> Result<(), FormatError> {
        // A volume without files has all that depends on the package.
        let options = Options {
            name: &self.volume_name(package),
            date: 0,
            has_icon: false,
        };
        Volume::new(&Tree::default(), &options)?;
        Ok(())
    }

    fn effort(&self) -> u32 {
        udif::EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        format!("{}.dmg", stem(package, target))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let (tree, has_icon) = self.arranged(package, context)?;
        let options = Options {
            name: &self.volume_name(package),
            date: context.date,
            has_icon,
        };
        let volume = Volume::new(&tree, &options)?;
        let mut image = UdifWriter::new(out, context.threads);
        let entries = volume.write(&mut image)?;
        image.finish()?;
        Ok(entries)
    }
}

fn invalid(clash: Clash) -> FormatError {
    FormatError::Invalid(clash.to_string())
}

/// A file that is made.
fn made(path: &str, bytes: Arc<[u8]>) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::Bytes(bytes),
    }
}

/// Opens a disk image, compares its sums, and visits its entries.
fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let open = || -> Result<VolumeReader<'static>, FormatError> {
        let file = BufReader::new(File::open(artifact)?);
        Ok(VolumeReader::open(UdifReader::open(file)?)?)
    };
    let entries = list(open()?, &mut |_, content| Sha256Sum::of_reader(content))?;
    Ok(show(open()?, &entries, visit)?)
}
