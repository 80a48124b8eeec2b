//! RPM packages, format 4 (rpm's `docs/manual/format_v4.md`), without rpm.
//!
//! A *lead* that nobody reads any more, a header with the sums of the next one, the header with everything that is known of the
//! package and its files, and a compressed cpio.

mod header;
mod layout;
mod metadata;
mod payload;
mod read;
mod relation;
mod requires;
mod tag;
#[cfg(test)]
mod tests;
mod version;

pub use relation::{Capability, Dependency};
pub use version::Release;

use super::script::Script;
use super::systemd::Units;
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::Output;
use crate::container::compress::{gzip, xz, zstd};
use crate::container::cpio::size_of;
use crate::model::entry::Entry;
use crate::model::line::Line;
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
use metadata::Metadata;

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "rpm",
    summary: "a package for Fedora, RHEL, openSUSE and their derivatives",
    new: |tables, _| Box::new(tables.rpm.clone()),
    read: read::read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rpm {
    /// The release, which counts the packages of one version.
    pub release: Release,
    /// Makes every version newer than those with a lower number, or without one.
    pub epoch: Option<u32>,
    /// Who distributes the package.
    pub vendor: Option<Line>,
    /// The group, which newer distributions ignore and checkers of older ones demand.
    pub group: Line,
    /// The compression of the files.
    pub compression: Compression,
    /// Packages that this one needs, each as `name`, `name >= version` or `(a or b)`.
    pub requires: Vec<Dependency>,
    /// Packages that are usually installed with this one.
    pub recommends: Vec<Dependency>,
    /// Packages that make this one more useful.
    pub suggests: Vec<Dependency>,
    /// Packages with which this one is usually installed.
    pub supplements: Vec<Dependency>,
    /// Packages that this one makes more useful.
    pub enhances: Vec<Dependency>,
    /// Packages that cannot be installed together with this one.
    pub conflicts: Vec<Dependency>,
    /// Packages that this one takes the place of.
    pub obsoletes: Vec<Capability>,
    /// Further names that this one can be required by.
    pub provides: Vec<Capability>,
    /// Programs that rpm runs.
    pub scripts: Scripts,
    /// Directories that the package does not own, besides those of the system.
    pub shared_directories: Vec<String>,
}

impl Default for Rpm {
    fn default() -> Self {
        Self {
            release: Release::default(),
            epoch: None,
            vendor: None,
            group: "Applications/System".parse().expect("one line"),
            compression: Compression::default(),
            requires: Vec::new(),
            recommends: Vec::new(),
            suggests: Vec::new(),
            supplements: Vec::new(),
            enhances: Vec::new(),
            conflicts: Vec::new(),
            obsoletes: Vec::new(),
            provides: Vec::new(),
            scripts: Scripts::default(),
            shared_directories: Vec::new(),
        }
    }
}

/// Programs that rpm runs while it installs or removes; each is the text of a script.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scripts {
    /// Before everything else.
    pub pretrans: Option<Script>,
    /// Before the files are installed.
    pub pre: Option<Script>,
    /// After the files are installed.
    pub post: Option<Script>,
    /// Before the files are removed.
    pub preun: Option<Script>,
    /// After the files are removed.
    pub postun: Option<Script>,
    /// After everything else.
    pub posttrans: Option<Script>,
}

/// Where a script is in a header, and why its interpreter is needed.
struct ScriptTags {
    script: u32,
    program: u32,
    sense: u32,
}

impl Scripts {
    fn named(&self) -> [(ScriptTags, Option<&Script>); 6] {
        let named = |script, program, sense: u32, text| {
            let tags = ScriptTags {
                script,
                program,
                sense: 1 << sense,
            };
            (tags, Option::as_ref(text))
        };
        [
            named(1151, 1153, 7, &self.pretrans),
            named(1023, 1085, 9, &self.pre),
            named(1024, 1086, 10, &self.post),
            named(1025, 1087, 11, &self.preun),
            named(1026, 1088, 12, &self.postun),
            named(1152, 1154, 5, &self.posttrans),
        ]
    }
}

/// The compression of an rpm's files.
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
    /// The smallest; every rpm since 4.7 reads it.
    #[default]
    Xz,
    /// The default of Fedora. Enterprise Linux 7 cannot read it.
    Zstd,
    /// Fast, a third larger.
    Gzip,
}

/// The names that are made of the name, the version and the architecture.
struct Names {
    /// `1.2.3`
    version: String,
    /// `1.2.3-1`, with an epoch before it if there is one.
    full_version: String,
    /// `hello-1.2.3-1`
    without_architecture: String,
    architecture: &'static str,
    /// `(x86-64)`
    isa: &'static str,
}

impl Format for Rpm {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        match architecture(target) {
            Some(_) => Ok(()),
            None => Err(Unsupported {
                format: REGISTRATION.name,
                target: target.triple,
                reason: "RPM packages are for Linux",
            }),
        }
    }

    fn effort(&self) -> u32 {
        match self.compression {
            Compression::Gzip => gzip::BEST_EFFORT,
            Compression::Xz => xz::EFFORT,
            Compression::Zstd => zstd::EFFORT,
        }
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let names = self.names(package, target);
        format!("{}.{}.rpm", names.without_architecture, names.architecture)
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let tree = layout::install(package, context)?;
        let steps = layout::owned(self, &tree);
        let date = u32::try_from(context.date).map_err(|_| {
            let date = context.date;
            FormatError::Invalid(format!("an rpm cannot hold the date {date}"))
        })?;
        let rpm = Self {
            scripts: Units::of(&steps)?.rpm(&self.scripts, package.systemd)?,
            ..self.clone()
        };
        let metadata = Metadata {
            rpm: &rpm,
            package,
            context,
            names: self.names(package, context.target),
            date,
            steps: &steps,
        };
        let payload = payload::Payload {
            compression: self.compression,
            steps: &steps,
            date,
            bytes: size_of(&steps, payload::PREFIX),
            threads: context.threads,
        };
        payload::write_package(&metadata, &payload, out)
    }
}

impl Rpm {
    fn names(&self, package: &Package, target: Target) -> Names {
        let (architecture, isa, _) =
            architecture(target).expect("`supports` refuses targets that rpm has no name for");
        metadata::names(self, package, architecture, isa)
    }
}

/// The architecture as rpm names it, its name in relations, and its number in the lead (rpm's `rpmrc.in`); `None` if rpm does not
/// run there.
fn architecture(target: Target) -> Option<(&'static str, &'static str, u16)> {
    match (target.os, target.machine) {
        (Os::Linux, "aarch64") => Some(("aarch64", "(aarch-64)", 19)),
        (Os::Linux, "armv7l") => Some(("armv7hl", "(armv7hl-32)", 12)),
        (Os::Linux, "riscv64") => Some(("riscv64", "(riscv-64)", 22)),
        (Os::Linux, "x86_64") => Some(("x86_64", "(x86-64)", 1)),
        _ => None,
    }
}
