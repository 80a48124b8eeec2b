//! A project as resolved: the manifest with `Cargo.toml`'s values filled in and everything looked up.

mod files;
mod metadata;

use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::format::{Format, Registration};
use crate::gate;
use crate::manifest::cargo::CargoToml;
use crate::manifest::located::{Located, Source};
use crate::manifest::{GenerateRule, Manifest, ManifestError};
use crate::package::Package;
use crate::target::Target;

pub use files::FileRule;

/// All that a manifest and its `Cargo.toml` say, ready to plan with.
pub struct Project {
    /// The directory with the project's files.
    pub root: PathBuf,
    /// Metadata; the commit is not known here.
    pub package: Package,
    /// The platforms to release for, in the manifest's order.
    pub targets: Vec<Target>,
    /// The formats to write, in the manifest's order.
    pub formats: Vec<Chosen>,
    /// What goes into the packages, in the manifest's order.
    pub files: Vec<FileRule>,
    /// What the built program has to print.
    pub generate: Vec<GenerateRule>,
    /// The gates' limits.
    pub gates: gate::Tables,
    /// The manifest's text, for errors about its values.
    pub manifest: Source,
}

/// A format that the manifest asks for.
pub struct Chosen {
    /// Its line in the table of formats.
    pub registration: &'static Registration,
    /// The format with the manifest's table.
    pub format: Box<dyn Format>,
}

/// Why a project could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The manifest or `Cargo.toml` is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A value is nowhere.
    #[error("`{}` has no `package.{key}`, and {instead}", manifest.display())]
    Missing {
        /// The manifest.
        manifest: PathBuf,
        /// The key in its `[package]`.
        key: &'static str,
        /// Why it has no default.
        instead: &'static str,
    },
}

impl From<Box<Located>> for ProjectError {
    fn from(error: Box<Located>) -> Self {
        Self::Manifest(error.into())
    }
}

/// The directory with the project's files: the nearest one above the manifest that holds a `Cargo.toml`, else the
/// manifest's own. The path should be absolute, or nothing above the current directory is looked at.
pub fn root_of(manifest: &Path) -> PathBuf {
    let own = manifest.parent().unwrap_or(Path::new(""));
    own.ancestors()
        .find(|directory| directory.join("Cargo.toml").is_file())
        .unwrap_or(own)
        .to_owned()
}

impl Project {
    /// Resolves a manifest for the project in `root`; `formats` is the table to choose from.
    pub fn resolve(
        manifest: Manifest,
        root: PathBuf,
        formats: &'static [Registration],
    ) -> Result<Self, ProjectError> {
        let cargo = CargoToml::read(&root)?;
        let Manifest {
            source,
            general,
            tables,
        } = manifest;
        let package = metadata::resolve(general.package, &source, cargo.as_ref())?;
        let targets = resolve_targets(&source, "targets", &general.targets)?;
        let chosen = |name: &str| {
            let registration = find_format(formats, name)?;
            let format = (registration.new)(&tables);
            Ok(Chosen {
                registration,
                format,
            })
        };
        let formats = resolve_list(&source, "formats", &general.formats, chosen)?;
        let rules = files::resolve(general.files, &package.name, &targets, &source)?;
        files::check_generated(&general.generate, &rules, &source)?;
        Ok(Self {
            root,
            package,
            targets,
            formats,
            files: rules,
            generate: general.generate,
            gates: general.gates,
            manifest: source,
        })
    }
}

fn find_format(
    formats: &'static [Registration],
    name: &str,
) -> Result<&'static Registration, String> {
    let found = formats.iter().find(|format| format.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = formats.iter().map(|format| format.name).collect();
        format!(
            "unknown format `{name}`, expected one of `{}`",
            names.join("`, `")
        )
    })
}

fn resolve_targets(
    source: &Source,
    key: &str,
    triples: &[Spanned<String>],
) -> Result<Vec<Target>, Box<Located>> {
    let parse = |triple: &str| {
        triple
            .parse()
            .map_err(|e: crate::target::UnknownTarget| e.to_string())
    };
    resolve_list(source, key, triples, parse)
}

/// Looks every word of a list up; refuses an empty list and a word that is there twice.
fn resolve_list<T>(
    source: &Source,
    key: &str,
    words: &[Spanned<String>],
    look_up: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Box<Located>> {
    if words.is_empty() {
        let message = format!("`{key}` is empty; expected at least one");
        let place = source.text.find(key).unwrap_or(0);
        return Err(Box::new(source.complain(place..place + key.len(), message)));
    }
    let mut resolved = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let complain = |message: String| Box::new(source.complain(word.span(), message));
        let name = word.get_ref();
        if words[..index].iter().any(|other| other.get_ref() == name) {
            return Err(complain(format!("`{name}` is in `{key}` twice")));
        }
        resolved.push(look_up(name).map_err(complain)?);
    }
    Ok(resolved)
}
