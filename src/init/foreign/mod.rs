//! What the tables of other packagers in `Cargo.toml` say, as far as a manifest can say it, too.

mod assets;
mod deb;
mod dist;
mod packager;
mod rpm;

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use super::InitError;
use super::beside::Beside;
use crate::model::path::RelativePath;
use crate::project::manifest::located::{ReadError, Source};

/// What was taken over, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Foreign {
    /// Files that packages should have.
    pub files: Vec<Beside>,
    /// Keys of `[deb]`, with their values in TOML's notation.
    pub deb: Vec<(String, String)>,
    /// Keys of `[deb.scripts]`, with the texts of the scripts.
    pub scripts: Vec<(String, String)>,
    /// Keys of `[rpm]`, with their values in TOML's notation.
    pub rpm: Vec<(String, String)>,
    /// Keys of `[rpm.scripts]`, with the texts of the scripts.
    pub rpm_scripts: Vec<(String, String)>,
    /// Keys of `[systemd]` that are false.
    pub systemd: BTreeSet<&'static str>,
    /// A description of several sentences.
    pub description: Option<String>,
    /// Who answers for the packages.
    pub maintainer: Option<String>,
    /// Triples to release for.
    pub targets: Vec<&'static str>,
    /// The icon of Windows programs.
    pub windows_icon: Option<RelativePath>,
    /// A note for each table that was found.
    pub notes: Vec<Note>,
}

/// What became of a table of another packager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The table, as `Cargo.toml` has it, or the file.
    pub table: &'static str,
    /// What was taken over.
    pub taken: Vec<String>,
    /// What was not, each with the reason.
    pub left: Vec<String>,
}

/// The project that the tables are about.
#[derive(Clone, Copy)]
pub(super) struct Project<'a> {
    /// Its directory.
    pub root: &'a Path,
    /// The directory of the package below it; empty for the project itself.
    pub directory: &'a str,
    /// The package's name.
    pub name: &'a str,
    /// Its programs.
    pub programs: &'a [String],
    /// The files that were found without the tables.
    pub beside: &'a [Beside],
}

/// Reads the tables. Nothing in them is an error: they are not ours.
pub(super) fn read(project: Project<'_>) -> Result<Foreign, InitError> {
    let mut foreign = Foreign::default();
    let of_package = table(&project.root.join(project.directory).join("Cargo.toml"))?;
    let of_workspace = cargo_toml(project.root)?;
    let metadata = |table: &Table, of: &str, tool: &str| {
        let metadata = table.get(of)?.get("metadata")?.get(tool)?;
        metadata.as_table().cloned()
    };
    if let Some(table) = metadata(&of_package, "package", "deb") {
        deb::take(project, &table, &mut foreign);
    }
    if let Some(table) = metadata(&of_package, "package", "generate-rpm") {
        rpm::take(project, &table, &mut foreign);
    }
    if let Some(table) = metadata(&of_package, "package", "packager") {
        packager::take(project, &table, &mut foreign);
    }
    let of_file = table(&project.root.join(dist::FILE))?;
    let of_file = of_file.get("dist").and_then(Value::as_table).cloned();
    for (name, table) in [
        (dist::FILE, of_file),
        (
            "[workspace.metadata.dist]",
            metadata(&of_workspace, "workspace", "dist"),
        ),
        (
            "[package.metadata.dist]",
            metadata(&of_package, "package", "dist"),
        ),
    ] {
        if let Some(table) = table {
            dist::take(name, &table, &mut foreign);
        }
    }
    Ok(foreign)
}

/// The `Cargo.toml` in a project's directory.
pub(super) fn cargo_toml(root: &Path) -> Result<Table, InitError> {
    table(&root.join("Cargo.toml"))
}

/// A file of TOML; empty where there is none that can be read as such.
fn table(path: &Path) -> Result<Table, InitError> {
    match Source::read(path) {
        Ok(source) => Ok(toml::from_str(&source.text).unwrap_or_default()),
        Err(ReadError::Io(error)) if error.source.kind() == std::io::ErrorKind::NotFound => {
            Ok(Table::new())
        }
        Err(error) => Err(error.into()),
    }
}

impl Note {
    fn new(table: &'static str) -> Self {
        Self {
            table,
            ..Self::default()
        }
    }

    fn takes(&mut self, what: impl Into<String>) {
        self.taken.push(what.into());
    }

    fn leaves(&mut self, what: &str, why: &str) {
        self.left.push(format!("`{what}` {why}"));
    }
}

/// The paragraphs of a text, each on one line, as a manifest has them; `None` if there are none.
fn paragraphs(text: &str) -> Option<String> {
    let mut paragraphs = vec![Vec::new()];
    for line in text.lines() {
        let is_separator = |character: char| character.is_whitespace() || character.is_control();
        let words = line.split(is_separator);
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            paragraphs.push(Vec::new());
        } else if let Some(last) = paragraphs.last_mut() {
            last.extend(words);
        }
    }
    let joined = paragraphs.iter().map(|words| words.join(" "));
    let text: Vec<_> = joined.filter(|text| !text.is_empty()).collect();
    (!text.is_empty()).then(|| text.join("\n\n"))
}

#[cfg(test)]
mod testing {
    use super::*;

    /// What is read of a project `hello` with these files beside its `Cargo.toml`.
    pub fn read_from(cargo: &str, files: &[(&str, &str)]) -> Foreign {
        let root = tempfile::tempdir().expect("a directory");
        for (name, text) in files.iter().chain([&("Cargo.toml", cargo)]) {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
            std::fs::write(path, text).expect("writable");
        }
        let programs = ["hello".to_owned()];
        let beside = super::super::beside::find(root.path(), "", &programs).expect("readable");
        read(Project {
            root: root.path(),
            directory: "",
            name: "hello",
            programs: &programs,
            beside: &beside,
        })
        .expect("readable")
    }

    /// Each file as `KIND SOURCE -> DESTINATION`, without a destination that its kind gives it.
    pub fn shown(foreign: &Foreign) -> Vec<String> {
        let show = |file: &Beside| {
            let place = file.destination.as_ref();
            let place = place
                .map(|place| format!(" -> {place}"))
                .unwrap_or_default();
            let mode = file
                .mode
                .map(|mode| format!(" {mode:o}"))
                .unwrap_or_default();
            format!("{:?} {}{place}{mode}", file.kind, file.source)
        };
        foreign.files.iter().map(show).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::read_from;
    use super::*;

    #[test]
    fn a_project_without_tables_has_nothing_to_take() {
        assert_eq!(
            read_from("[package]\nname = 'hello'\n", &[]),
            Foreign::default()
        );
    }

    #[test]
    fn tables_of_the_wrong_type_are_no_error() {
        let cargo = "[package]\nname = 'hello'\n[package.metadata]\ndeb = 3\ngenerate-rpm = []\npackager = 'x'\ndist = false\n";
        assert_eq!(read_from(cargo, &[]), Foreign::default());
    }

    #[test]
    fn paragraphs_are_lines() {
        assert_eq!(paragraphs("\na\n  b\n\n\nc\n").as_deref(), Some("a b\n\nc"));
        assert_eq!(paragraphs(" \n"), None);
    }
}
