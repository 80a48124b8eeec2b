//! The project that the program was called in.

use std::env;
use std::path::{Path, PathBuf};

use sealift::doctor::{PackageFacts, ProjectFacts};
use sealift::format::FORMATS;
use sealift::project::cargo::packages::{CargoPackage, CargoProject};
use sealift::project::manifest::Manifest;
use sealift::project::manifest::values::Origin;
use sealift::project::root_of;

use crate::cli::project::ProjectArgs;

/// What is known about the project; `None` if there is none. What is wrong with its manifest or a `Cargo.toml` is for
/// `sealift plan` to say.
pub fn facts(names_sealift: bool) -> Option<ProjectFacts> {
    let current = env::current_dir().ok()?;
    let manifest = ProjectArgs::default().find().map(|path| current.join(path));
    let root = match &manifest {
        Some(manifest) => root_of(manifest),
        None if current.join("Cargo.toml").is_file() => current,
        None => return None,
    };
    let cargo = CargoProject::read_whole(&root).ok().flatten();
    let workspace = cargo.as_ref().and_then(|cargo| cargo.cargo_toml.parent());
    let directory = workspace.unwrap_or(&root).to_owned();
    let packages = cargo.iter().flat_map(|cargo| &cargo.packages);
    Some(ProjectFacts {
        packages: packages.clone().map(package).collect(),
        files: files(&directory, &root, manifest.as_deref(), packages),
        directory,
        names_sealift,
    })
}

fn package(package: &CargoPackage) -> PackageFacts {
    PackageFacts {
        name: package.name.clone(),
        version: package.version.clone(),
        rust_version: package.rust_version.clone(),
        dependencies: package.dependencies.clone(),
    }
}

/// The manifest and what it ships, the lock, and each `Cargo.toml`, below the directory.
fn files<'a>(
    directory: &Path,
    root: &Path,
    manifest: Option<&Path>,
    packages: impl Iterator<Item = &'a CargoPackage>,
) -> Vec<String> {
    let mut files: Vec<PathBuf> = ["Cargo.toml", "Cargo.lock"].map(PathBuf::from).into();
    files.extend(packages.map(|package| Path::new(&package.directory).join("Cargo.toml")));
    if let Some(path) = manifest {
        files.push(path.to_owned());
        let read = Manifest::read(path, FORMATS).ok();
        let rules = read.iter().flat_map(|manifest| &manifest.general.files);
        // Which of the files that match a pattern git should know is for its author to say.
        let named = rules.filter_map(|rule| match rule.source.get_ref() {
            Origin::File(path) | Origin::Directory(path) => Some(path),
            Origin::Glob(_) => None,
        });
        files.extend(named.map(|path| root.join(path.as_str())));
    }
    let absolute = files.into_iter().map(|path| directory.join(path));
    let below = absolute.filter_map(|path| {
        let below = path.strip_prefix(directory).ok()?;
        path.exists().then(|| below.to_string_lossy().into_owned())
    });
    below.collect()
}
