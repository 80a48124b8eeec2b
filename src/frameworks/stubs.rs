//! Stubs: the text files in which a linker finds what a macOS library exports (TAPI's format, version 4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::libraries::{FORMER_PARTS, Library};
use super::list::List;

/// The stub of a library.
pub fn stub(list: &List) -> String {
    let mut text = format!(
        "--- !tapi-tbd\n\
         tbd-version: 4\n\
         targets: [ x86_64-macos, arm64-macos ]\n\
         install-name: '{}'\n\
         current-version: 1\n\
         compatibility-version: 1\n\
         exports:\n  - targets: [ x86_64-macos, arm64-macos ]\n    symbols:\n",
        list.install_name
    );
    for (symbol, _) in list.symbols() {
        writeln!(text, "      - '{symbol}'").expect("a string takes everything");
    }
    text.push_str("...\n");
    text
}

/// Writes a stub for each list: frameworks where `-F OUT/Frameworks` finds them, other libraries for `-L OUT/lib`.
///
/// # Errors
///
/// An I/O error if a file or directory cannot be written.
pub fn write_stubs(lists: &BTreeMap<Library, List>, out: &Path) -> io::Result<()> {
    let write = |name: &str, directory: PathBuf, list: &List| {
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(format!("{name}.tbd")), stub(list))
    };
    let framework = |name: &str| out.join("Frameworks").join(format!("{name}.framework"));
    for (library, list) in lists {
        let name = library.name();
        match library.behind_l() {
            Some(_) => write(name, out.join("lib"), list)?,
            None => write(name, framework(name), list)?,
        }
    }
    for (part, whole) in FORMER_PARTS {
        if let Some(list) = lists.get(&Library::framework(whole)) {
            write(part, framework(part), list)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frameworks_and_libraries_lie_where_linkers_look() {
        let list = List::parse("/usr/lib/libz.1.dylib\ninflate\n@Z\n").expect("a list");
        let libraries = ["libz", "Security"].map(|name| Library::named(name).expect("a library"));
        let lists = libraries
            .into_iter()
            .map(|library| (library, list.clone()))
            .collect();
        let out = tempfile::tempdir().expect("a directory");
        write_stubs(&lists, out.path()).expect("stubs are written");
        for place in ["lib/libz.tbd", "Frameworks/Security.framework/Security.tbd"] {
            let text = fs::read_to_string(out.path().join(place)).expect(place);
            assert!(
                text.contains("install-name: '/usr/lib/libz.1.dylib'\n"),
                "{text}"
            );
            let symbols = "    symbols:\n      - '_inflate'\n      - '_OBJC_CLASS_$_Z'\n      - '_OBJC_METACLASS_$_Z'\n...\n";
            assert!(text.ends_with(symbols), "{text}");
        }
    }
}
