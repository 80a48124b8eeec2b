//! The npm package that people install: it starts the program in one of the packages for single platforms, which npm
//! chooses among its optional dependencies. It runs nothing when it is installed.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalog, Part, Registration};
use crate::container::Output;
use crate::container::compress::gzip::{Level, compress};
use crate::format::FormatError;
use crate::format::npm::manifest::{self, Manifest};
use crate::format::npm::platform::{Platform, platform};
use crate::format::npm::{Npm, file_of_bytes, pack, read};
use crate::model::entry::{Entry, EntryContent};
use crate::model::package::Package;
use crate::model::target::Target;
use crate::model::tree::{Kind, TreeFile};
use crate::output::json;

/// The entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    format: "npm",
    new: |tables| Box::new(Launcher(tables.npm.clone())),
};

/// The package, with the format's table.
struct Launcher(Npm);

/// What starts a program.
const LAUNCH: &str = include_str!("launch.js");

/// What it is told of a package for a platform: an entry of `platforms.json`.
#[derive(serde::Serialize)]
struct Choice {
    package: String,
    os: &'static str,
    cpu: &'static [&'static str],
    libc: Option<&'static str>,
    /// The path of each program in the package, by the name that people call it by.
    programs: BTreeMap<String, String>,
}

impl Catalog for Launcher {
    fn file_name(&self, package: &Package, _: &[Target]) -> Option<String> {
        Some(self.0.tarball(package, None))
    }

    fn write(
        &self,
        package: &Package,
        parts: &[Part<'_>],
        date: i64,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let (name, version) = (self.0.full_name(package)?, self.0.version(package)?);
        let mut choices = self.choices(package, parts)?;
        // A program for the machine's own C library or processor comes before one for any.
        choices.sort_by_key(|choice| (choice.libc.is_none(), choice.cpu.len()));
        let mut files = shared_files(parts)?;
        let mut about = Manifest::new(package, &name, &version, &self.0.keywords);
        about.man = files
            .keys()
            .filter(|path| is_man_page(path))
            .cloned()
            .collect();
        for choice in &choices {
            let dependency = (choice.package.clone(), version.clone());
            about.optional_dependencies.extend([dependency]);
        }
        let programs: BTreeSet<_> = choices
            .iter()
            .flat_map(|each| each.programs.keys())
            .collect();
        for program in programs {
            let path = format!("bin/{program}.js");
            about.bin.insert(program.clone(), path.clone());
            files.insert(path.clone(), starter(path, program));
        }
        let made = [
            ("launch.js", LAUNCH.to_owned()),
            ("platforms.json", json::to_text(&choices)),
        ];
        for (path, text) in made {
            files.insert(path.to_owned(), file_of_bytes(path, text.into_bytes()));
        }
        let files = files.into_values().collect();
        let (tar, entries) = pack(&about, files, date, Vec::new())?;
        out.write_all(&compress(&tar, Level::Best))?;
        Ok(entries)
    }
}

impl Launcher {
    fn choices(&self, package: &Package, parts: &[Part<'_>]) -> Result<Vec<Choice>, FormatError> {
        let choice = |(part, platform): (&Part<'_>, Platform)| {
            Ok(Choice {
                package: self.0.name_for(package, platform)?,
                os: platform.os,
                cpu: platform.cpus,
                libc: platform.libc,
                programs: programs(part),
            })
        };
        let platforms = parts
            .iter()
            .filter_map(|part| Some((part, platform(part.target)?)));
        platforms.map(choice).collect()
    }
}

/// The programs that are called by their names.
fn programs(part: &Part<'_>) -> BTreeMap<String, String> {
    let suffix = part.target.os.program_suffix();
    let tree = part.artifact.tree.iter();
    tree.filter(|entry| entry.kind == Kind::Binary)
        .filter_map(|entry| {
            let path = entry.path.strip_prefix("usr/")?;
            let name = path
                .strip_prefix("bin/")
                .filter(|name| !name.contains('/'))?;
            let name = name.strip_suffix(suffix).unwrap_or(name);
            Some((name.to_owned(), path.to_owned()))
        })
        .collect()
}

/// The script that Node.js is told to run for a program.
fn starter(path: String, program: &str) -> TreeFile {
    let name = serde_json::Value::from(program);
    let text = format!("#!/usr/bin/env node\n'use strict';\n\nrequire('../launch.js')({name});\n");
    TreeFile {
        mode: 0o755,
        ..file_of_bytes(&path, text.into_bytes())
    }
}

/// What does not differ by platform and is shown or found by people: what is at the top, and manual pages. Of different
/// files, the first part's counts.
fn shared_files(parts: &[Part<'_>]) -> Result<BTreeMap<String, TreeFile>, FormatError> {
    let mut files = BTreeMap::new();
    for part in parts {
        read(part.path, &mut |entry, content| {
            let path = entry.path.as_str();
            let is_shared = path != manifest::PATH && (!path.contains('/') || is_man_page(path));
            let is_file = matches!(entry.content, EntryContent::File { .. });
            if is_shared && is_file && !files.contains_key(path) {
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes)?;
                files.insert(path.to_owned(), file_of_bytes(path, bytes));
            }
            Ok(())
        })?;
    }
    Ok(files)
}

/// Whether `man` finds a page by its name alone; npm has no place for those in other languages.
fn is_man_page(path: &str) -> bool {
    let section = path
        .strip_prefix("share/man/man")
        .and_then(|rest| rest.split_once('/'));
    let Some((section, name)) = section else {
        return false;
    };
    let is_number = section.len() == 1 && section.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.strip_suffix(".gz").unwrap_or(name);
    is_number
        && name
            .strip_suffix(section)
            .is_some_and(|rest| rest.ends_with('.'))
}
