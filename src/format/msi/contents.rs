//! The rows of the tables: what is installed where, and what the list of programs says of it.

use std::collections::BTreeMap;

use super::database::{Database, Value, row};
use super::dialogs;
use super::sequence::{self, SET_LOCATION};
use super::short_name::ShortNames;
use super::version::ProductVersion;
use super::{CABINET, Guid, Msi, Scope};
use crate::format::FormatError;
use crate::format::windows::layout::Placed;
use crate::format::windows::license::license;
use crate::format::windows::shortcut::{Shortcut, icon, shortcuts};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::package::Package;
use crate::model::steps::parents;
use crate::model::target::Target;
use crate::model::tree::{Kind, Tree};

/// The program's directory. Who installs it can give another one.
pub(super) const DIRECTORY: &str = "INSTALLDIR";
/// The property with the sum of the list of files; the installer does not use it.
pub(super) const SUM: &str = "SealiftContents";
/// The only part that can be chosen.
const FEATURE: &str = "Program";
/// Its icon, whose name must end as that of a program that a shortcut starts.
const ICON: &str = "Program.exe";
/// Set where an older or a newer version is there.
const OLDER: &str = "OLDERVERSION";
const NEWER: &str = "NEWERVERSION";

/// A component of a system with 64 bits.
const COMPONENT_64_BIT: i32 = 256;
/// A component whose file stays as it is if it is there.
const NEVER_OVERWRITE: i32 = 128;
/// A file without which the installation fails.
const VITAL: i32 = 512;
/// A custom action that sets a property.
const SET_PROPERTY: i32 = 51;
/// Of other versions: take over what was chosen, report only, with this version.
const MIGRATE: i32 = 1;
const ONLY_DETECT: i32 = 2;
const WITH_HIGHEST: i32 = 512;

/// What is made of a package.
pub(super) struct Installation<'a> {
    pub(super) msi: &'a Msi,
    pub(super) package: &'a Package,
    pub(super) tree: &'a Tree,
    pub(super) files: &'a [Placed],
    /// The MD5 sums of the files.
    pub(super) sums: &'a [[u8; 16]],
    pub(super) version: ProductVersion,
    pub(super) target: Target,
}

impl Installation<'_> {
    fn upgrade_code(&self) -> Guid {
        let given = self.msi.upgrade_code;
        given.unwrap_or_else(|| Guid::of_package(&self.package.name))
    }

    /// Another one for each version, target and scope.
    pub(super) fn product_code(&self) -> Guid {
        let (version, target) = (&self.package.version, self.target);
        let name = format!(
            "product {version} {} {target} {:?}",
            self.version, self.msi.scope
        );
        Guid::of(self.upgrade_code(), &name)
    }

    pub(super) fn publisher(&self) -> &str {
        match &self.msi.publisher {
            Some(publisher) => publisher,
            None => self.package.maintainer.name(),
        }
    }

    /// All tables.
    pub(super) fn database(&self, entries: &[Entry]) -> Result<Database, FormatError> {
        let mut database = Database::default();
        let directories = self.add_directories(&mut database);
        self.add_files(&mut database, &directories);
        self.add_path(&mut database);
        let icon = icon(self.tree)?;
        self.add_shortcuts(&mut database, icon.is_some())?;
        self.add_properties(&mut database, icon.is_some(), entries);
        if let Some(icon) = icon {
            database.add("Icon", row![ICON, Value::Stream(icon)]);
        }
        self.add_upgrades(&mut database);
        if self.msi.license
            && let Some(license) = license(self.tree)?
        {
            dialogs::add(&mut database, &license);
        }
        let location = format!("[{DIRECTORY}]");
        database.add(
            "CustomAction",
            row![SET_LOCATION, SET_PROPERTY, "ARPINSTALLLOCATION", location],
        );
        let tables = ["Shortcut", "Environment"];
        let present: Vec<_> = tables
            .into_iter()
            .filter(|table| database.has(table))
            .collect();
        sequence::add(&mut database, |table| present.contains(&table));
        Ok(database)
    }

    /// The directories, by their paths below the program's.
    fn add_directories(&self, database: &mut Database) -> BTreeMap<String, String> {
        database.add("Directory", row!["TARGETDIR", "", "SourceDir"]);
        let above = match self.msi.scope {
            Scope::PerMachine => {
                database.add("Directory", row!["ProgramFiles64Folder", "TARGETDIR", "."]);
                "ProgramFiles64Folder"
            }
            Scope::PerUser => {
                database.add("Directory", row!["LocalAppDataFolder", "TARGETDIR", "."]);
                let own = row!["UserProgramsFolder", "LocalAppDataFolder", "Programs"];
                database.add("Directory", own);
                "UserProgramsFolder"
            }
        };
        let name = self.package.name.as_str();
        let name = ShortNames::new([name].into_iter()).both(name);
        database.add("Directory", row![DIRECTORY, above, name]);
        let mut keys = BTreeMap::from([(String::new(), DIRECTORY.to_owned())]);
        for path in self
            .files
            .iter()
            .flat_map(|placed| parents(&placed.file.path))
        {
            let next = format!("d{}", keys.len());
            keys.entry(path.to_owned()).or_insert(next);
        }
        let mut names = self.short_names();
        for (path, key) in keys.iter().filter(|(path, _)| !path.is_empty()) {
            let (parent, name) = split(path);
            let both = names
                .get_mut(parent)
                .expect("it has something in it")
                .both(name);
            database.add("Directory", row![key.as_str(), keys[parent].as_str(), both]);
        }
        keys
    }

    /// The names in each directory. Directories are numbered before files, since they are asked for first.
    fn short_names(&self) -> BTreeMap<&str, ShortNames> {
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::from([("", Vec::new())]);
        for path in self.files.iter().map(|placed| placed.file.path.as_str()) {
            for path in parents(path).chain([path]) {
                let (parent, name) = split(path);
                names.entry(parent).or_default().push(name);
            }
        }
        let each = names.into_iter();
        each.map(|(path, names)| (path, ShortNames::new(names.into_iter())))
            .collect()
    }

    fn add_files(&self, database: &mut Database, directories: &BTreeMap<String, String>) {
        let feature = row![
            FEATURE,
            "",
            self.package.name.as_str(),
            "",
            2,
            1,
            DIRECTORY,
            0,
        ];
        database.add("Feature", feature);
        let mut names = self.short_names();
        for path in directories.keys().filter(|path| !path.is_empty()) {
            // The same as above, so that no file gets the name of a directory.
            let (parent, name) = split(path);
            names
                .get_mut(parent)
                .expect("it has something in it")
                .both(name);
        }
        for (index, Placed { file, key }) in self.files.iter().enumerate() {
            let (parent, name) = split(&file.path);
            let both = names.get_mut(parent).expect("it has this file").both(name);
            let component = component(index);
            let id = Guid::of(
                self.upgrade_code(),
                &format!("component {:?} {}", self.msi.scope, file.path),
            );
            let attributes = match file.kind {
                Kind::Config => COMPONENT_64_BIT | NEVER_OVERWRITE,
                _ => COMPONENT_64_BIT,
            };
            let directory = directories[parent].as_str();
            let row = row![
                component.as_str(),
                id.to_string(),
                directory,
                attributes,
                "",
                key.as_str()
            ];
            database.add("Component", row);
            database.add("FeatureComponents", row![FEATURE, component.as_str()]);
            let (size, number) = (file.size() as i32, index as i32 + 1);
            let row = row![key.as_str(), component, both, size, "", "", VITAL, number];
            database.add("File", row);
            let part = |part: usize| {
                let bytes = self.sums[index].chunks_exact(4).nth(part);
                bytes.map_or(0, |b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            };
            let row = row![key.as_str(), 0, part(0), part(1), part(2), part(3)];
            database.add("MsiFileHash", row);
        }
        let cabinet = format!("#{CABINET}");
        database.add(
            "Media",
            row![1, self.files.len() as i32, "", cabinet, "", ""],
        );
    }

    /// The directory of the programs becomes a part of `PATH`, as a part of the first of them.
    fn add_path(&self, database: &mut Database) {
        let program = self
            .files
            .iter()
            .position(|placed| placed.file.kind == Kind::Binary);
        let (true, Some(program)) = (self.msi.path, program) else {
            return;
        };
        // Made and removed with the component; `*` is the machine's environment.
        let name = match self.msi.scope {
            Scope::PerMachine => "=-*PATH",
            Scope::PerUser => "=-PATH",
        };
        let value = format!("[~];[{DIRECTORY}]");
        database.add("Environment", row!["Path", name, value, component(program)]);
    }

    fn add_shortcuts(&self, database: &mut Database, has_icon: bool) -> Result<(), FormatError> {
        let shortcuts = shortcuts(self.tree, self.files)?;
        if shortcuts.is_empty() {
            return Ok(());
        }
        database.add("Directory", row!["ProgramMenuFolder", "TARGETDIR", "."]);
        let mut names = ShortNames::default();
        for (index, shortcut) in shortcuts.into_iter().enumerate() {
            let Shortcut {
                name,
                comment,
                program,
                arguments,
            } = shortcut;
            let target = format!("[#{}]", self.files[program].key);
            let (icon, icon_index) = match has_icon {
                true => (Value::from(ICON), Value::Number(0)),
                false => (Value::Null, Value::Null),
            };
            let row = vec![
                format!("s{index}").into(),
                "ProgramMenuFolder".into(),
                names.both(&name).into(),
                component(program).into(),
                target.into(),
                literal(&arguments).into(),
                comment.into(),
                Value::Null,
                icon,
                icon_index,
                Value::Null,
                DIRECTORY.into(),
            ];
            database.add("Shortcut", row);
        }
        Ok(())
    }

    fn add_properties(&self, database: &mut Database, has_icon: bool, entries: &[Entry]) {
        let package = self.package;
        let help = package.repository.as_ref().or(package.homepage.as_ref());
        let text = |text: Option<&crate::model::line::Line>| text.map(|text| text.to_string());
        let some = |text: &str| Some(text.to_owned());
        let properties = [
            ("ProductCode", Some(self.product_code().to_string())),
            ("ProductLanguage", some("1033")),
            ("ProductName", some(&package.name)),
            ("ProductVersion", Some(self.version.to_string())),
            ("Manufacturer", some(self.publisher())),
            ("UpgradeCode", Some(self.upgrade_code().to_string())),
            (
                "ALLUSERS",
                (self.msi.scope == Scope::PerMachine).then(|| "1".to_owned()),
            ),
            ("ARPCOMMENTS", some(&package.summary)),
            ("ARPCONTACT", some(package.maintainer.address())),
            ("ARPHELPLINK", text(help)),
            ("ARPURLINFOABOUT", text(package.homepage.as_ref())),
            ("ARPNOMODIFY", some("1")),
            ("ARPPRODUCTICON", has_icon.then(|| ICON.to_owned())),
            // What is in the program's directory is always replaced, whatever its version says.
            ("REINSTALLMODE", some("amus")),
            ("SecureCustomProperties", Some(format!("{NEWER};{OLDER}"))),
            (SUM, Some(sum(entries).to_string())),
        ];
        for (name, value) in properties {
            if let Some(value) = value {
                database.add("Property", row![name, value]);
            }
        }
    }

    /// Other versions are replaced, newer ones are not.
    fn add_upgrades(&self, database: &mut Database) {
        let code = self.upgrade_code().to_string();
        let version = self.version.to_string();
        let older = MIGRATE | WITH_HIGHEST;
        let row = row![code.as_str(), "", version.as_str(), "", older, "", OLDER];
        database.add("Upgrade", row);
        let row = row![
            code.as_str(),
            version.as_str(),
            "",
            "",
            ONLY_DETECT,
            "",
            NEWER
        ];
        database.add("Upgrade", row);
        let message = "A newer version of [ProductName] is installed already. Remove it first to go back to this one.";
        database.add("LaunchCondition", row![format!("NOT {NEWER}"), message]);
    }
}

/// The sum of the list of files: lines as those of `sha256sum`, with the size between.
pub(super) fn sum(entries: &[Entry]) -> Sha256Sum {
    let mut lines = String::new();
    for entry in entries {
        if let EntryContent::File { size, sha256 } = &entry.content {
            lines += &format!("{sha256} {size} {}\n", entry.path);
        }
    }
    Sha256Sum::of(lines.as_bytes())
}

/// Text in which the installer finds no property: brackets would name one.
fn literal(text: &str) -> String {
    let characters = text.chars().map(|c| match c {
        '[' | ']' => format!("[\\{c}]"),
        c => c.to_string(),
    });
    characters.collect()
}

/// The component of a file.
fn component(index: usize) -> String {
    format!("c{index}")
}

/// The directory, which is empty for the program's own, and the name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

#[cfg(test)]
mod tests {
    #[test]
    fn brackets_name_no_property() {
        assert_eq!(super::literal("a [x]"), "a [\\[]x[\\]]");
    }
}
