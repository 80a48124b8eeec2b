//! The options that name a project, and finding it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::format::FORMATS;
use sealift::manifest::Manifest;
use sealift::project::{Project, root_of};

/// Names of the manifest, in the order in which they are tried.
const MANIFESTS: [&str; 2] = ["sealift.toml", "packaging/sealift.toml"];

/// Which project is meant.
#[derive(clap::Args)]
pub struct ProjectArgs {
    /// The manifest [default: `sealift.toml`, else `packaging/sealift.toml`]
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
}

/// What the formats take from outside the manifest.
#[derive(clap::Args)]
pub struct FormatArgs {
    /// The program at the start of AppImages, in place of the embedded one
    #[arg(long, value_name = "FILE")]
    appimage_runtime: Option<PathBuf>,
}

impl ProjectArgs {
    /// The manifest that was given, or the one that is in a directory; nothing where there is none.
    pub fn find(&self, directory: &Path) -> Option<PathBuf> {
        self.manifest.clone().or_else(|| {
            let candidates = MANIFESTS.iter().map(|name| directory.join(name));
            candidates.into_iter().find(|path| path.exists())
        })
    }

    /// Reads the project. `source` is its directory where that was given.
    pub fn read(
        &self,
        source: Option<&Path>,
        formats: Option<&FormatArgs>,
    ) -> anyhow::Result<Project> {
        let directory = source.unwrap_or(Path::new(""));
        let path = self.find(directory).with_context(|| {
            let place = match source {
                Some(source) => format!("`{}`", source.display()),
                None => "the current directory".to_owned(),
            };
            format!(
                "no manifest: expected `{}` in {place}\nhint: name one with `--manifest FILE`",
                MANIFESTS.join("` or `")
            )
        })?;
        read_project(&path, source, formats)
    }
}

fn read_project(
    path: &Path,
    source: Option<&Path>,
    formats: Option<&FormatArgs>,
) -> anyhow::Result<Project> {
    let mut manifest = Manifest::read(path, FORMATS)?;
    if let Some(runtime) = formats.and_then(|formats| formats.appimage_runtime.as_ref()) {
        let program = fs::read(runtime)
            .with_context(|| format!("cannot read the AppImage runtime `{}`", runtime.display()))?;
        manifest.tables.appimage_runtime = Some(program.into());
    }
    let root = match source {
        Some(source) => source.to_owned(),
        None => {
            let path = std::path::absolute(path)
                .with_context(|| format!("cannot find the directory of `{}`", path.display()))?;
            root_of(&path)
        }
    };
    Ok(Project::resolve(manifest, root, FORMATS)?)
}
