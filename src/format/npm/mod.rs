//! Packages for npm and its relatives: for each platform one with the program, as `npm pack` writes it.
//!
//! The one that people name is made of the whole release; it picks among these ([`crate::catalog`]).

pub(crate) mod manifest;
mod name;
pub(crate) mod platform;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

pub use name::{NpmName, Scope};

use super::relocate::without_links;
use super::shell::file_name;
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::compress::decode;
use crate::container::compress::gzip::{self, GzipWriter, Level};
use crate::container::members::{list, show};
use crate::container::tar::{Owner, TarReader, TarWriter};
use crate::container::{Malformed, Output, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::line::Line;
use crate::model::package::{Context, Package};
use crate::model::target::Target;
use crate::model::tree::{Content, Kind, Tree, TreeFile};
use manifest::Manifest;
use platform::{Platform, platform};

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "npm",
    summary: "packages for npm, npx, pnpm and Yarn",
    new: |tables, _| Box::new(tables.npm.clone()),
    read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Npm {
    /// The name of the package, if it is not the one of all formats.
    pub name: Option<NpmName>,
    /// The scope of the packages, such as `@acme`.
    pub scope: Option<Scope>,
    /// Words to be found by.
    pub keywords: Vec<Line>,
}

/// The folder that all files of a package are in.
const FOLDER: &str = "package/";

impl Npm {
    /// The name of the package that people install.
    pub(crate) fn full_name(&self, package: &Package) -> Result<String, FormatError> {
        name::full_name(self.scope.as_ref(), self.base(package))
    }

    /// The name of the package for a platform.
    pub(crate) fn name_for(
        &self,
        package: &Package,
        platform: Platform,
    ) -> Result<String, FormatError> {
        let name = format!("{}-{}", self.base(package), platform.suffix);
        name::full_name(self.scope.as_ref(), &name)
    }

    /// The version, as npm has it.
    pub(crate) fn version(&self, package: &Package) -> Result<String, FormatError> {
        name::npm_version(&package.version)
    }

    fn base<'a>(&'a self, package: &'a Package) -> &'a str {
        match &self.name {
            Some(name) => name,
            None => &package.name,
        }
    }

    /// The name of the file with a package, as `npm pack` gives it.
    pub(crate) fn tarball(&self, package: &Package, suffix: Option<&str>) -> String {
        let scope = self.scope.as_deref().map(|scope| &scope[1..]);
        let version = package.version.to_string();
        let parts = [scope, Some(self.base(package)), suffix, Some(&version)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        format!("{}.tgz", parts.join("-"))
    }
}

impl Format for Npm {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        match platform(target) {
            Some(_) => Ok(()),
            None => Err(Unsupported {
                format: REGISTRATION.name,
                target: target.triple,
                reason: "Node.js does not run there",
            }),
        }
    }

    fn effort(&self) -> u32 {
        gzip::BEST_EFFORT
    }

    fn check(&self, package: &Package) -> Result<(), FormatError> {
        self.version(package)?;
        self.full_name(package)?;
        for target in Target::all() {
            if let Some(platform) = platform(target) {
                self.name_for(package, platform)?;
            }
        }
        Ok(())
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        self.tarball(package, platform(target).map(|platform| platform.suffix))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let platform = platform(context.target).ok_or_else(|| {
            FormatError::Invalid("Node.js does not run on this target".to_owned())
        })?;
        let name = self.name_for(package, platform)?;
        let version = self.version(package)?;
        let (os, libc) = ([platform.os], platform.libc.map(|libc| [libc]));
        let mut manifest = Manifest::new(package, &name, &version, &self.keywords);
        manifest.os = &os;
        manifest.cpu = platform.cpus;
        manifest.libc = libc.as_ref().map_or(&[], |libc| libc);
        manifest.prefer_unplugged = true;
        let tree = without_links(context.tree)?;
        let files = tree.files().iter().filter_map(|file| {
            let path = place(file)?;
            Some(TreeFile {
                path,
                ..file.clone()
            })
        });
        let gzip = GzipWriter::new(out, Level::Best, context.threads);
        let (gzip, entries) = pack(&manifest, files.collect(), context.date, gzip)?;
        gzip.finish()?.flush()?;
        Ok(entries)
    }
}

/// Where a file is in a package; `None` if npm has no use for it.
fn place(file: &TreeFile) -> Option<String> {
    let name = file_name(&file.path);
    match file.kind {
        // A registry shows what is at the top.
        Kind::License => Some(name.to_owned()),
        Kind::Doc if name.eq_ignore_ascii_case("readme.md") => Some("README.md".to_owned()),
        Kind::Changelog | Kind::SystemdUnit => None,
        // As below the `/usr` that the program expects.
        _ => {
            let path = file.path.strip_prefix("usr/").unwrap_or(&file.path);
            Some(path.to_owned())
        }
    }
}

/// Writes the tar of a package: `package.json` first, then the files by their paths, with the permissions that npm gives them.
pub(crate) fn pack<W: Write>(
    manifest: &Manifest<'_>,
    files: Vec<TreeFile>,
    date: i64,
    out: W,
) -> Result<(W, Vec<Entry>), FormatError> {
    let about = file_of_bytes(manifest::PATH, manifest.to_bytes());
    let tree = Tree::new(files).map_err(|e| FormatError::Invalid(e.to_string()))?;
    if tree.files().iter().any(|file| file.path == about.path) {
        let problem = "a file would be in the place of `package.json`";
        return Err(FormatError::Invalid(problem.to_owned()));
    }
    let mut tar = TarWriter::new(out, date, FOLDER);
    for file in std::iter::once(&about).chain(tree.files()) {
        let mode = if file.mode & 0o111 == 0 { 0o644 } else { 0o755 };
        let file = TreeFile {
            mode,
            ..file.clone()
        };
        tar.file(&file, Owner::ROOT)?;
    }
    Ok(tar.finish()?)
}

/// A file of a package that is made here.
pub(crate) fn file_of_bytes(path: &str, bytes: Vec<u8>) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::Bytes(Arc::from(bytes)),
    }
}

/// The largest `package.json` that is read.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// What every `package.json` has.
#[derive(serde::Deserialize)]
struct Named {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "version")]
    _version: semver::Version,
}

/// Opens a package and visits its entries, after one pass over all of it.
pub(crate) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let open = || -> Result<TarReader<'static>, FormatError> {
        let decoder = decode::gzip(BufReader::new(File::open(artifact)?));
        Ok(TarReader::new(decoder, "the package's tar", FOLDER))
    };
    let mut manifest = Vec::new();
    let entries = list(open()?, &mut |member, content| {
        if member.path == manifest::PATH {
            let mut start = content.take(MAX_MANIFEST_BYTES);
            start.read_to_end(&mut manifest)?;
            let mut whole = io::Cursor::new(&manifest).chain(start.into_inner());
            return Sha256Sum::of_reader(&mut whole);
        }
        Sha256Sum::of_reader(content)
    })?;
    if let Err(error) = serde_json::from_slice::<Named>(&manifest) {
        let what = format!("the package: `package.json`: {error}");
        return Err(Malformed { what, offset: 0 }.into());
    }
    Ok(show(open()?, &entries, visit)?)
}
