//! The license texts in the directory of a crate.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::model::path::slashed;
use crate::output::path_error::PathError;

/// A text in a crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text {
    /// The file, below the crate's directory.
    pub path: String,
    /// What it says, in lines without white space at their ends.
    pub text: String,
}

/// The largest file that is read. The longest licenses have 40 kB.
const MAX_BYTES: u64 = 4 << 20;

/// How many directories below the crate's own are searched: C libraries lie in some, with licenses of their own.
const MAX_DEPTH: usize = 4;

/// Directories with what is not linked.
const OTHERS: [&str; 10] = [
    "bench", "benches", "doc", "docs", "example", "examples", "fuzz", "target", "test", "tests",
];

/// What one of the words in the name of a license's file is.
const WORDS: [&str; 9] = [
    "copying",
    "copyright",
    "licence",
    "licences",
    "license",
    "licenses",
    "notice",
    "notices",
    "unlicense",
];

/// Extensions of files that are about licenses, and are none.
const CODE: [&str; 24] = [
    "c", "cc", "cpp", "css", "go", "h", "hpp", "html", "in", "java", "js", "json", "lock", "pl",
    "png", "py", "rs", "sh", "svg", "toml", "ts", "xml", "yaml", "yml",
];

/// All texts, sorted by path. `named` is the file that the crate's `Cargo.toml` names.
pub(super) fn find(directory: &Path, named: Option<&Path>) -> Result<Vec<Text>, PathError> {
    let root = directory
        .canonicalize()
        .map_err(PathError::reading(directory))?;
    let mut search = Search {
        root: &root,
        texts: Vec::new(),
    };
    search.directory(&root, 0)?;
    // One outside of the crate is not there once it is packaged.
    if let Some(path) = named.map(|named| root.join(named)).filter(|p| p.is_file()) {
        search.file(&path)?;
    }
    let mut texts = search.texts;
    texts.sort();
    texts.dedup();
    Ok(texts)
}

struct Search<'a> {
    root: &'a Path,
    texts: Vec<Text>,
}

impl Search<'_> {
    fn directory(&mut self, directory: &Path, depth: usize) -> Result<(), PathError> {
        for entry in fs::read_dir(directory).map_err(PathError::reading(directory))? {
            let entry = entry.map_err(PathError::reading(directory))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(PathError::reading(&path))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                continue;
            };
            if kind.is_dir() {
                let lower = name.to_ascii_lowercase();
                let is_other = OTHERS.contains(&lower.as_str()) || name.starts_with('.');
                if depth < MAX_DEPTH && !is_other {
                    self.directory(&path, depth + 1)?;
                }
            } else if is_license(name) && path.is_file() {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    /// Adds a file, unless it is a link that leads out of the crate.
    fn file(&mut self, path: &Path) -> Result<(), PathError> {
        let resolved = path.canonicalize().map_err(PathError::reading(path))?;
        let below = path.strip_prefix(self.root).ok().and_then(slashed);
        let (true, Some(below)) = (resolved.starts_with(self.root), below) else {
            return Ok(());
        };
        let text = tidy(&decode(&read(&resolved)?));
        if !text.is_empty() {
            self.texts.push(Text { path: below, text });
        }
        Ok(())
    }
}

/// Whether a file of this name is the text of a license, such as `LICENSE-MIT`, `COPYING3` or `apache.license.txt`.
fn is_license(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let extension = lower.rsplit_once('.').map(|(_, extension)| extension);
    let is_code = extension.is_some_and(|extension| CODE.contains(&extension));
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    !is_code && words.any(|word| WORDS.contains(&word))
}

fn read(path: &Path) -> Result<Vec<u8>, PathError> {
    let file = fs::File::open(path).map_err(PathError::reading(path))?;
    let mut bytes = Vec::new();
    let mut bounded = file.take(MAX_BYTES + 1);
    bounded
        .read_to_end(&mut bytes)
        .map_err(PathError::reading(path))?;
    if bytes.len() as u64 > MAX_BYTES {
        let problem = format!("it has more than {MAX_BYTES} bytes; expected a license");
        let error = io::Error::new(io::ErrorKind::FileTooLarge, problem);
        return Err(PathError::reading(path)(error));
    }
    Ok(bytes)
}

/// Some old texts are in ISO 8859-1, whose characters are the first 256 of Unicode.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// Lines that end alike, without marks that no reader sees and without empty lines around the text.
fn tidy(text: &str) -> String {
    let is_unseen = |c: char| c == '\u{feff}' || c.is_control() && !matches!(c, '\n' | '\t');
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace(is_unseen, "");
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licenses_are_known_by_their_names() {
        for name in [
            "LICENSE",
            "LICENSE-MIT",
            "license-apache-2.0",
            "LICENSE.md",
            "Licence.txt",
            "COPYING",
            "COPYING3",
            "COPYRIGHT",
            "NOTICE",
            "MIT-LICENSE.txt",
            "UNLICENSE",
            "LICENSE_1_0.txt",
            "THIRD-PARTY-NOTICES",
        ] {
            assert!(is_license(name), "{name}");
        }
        for name in [
            "license.rs",
            "notice.h",
            "licensing.md",
            "README.md",
            "deny-licenses.toml",
            "sublicense",
            "noticeable.txt",
        ] {
            assert!(!is_license(name), "{name}");
        }
    }

    #[test]
    fn texts_are_found_in_bundled_libraries_and_not_in_tests() {
        let root = tempfile::tempdir().expect("a directory");
        let file = |path: &str, text: &[u8]| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
            fs::write(path, text).expect("writable");
        };
        file("LICENSE", b"\xef\xbb\xbf\r\n  one \r\nline\r\n\r\n");
        file("zstd/LICENSE", b"Copyright \xa9 somebody\n\x0c\n");
        file("tests/data/LICENSE", b"no");
        file("terms.txt", b"terms");
        file("a/b/c/d/COPYING", b"deep");
        file("a/b/c/d/e/COPYING", b"too deep");
        file("NOTICE", b"\n");
        let found = |named: Option<&str>| -> Vec<_> {
            let texts = find(root.path(), named.map(Path::new)).expect("readable");
            texts.into_iter().map(|t| (t.path, t.text)).collect()
        };
        let pair = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let expected = [
            pair("LICENSE", "  one\nline"),
            pair("a/b/c/d/COPYING", "deep"),
            pair("zstd/LICENSE", "Copyright \u{a9} somebody"),
        ];
        assert_eq!(found(None), expected);
        let [first, second, third] = expected;
        let named = pair("terms.txt", "terms");
        assert_eq!(found(Some("terms.txt")), [first, second, named, third]);
        assert_eq!(found(Some("LICENSE")).len(), 3);
        assert_eq!(found(Some("../outside")).len(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_within_its_crate() {
        let root = tempfile::tempdir().expect("a directory");
        let krate = root.path().join("crate");
        fs::create_dir(&krate).expect("writable");
        fs::write(root.path().join("secret"), "secret").expect("writable");
        fs::write(krate.join("terms"), "terms").expect("writable");
        std::os::unix::fs::symlink("../secret", krate.join("LICENSE")).expect("writable");
        std::os::unix::fs::symlink("terms", krate.join("COPYING")).expect("writable");
        let texts = find(&krate, Some(Path::new("../secret"))).expect("readable");
        let texts: Vec<_> = texts.iter().map(|text| text.path.as_str()).collect();
        assert_eq!(texts, ["COPYING"]);
    }

    #[test]
    fn a_file_that_is_no_text_is_refused_before_it_is_read_whole() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("LICENSE");
        let file = fs::File::create(&path).expect("writable");
        file.set_len(5 << 30).expect("sparse");
        let error = find(root.path(), None).expect_err("too large");
        assert!(error.to_string().contains("LICENSE"), "{error}");
    }
}
