//! The options that name a project, and finding it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::format::{FORMATS, Resources};
use sealift::project::manifest::Manifest;
use sealift::project::{Project, root_of};

use super::exit::Advised;
use super::{exit, terminal};

/// Names of the manifest, in the order in which they are tried.
const MANIFESTS: [&str; 2] = ["sealift.toml", "packaging/sealift.toml"];

/// Which project is meant.
#[derive(clap::Args, Default)]
pub struct ProjectArgs {
    /// The manifest [default: `sealift.toml`, else `packaging/sealift.toml`, here or in a directory above]
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

    /// The program at the start of setups for Windows, in place of the embedded one
    #[arg(long, value_name = "FILE")]
    setup_stub: Option<PathBuf>,

    /// The base of container images, in place of the manifest's: an OCI layout, as a directory or a tar
    #[arg(long, value_name = "PATH")]
    oci_base: Option<PathBuf>,
}

impl ProjectArgs {
    /// The manifest that was given, else the one in the project's directory; without one given, that is the current
    /// directory or the nearest one above with a manifest. `None` if there is none.
    pub fn find(&self) -> Option<PathBuf> {
        if let Some(manifest) = &self.manifest {
            return Some(manifest.clone());
        }
        let directory = self.source.as_deref().unwrap_or(Path::new(""));
        let here = manifest_in(directory);
        if here.is_some() || self.source.is_some() {
            return here;
        }
        manifest_above(&std::env::current_dir().ok()?)
    }

    /// Reads the project.
    pub fn read(&self, formats: &FormatArgs) -> anyhow::Result<Project> {
        let path = self.find().ok_or_else(|| self.no_manifest())?;
        if terminal::is_verbose() {
            exit::eprint_quietly(&format!("manifest: {}\n", path.display()));
        }
        let manifest = Manifest::read(&path, FORMATS)?;
        let mut resources = Resources {
            oci_base: formats.oci_base.clone(),
            ..Resources::default()
        };
        if let Some(runtime) = &formats.appimage_runtime {
            let program = fs::read(runtime).with_context(|| {
                format!("cannot read the AppImage runtime `{}`", runtime.display())
            })?;
            resources.appimage_runtime = Some(program.into());
        }
        if let Some(stub) = &formats.setup_stub {
            let program = fs::read(stub)
                .with_context(|| format!("cannot read the setup stub `{}`", stub.display()))?;
            resources.setup_stub = Some(program.into());
        }
        let root = self.root(&path)?;
        Ok(Project::resolve(manifest, root, FORMATS, &resources)?)
    }

    fn root(&self, manifest: &Path) -> anyhow::Result<PathBuf> {
        if let Some(source) = &self.source {
            return Ok(source.clone());
        }
        let manifest = std::path::absolute(manifest)
            .with_context(|| format!("cannot find the directory of `{}`", manifest.display()))?;
        Ok(root_of(&manifest))
    }

    fn no_manifest(&self) -> Advised {
        let place = match &self.source {
            Some(source) => format!("`{}`", source.display()),
            None => "the current directory or one above".to_owned(),
        };
        Advised {
            message: format!(
                "no manifest: expected `{}` in {place}",
                MANIFESTS.join("` or `")
            ),
            hint: "name one with `--manifest FILE`, or write one with `sealift init`".to_owned(),
        }
    }
}

fn manifest_in(directory: &Path) -> Option<PathBuf> {
    let mut candidates = MANIFESTS.iter().map(|name| directory.join(name));
    candidates.find(|path| path.exists())
}

/// Looks in the directories above, as far as they have the same owner: in a shared one such as `/tmp`, anybody could put a
/// manifest.
fn manifest_above(current: &Path) -> Option<PathBuf> {
    let above = current.ancestors().skip(1);
    let mut own = above.take_while(|directory| have_one_owner(current, directory));
    own.find_map(manifest_in)
}

#[cfg(unix)]
fn have_one_owner(first: &Path, second: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = |path: &Path| path.metadata().map(|metadata| metadata.uid()).ok();
    owner(first).is_some_and(|first| Some(first) == owner(second))
}

#[cfg(not(unix))]
fn have_one_owner(_: &Path, _: &Path) -> bool {
    true
}
