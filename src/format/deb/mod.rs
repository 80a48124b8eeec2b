//! Debian's package format (deb(5)), without Debian's tools.

mod changelog;
mod control;
mod copyright;
mod elf;
mod layout;
mod license;
mod members;
mod read;
mod relation;
#[cfg(test)]
mod tests;
mod version;

pub use control::{Priority, Value};
pub use relation::{Dependency, Relation};
pub use version::Revision;

use super::script::Script;
use super::systemd::Units;
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::Output;
use crate::container::ar;
use crate::container::compress::{gzip, xz, zstd};
use crate::container::tar::size_of_tree;
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::steps::steps;
use crate::model::target::{Os, Target};

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "deb",
    summary: "a package for Debian, Ubuntu and their derivatives",
    new: |tables, _| Box::new(tables.deb.clone()),
    read: read::read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deb {
    /// The Debian revision, which counts the packages of one version.
    pub revision: Revision,
    /// The archive section, such as `utils`, `net` or `devel`.
    pub section: Value,
    /// How important the package is for a system.
    pub priority: Priority,
    /// The compression of the files.
    pub compression: Compression,
    /// Packages that must be configured before this one is unpacked.
    pub pre_depends: Vec<Dependency>,
    /// Packages that this one needs, each as `name`, `name (>= version)` or alternatives with `|`.
    pub depends: Vec<Dependency>,
    /// Packages that are usually installed with this one.
    pub recommends: Vec<Dependency>,
    /// Packages that make this one more useful.
    pub suggests: Vec<Dependency>,
    /// Packages that this one makes more useful.
    pub enhances: Vec<Relation>,
    /// Packages that this one breaks.
    pub breaks: Vec<Relation>,
    /// Packages that cannot be installed together with this one.
    pub conflicts: Vec<Relation>,
    /// Packages whose files this one may overwrite.
    pub replaces: Vec<Relation>,
    /// Virtual packages that this one provides.
    pub provides: Vec<Relation>,
    /// Programs that dpkg runs.
    pub scripts: Scripts,
    /// Lintian tags that are intended, without the package's name.
    pub lintian_overrides: Vec<Value>,
}

/// Programs that dpkg runs while it installs or removes; each is the text of a script.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scripts {
    /// Before the files are unpacked.
    pub preinst: Option<Script>,
    /// After the files are unpacked.
    pub postinst: Option<Script>,
    /// Before the files are removed.
    pub prerm: Option<Script>,
    /// After the files are removed.
    pub postrm: Option<Script>,
}

/// The compression of a deb's files.
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
pub enum Compression {
    /// The default of dpkg; the smallest.
    #[default]
    Xz,
    /// Unpacked several times as fast as xz. Debian 11 and older cannot read it.
    Zstd,
    /// Fast, a third larger.
    Gzip,
    /// Uncompressed.
    None,
}

impl Default for Deb {
    fn default() -> Self {
        let value = |text: &str| text.parse().expect("one line");
        Self {
            revision: Revision::default(),
            section: value("utils"),
            priority: Priority::default(),
            compression: Compression::default(),
            pre_depends: Vec::new(),
            depends: Vec::new(),
            recommends: Vec::new(),
            suggests: Vec::new(),
            enhances: Vec::new(),
            breaks: Vec::new(),
            conflicts: Vec::new(),
            replaces: Vec::new(),
            provides: Vec::new(),
            scripts: Scripts::default(),
            lintian_overrides: Vec::new(),
        }
    }
}

impl Format for Deb {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        match architecture(target) {
            Some(_) => Ok(()),
            None => Err(Unsupported {
                format: REGISTRATION.name,
                target: target.triple,
                reason: "Debian packages are for Linux",
            }),
        }
    }

    fn effort(&self) -> u32 {
        match self.compression {
            Compression::Xz => xz::EFFORT,
            Compression::Zstd => zstd::EFFORT,
            Compression::Gzip => gzip::BEST_EFFORT,
            Compression::None => 1,
        }
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let version = version::debian_version(&package.version, &self.revision);
        format!("{}_{version}_{}.deb", package.name, supported(target))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        mut out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let version = version::debian_version(&package.version, &self.revision);
        let tree = layout::install(self, package, context, &version)?;
        let steps = steps(&tree);
        members::refuse_control_folder(&steps)?;
        let data = members::Data {
            compression: self.compression,
            target: context.target,
            steps: &steps,
            date: context.date,
            threads: context.threads,
        };
        // Before anything is read or written.
        if self.compression == Compression::None {
            data.refuse_if_larger(ar::MAX_MEMBER_BYTES, size_of_tree(&steps, members::PREFIX))?;
        }
        let control = control::control(
            self,
            package,
            supported(context.target),
            &version,
            members::installed_kib(&steps),
            elf::glibc_dependency(context.tree)?.as_deref(),
        );
        let scripts = Units::of(&steps)?.debian(&self.scripts, package.systemd)?;
        let control = members::control_files(&control, &scripts, &steps)?;
        let (control, mut entries) = members::control_archive(control, context)?;
        ar::begin(out)?;
        ar::member(out, "debian-binary", context.date, b"2.0\n")?;
        ar::member(out, "control.tar.gz", context.date, &control)?;
        entries.extend(data.write(&mut out)?);
        out.flush()?;
        Ok(entries)
    }
}

/// The architecture as Debian names it (`dpkg-architecture -L`); `None` if Debian does not run there.
pub(super) fn architecture(target: Target) -> Option<&'static str> {
    match (target.os, target.machine) {
        (Os::Linux, "aarch64") => Some("arm64"),
        (Os::Linux, "armv7l") => Some("armhf"),
        (Os::Linux, "riscv64") => Some("riscv64"),
        (Os::Linux, "x86_64") => Some("amd64"),
        _ => None,
    }
}

fn supported(target: Target) -> &'static str {
    architecture(target).expect("`supports` refuses targets that Debian has no name for")
}
