//! Fills in a package's metadata from `Cargo.toml`.

use crate::model::line::{Line, Summary};
use crate::model::package::Package;
use crate::model::systemd::Systemd;
use crate::project::manifest::PackageTable;
use crate::project::manifest::cargo::{CargoToml, Found};
use crate::project::manifest::located::Source;
use crate::project::manifest::values::Version;

use super::ProjectError;

/// Resolves the `[package]` table; `systemd` is the one of that name.
pub(super) fn resolve(
    table: PackageTable,
    systemd: Systemd,
    manifest: &Source,
    cargo: Option<&CargoToml>,
) -> Result<Package, ProjectError> {
    let defaults = Defaults { manifest, cargo };
    Ok(Package {
        name: defaults.required(table.name, "name", "name", |found| found.parse("name"))?,
        version: {
            let parse = |found: &Found| found.parse("version");
            let Version(version) = defaults.required(table.version, "version", "version", parse)?;
            version
        },
        summary: {
            let parse = |found: &Found| found.parse("summary").or_else(|_| without_stop(found));
            defaults.required(table.summary, "summary", "description", parse)?
        },
        description: table.description.unwrap_or_default(),
        license: {
            let parse = |found: &Found| found.parse("license");
            defaults.required(table.license, "license", "license", parse)?
        },
        maintainer: {
            let parse = |found: &Found| found.parse("maintainer");
            defaults.required(table.maintainer, "maintainer", "authors", parse)?
        },
        systemd,
        homepage: defaults.optional(table.homepage, "homepage")?,
        repository: defaults.optional(table.repository, "repository")?,
        commit: None,
    })
}

/// Cargo's descriptions are often sentences, so their period is dropped. In the manifest's own summary it is refused.
fn without_stop(found: &Found) -> Result<Summary, Box<crate::project::manifest::located::Located>> {
    let mut bare = found.clone();
    let text = bare.text.trim_end();
    bare.text = text.strip_suffix('.').unwrap_or(text).to_owned();
    bare.parse("summary")
}

struct Defaults<'a> {
    manifest: &'a Source,
    cargo: Option<&'a CargoToml>,
}

impl Defaults<'_> {
    fn cargo(&self, key: &str) -> Result<Option<Found>, ProjectError> {
        match self.cargo {
            Some(cargo) => Ok(cargo.field(key)?),
            None => Ok(None),
        }
    }

    fn required<T>(
        &self,
        given: Option<T>,
        key: &'static str,
        cargo_key: &'static str,
        parse: impl Fn(&Found) -> Result<T, Box<crate::project::manifest::located::Located>>,
    ) -> Result<T, ProjectError> {
        if let Some(given) = given {
            return Ok(given);
        }
        match self.cargo(cargo_key)? {
            Some(found) => Ok(parse(&found)?),
            None => Err(ProjectError::Missing {
                manifest: self.manifest.path.clone(),
                key,
                instead: match self.cargo {
                    Some(_) => "`Cargo.toml` does not give it either",
                    None => "there is no `Cargo.toml` to take it from",
                },
            }),
        }
    }

    fn optional(
        &self,
        given: Option<Line>,
        key: &'static str,
    ) -> Result<Option<Line>, ProjectError> {
        match (given, self.cargo(key)?) {
            (Some(given), _) => Ok(Some(given)),
            (None, Some(found)) => Ok(Some(found.parse(key)?)),
            (None, None) => Ok(None),
        }
    }
}
