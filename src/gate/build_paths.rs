//! Finds paths of the machine that a program was built on.
//!
//! Three things count as such a path:
//!
//! 1. a reference to the Nix store: the store's directory, 32 base-32 digits and `-`;
//! 2. a path below one of the *build directories*: with at least one character of a name after the directory;
//! 3. an *absolute path of a source file*: a run of path characters that starts with `/` and a directory, ends with one
//!    of the source extensions, and starts with none of the allowed prefixes.
//!
//! Compilers store strings side by side without a separator, so a path may directly follow another string. A build
//! directory therefore counts wherever it starts a path. It does not count in the middle of a longer path, as in
//! `target/release/build/x`, unless the text before it is itself the path of a source file. For the same reason, the third
//! rule cannot find a path that directly follows other path characters or is directly followed by them; a build
//! directory of the list is found there too. Where `src/` follows the characters of a name, as in `/usr/binsrc/main.rs`, it
//! begins a string of its own: cargo names a package's sources relative to it. In a program, the addresses in its data tell
//! more ([`references`]).
//!
//! What starts with `//` is not a path but the rest of a URL. Its host may look like a source file, as in
//! `https://docs.rs/`, and ends no string.
//!
//! A path that starts with one of the *allowed paths* is none of the three.

use std::ops::Range;

use super::patterns::{BuildDirectory, Extension, PathStart, SourcePrefix};
use super::references;

/// What to look for.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    /// The directories that programs are built in.
    pub directories: &'a [BuildDirectory],
    /// The extensions of source files.
    pub extensions: &'a [Extension],
    /// Prefixes of absolute source paths that reveal nothing about the machine.
    pub allowed_sources: &'a [SourcePrefix],
    /// Prefixes of absolute paths that are not findings, whatever they are.
    pub allowed: &'a [PathStart],
}

/// A path of the build machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Where it starts.
    pub offset: usize,
    /// The path.
    pub text: String,
    /// Whether it is in the Nix store.
    pub in_store: bool,
    /// Whether it is nothing but the absolute path of a source file.
    is_source: bool,
}

/// A program has a few texts that look like one path; with more of them, something is wrong whatever the addresses say.
const MOST_LOOKED_UP: usize = 1000;

impl Scanner<'_> {
    /// All matches in a program, in order of position. Where an address in it says that the path of a source file is the
    /// end of one string and another one, the last one counts.
    pub fn scan_program(&self, bytes: &[u8]) -> Vec<Match> {
        let mut matches = self.scan(bytes);
        let sources = matches.iter().filter(|found| found.is_source);
        let places: Vec<_> = sources
            .take(MOST_LOOKED_UP)
            .map(|found| found.offset..found.offset + found.text.len())
            .collect();
        if places.is_empty() {
            return matches;
        }
        let starts = references::last_starts(bytes, &places);
        let mut stored = places.into_iter().zip(starts);
        matches.retain_mut(|found| {
            if !found.is_source {
                return true;
            }
            let Some((place, Some(start))) = stored.next() else {
                return true;
            };
            let text = &bytes[start..place.end];
            *found = a_match(text, 0, start, false);
            self.is_absolute_source(text)
        });
        matches
    }

    /// All matches, in order of position.
    pub fn scan(&self, bytes: &[u8]) -> Vec<Match> {
        let mut matches = Vec::new();
        let mut start = 0;
        while let Some(run) = next_run(bytes, start) {
            start = run.end;
            self.scan_run(bytes, run, &mut matches);
        }
        matches
    }

    /// Examines one run of path characters.
    fn scan_run(&self, bytes: &[u8], run: Range<usize>, matches: &mut Vec<Match>) {
        let mut from = run.start;
        let text = &bytes[run.clone()];
        let host_end = host_end(text);
        // Strings stored side by side: the name of each source file ends one.
        let ends = self.source_ends(text).into_iter();
        for end in ends.filter(|end| *end > host_end) {
            let part = from..run.start + end;
            from = part.end;
            self.scan_part(bytes, part, true, matches);
        }
        self.scan_part(bytes, from..run.end, false, matches);
    }

    fn scan_part(
        &self,
        bytes: &[u8],
        part: Range<usize>,
        is_source: bool,
        matches: &mut Vec<Match>,
    ) {
        let text = &bytes[part.clone()];
        let slashes = text.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        for (index, _) in slashes {
            let path = &text[index..];
            let in_store = is_store_path(path);
            let in_directory = !text[..index].contains(&b'/') && self.is_build_path(path);
            if (in_store || in_directory) && !self.is_allowed(path) {
                matches.push(a_match(text, index, part.start, in_store));
                return;
            }
        }
        if is_source && self.is_absolute_source(text) {
            matches.push(Match {
                is_source: true,
                ..a_match(text, 0, part.start, false)
            });
        }
    }

    fn is_absolute_source(&self, text: &[u8]) -> bool {
        is_below_a_directory(text)
            && !ends_in_a_relative_source(text)
            && !self.is_allowed(text)
            && !self.is_allowed_source(text)
    }

    fn is_allowed(&self, path: &[u8]) -> bool {
        let mut starts = self.allowed.iter();
        starts.any(|start| path.starts_with(start.as_bytes()))
    }

    fn is_allowed_source(&self, path: &[u8]) -> bool {
        let mut prefixes = self.allowed_sources.iter();
        prefixes.any(|prefix| path.starts_with(prefix.as_bytes()))
    }

    fn is_build_path(&self, path: &[u8]) -> bool {
        self.directories.iter().any(|directory| {
            let mut rest = path;
            directory
                .split('/')
                .skip(1)
                .all(|component| match strip_component(rest, component) {
                    Some(after) => {
                        rest = after;
                        true
                    }
                    None => false,
                })
                && rest.first() == Some(&b'/')
                && rest.get(1).copied().is_some_and(is_name_byte)
        })
    }

    /// The ends of all source file names in a run.
    fn source_ends(&self, run: &[u8]) -> Vec<usize> {
        let dots = run.iter().enumerate().filter(|(_, byte)| **byte == b'.');
        let end = |(dot, _): (usize, &u8)| {
            self.extensions.iter().find_map(|extension| {
                let rest = run[dot + 1..].strip_prefix(extension.as_bytes())?;
                let ends =
                    !rest.first().copied().is_some_and(is_name_byte) || rest.starts_with(b"src/");
                ends.then_some(dot + 1 + extension.len())
            })
        };
        dots.filter_map(end).collect()
    }
}

fn a_match(text: &[u8], index: usize, start: usize, in_store: bool) -> Match {
    Match {
        offset: start + index,
        text: String::from_utf8_lossy(&text[index..]).into_owned(),
        in_store,
        is_source: false,
    }
}

/// The next run of path characters at or after a position.
fn next_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let start = from + bytes[from..].iter().position(|byte| is_path_byte(*byte))?;
    let length = bytes[start..].iter().position(|byte| !is_path_byte(*byte));
    Some(start..length.map_or(bytes.len(), |length| start + length))
}

fn is_path_byte(byte: u8) -> bool {
    is_name_byte(byte) || byte == b'/'
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-+@~".contains(&byte)
}

/// Where the host of a URL ends in the text after its scheme; 0 if the text is not one.
fn host_end(text: &[u8]) -> usize {
    let Some(host) = text.strip_prefix(b"//") else {
        return 0;
    };
    let length = host.iter().position(|byte| *byte == b'/');
    2 + length.unwrap_or(host.len())
}

/// Whether a path is absolute and not directly in the root: `/main.rs` is part of a string that a program assembles,
/// and nobody compiles there.
fn is_below_a_directory(path: &[u8]) -> bool {
    path.strip_prefix(b"/")
        .is_some_and(|rest| rest.contains(&b'/') && !rest.starts_with(b"/"))
}

/// Whether the end of a path is the string `src/…`, which directly follows another one.
fn ends_in_a_relative_source(path: &[u8]) -> bool {
    let mut places = path.windows(5);
    places.any(|place| place.ends_with(b"src/") && is_name_byte(place[0]))
}

/// The rest after `/component` at the start of a path; `*` matches any name.
fn strip_component<'a>(path: &'a [u8], component: &str) -> Option<&'a [u8]> {
    let name = path.strip_prefix(b"/")?;
    if component != "*" {
        return name.strip_prefix(component.as_bytes());
    }
    let length = name.iter().take_while(|byte| is_name_byte(**byte)).count();
    (length > 0).then(|| &name[length..])
}

/// The digits of Nix's base 32, which lacks `e`, `o`, `t` and `u`.
fn is_store_path(path: &[u8]) -> bool {
    let digit =
        |byte: &u8| byte.is_ascii_digit() || (byte.is_ascii_lowercase() && !b"eotu".contains(byte));
    let Some(hash) = path.strip_prefix(b"/nix/store/") else {
        return false;
    };
    hash.len() > 32 && hash[..32].iter().all(digit) && hash[32] == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Vec<String> {
        let directories = ["/build", "/home/*", "/root/.cargo"]
            .map(|text| BuildDirectory::new(text.to_owned()).expect("valid"));
        let extensions =
            ["c", "h", "rs"].map(|text| Extension::new(text.to_owned()).expect("valid"));
        let allowed_sources =
            ["/rustc/"].map(|text| SourcePrefix::new(text.to_owned()).expect("valid"));
        let allowed = ["/etc/", "/home/linuxbrew/"]
            .map(|text| PathStart::new(text.to_owned()).expect("valid"));
        let scanner = Scanner {
            directories: &directories,
            extensions: &extensions,
            allowed_sources: &allowed_sources,
            allowed: &allowed,
        };
        let matches = scanner.scan(text.as_bytes());
        for found in &matches {
            assert!(text[found.offset..].starts_with(&found.text), "{found:?}");
        }
        matches.into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn build_directories_are_found_with_what_is_below() {
        assert_eq!(scan("at /build/source/x.txt\0"), ["/build/source/x.txt"]);
        assert_eq!(
            scan("\0/home/me/p\0/root/.cargo/bin "),
            ["/home/me/p", "/root/.cargo/bin"]
        );
    }

    #[test]
    fn a_build_directory_right_behind_another_text_is_found() {
        assert_eq!(
            scan("on a `None` value/build/src/a.rs"),
            ["/build/src/a.rs"]
        );
        assert_eq!(scan("src/a.rs/build/src/b.rs"), ["/build/src/b.rs"]);
    }

    #[test]
    fn a_directory_of_that_name_in_the_middle_of_a_path_is_none() {
        for text in [
            "target/release/build/x",
            "/opt/build/x",
            "https://example.org/home/me/",
        ] {
            assert_eq!(scan(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_directory_with_nothing_below_is_none() {
        for text in [
            "/build",
            "/build/",
            "/build/ x",
            "/builder/x",
            "/home/",
            "/home//x",
            "/home/me",
        ] {
            assert_eq!(scan(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn absolute_paths_of_source_files_are_found() {
        assert_eq!(scan("\0/opt/me/a.rs\0"), ["/opt/me/a.rs"]);
        assert_eq!(scan("/opt/me/a.rssrc/b.rs"), ["/opt/me/a.rs"]);
        assert_eq!(scan("src/b.rs/opt/me/a.c"), ["/opt/me/a.c"]);
        assert_eq!(scan("/opt/a.h:12"), ["/opt/a.h"]);
    }

    #[test]
    fn the_compiler_s_own_sources_and_relative_paths_are_allowed() {
        for text in [
            "/rustc/0123abc/library/core/src/a.rs",
            "src/a.rs",
            "a.rs/rustc/1/b.rs",
        ] {
            assert_eq!(scan(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_package_s_own_source_right_behind_another_path_is_none() {
        for text in [
            "/nix/var/nix/profiles/default/binsrc/doctor/nix.rs",
            "/usr/lib/os-releasesrc/main.rs",
        ] {
            assert_eq!(scan(text), [""; 0], "{text}");
        }
        assert_eq!(scan("/data/src/main.rs"), ["/data/src/main.rs"]);
        assert_eq!(scan("/home/me/binsrc/main.rs"), ["/home/me/binsrc/main.rs"]);
    }

    #[test]
    fn addresses_are_no_paths() {
        for text in [
            "see https://docs.rs/getrandom#nodejs-es-module-support",
            "https://docs.rs",
            "//docs.rs/regex/latest/regex",
            "https://example.org/a/b/blob/main/src/c.rs",
            "https://lib.rs/crates/x.rs",
        ] {
            assert_eq!(scan(text), [""; 0], "{text}");
        }
        let behind = "https://example.org/src/c.rs/home/me/d.rs";
        assert_eq!(scan(behind), ["/home/me/d.rs"]);
        let named_like_it = "https://docs.rs/x#y/build/d.rs";
        assert_eq!(scan(named_like_it), ["/build/d.rs"]);
    }

    #[test]
    fn whatever_is_found_can_be_allowed() {
        // Two texts side by side.
        assert_eq!(scan("/etc/hostscrates/a/src/b.rs"), [""; 0]);
        let found = "/opt/hostscrates/a/src/b.rs";
        assert_eq!(scan(found), [found]);
        assert_eq!(scan("/home/linuxbrew/.linuxbrew/bin"), [""; 0]);
        assert_eq!(scan("/home/me/.linuxbrew/bin"), ["/home/me/.linuxbrew/bin"]);
    }

    #[test]
    fn absolute_paths_of_other_files_are_allowed() {
        assert_eq!(scan("/etc/ssl/certs/ca.crt /usr/share/x.rst"), [""; 0]);
        assert_eq!(scan("src/bin/\0/main.rs"), [""; 0]);
    }

    #[test]
    fn store_references_are_found_anywhere() {
        let path = format!("/nix/store/{}-x/bin/x", "0".repeat(32));
        assert_eq!(scan(&path), [path.as_str()]);
        assert_eq!(scan(&format!("a/b{path}")), [path.as_str()]);
        assert_eq!(scan(&format!("/nix/store/{}-x", "e".repeat(32))), [""; 0]);
        assert_eq!(scan(&format!("/nix/store/{}-x", "0".repeat(31))), [""; 0]);
    }
}
