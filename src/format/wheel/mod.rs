//! Wheels, with which pip, pipx and uv install a finished program (the binary distribution format).

mod metadata;
mod tags;
#[cfg(test)]
mod tests;
mod version;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::relocate::without_links;
use super::shell::file_name;
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::compress::gzip;
use crate::container::zip::{self, ZipWriter};
use crate::container::{Malformed, Output, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::line::Line;
use crate::model::package::{Context, Package};
use crate::model::steps::Step;
use crate::model::target::Target;
use crate::model::tree::{Content, Kind, Tree, TreeFile};
use tags::platforms;
use version::{escaped, python_version};

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "wheel",
    summary: "a wheel, for pip, pipx and uv",
    new: |tables, _| Box::new(tables.wheel.clone()),
    read,
};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wheel {
    /// The project's name on an index, if it is not the package's.
    pub project: Option<Line>,
    /// Words to be found by.
    pub keywords: Vec<Line>,
    /// Trove classifiers, such as `Environment :: Console`.
    pub classifiers: Vec<Line>,
    /// The versions of Python whose pip may install it, such as `>=3.8`.
    pub requires_python: Option<Line>,
}

/// The names that are made of the project and its version.
struct Names {
    /// As the package has it.
    project: String,
    /// As Python writes it.
    version: String,
    /// `hello_world-1.2.3`, the start of all paths and of the file's name.
    stem: String,
}

impl Wheel {
    fn names(&self, package: &Package) -> Result<Names, FormatError> {
        let project = match &self.project {
            Some(project) => project.to_string(),
            None => package.name.to_string(),
        };
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let ends = is_end(project.chars().next()) && is_end(project.chars().last());
        if !ends || !project.chars().all(is_fit) {
            return Err(FormatError::Invalid(format!(
                "Python has no project such as `{project}`; expected ASCII letters and digits, with `-`, `_` and `.` between them"
            )));
        }
        let version = python_version(&package.version)?;
        Ok(Names {
            stem: format!("{}-{version}", escaped(&project)),
            project,
            version,
        })
    }
}

impl Format for Wheel {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        if !platforms(target).is_empty() {
            return Ok(());
        }
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason: "the wheel of a static program is for systems with glibc, too",
        })
    }

    fn check(&self, package: &Package) -> Result<(), FormatError> {
        self.names(package).map(drop)
    }

    fn effort(&self) -> u32 {
        gzip::BEST_EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        // What Python cannot express, `check` refuses.
        let stem = match self.names(package) {
            Ok(names) => names.stem,
            Err(_) => format!("{}-{}", package.name, package.version),
        };
        format!("{stem}-py3-none-{}.whl", platforms(target).join("."))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let names = self.names(package)?;
        let tree = without_links(context.tree)?;
        let mut files: Vec<_> = tree
            .files()
            .iter()
            .filter_map(|file| {
                let path = place(file, &names.stem)?;
                Some(TreeFile {
                    path,
                    ..file.clone()
                })
            })
            .collect();
        let information = format!("{}.dist-info", names.stem);
        let licenses: Vec<_> = files
            .iter()
            .filter(|file| file.kind == Kind::License)
            .map(|file| file.path[information.len() + "/licenses/".len()..].to_owned())
            .collect();
        let about = metadata::metadata(self, package, &tree, &names, &licenses)?;
        files.push(made(&format!("{information}/METADATA"), about));
        files.push(made(
            &format!("{information}/WHEEL"),
            metadata::wheel(context),
        ));
        let tree = Tree::new(files).map_err(|e| FormatError::Invalid(e.to_string()))?;
        let mut zip = ZipWriter::new(out, context.date, context.threads);
        // Directories are not in the record, and nobody misses them. What describes the wheel comes last, so that it can be
        // read without the rest.
        let (last, first): (Vec<_>, Vec<_>) = tree
            .files()
            .iter()
            .partition(|file| file.path.starts_with(&information));
        for file in first.into_iter().chain(last) {
            zip.step(&Step::File(file))?;
        }
        let own = format!("{information}/RECORD");
        let record = made(&own, metadata::record(zip.entries(), &own));
        zip.step(&Step::File(&record))?;
        Ok(zip.finish()?)
    }
}

/// Where a file is in a wheel; `None` if pip has no place for it.
fn place(file: &TreeFile, stem: &str) -> Option<String> {
    let name = file_name(&file.path);
    match file.kind {
        Kind::Binary => Some(format!("{stem}.data/scripts/{name}")),
        Kind::License => {
            let below = file.path.split_once("share/licenses/");
            let below = below.or_else(|| file.path.split_once("share/doc/"));
            let path = below.and_then(|(_, below)| below.split_once('/'));
            let path = path.map_or(name, |(_, rest)| rest);
            Some(format!("{stem}.dist-info/licenses/{path}"))
        }
        Kind::Changelog | Kind::SystemdUnit => None,
        // Below the prefix of the environment, which is another `/usr`.
        _ => {
            let path = file.path.strip_prefix("usr/").unwrap_or(&file.path);
            Some(format!("{stem}.data/data/{path}"))
        }
    }
}

fn made(path: &str, text: String) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::Bytes(Arc::from(text.into_bytes())),
    }
}

/// The largest list of files that is read.
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// Opens a wheel, compares it with its own list, and visits its entries.
fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut file = File::open(artifact)?;
    let (mut entries, mut list) = (Vec::new(), None);
    zip::read(&mut file, &mut |entry, content| {
        let is_record = entry.path.ends_with(".dist-info/RECORD");
        if is_record
            && matches!(entry.content, EntryContent::File { size, .. } if size <= MAX_RECORD_BYTES)
        {
            list = Some((entry.path.clone(), Sha256Sum::of_reader(content)?));
        } else {
            entries.push(entry.clone());
        }
        Ok(())
    })?;
    let malformed = |what: String| Malformed { what, offset: 0 };
    let Some((path, found)) = list else {
        return Err(malformed("the wheel: no `RECORD`".to_owned()).into());
    };
    let expected = metadata::record(&entries, &path);
    if found != Sha256Sum::of(expected.as_bytes()) {
        let what = format!("the wheel: `{path}` does not list the files with their sums");
        return Err(malformed(what).into());
    }
    Ok(zip::read(&mut file, visit)?)
}
