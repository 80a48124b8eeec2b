//! Packages for Windows Installer: a database of what to install, and a cabinet with the files.
//!
//! The tables are those of the Windows Installer SDK. They are written here because the crate `msi` keeps a whole package in
//! memory.

mod contents;
mod database;
mod dialogs;
mod guid;
mod read;
mod rtf;
mod schema;
mod sequence;
mod short_name;
mod stream_name;
mod summary;
#[cfg(test)]
mod tests;
mod version;

use std::io::{self, Cursor, Read};

use md5::{Digest, Md5};

pub use guid::Guid;
pub use version::ProductVersion;

use super::windows::layout::{self, Placed};
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::cab::{CabFile, CabWriter, MAX_FILE_BYTES};
use crate::container::cfb::CfbWriter;
use crate::container::{Output, WriteError};
use crate::model::entry::Entry;
use crate::model::line::Line;
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
use contents::Installation;
use summary::{Property, property_set};

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "msi",
    summary: "a package for Windows Installer",
    new: |tables, _| Box::new(tables.msi.clone()),
    read: read::read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Msi {
    /// Who gets the program: everybody who uses the machine, or the user who installs it.
    pub scope: Scope,
    /// Whether the program's directory is added to `PATH`.
    pub path: bool,
    /// Whether the user is shown the license files and asked to accept them.
    pub license: bool,
    /// The identifier of all versions, if it is not to be derived from the package's name. It must never change.
    pub upgrade_code: Option<Guid>,
    /// The version for Windows Installer, if it is not the package's.
    pub version: Option<ProductVersion>,
    /// The publisher, if it is not the maintainer.
    pub publisher: Option<Line>,
}

impl Default for Msi {
    fn default() -> Self {
        Self {
            scope: Scope::default(),
            path: true,
            license: true,
            upgrade_code: None,
            version: None,
            publisher: None,
        }
    }
}

/// Who gets the program.
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
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everybody; an administrator installs it.
    #[default]
    PerMachine,
    /// The user who installs it, without an administrator.
    PerUser,
}

/// The most files of a package: they are numbered with 16 bits and a sign.
const MAX_FILES: usize = i16::MAX as usize;
/// The cabinet's name.
const CABINET: &str = "files.cab";
/// Whose compound file it is.
const CLASS: [u8; 16] = [
    0x84, 0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46,
];
/// A cabinet of so many bytes is longer than what compound files have in a place of their own: each of its blocks takes 40
/// bytes at least.
const SURELY_LARGE: u64 = 4 << 20;

/// What the installer calls a machine, and the version of it that knows this machine, times 100.
fn machine(target: Target) -> Option<(&'static str, i32)> {
    match (target.os, target.machine) {
        (Os::Windows, "x86_64") => Some(("x64", 200)),
        (Os::Windows, "aarch64") => Some(("Arm64", 500)),
        _ => None,
    }
}

impl Msi {
    fn product_version(&self, package: &Package) -> Result<ProductVersion, FormatError> {
        match self.version {
            Some(version) => Ok(version),
            None => ProductVersion::of(&package.version),
        }
    }
}

impl Format for Msi {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        if machine(target).is_some() {
            return Ok(());
        }
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason: "Windows Installer is a part of Windows",
        })
    }

    fn check(&self, package: &Package) -> Result<(), FormatError> {
        self.product_version(package).map(drop)
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let (machine, _) = machine(target).expect("`supports` refuses other systems");
        let scope = match self.scope {
            Scope::PerMachine => "",
            Scope::PerUser => "-user",
        };
        let machine = machine.to_ascii_lowercase();
        format!("{}-{}-{machine}{scope}.msi", package.name, package.version)
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let (machine, schema) = machine(context.target).expect("`supports` refuses other systems");
        let files = layout::arranged(context)?;
        refuse_too_much(&files)?;
        let mut cfb = CfbWriter::new(out)?;
        let name = stream_name::encoded(CABINET);
        let size: u64 = files.iter().map(|placed| placed.file.size()).sum();
        let mut sums = Vec::new();
        if size < SURELY_LARGE {
            let mut cabinet = Cursor::new(Vec::new());
            sums = write_cabinet(&files, context, &mut cabinet)?;
            cfb.add(&name, cabinet.get_ref())?;
        } else {
            cfb.add_large(&name, |out| -> Result<(), WriteError> {
                sums = write_cabinet(&files, context, out)?;
                Ok(())
            })?;
        }
        let entries = layout::entries(&files)?;
        let installation = Installation {
            msi: self,
            package,
            tree: context.tree,
            files: &files,
            sums: &sums,
            version: self.product_version(package)?,
            target: context.target,
        };
        let database = installation.database(&entries)?;
        // As a number with a sign, as all properties have it.
        let code_page = database.code_page() as u16 as i16;
        let package_code = Guid::of(
            installation.product_code(),
            &format!("package {} {}", context.date, database.sum()),
        );
        database.write(&mut cfb)?;
        let text = |text: &str| Property::Text(text.to_owned());
        // Compressed, with long names; 8 is for no elevation.
        let kind = match self.scope {
            Scope::PerMachine => 2,
            Scope::PerUser => 2 | 8,
        };
        let summary = property_set(&[
            (1, Property::Short(code_page)),
            (2, text("Installation Database")),
            (3, text(&package.name)),
            (4, text(installation.publisher())),
            (5, text("Installer")),
            (6, text(&package.summary)),
            (7, Property::Text(format!("{machine};1033"))),
            (9, Property::Text(package_code.to_string())),
            (12, Property::Time(context.date)),
            (13, Property::Time(context.date)),
            (14, Property::Number(schema)),
            (15, Property::Number(kind)),
            (18, text("Sealift")),
            // To be opened for reading only.
            (19, Property::Number(2)),
        ]);
        cfb.add(summary::NAME, &summary)?;
        cfb.finish(CLASS)?;
        Ok(entries)
    }
}

/// Refuses what the tables cannot count.
fn refuse_too_much(files: &[Placed]) -> Result<(), FormatError> {
    if files.len() > MAX_FILES {
        let found = files.len();
        return Err(FormatError::Invalid(format!(
            "{found} files; a package for Windows Installer has at most {MAX_FILES}"
        )));
    }
    let is_large = |placed: &&Placed| placed.file.size() > MAX_FILE_BYTES;
    if let Some(Placed { file, .. }) = files.iter().find(is_large) {
        let (path, size) = (&file.path, file.size());
        return Err(FormatError::Invalid(format!(
            "`{path}` has {size} bytes; a package for Windows Installer holds files of at most {MAX_FILE_BYTES}"
        )));
    }
    Ok(())
}

/// The cabinet, and the MD5 sums that the installer compares files by.
fn write_cabinet(
    files: &[Placed],
    context: &Context<'_>,
    out: &mut dyn Output,
) -> Result<Vec<[u8; 16]>, WriteError> {
    let names: Vec<_> = files
        .iter()
        .map(|placed| CabFile {
            name: placed.key.clone(),
            size: placed.file.size(),
        })
        .collect();
    let mut cabinet = CabWriter::new(out, &names, context.date, context.threads)?;
    let mut sums = Vec::new();
    for Placed { file, .. } in files {
        let mut content = Summing {
            input: file.open()?,
            hash: Md5::new(),
        };
        cabinet.content(&mut content, file.size())?;
        sums.push(content.hash.finalize().into());
    }
    cabinet.finish()?;
    Ok(sums)
}

/// Sums what is read.
struct Summing<R> {
    input: R,
    hash: Md5,
}

impl<R: Read> Read for Summing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}
