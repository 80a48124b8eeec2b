//! The options that name a project, and finding it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::format::FORMATS;
use sealift::project::manifest::Manifest;
use sealift::project::{Project, root_of};

/// Names of the manifest, in the order in which they are tried.
const MANIFESTS: [&str; 2] = ["sealift.toml", "packaging/sealift.toml"];

/// Which project is meant.
#[derive(clap::Args, Default)]
pub struct ProjectArgs {
    /// The manifest [default: `sealift.toml`, else `packaging/sealift.toml`]
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,

    /// The project's directory [default: the nearest one above the manifest that holds a `Cargo.toml`]
    #[arg(long, value_name = "DIR")]
    pub source: Option<PathBuf>,
}

/// What the formats take from outside the manifest.
#[derive(clap::Args, Default)]
pub struct FormatArgs {
    /// The program at the start of AppImages, in place of the embedded one
    #[arg(long, value_name = "FILE")]
    appimage_runtime: Option<PathBuf>,
}

impl ProjectArgs {
    /// The manifest that was given, or the one that is in the project's directory; nothing where there is none.
    pub fn find(&self) -> Option<PathBuf> {
        let directory = self.source.as_deref().unwrap_or(Path::new(""));
        self.manifest.clone().or_else(|| {
            let candidates = MANIFESTS.iter().map(|name| directory.join(name));
            candidates.into_iter().find(|path| path.exists())
        })
    }

    /// Reads the project.
    pub fn read(&self, formats: &FormatArgs) -> anyhow::Result<Project> {
        let path = self.find().with_context(|| self.no_manifest())?;
        let mut manifest = Manifest::read(&path, FORMATS)?;
        if let Some(runtime) = &formats.appimage_runtime {
            let program = fs::read(runtime).with_context(|| {
                format!("cannot read the AppImage runtime `{}`", runtime.display())
            })?;
            manifest.tables.appimage_runtime = Some(program.into());
        }
        Ok(Project::resolve(manifest, self.root(&path)?, FORMATS)?)
    }

    fn root(&self, manifest: &Path) -> anyhow::Result<PathBuf> {
        if let Some(source) = &self.source {
            return Ok(source.clone());
        }
        let manifest = std::path::absolute(manifest)
            .with_context(|| format!("cannot find the directory of `{}`", manifest.display()))?;
        Ok(root_of(&manifest))
    }

    fn no_manifest(&self) -> String {
        let place = match &self.source {
            Some(source) => format!("`{}`", source.display()),
            None => "the current directory".to_owned(),
        };
        format!(
            "no manifest: expected `{}` in {place}\nhint: name one with `--manifest FILE`",
            MANIFESTS.join("` or `")
        )
    }
}
