//! Whether the libraries of macOS have what a program binds of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::super::Problems;
use super::super::executable::macho::Facts;
use crate::frameworks::{IMPLIED, Library, List, Name, Version};
use crate::model::macos_symbol::MacOsSymbols;
use crate::program::macho::{Import, Origin};

/// The lists of `src/frameworks/lists`, by install name. The build script has put them into one file.
static LISTS: LazyLock<BTreeMap<String, List>> = LazyLock::new(|| {
    let all = include_str!(concat!(env!("OUT_DIR"), "/frameworks.txt"));
    let lists = all
        .split_terminator('\u{c}')
        .filter_map(|text| List::parse(text).ok());
    lists
        .map(|list| (list.install_name.clone(), list))
        .collect()
});

/// Judges everything that a part binds. Libraries without a list are not judged.
pub(super) fn judge(name: &str, part: &Facts, more: &MacOsSymbols, problems: &mut Problems) {
    for import in &part.imports {
        if let Some((found, expected)) = problem(import, part, more) {
            problems.add(format!("{name}{found}"), expected);
        }
    }
}

fn problem(import: &Import, part: &Facts, more: &MacOsSymbols) -> Option<(String, String)> {
    let symbol = &import.symbol;
    let number = match import.origin {
        Origin::Program => return None,
        Origin::Everywhere => {
            let found = format!("`{symbol}` is looked for in everything that is loaded");
            return Some((found, "a library for each symbol".to_owned()));
        }
        Origin::Library(number) => number,
    };
    let Some(path) = number
        .checked_sub(1)
        .and_then(|place| part.libraries.get(place))
    else {
        let found = format!("`{symbol}` is bound to library number {number}");
        return Some((
            found,
            format!("one of the {} that are loaded", part.libraries.len()),
        ));
    };
    let list = LISTS.get(path)?;
    let name = Name::of_symbol(symbol)?;
    match since(list, &name) {
        Some(Some(since)) if !import.weak && is_older(part.minimum, since) => Some((
            format!("`{symbol}` of {path} is not there before macOS {since}"),
            "what the minimum macOS version of the program has, or a weak import".to_owned(),
        )),
        None if !is_named(more, path, &name) => Some((
            format!("`{symbol}` of {path}, which no list has"),
            "a symbol of Sealift's lists or of `[build.macos] symbols`".to_owned(),
        )),
        _ => None,
    }
}

/// The version that has a name first, of a library or of those that it brings along.
fn since(list: &List, name: &Name) -> Option<Option<Version>> {
    let implied = IMPLIED
        .iter()
        .find(|(framework, _)| Library::framework(framework).install_name() == list.install_name);
    let others = implied.map_or(&[][..], |(_, others)| others).iter();
    let others = others.filter_map(|other| LISTS.get(&Library::named(other)?.install_name()));
    let mut all = std::iter::once(list).chain(others);
    all.find_map(|list| list.names.get(name).copied())
}

fn is_older(minimum: Option<[u16; 3]>, since: Version) -> bool {
    let version = |[major, minor, _]: [u16; 3]| Version { major, minor };
    minimum.is_some_and(|minimum| version(minimum) < since)
}

fn is_named(more: &MacOsSymbols, path: &str, name: &Name) -> bool {
    let of_library = more
        .iter()
        .filter(|(framework, _)| framework.install_name() == path);
    of_library
        .flat_map(|(_, symbols)| symbols)
        .any(|symbol| symbol.name() == *name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::gate::executable::signature::Signature;

    const SECURITY: &str = "/System/Library/Frameworks/Security.framework/Versions/A/Security";
    const HYPERVISOR: &str =
        "/System/Library/Frameworks/Hypervisor.framework/Versions/A/Hypervisor";
    const FOUNDATION: &str =
        "/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation";

    fn findings(symbol: &str, origin: Origin, weak: bool, more: &MacOsSymbols) -> Vec<String> {
        let import = Import {
            symbol: symbol.to_owned(),
            origin,
            weak,
        };
        let part = Facts {
            cpu: 0,
            is_executable: true,
            libraries: [
                SECURITY,
                HYPERVISOR,
                FOUNDATION,
                "/usr/lib/libSystem.B.dylib",
            ]
            .map(str::to_owned)
            .into(),
            run_paths: Vec::new(),
            minimum: Some([11, 0, 0]),
            position_independent: true,
            executable_stack: false,
            has_uuid: true,
            imports: BTreeSet::from([import]),
            signature: Signature::Valid,
        };
        let problem = problem(part.imports.first().expect("one"), &part, more);
        problem
            .map(|(found, expected)| format!("{found}; expected {expected}"))
            .into_iter()
            .collect()
    }

    fn library(symbol: &str, number: usize) -> Vec<String> {
        findings(symbol, Origin::Library(number), false, &MacOsSymbols::new())
    }

    #[test]
    fn every_list_can_be_read() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/frameworks/lists");
        let files = fs::read_dir(directory)
            .expect("the lists lie in the source")
            .count();
        assert_eq!(LISTS.len(), files);
        for list in LISTS.values() {
            assert!(!list.names.is_empty(), "{}", list.install_name);
        }
    }

    #[test]
    fn a_name_has_one_library() {
        let mut owners = BTreeMap::new();
        for list in LISTS.values() {
            for name in list.names.keys() {
                let other = owners.insert(name, &list.install_name);
                assert_eq!(other, None, "{name} is of {} as well", list.install_name);
            }
        }
    }

    #[test]
    fn what_the_lists_have_passes() {
        assert_eq!(library("_SecRandomCopyBytes", 1), [""; 0]);
        assert_eq!(library("_OBJC_METACLASS_$_NSBundle", 3), [""; 0]);
        // Foundation brings CoreFoundation along, in which this class really is.
        assert_eq!(library("_OBJC_CLASS_$_NSArray", 3), [""; 0]);
        // No list.
        assert_eq!(library("_whatever", 4), [""; 0]);
        assert_eq!(
            findings("_main", Origin::Program, false, &MacOsSymbols::new()),
            [""; 0]
        );
    }

    #[test]
    fn what_no_list_has_is_found_unless_the_manifest_names_it() {
        let expected = format!(
            "`_SecMisspelt` of {SECURITY}, which no list has; expected a symbol of Sealift's lists or of \
             `[build.macos] symbols`"
        );
        assert_eq!(library("_SecMisspelt", 1), [expected]);
        let more = toml::from_str("Security = ['SecMisspelt']").expect("symbols");
        let origin = Origin::Library(1);
        assert_eq!(findings("_SecMisspelt", origin, false, &more), [""; 0]);
    }

    #[test]
    fn what_newer_versions_have_must_be_weak() {
        let found = "`_hv_gic_create` of /System/Library/Frameworks/Hypervisor.framework/Versions/A/Hypervisor is not \
                     there before macOS 15.0; expected what the minimum macOS version of the program has, or a weak import";
        assert_eq!(library("_hv_gic_create", 2), [found]);
        let weak = findings(
            "_hv_gic_create",
            Origin::Library(2),
            true,
            &MacOsSymbols::new(),
        );
        assert_eq!(weak, [""; 0]);
    }

    #[test]
    fn what_has_no_library_is_found() {
        let none = MacOsSymbols::new();
        assert_eq!(
            findings("_x", Origin::Everywhere, false, &none),
            ["`_x` is looked for in everything that is loaded; expected a library for each symbol"]
        );
        assert_eq!(
            library("_x", 5),
            ["`_x` is bound to library number 5; expected one of the 4 that are loaded"]
        );
    }
}
