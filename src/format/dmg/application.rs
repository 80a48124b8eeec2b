//! Applications: a folder `NAME.app` with the program, its files, a description and a seal.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use super::info::Info;
use super::seal::code_resources;
use super::{Dmg, Identifier, invalid, made};
use crate::format::FormatError;
use crate::format::archive::layout::without_usr;
use crate::format::desktop_entry::value;
use crate::format::program::program;
use crate::format::relocate::{Layout, relocate};
use crate::format::shell::file_name;
use crate::model::package::Package;
use crate::model::tree::{Content, Kind, Tree, TreeFile};
use crate::program::macho::{self, MachError, Seal, is_macho, map_slices, sign, sign_bundle};

const CODE_RESOURCES: &str = "_CodeSignature/CodeResources";
/// The largest program that is signed.
const MAX_PROGRAM: u64 = 1 << 30;

/// The program that a desktop entry describes.
pub(super) struct Application<'a> {
    entry: String,
    name: String,
    identifier: Identifier,
    program: &'a TreeFile,
}

impl<'a> Application<'a> {
    /// The application of a tree, if it has a desktop entry of a program that opens windows.
    pub(super) fn find(
        dmg: &Dmg,
        package: &Package,
        tree: &'a Tree,
    ) -> Result<Option<Self>, FormatError> {
        let own = format!("{}.desktop", package.name);
        let mut entries = Vec::new();
        for file in tree.files() {
            if file.kind != Kind::Desktop || matches!(file.content, Content::Symlink(_)) {
                continue;
            }
            let text = String::from_utf8(file.bytes()?).map_err(|_| {
                let path = &file.path;
                FormatError::Invalid(format!("the desktop entry `/{path}` is not UTF-8"))
            })?;
            let opens_windows = value(&text, "Type") == Some("Application")
                && value(&text, "Terminal") != Some("true");
            if opens_windows {
                entries.push((file, text));
            }
        }
        entries.sort_by_key(|(file, _)| file_name(&file.path) != own);
        let Some((file, entry)) = entries.into_iter().next() else {
            return Ok(None);
        };
        let stem = file_name(&file.path).trim_end_matches(".desktop");
        let identifier = dmg.identifier.clone();
        let name = value(&entry, "Name").filter(|name| !name.is_empty());
        let name = name.unwrap_or(&package.name);
        if name.contains(['/', ':']) || name.starts_with('.') || name.contains(char::is_control) {
            let path = &file.path;
            return Err(FormatError::Invalid(format!(
                "the desktop entry `/{path}` has the name `{}`, which no application of macOS can have",
                name.escape_debug()
            )));
        }
        Ok(Some(Self {
            name: name.to_owned(),
            identifier: identifier.unwrap_or_else(|| Identifier::of(stem, &package.name)),
            program: started(&entry, package, tree)?,
            entry,
        }))
    }

    /// The name of the icon that the desktop entry asks for.
    pub(super) fn icon_name(&self) -> Option<&str> {
        value(&self.entry, "Icon")
    }

    /// The files of the application, sealed.
    pub(super) fn files(
        &self,
        package: &Package,
        tree: &Tree,
        icon: Option<&Arc<[u8]>>,
    ) -> Result<Vec<TreeFile>, FormatError> {
        let contents = format!("{}.app/Contents/", self.name);
        let layout = Contents {
            prefix: contents.clone(),
            programs: programs(tree)?,
        };
        let mut files = relocate(tree, &layout)?;
        let icon_file = format!("{}.icns", package.name);
        if let Some(icon) = icon {
            files.push(made(
                &format!("{contents}Resources/{icon_file}"),
                icon.clone(),
            ));
        }
        let info = Info {
            package,
            name: &self.name,
            identifier: &self.identifier,
            program: file_name(&self.program.path),
            icon: icon.map(|_| icon_file.as_str()),
            entry: &self.entry,
        };
        let info = info.to_xml();
        files.push(made(&format!("{contents}Info.plist"), bytes(&info)));
        let main = format!("{contents}MacOS/{}", file_name(&self.program.path));
        let mut main_program = None;
        // 1. Programs inside have signatures of their own, which the seal names.
        for file in &mut files {
            let is_inside = file.path.starts_with(&format!("{contents}MacOS/"));
            if !is_inside || matches!(file.content, Content::Symlink(_)) {
                continue;
            }
            if file.path == main {
                main_program = Some(file.clone());
                continue;
            }
            if !is_signed(file)? {
                let name = file_name(&file.path).to_owned();
                change(file, |program| sign(program, &name))?;
            }
        }
        // 2. The seal has the hashes of everything but the main program.
        let others = files.iter().filter(|file| file.path != main);
        let below = others.map(|file| (&file.path[contents.len()..], file));
        let resources = code_resources(below)?;
        // 3. The signature of the main program covers the description and the seal.
        let seal = Seal {
            info: info.as_bytes(),
            resources: resources.as_bytes(),
        };
        if let Some(mut program) = main_program {
            change(&mut program, |program| {
                sign_bundle(program, self.identifier.as_str(), seal)
            })?;
            files.retain(|file| file.path != main);
            files.push(program);
        }
        files.push(made(
            &format!("{contents}{CODE_RESOURCES}"),
            bytes(&resources),
        ));
        // Two files in one place are refused here, where their paths are still known.
        let tree = Tree::new(files).map_err(invalid)?;
        Ok(tree.files().to_vec())
    }
}

/// The program that an entry starts; it has to be one of macOS.
fn started<'a>(
    entry: &str,
    package: &Package,
    tree: &'a Tree,
) -> Result<&'a TreeFile, FormatError> {
    let word = value(entry, "Exec").and_then(|exec| exec.split_whitespace().next());
    let name = word.map(|word| file_name(word.trim_matches('"')));
    let is_named = |file: &&TreeFile| {
        file.kind == Kind::Binary
            && !matches!(file.content, Content::Symlink(_))
            && Some(file_name(&file.path)) == name
    };
    let found = match tree.files().iter().find(is_named) {
        Some(file) => file,
        None => program(package, tree).map_err(|count| {
            FormatError::Invalid(format!(
                "an application needs a program to start, but the tree has {count} and none is called `{}`",
                name.unwrap_or(&package.name)
            ))
        })?,
    };
    if starts_as_program(found)? {
        return Ok(found);
    }
    let path = &found.path;
    Err(FormatError::Invalid(format!(
        "the application's program `/{path}` is no Mach-O program, so that its folder cannot be signed"
    )))
}

fn starts_as_program(file: &TreeFile) -> Result<bool, FormatError> {
    let mut start = Vec::new();
    file.open()?.take(8).read_to_end(&mut start)?;
    Ok(is_macho(&start))
}

/// The paths of the programs, but not of scripts.
fn programs(tree: &Tree) -> Result<BTreeSet<String>, FormatError> {
    let mut programs = BTreeSet::new();
    for file in tree.files().iter().filter(|f| f.kind == Kind::Binary) {
        if starts_as_program(file)? {
            programs.insert(file.path.clone());
        }
    }
    Ok(programs)
}

/// Whether the program of each machine has a signature, which stays as it is.
fn is_signed(file: &TreeFile) -> Result<bool, FormatError> {
    let program = file.bytes()?;
    let counts = macho::slices(&program).and_then(|slices| {
        let hashes = macho::code_hashes(&program)?;
        Ok(hashes.len() == slices.len())
    });
    counts.map_err(|error| FormatError::Invalid(format!("cannot sign `/{}`: {error}", file.path)))
}

/// Puts a changed program in the place of a file.
fn change(
    file: &mut TreeFile,
    mut signed: impl FnMut(Vec<u8>) -> Result<Vec<u8>, MachError>,
) -> Result<(), FormatError> {
    let refuse =
        |what: String| FormatError::Invalid(format!("cannot sign `/{}`: {what}", file.path));
    if file.size() > MAX_PROGRAM {
        let what = format!("{} bytes; expected at most {MAX_PROGRAM}", file.size());
        return Err(refuse(what));
    }
    let program = file.bytes()?;
    let changed =
        map_slices(&program, &mut signed).map_err(|error: MachError| refuse(error.to_string()))?;
    debug_assert!(macho::code_hashes(&changed).is_ok_and(|hashes| !hashes.is_empty()));
    file.content = Content::Bytes(changed.into());
    Ok(())
}

fn bytes(text: &str) -> Arc<[u8]> {
    Arc::from(text.as_bytes())
}

/// Where files are below `Contents`: programs that can be signed, and everything else among the resources. What only a
/// Linux desktop reads is left out.
struct Contents {
    prefix: String,
    programs: BTreeSet<String>,
}

impl Layout for Contents {
    fn place(&self, file: &TreeFile) -> Option<String> {
        let prefix = &self.prefix;
        let name = file_name(&file.path);
        let is_link = matches!(file.content, Content::Symlink(_));
        match file.kind {
            Kind::Binary if is_link || self.programs.contains(&file.path) => {
                Some(format!("{prefix}MacOS/{name}"))
            }
            Kind::Desktop | Kind::Icon | Kind::Metainfo | Kind::SystemdUnit => None,
            _ => Some(self.place_other(&file.path)),
        }
    }

    fn place_other(&self, path: &str) -> String {
        format!("{}Resources/{}", self.prefix, without_usr(path))
    }
}
