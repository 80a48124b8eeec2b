//! The address from which a flake gets Sealift.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The address of Sealift's flake: a URL in Nix's notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// A text that is not such an address.
#[derive(Debug, thiserror::Error)]
pub enum NotAnAddress {
    /// It has characters that are invalid in a URL.
    #[error("`{}` is not a URL; expected one such as `git+https://example.org/sealift`, or a directory", found.escape_debug())]
    NotAnUrl {
        /// The text.
        found: String,
    },
    /// It is a directory without Sealift's flake, or does not exist.
    #[error("`{}` does not contain Sealift: there is no `flake.nix` with `nix/` beside it", directory.display())]
    NoFlake {
        /// The directory.
        directory: PathBuf,
    },
}

impl Address {
    /// Reads a URL or the path of a directory that contains Sealift. A relative path starts at `current`.
    pub fn parse(text: &str, current: &Path) -> Result<Self, NotAnAddress> {
        if !is_url(text) {
            return Self::of_directory(&current.join(text));
        }
        let is_allowed = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
        if !text.chars().all(is_allowed) {
            return Err(NotAnAddress::NotAnUrl {
                found: text.to_owned(),
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// A checkout is read through git, so that ignored files are not copied; any other directory is read directly.
    fn of_directory(directory: &Path) -> Result<Self, NotAnAddress> {
        if !directory.join("flake.nix").is_file() || !directory.join("nix").is_dir() {
            return Err(NotAnAddress::NoFlake {
                directory: directory.to_owned(),
            });
        }
        let scheme = if directory.join(".git").exists() {
            "git+file://"
        } else {
            "path:"
        };
        let directory: PathBuf = directory.components().collect();
        Ok(Self(format!(
            "{scheme}{}",
            percent_encoded(&directory.to_string_lossy())
        )))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text begins with a scheme (RFC 3986, section 3.1); a single letter is a Windows drive.
fn is_url(text: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    text.split_once(':')
        .is_some_and(|(scheme, _)| is_scheme(scheme))
}

/// Encodes everything except unreserved characters and `/` (RFC 3986, section 2).
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                encoded.push(char::from(byte))
            }
            other => write!(encoded, "%{other:02X}").expect("a string takes all text"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, current: &Path) -> Result<String, String> {
        let address = Address::parse(text, current).map_err(|error| error.to_string())?;
        Ok(address.as_str().to_owned())
    }

    #[test]
    fn urls_stay_as_they_are() {
        for url in [
            "path:/where/sealift/is",
            "github:owner/sealift/v1",
            "git+https://example.org/s?ref=main",
        ] {
            assert_eq!(parse(url, Path::new("/")).as_deref(), Ok(url));
        }
    }

    #[test]
    fn what_no_url_has_is_refused() {
        let error = parse("path:/a b", Path::new("/")).expect_err("a blank");
        assert!(
            error.starts_with("`path:/a b` is not a URL; expected one such as"),
            "{error}"
        );
        assert!(parse("path:/${x}", Path::new("/")).is_err());
    }

    #[test]
    fn a_directory_becomes_an_url() {
        let root = tempfile::tempdir().expect("a directory");
        let own = root.path().join("my sealift");
        std::fs::create_dir_all(own.join("nix")).expect("writable");
        std::fs::write(own.join("flake.nix"), "{}").expect("writable");
        let encoded = format!("{}/my%20sealift", root.path().display());
        assert_eq!(
            parse("./my sealift", root.path()),
            Ok(format!("path:{encoded}"))
        );
        std::fs::create_dir(own.join(".git")).expect("writable");
        assert_eq!(
            parse("my sealift", root.path()),
            Ok(format!("git+file://{encoded}"))
        );
    }

    #[test]
    fn a_directory_without_sealift_is_refused() {
        let root = tempfile::tempdir().expect("a directory");
        let error = parse("nowhere", root.path()).expect_err("nothing there");
        let expected = format!(
            "`{}` does not contain Sealift",
            root.path().join("nowhere").display()
        );
        assert!(error.starts_with(&expected), "{error}");
    }
}
