//! Patterns that select files, such as `completions/*` or `docs/**/*.md`.
//!
//! They mean what they mean to a shell: `*` is any text, `?` any character, `[a-z]` and `[!a-z]` a character of a set or
//! none of it, and a component `**` any number of directories. None of them matches a period at the start of a name.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::model::path::RelativePath;
use crate::model::text::InvalidText;
use crate::output::path_error::PathError;

/// A pattern of paths below a root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glob {
    text: String,
    /// The components before the first one with a wildcard. The paths of the files count from there.
    base: Option<RelativePath>,
    /// The others; the last one is never [`Component::Directories`].
    components: Vec<Component>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Component {
    /// `**`
    Directories,
    /// A name, which may have wildcards.
    Name(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    /// `*`
    Any,
    /// `?`
    One,
    /// `[…]`: ranges of characters, and whether they are the ones that are not meant.
    Set(Vec<(char, char)>, bool),
    /// The character itself.
    Char(char),
}

/// Why the files of a pattern cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum GlobError {
    /// A directory cannot be listed.
    #[error(transparent)]
    Read(#[from] PathError),
    /// A file matches, and has a name that no package can hold.
    #[error("`{}` has a name that cannot be packaged", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
}

/// Whether a path has wildcards.
pub(super) fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

impl Glob {
    /// A file's path below the directory that the pattern starts with; `None` if the pattern does not match it.
    pub fn below_base(&self, path: &RelativePath) -> Option<RelativePath> {
        let below = match &self.base {
            Some(base) => path.below(base)?,
            None => path.clone(),
        };
        let names: Vec<_> = below.split('/').collect();
        matches_path(&self.components, &names).then_some(below)
    }

    /// Whether it could match something below a directory.
    pub fn reaches(&self, directory: &RelativePath) -> bool {
        let Some(base) = &self.base else {
            return true;
        };
        base == directory || base.below(directory).is_some() || directory.below(base).is_some()
    }

    /// The pattern as seen from a directory that it starts with; `None` if it does not.
    pub fn seen_from(&self, directory: &RelativePath) -> Option<Glob> {
        let base = self.base.as_ref()?;
        let is_below = base == directory || base.below(directory).is_some();
        is_below.then(|| Glob {
            text: self.text[directory.len() + 1..].to_owned(),
            base: base.below(directory),
            components: self.components.clone(),
        })
    }

    /// All files below a root that match, sorted. Links to directories are not followed, and build directories of cargo are
    /// not searched.
    pub fn files(&self, root: &Path) -> Result<Vec<RelativePath>, GlobError> {
        let base = self.base.as_deref().unwrap_or_default();
        let mut search = Search {
            root,
            found: BTreeSet::new(),
        };
        search.directory(&root.join(base), &self.components)?;
        Ok(search.found.into_iter().collect())
    }
}

impl FromStr for Glob {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let invalid = |problem| {
            let expected = "a path with wildcards such as `completions/*` or `docs/**/*.md`";
            InvalidText::new("pattern", text, expected).with_problem(problem)
        };
        if let Some(directory) = text.strip_suffix('/') {
            let error = invalid("selects files, and ends with `/`");
            return Err(error.with_hint(format!("write `{directory}/**` for all files below")));
        }
        // All that a path may not be, a pattern may not be.
        let path: RelativePath = text.parse()?;
        let names: Vec<_> = path.split('/').collect();
        let fixed = names.iter().take_while(|name| !is_glob(name)).count();
        let mut components = Vec::new();
        for name in &names[fixed..] {
            let component = component(name).ok_or_else(|| {
                let error = invalid("has a `[` without its `]`");
                error.with_hint("write `[[]` for the character itself")
            });
            components.push(component?);
        }
        if components.last() == Some(&Component::Directories) {
            components.push(Component::Name(vec![Token::Any]));
        }
        Ok(Self {
            text: text.to_owned(),
            base: names[..fixed].join("/").parse().ok(),
            components,
        })
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Parses a component; `None` if a set has no end.
fn component(name: &str) -> Option<Component> {
    if name == "**" {
        return Some(Component::Directories);
    }
    let mut tokens = Vec::new();
    let mut rest = name.chars();
    while let Some(character) = rest.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::One,
            '[' => {
                let (set, after) = set(rest.as_str())?;
                rest = after.chars();
                set
            }
            other => Token::Char(other),
        });
    }
    Some(Component::Name(tokens))
}

/// Parses a set after its `[`, and gives what follows it. A `]` that comes first is one of the characters.
fn set(text: &str) -> Option<(Token, &str)> {
    let members = text.strip_prefix(['!', '^']);
    let is_negated = members.is_some();
    let members = members.unwrap_or(text);
    let first = members.chars().next()?.len_utf8();
    let end = first + members[first..].find(']')?;
    let characters: Vec<_> = members[..end].chars().collect();
    let mut ranges = Vec::new();
    let mut rest = characters.as_slice();
    while let [from, after @ ..] = rest {
        match after {
            ['-', to, after @ ..] => {
                ranges.push((*from, *to));
                rest = after;
            }
            _ => {
                ranges.push((*from, *from));
                rest = after;
            }
        }
    }
    Some((Token::Set(ranges, is_negated), &members[end + 1..]))
}

impl Token {
    fn matches(&self, character: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Set(ranges, is_negated) => {
                let is_in = |(from, to): &(char, char)| (*from..=*to).contains(&character);
                ranges.iter().any(is_in) != *is_negated
            }
            Self::Char(own) => *own == character,
        }
    }
}

fn matches_path(components: &[Component], names: &[&str]) -> bool {
    match (components, names) {
        ([], []) => true,
        ([Component::Directories, rest @ ..], _) => {
            let visible = names.iter().take_while(|name| !name.starts_with('.'));
            (0..=visible.count()).any(|skipped| matches_path(rest, &names[skipped..]))
        }
        ([Component::Name(tokens), rest @ ..], [name, names @ ..]) => {
            matches_name(tokens, name) && matches_path(rest, names)
        }
        _ => false,
    }
}

/// Whether a name matches. Only the last `*` is tried anew: what the others took can stay, so the time is bounded.
fn matches_name(tokens: &[Token], name: &str) -> bool {
    if name.starts_with('.') && tokens.first() != Some(&Token::Char('.')) {
        return false;
    }
    let characters: Vec<_> = name.chars().collect();
    let (mut token, mut character) = (0, 0);
    let mut star = None;
    while character < characters.len() {
        match tokens.get(token) {
            Some(Token::Any) => {
                token += 1;
                star = Some((token, character));
            }
            Some(one) if one.matches(characters[character]) => {
                token += 1;
                character += 1;
            }
            _ => {
                let Some((after, taken)) = star else {
                    return false;
                };
                star = Some((after, taken + 1));
                (token, character) = (after, taken + 1);
            }
        }
    }
    tokens[token..].iter().all(|token| *token == Token::Any)
}

struct Search<'a> {
    root: &'a Path,
    found: BTreeSet<RelativePath>,
}

impl Search<'_> {
    /// Looks in a directory for what the components match. A directory that is missing has no files.
    fn directory(&mut self, directory: &Path, components: &[Component]) -> Result<(), GlobError> {
        let Some((component, rest)) = components.split_first() else {
            return Ok(());
        };
        if *component == Component::Directories {
            self.directory(directory, rest)?;
        }
        if !directory.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(directory).map_err(PathError::reading(directory))? {
            let entry = entry.map_err(PathError::reading(directory))?;
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            match component {
                Component::Directories => {
                    if is_directory && !name.starts_with('.') && !is_cargo_target(&path) {
                        self.directory(&path, components)?;
                    }
                }
                Component::Name(tokens) if matches_name(tokens, &name) => {
                    if !rest.is_empty() && is_directory {
                        self.directory(&path, rest)?;
                    } else if rest.is_empty() && !path.is_dir() {
                        self.add(path)?;
                    }
                }
                Component::Name(_) => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) -> Result<(), GlobError> {
        let relative = path.strip_prefix(self.root).ok();
        let relative = relative.and_then(crate::model::path::slashed);
        match relative.and_then(|text| text.parse().ok()) {
            Some(relative) => {
                self.found.insert(relative);
                Ok(())
            }
            None => Err(GlobError::Name { path }),
        }
    }
}

/// Whether a directory is where cargo builds.
fn is_cargo_target(path: &Path) -> bool {
    path.ends_with("target") && path.with_file_name("Cargo.toml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    fn matches(glob: &str, path: &str) -> bool {
        let glob: Glob = glob.parse().expect(glob);
        glob.below_base(&path.parse().expect(path)).is_some()
    }

    #[test]
    fn wildcards_mean_what_they_mean_to_a_shell() {
        for (glob, path) in [
            ("completions/*", "completions/_hello"),
            ("docs/**/*.md", "docs/a.md"),
            ("docs/**/*.md", "docs/a/b/c.md"),
            ("docs/**", "docs/a/b/c"),
            ("**/LICENSE", "LICENSE"),
            ("man/*.[1-9]", "man/hello.1"),
            ("man/*.[!a-z]", "man/hello.1"),
            ("hell?", "hellö"),
            ("*a*b*c", "aXbaXbXc"),
            (".git*", ".gitignore"),
            ("[]]", "]"),
            ("[a-]", "-"),
        ] {
            assert!(matches(glob, path), "{glob} {path}");
        }
        for (glob, path) in [
            ("completions/*", "completions/bash/hello"),
            ("completions/*", "completions"),
            ("docs/**/*.md", "docs/a.txt"),
            ("docs/**/*.md", "src/a.md"),
            ("**/*.md", "docs/.cache/a.md"),
            ("*", ".gitignore"),
            ("[.]*", ".gitignore"),
            ("man/*.[!a-z]", "man/hello.c"),
            ("hell?", "hell"),
            ("*a*b*c", "aXbaXbX"),
        ] {
            assert!(!matches(glob, path), "{glob} {path}");
        }
    }

    #[test]
    fn a_long_pattern_that_almost_matches_does_not_take_long() {
        let glob = format!("{}b", "a*".repeat(60));
        assert!(!matches(&glob, &"a".repeat(200)));
    }

    #[test]
    fn a_path_counts_from_the_directory_before_the_first_wildcard() {
        let below = |glob: &str, path: &str| {
            let glob: Glob = glob.parse().expect(glob);
            let below = glob.below_base(&path.parse().expect(path));
            below.expect("it matches").to_string()
        };
        assert_eq!(below("docs/**/*.md", "docs/a/b.md"), "a/b.md");
        assert_eq!(below("docs/*/b.md", "docs/a/b.md"), "a/b.md");
        assert_eq!(below("*.md", "b.md"), "b.md");
    }

    #[test]
    fn a_pattern_that_means_nothing_is_refused() {
        let error = |text: &str| text.parse::<Glob>().expect_err(text).to_string();
        assert!(error("docs/[ab").contains("has a `[` without its `]`"));
        assert!(error("docs/*/").contains("selects files, and ends with `/`"));
        assert!(error("../*").contains("has the component `..`"));
        assert!(error("/etc/*").contains("is absolute"));
    }

    #[test]
    fn files_are_found_in_order_and_nothing_else_is() {
        let project = TestProject::new("")
            .file("root/docs/b.md", b"")
            .file("root/docs/a/z.md", b"")
            .file("root/docs/a/y.txt", b"")
            .file("root/docs/dir.md/x", b"")
            .file("root/docs/.hidden/h.md", b"")
            .file("root/Cargo.toml", b"")
            .file("root/target/doc/t.md", b"");
        let files = |glob: &str| {
            let glob: Glob = glob.parse().expect(glob);
            let found = glob.files(&project.path("root")).expect("readable");
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(files("**/*.md"), ["docs/a/z.md", "docs/b.md"]);
        assert_eq!(files("docs/*"), ["docs/b.md"]);
        assert_eq!(files("docs/**/**/*.md"), ["docs/a/z.md", "docs/b.md"]);
        assert_eq!(files("none/*"), Vec::<String>::new());
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let name = std::ffi::OsStr::from_bytes(b"\xff.md");
            std::fs::write(project.path("root/docs").join(name), "").expect("writable");
            let glob: Glob = "docs/*.md".parse().expect("valid");
            let error = glob.files(&project.path("root")).expect_err("not text");
            assert!(error.to_string().ends_with("cannot be packaged"), "{error}");
        }
    }
}
