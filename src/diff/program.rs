//! Two programs: by the sections and symbols of ELF, PE and Mach-O files.

use std::collections::{BTreeMap, BTreeSet};

use object::read::{File, Object, ObjectSection, ObjectSymbol};

use super::content::shown_bytes;
use super::{Difference, MISSING};
use crate::program::kind::Magic;
use crate::program::macho;

/// Where two programs differ; `None` if they cannot be taken apart, or differ outside of their sections only.
pub(super) fn differences(place: &str, left: &[u8], right: &[u8]) -> Option<Vec<Difference>> {
    let magic = Magic::of(left)?;
    if Magic::of(right)? != magic {
        return None;
    }
    let mut found = Vec::new();
    if magic != Magic::MachO {
        found.extend(sections(
            place,
            &File::parse(left).ok()?,
            &File::parse(right).ok()?,
        ));
    } else {
        let (ours, theirs) = (slices(left)?, slices(right)?);
        let machines = ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>();
        for machine in machines {
            let place = match ours.len().max(theirs.len()) {
                1 => place.to_owned(),
                _ => format!("{place} for {machine}"),
            };
            match (ours.get(machine), theirs.get(machine)) {
                (Some(a), Some(b)) => found.extend(sections(&place, a, b)),
                (a, b) => {
                    let words =
                        |file: Option<&File<'_>>| file.map_or(MISSING, |_| "a program").to_owned();
                    found.push(Difference {
                        place,
                        left: words(a),
                        right: words(b),
                    });
                }
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The programs of a Mach-O file by their machines.
fn slices(bytes: &[u8]) -> Option<BTreeMap<String, File<'_>>> {
    let mut files = BTreeMap::new();
    for slice in macho::slices(bytes).ok()? {
        let file = File::parse(&bytes[slice]).ok()?;
        files.insert(format!("{:?}", file.architecture()), file);
    }
    Some(files)
}

/// A section: the address it is loaded to, and its content.
type Section<'a> = (u64, &'a [u8]);

fn sections(place: &str, left: &File<'_>, right: &File<'_>) -> Vec<Difference> {
    let (ours, theirs) = (by_name(left), by_name(right));
    let mut found = Vec::new();
    let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    for name in names {
        let place = format!("{place}: section `{}`", name.0);
        match (ours.get(name), theirs.get(name)) {
            (Some(a), Some(b)) if a.1 == b.1 => {}
            (Some(a), Some(b)) => found.push(contents(&place, (left, *a), (right, *b))),
            (a, b) => {
                let words = |section: Option<&Section<'_>>| match section {
                    Some((_, content)) => format!("{} bytes", content.len()),
                    None => MISSING.to_owned(),
                };
                found.push(Difference {
                    place,
                    left: words(a),
                    right: words(b),
                });
            }
        }
    }
    found
}

/// By their names, and how many before had the same.
fn by_name<'a>(file: &File<'a>) -> BTreeMap<(String, usize), Section<'a>> {
    let mut sections = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for section in file.sections() {
        let name = String::from_utf8_lossy(section.name_bytes().unwrap_or_default()).into_owned();
        let count = seen.entry(name.clone()).or_default();
        let content = section.data().unwrap_or_default();
        sections.insert((name, *count), (section.address(), content));
        *count += 1;
    }
    sections
}

/// Where two sections differ first.
fn contents(
    place: &str,
    left: (&File<'_>, Section<'_>),
    right: (&File<'_>, Section<'_>),
) -> Difference {
    let (a, b) = (left.1.1, right.1.1);
    let differs = |(one, other): (&u8, &u8)| one != other;
    let first = a
        .iter()
        .zip(b)
        .position(differs)
        .unwrap_or(a.len().min(b.len()));
    let how = if a.len() == b.len() {
        let count = a.iter().zip(b).filter(|pair| differs(*pair)).count();
        format!("{count} of {} bytes, ", a.len())
    } else {
        String::new()
    };
    let shown = |(file, (address, content)): (&File<'_>, Section<'_>)| {
        let size = if a.len() == b.len() {
            String::new()
        } else {
            format!("{} bytes, there ", content.len())
        };
        let symbol = symbol_at(file, address + first as u64);
        let symbol = symbol.map_or(String::new(), |name| format!(" in `{name}`"));
        format!(
            "{size}{}{symbol}",
            shown_bytes(&content[first.min(content.len())..])
        )
    };
    Difference {
        place: format!("{place}: {how}from offset {first:#x}"),
        left: shown(left),
        right: shown(right),
    }
}

/// The name of the function or datum at an address, if the program has its symbols.
fn symbol_at(file: &File<'_>, address: u64) -> Option<String> {
    let symbols = file.symbols().chain(file.dynamic_symbols());
    let before = symbols.filter(|symbol| symbol.is_definition() && symbol.address() <= address);
    let nearest = before.max_by_key(|symbol| symbol.address())?;
    let inside = nearest.size() == 0 || address < nearest.address() + nearest.size();
    let name = nearest.name().ok().filter(|name| !name.is_empty())?;
    inside.then(|| name.to_owned())
}
