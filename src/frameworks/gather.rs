//! Makes the lists from the sources of crates.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::attributes::Link;
use super::declarations::{Declaration, Declarations, Name, declarations};
use super::libraries::Library;
use super::list::List;
use super::version::Version;

/// Versions up to this one need no mention: no program is made for older ones.
const OLDEST: Version = Version {
    major: 11,
    minor: 0,
};

/// Frameworks of other systems, which crates for several of them declare, too.
const OF_OTHER_SYSTEMS: [&str; 1] = ["UIKit"];

/// A crate that lists are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name and version, as lists name it.
    pub name: String,
    /// Its sources.
    pub directory: PathBuf,
    /// What its declarations belong to unless they say so themselves.
    pub library: Option<Library>,
    /// How the names begin that are meant; empty means all. Some crates declare the C library, too.
    pub prefixes: Vec<String>,
}

/// Where names are sorted to.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// Symbols that every program has without any of the lists, as the linker sees them: libSystem's.
    pub system: BTreeSet<String>,
    /// Names whose owner is not the library that crates declare them for.
    pub corrections: BTreeMap<Name, Library>,
}

/// What the sources of a crate declare for macOS, file by file in the order of their paths.
///
/// # Errors
///
/// An I/O error if a directory or file cannot be read.
pub fn declarations_below(directory: &Path) -> io::Result<Declarations> {
    let mut all = Declarations::default();
    let mut files = Vec::new();
    sources_below(directory, LINKED_LEVELS, &mut files)?;
    for file in files {
        // Other encodings than UTF-8 are not Rust.
        let found = declarations(&String::from_utf8_lossy(&fs::read(file)?));
        all.all.extend(found.all);
        all.frameworks.extend(found.frameworks);
    }
    Ok(all)
}

/// Directories of crates consist of links to them, further down links can lead in a circle.
const LINKED_LEVELS: usize = 2;

fn sources_below(
    directory: &Path,
    linked_levels: usize,
    files: &mut Vec<PathBuf>,
) -> io::Result<()> {
    let named = |error| io::Error::other(format!("{}: {error}", directory.display()));
    let entries = fs::read_dir(directory).map_err(named)?;
    let mut entries: Vec<_> = entries.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_directory = entry.file_type()?.is_dir() || (linked_levels > 0 && path.is_dir());
        if is_directory {
            sources_below(&path, linked_levels.saturating_sub(1), files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// The library of a declaration in a crate whose own one is known.
fn library_of(declaration: &Declaration, own: Option<&Library>) -> Option<Library> {
    match &declaration.link {
        Link::Unsaid => own.cloned(),
        Link::Framework(name) => Some(Library::framework(name)),
        Link::Library(name) => Library::of_system(name),
        Link::Archive => None,
    }
}

/// Makes the lists. Of sources that declare the same name for several libraries, the first one counts.
///
/// # Errors
///
/// An I/O error if a source cannot be read.
pub fn gather(sources: &[Source], owners: &Owners) -> io::Result<BTreeMap<Library, List>> {
    let mut gathered = Gathered {
        owners,
        owner_of: owners.corrections.clone(),
        lists: BTreeMap::new(),
    };
    for source in sources {
        for declaration in declarations_below(&source.directory)?.all {
            gathered.add(source, &declaration);
        }
    }
    Ok(gathered.lists)
}

struct Gathered<'a> {
    owners: &'a Owners,
    owner_of: BTreeMap<Name, Library>,
    lists: BTreeMap<Library, List>,
}

impl Gathered<'_> {
    fn add(&mut self, source: &Source, declaration: &Declaration) {
        let Some(library) = library_of(declaration, source.library.as_ref()) else {
            return;
        };
        let name = &declaration.name;
        let is_start = |prefix: &String| name.as_str().starts_with(prefix.as_str());
        let is_meant = source.prefixes.is_empty() || source.prefixes.iter().any(is_start);
        // Names of Swift change with its compiler.
        let is_of_swift = name.as_str().starts_with("$s");
        let is_foreign = OF_OTHER_SYSTEMS.contains(&library.name());
        if !is_meant || is_of_swift || is_foreign || is_of(&self.owners.system, name) {
            return;
        }
        let owner = self.owner_of.entry(name.clone()).or_insert(library);
        let list = self.lists.entry(owner.clone()).or_insert_with(|| List {
            install_name: owner.install_name(),
            ..List::default()
        });
        if !list.sources.contains(&source.name) {
            list.sources.push(source.name.clone());
        }
        let since = declaration.since.filter(|since| *since > OLDEST);
        let known = list.names.entry(name.clone()).or_insert(since);
        *known = (*known).or(since);
    }
}

/// What the crates of a project declare beyond the lists: only for libraries that their blocks name, as a crate can declare
/// what it brings along itself.
///
/// # Errors
///
/// An I/O error if a source cannot be read.
pub fn beyond(
    lists: &BTreeMap<Library, List>,
    system: &BTreeSet<String>,
    crates: &Path,
) -> io::Result<BTreeSet<(Library, Name)>> {
    let known: BTreeSet<&Name> = lists.values().flat_map(|list| list.names.keys()).collect();
    let mut more = BTreeSet::new();
    for declaration in declarations_below(crates)?.all {
        let name = &declaration.name;
        if let Some(library) = library_of(&declaration, None)
            && !is_of(system, name)
            && !known.contains(name)
        {
            more.insert((library, name.clone()));
        }
    }
    Ok(more)
}

fn is_of(system: &BTreeSet<String>, name: &Name) -> bool {
    name.symbols().iter().any(|symbol| system.contains(symbol))
}
