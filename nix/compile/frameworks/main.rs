//! Makes lists of what macOS' libraries export, and stubs from them; explains what a linker misses.
//!
//! rustc alone compiles it, before there is anything else.

#[path = "../../../src/frameworks/mod.rs"]
mod frameworks;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use frameworks::{Library, List, Name, Owners, Source};

const USAGE: &str = "usage: frameworks COMMAND
  gather TABLE OWNERS SYSTEM SOURCES OUT   makes the lists from crates: TABLE has a line `CRATE VERSION LIBRARY [DIRECTORY [PREFIX…]]`
                                           for each, with its source in SOURCES/CRATE-VERSION/DIRECTORY (src); OWNERS has lines `LIBRARY NAME` that come first
  stubs LISTS SYSTEM SYMBOLS CRATES OUT    makes stubs from the lists, the lines `LIBRARY NAME` of SYMBOLS, and what CRATES declare
                                           (`-` for either: none); OUT/more has what the lists lack
  implied                                  prints what frameworks bring along: `FRAMEWORK LIBRARY…`
  explain LISTS MESSAGES LIBRARY...        says what a linker with these messages and libraries missed
SYSTEM is a stub of libSystem.";

type Result<T> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["gather", table, owners, system, sources, out] => {
            gather(table, owners, system, sources, out)
        }
        ["stubs", lists, system, symbols, crates, out] => {
            stubs(lists, system, symbols, crates, out)
        }
        ["implied"] => {
            for (framework, libraries) in frameworks::IMPLIED {
                println!("{framework} {}", libraries.join(" "));
            }
            Ok(())
        }
        ["explain", lists, messages, ref linked @ ..] => explain(lists, messages, linked),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn gather(table: &str, owners: &str, system: &str, sources: &str, out: &str) -> Result<()> {
    let named = names(owners)?;
    let owners = Owners {
        system: symbols_of_system(system)?,
        corrections: named
            .iter()
            .map(|(library, name)| (name.clone(), library.clone()))
            .collect(),
    };
    let mut lists = read(
        frameworks::gather(&sources_of(table, Path::new(sources))?, &owners),
        sources,
    )?;
    add(&mut lists, &named);
    read(fs::create_dir_all(out), out)?;
    for (library, list) in &lists {
        let file = Path::new(out).join(format!("{}.txt", library.name()));
        read(fs::write(&file, list.to_string()), out)?;
    }
    Ok(())
}

fn sources_of(table: &str, directory: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for (place, line) in lines(table)? {
        let words: Vec<&str> = line.split(' ').collect();
        let (&[name, version, library], more) = words.split_first_chunk().ok_or_else(|| {
            format!("{place}: expected `CRATE VERSION LIBRARY [DIRECTORY [PREFIX…]]`")
        })?;
        let (below, prefixes) = more.split_first().unwrap_or((&"src", &[]));
        sources.push(Source {
            name: format!("{name} {version}"),
            directory: directory.join(format!("{name}-{version}")).join(below),
            library: Library::named(library).filter(|_| library != "-"),
            prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
        });
    }
    Ok(sources)
}

fn stubs(lists: &str, system: &str, symbols: &str, crates: &str, out: &str) -> Result<()> {
    let mut lists = read_lists(lists)?;
    let mut more = Vec::new();
    if symbols != "-" {
        more = names(symbols)?;
        add(&mut lists, &more);
    }
    if crates != "-" {
        let system = symbols_of_system(system)?;
        let declared = frameworks::beyond(&lists, &system, Path::new(crates));
        let declared: Vec<_> = read(declared, crates)?.into_iter().collect();
        add(&mut lists, &declared);
        more.extend(declared);
    }
    read(frameworks::write_stubs(&lists, Path::new(out)), out)?;
    let lines = more.iter().map(|(library, name)| format!("{} {name}\n", library.name()));
    read(fs::write(Path::new(out).join("more"), lines.collect::<String>()), out)
}

fn add(lists: &mut BTreeMap<Library, List>, names: &[(Library, Name)]) {
    for (library, name) in names {
        let list = lists.entry(library.clone()).or_insert_with(|| List {
            install_name: library.install_name(),
            ..List::default()
        });
        list.names.entry(name.clone()).or_insert(None);
    }
}

fn explain(lists: &str, messages: &str, linked: &[&str]) -> Result<()> {
    let lists = read_lists(lists)?;
    let linked: Vec<Library> = linked
        .iter()
        .filter_map(|name| Library::named(name))
        .collect();
    let text = read(fs::read(messages), messages)?;
    let missing = frameworks::missing(&String::from_utf8_lossy(&text), &linked, &lists);
    // The rest is like the first ones.
    for missing in missing.iter().take(3) {
        println!("  {missing}");
    }
    if let Some(first) = missing.first() {
        println!("hint: {}", first.hint());
    }
    Ok(())
}

fn read_lists(directory: &str) -> Result<BTreeMap<Library, List>> {
    let mut lists = BTreeMap::new();
    for entry in read(fs::read_dir(directory), directory)? {
        let path: PathBuf = read(entry, directory)?.path();
        let shown = path.display().to_string();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let library = Library::named(&name)
            .ok_or_else(|| format!("{shown}: `{name}` is no library of macOS"))?;
        let text = read(fs::read_to_string(&path), &shown)?;
        let list = List::parse(&text).map_err(|malformed| {
            format!(
                "{shown}:{}: expected {}",
                malformed.line, malformed.expected
            )
        })?;
        lists.insert(library, list);
    }
    Ok(lists)
}

/// Lines `LIBRARY NAME`.
fn names(file: &str) -> Result<Vec<(Library, Name)>> {
    let mut names = Vec::new();
    for (place, line) in lines(file)? {
        let parsed = line.split_once(' ').and_then(|(library, name)| {
            Some((Library::named(library)?, Name::of_written(name)))
        });
        names.push(parsed.ok_or_else(|| format!("{place}: expected `LIBRARY NAME`"))?);
    }
    Ok(names)
}

/// The lines of a file that are no comments, each with its place.
fn lines(file: &str) -> Result<Vec<(String, String)>> {
    let text = read(fs::read_to_string(file), file)?;
    let numbered = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    Ok(numbered
        .map(|(number, line)| (format!("{file}:{}", number + 1), line.to_owned()))
        .collect())
}

/// The symbols of a stub. Everything that begins with an underscore is one.
fn symbols_of_system(stub: &str) -> Result<BTreeSet<String>> {
    let text = read(fs::read_to_string(stub), stub)?;
    let is_of_symbol = |c: char| c.is_ascii_alphanumeric() || "_$.".contains(c);
    let words = text.split(|c| !is_of_symbol(c));
    Ok(words
        .filter(|word| word.starts_with('_'))
        .map(str::to_owned)
        .collect())
}

fn read<T>(result: std::io::Result<T>, path: &str) -> Result<T> {
    result.map_err(|error| format!("{path}: {error}"))
}
