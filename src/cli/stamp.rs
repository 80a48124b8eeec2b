//! `sealift stamp`: what differs from release to release, in a finished program.

use std::path::PathBuf;

use sealift::model::commit::Commit;
use sealift::model::target::Target;
use sealift::project::Project;

use super::exit::Exit;
use super::project::{FormatArgs, ProjectArgs};
use super::values;

/// Write the commit, version and icon into a finished program
///
/// The commit goes into the field that the linker placed, if there is one. With `--manifest`, a Windows program also
/// gets a version resource. A macOS program is signed again, ad hoc. Stamping again changes nothing.
#[derive(clap::Args)]
pub struct Stamp {
    /// The program
    #[arg(value_name = "FILE")]
    program: PathBuf,

    /// The commit: up to 64 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    commit: Option<Commit>,

    /// Refuse a program that has no field for the commit
    #[arg(long, requires = "commit")]
    require_field: bool,

    /// The manifest, for the version information of a Windows program
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// The project's directory [default: the nearest one above the manifest that holds a `Cargo.toml`]
    #[arg(long, value_name = "DIR", requires = "manifest")]
    source: Option<PathBuf>,

    /// The icon of a Windows program, an .ico or .png file [default: the manifest's]
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,

    /// Refuse a program that is not for this target
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Option<Target>,

    /// The file to write the stamped program to [default: in place]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Stamp {
    /// Stamps the program.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = self.project()?;
        let windows = project.as_ref().and_then(Project::windows_icon);
        let stamp = sealift::program::stamp::Stamp {
            commit: self.commit.as_ref(),
            needs_field: self.require_field,
            target: self.target,
            package: project.as_ref().map(|project| &project.package),
            icon: self.icon.as_deref().or(windows.as_deref()),
        };
        let out = self.out.as_ref().unwrap_or(&self.program);
        sealift::program::stamp::stamp(&self.program, &stamp, out)?;
        Ok(Exit::Done)
    }

    /// The project of the given manifest.
    fn project(&self) -> anyhow::Result<Option<Project>> {
        if self.manifest.is_none() {
            return Ok(None);
        }
        let project = ProjectArgs {
            manifest: self.manifest.clone(),
            source: self.source.clone(),
        };
        project.read(&FormatArgs::default()).map(Some)
    }
}
