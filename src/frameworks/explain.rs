//! What a linker misses of macOS, explained.

use std::collections::BTreeMap;
use std::fmt;

use super::declarations::Name;
use super::libraries::Library;
use super::list::List;

/// What a linker missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A framework without a list.
    Framework(String),
    /// A symbol that a list has, of a library that is not linked.
    NotLinked(Name, Library),
    /// A symbol that no list has, and the linked framework whose names are most like it.
    Unlisted(Name, Option<Library>),
}

/// Finds what the messages of a linker say that it missed; `linked` is what it was given.
pub fn missing(
    messages: &str,
    linked: &[Library],
    lists: &BTreeMap<Library, List>,
) -> Vec<Missing> {
    let mut found = Vec::new();
    for line in messages.lines() {
        let missing = framework_of(line).map(Missing::Framework).or_else(|| {
            let name = Name::of_symbol(symbol_of(line)?)?;
            Some(judge(name, linked, lists))
        });
        found.extend(missing.filter(|missing| !found.contains(missing)));
    }
    found
}

fn framework_of(line: &str) -> Option<String> {
    let (_, after) = line.split_once("framework ")?;
    line.contains("unable to find").then(|| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        after
            .trim_matches(|c| !is_name(c))
            .split(|c| !is_name(c))
            .next()
            .unwrap_or_default()
            .to_owned()
    })
}

fn symbol_of(line: &str) -> Option<&str> {
    let (_, symbol) = line.split_once("undefined symbol: ")?;
    symbol.split_whitespace().next()
}

fn judge(name: Name, linked: &[Library], lists: &BTreeMap<Library, List>) -> Missing {
    let owner = lists
        .iter()
        .find(|(_, list)| list.names.contains_key(&name));
    if let Some((library, _)) = owner {
        return Missing::NotLinked(name, library.clone());
    }
    let candidates = linked.iter().filter_map(|library| {
        let names = &lists.get(library)?.names;
        let likeness = names.keys().map(|other| shared_start(other, &name)).max()?;
        Some((likeness, library))
    });
    let best = candidates
        .filter(|(likeness, _)| *likeness > 1)
        .max_by_key(|(likeness, _)| *likeness);
    Missing::Unlisted(name, best.map(|(_, library)| library.clone()))
}

fn shared_start(a: &Name, b: &Name) -> usize {
    let (a, b) = (a.as_str().bytes(), b.as_str().bytes());
    a.zip(b).take_while(|(a, b)| a == b).count()
}

impl Missing {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Framework(name) => format!(
                "if macOS has it, name what the program uses of it in the manifest: `[build.macos] symbols = {{ {name} = [\"…\"] }}`"
            ),
            Self::NotLinked(_, library) => format!(
                "the crate that uses it must link {}",
                match library.behind_l() {
                    Some(name) => format!("the library `{name}`"),
                    None => format!("the framework {}", library.name()),
                }
            ),
            Self::Unlisted(name, Some(library)) => format!(
                "if macOS has it, name it in the manifest: `[build.macos] symbols = {{ {} = [\"{name}\"] }}`",
                library.name()
            ),
            // Like nothing of macOS: most likely the symbol of a C library that a crate lacks.
            Self::Unlisted(name, None) => format!(
                "a library that defines it is not linked; if macOS has it, name it in the manifest: `[build.macos] symbols = {{ FRAMEWORK = [\"{name}\"] }}`"
            ),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Framework(name) => write!(f, "no list of what the framework {name} exports"),
            Self::NotLinked(name, library) => {
                write!(f, "`{name}` is in {}, which is not linked", library.name())
            }
            Self::Unlisted(name, Some(library)) => {
                write!(
                    f,
                    "`{name}` is in no list; most like it are names of {}",
                    library.name()
                )
            }
            Self::Unlisted(name, None) => write!(f, "`{name}` is in no list"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(messages: &str, linked: &[&str]) -> Vec<String> {
        let list = |text: &str| List::parse(text).expect("the list is well-formed");
        let library = |name: &str| Library::named(name).expect("it is known");
        let lists = BTreeMap::from([
            (library("Security"), list("/Security\nSecItemAdd\n")),
            (
                library("CoreFoundation"),
                list("/CoreFoundation\nCFRelease\n"),
            ),
            (library("libz"), list("/libz\ninflate\n")),
        ]);
        let linked: Vec<_> = linked.iter().map(|name| library(name)).collect();
        missing(messages, &linked, &lists)
            .iter()
            .map(|missing| format!("{missing}: {}", missing.hint()))
            .collect()
    }

    #[test]
    fn a_symbol_like_those_of_a_linked_framework_is_asked_for_in_the_manifest() {
        let message = "error: undefined symbol: _SecMisspelt\n    note: referenced by main.o";
        assert_eq!(
            hints(message, &["Security", "CoreFoundation"]),
            [
                "`SecMisspelt` is in no list; most like it are names of Security: if macOS has it, name it in the manifest: \
                 `[build.macos] symbols = { Security = [\"SecMisspelt\"] }`"
            ]
        );
    }

    #[test]
    fn a_symbol_like_nothing_of_macos_is_one_of_a_library_that_is_not_linked() {
        assert_eq!(
            hints("error: undefined symbol: _ZSTD_compress", &["Security"]),
            [
                "`ZSTD_compress` is in no list: a library that defines it is not linked; if macOS has it, name it in the \
                 manifest: `[build.macos] symbols = { FRAMEWORK = [\"ZSTD_compress\"] }`"
            ]
        );
    }

    #[test]
    fn a_symbol_of_a_library_that_is_not_linked_names_the_library() {
        let message = "error: undefined symbol: _CFRelease\nerror: undefined symbol: _inflate";
        assert_eq!(
            hints(message, &["Security"]),
            [
                "`CFRelease` is in CoreFoundation, which is not linked: the crate that uses it must link the framework \
                 CoreFoundation",
                "`inflate` is in libz, which is not linked: the crate that uses it must link the library `z`"
            ]
        );
    }

    #[test]
    fn a_framework_without_a_list_is_said_once() {
        let line = "error: unable to find framework 'Nowhere'. searched paths:";
        assert_eq!(
            hints(&format!("{line}\n{line}"), &[]),
            [
                "no list of what the framework Nowhere exports: if macOS has it, name what the program uses of it in the \
                 manifest: `[build.macos] symbols = { Nowhere = [\"…\"] }`"
            ]
        );
    }
}
