//! What one library of macOS exports, as text.
//!
//! ```text
//! # from core-foundation-sys 0.8.7, objc2-core-foundation 0.3.2
//! /System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation
//! CFArrayCreate
//! CFCopyHomeDirectoryURL 10.15
//! @NSArray
//! ```
//!
//! The first line that is no comment is the install name, by which programs load the library. Each further one is a symbol as C
//! calls it, or `@` and a class, with the macOS version that has it first where it is known. They are sorted.

use std::collections::BTreeMap;
use std::fmt;

use super::declarations::Name;
use super::version::Version;

/// A library and what it exports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The crates that declare it, with their versions.
    pub sources: Vec<String>,
    /// The path by which programs load it.
    pub install_name: String,
    /// What it exports, with the macOS version that has it first.
    pub names: BTreeMap<Name, Option<Version>>,
}

/// A list that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl List {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// [`Malformed`] for a line that is neither a comment, an install name nor a name.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut list = Self::default();
        for (number, line) in text.lines().enumerate() {
            let malformed = |expected| Malformed {
                line: number + 1,
                expected,
            };
            if let Some(comment) = line.strip_prefix('#') {
                if let Some(sources) = comment.strip_prefix(" from ") {
                    list.sources = sources.split(", ").map(str::to_owned).collect();
                }
            } else if list.install_name.is_empty() {
                if !line.starts_with('/') {
                    return Err(malformed("the absolute path of a library"));
                }
                list.install_name = line.to_owned();
            } else {
                let expected = "a symbol, or `@` and a class, and perhaps a version such as 12.3";
                let (name, since) = entry(line).ok_or_else(|| malformed(expected))?;
                list.names.insert(name, since);
            }
        }
        if list.install_name.is_empty() {
            return Err(Malformed {
                line: text.lines().count() + 1,
                expected: "the absolute path of a library",
            });
        }
        Ok(list)
    }

    /// The symbols as the linker sees them. A class has one for itself and one for the class of its class.
    pub fn symbols(&self) -> impl Iterator<Item = (String, Option<Version>)> {
        self.names.iter().flat_map(|(name, since)| {
            let symbols = name.symbols().into_iter();
            symbols.map(|symbol| (symbol, *since))
        })
    }
}

fn entry(line: &str) -> Option<(Name, Option<Version>)> {
    let (name, since) = match line.split_once(' ') {
        Some((name, version)) => (name, Some(version.parse().ok()?)),
        None => (line, None),
    };
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    let name = Name::of_written(name);
    is_name(name.as_str()).then_some((name, since))
}

impl Name {
    /// The name as lists and manifests write it: a symbol as C calls it, or `@` and a class.
    pub fn of_written(text: &str) -> Self {
        match text.strip_prefix('@') {
            Some(class) => Self::Class(class.to_owned()),
            None => Self::Symbol(text.to_owned()),
        }
    }

    /// The name without a mark of its kind.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Symbol(name) | Self::Class(name) => name,
        }
    }

    /// The symbols as the linker sees them.
    pub fn symbols(&self) -> Vec<String> {
        match self {
            Self::Symbol(name) => vec![format!("_{name}")],
            Self::Class(name) => vec![
                format!("_OBJC_CLASS_$_{name}"),
                format!("_OBJC_METACLASS_$_{name}"),
            ],
        }
    }

    /// The name that a symbol of the linker belongs to; `None` for one that C cannot have.
    pub fn of_symbol(symbol: &str) -> Option<Self> {
        let name = symbol.strip_prefix('_')?;
        let class = ["OBJC_CLASS_$_", "OBJC_METACLASS_$_", "OBJC_EHTYPE_$_"];
        match class.iter().find_map(|prefix| name.strip_prefix(prefix)) {
            Some(class) => Some(Self::Class(class.to_owned())),
            None => Some(Self::Symbol(name.to_owned())),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbol(name) => f.write_str(name),
            Self::Class(name) => write!(f, "@{name}"),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.sources.is_empty() {
            writeln!(f, "# from {}", self.sources.join(", "))?;
        }
        writeln!(f, "{}", self.install_name)?;
        for (name, since) in &self.names {
            match since {
                Some(version) => writeln!(f, "{name} {version}")?,
                None => writeln!(f, "{name}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# from core-foundation-sys 0.8.7\n/usr/lib/libx.dylib\nCFArrayCreate\nCFNew 12.3\n@NSArray\n";

    #[test]
    fn what_is_written_is_read() {
        let list = List::parse(TEXT).expect("the list is well-formed");
        assert_eq!(list.to_string(), TEXT);
        let symbols: Vec<String> = list.symbols().map(|(symbol, _)| symbol).collect();
        assert_eq!(
            symbols,
            [
                "_CFArrayCreate",
                "_CFNew",
                "_OBJC_CLASS_$_NSArray",
                "_OBJC_METACLASS_$_NSArray"
            ]
        );
        for symbol in &symbols {
            let name = Name::of_symbol(symbol).expect("it begins with an underscore");
            assert!(list.names.contains_key(&name), "{symbol}");
        }
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        let line = |text: &str| List::parse(text).map_err(|malformed| malformed.line);
        assert_eq!(line(""), Err(1));
        assert_eq!(line("# from x\n"), Err(2));
        assert_eq!(line("CFArrayCreate\n"), Err(1));
        for entry in ["", "@", "a b", "a 12", "a 12.x", " a", "a\tb"] {
            assert_eq!(line(&format!("/x\n{entry}\n")), Err(2), "{entry:?}");
        }
    }
}
