//! Disk images for macOS: a compressed HFS+ volume with an application to drag into its folder, or with a program of the
//! command line as an archive has it.

mod application;
mod background;
mod ds_store;
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

pub use background::PicturePath;
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
use background::Background;
use ds_store::Window;

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "dmg",
    summary: "a .dmg for macOS, with an application to drag into its folder",
    new: |tables, resources| Box::new(tables.dmg.below(&resources.directory)),
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
    /// The picture behind the icons of the open volume, a PNG, by its path from the project's directory.
    pub background: Option<PicturePath>,
}

/// The volume's icon, which the Finder looks for at this path.
const VOLUME_ICON: &str = ".VolumeIcon.icns";
/// Where applications are on a Mac, and the link beside one.
const APPLICATIONS: &str = "/Applications";
/// The picture of the window.
const BACKGROUND: &str = ".background.png";
/// What the Finder knows of the window.
const DS_STORE: &str = ".DS_Store";

impl Dmg {
    /// The table with the picture where it is.
    fn below(&self, directory: &Path) -> Self {
        let background = self.background.as_ref();
        let background = background.map(|path| PicturePath(directory.join(&path.0)));
        Self {
            background,
            ..self.clone()
        }
    }

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
        let (mut tree, has_icon) = self.arranged(package, context)?;
        let options = Options {
            name: &self.volume_name(package),
            date: context.date,
            has_icon,
        };
        if let Some(path) = &self.background {
            let background = Background::read(&path.0)?;
            tree = with_window(&tree, &background, &options)?;
        }
        let volume = Volume::new(&tree, &options)?;
        let mut image = UdifWriter::new(out, context.threads);
        let entries = volume.write(&mut image)?;
        image.finish()?;
        Ok(entries)
    }
}

/// The files with the picture and the description of the window, which has the picture's number in the volume.
fn with_window(
    tree: &Tree,
    background: &Background,
    options: &Options<'_>,
) -> Result<Tree, FormatError> {
    let with = |description: &[u8]| {
        let mut files = tree.files().to_vec();
        files.push(made(BACKGROUND, Arc::from(background.bytes.as_slice())));
        files.push(made(DS_STORE, Arc::from(description)));
        Tree::new(files).map_err(invalid)
    };
    let paths = tree.files().iter().map(|file| file.path.as_str());
    let application = paths
        .filter_map(|path| path.split_once('/'))
        .find_map(|(name, _)| name.ends_with(".app").then_some(name));
    // Numbers depend on the names alone.
    let number = Volume::new(&with(&[])?, options)?.number(BACKGROUND);
    let window = Window {
        background,
        picture: number.expect("it is among the files"),
        volume: options.name,
        date: options.date,
        application,
    };
    with(&window.description()?)
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
