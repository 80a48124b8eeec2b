//! Names and versions of packages, by npm's rules for new ones (`validate-npm-package-name`, `node-semver`).

use std::str::FromStr;

use crate::format::FormatError;
use crate::model::text::{InvalidText, typed_text};

/// The name of a package without a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NpmName(String);

/// A scope, such as `@acme`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

/// The maximum length of a name with its scope.
pub(super) const MAX_NAME: usize = 214;

/// The largest whole number that JavaScript knows from its neighbors.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The maximum length of a version.
const MAX_VERSION: usize = 256;

/// What `require` finds in Node.js itself, and names that npm keeps for its own files.
const TAKEN: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "favicon.ico",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "node_modules",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Whether a part of a name is one: lower case, as an address has it.
fn is_part(text: &str) -> bool {
    let is_fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.chars().all(is_fit)
}

const EXPECTED: &str = "lower-case letters, digits, `-`, `.` and `_`, with a letter or digit first";

impl FromStr for NpmName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        match is_part(text) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidText::new("name", text, EXPECTED)),
        }
    }
}

impl FromStr for Scope {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        match text.strip_prefix('@') {
            Some(name) if is_part(name) => Ok(Self(text.to_owned())),
            _ => {
                let expected = format!("`@` and {EXPECTED}, such as `@acme`");
                Err(InvalidText::new("scope", text, expected))
            }
        }
    }
}

typed_text!(NpmName(String));
typed_text!(Scope(String));

/// The name of a package, with its scope.
pub(super) fn full_name(scope: Option<&Scope>, name: &str) -> Result<String, FormatError> {
    let invalid = |problem: String| Err(FormatError::Invalid(problem));
    if !is_part(name) {
        return invalid(format!(
            "npm has no package such as `{name}`; expected {EXPECTED}; set `name` below `[npm]`"
        ));
    }
    let full = match scope {
        Some(scope) => format!("{scope}/{name}"),
        None if TAKEN.contains(&name) => {
            return invalid(format!(
                "npm has no package `{name}`, as Node.js has something of that name; set `name` or `scope` below `[npm]`"
            ));
        }
        None => name.to_owned(),
    };
    if full.len() > MAX_NAME {
        return invalid(format!(
            "the name `{full}` has {} bytes; npm takes at most {MAX_NAME}",
            full.len()
        ));
    }
    Ok(full)
}

/// The version, if npm keeps it as it is.
pub(super) fn npm_version(version: &semver::Version) -> Result<String, FormatError> {
    let text = version.to_string();
    let problem = if !version.build.is_empty() {
        "npm drops what follows `+`, so that two versions would be one".to_owned()
    } else if [version.major, version.minor, version.patch]
        .iter()
        .any(|number| *number > MAX_NUMBER)
    {
        format!("npm's numbers are at most {MAX_NUMBER}")
    } else if text.len() > MAX_VERSION {
        format!("npm takes at most {MAX_VERSION} characters")
    } else {
        return Ok(text);
    };
    Err(FormatError::Invalid(format!(
        "the version `{text}` cannot be that of an npm package: {problem}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_npm_takes_for_new_packages() {
        for good in ["hello", "hello-world", "a", "0ad", "x.y_z"] {
            assert!(full_name(None, good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Hello",
            "g++",
            ".a",
            "_a",
            "-a",
            "a/b",
            "a b",
            "ünix",
            "http",
            "node_modules",
        ] {
            assert!(full_name(None, bad).is_err(), "{bad}");
        }
        let scope: Scope = "@acme".parse().expect("valid");
        let name = full_name(Some(&scope), "http").expect("its own in a scope");
        assert_eq!(name, "@acme/http");
        for bad in ["acme", "@", "@Acme", "@a/b", "@.a", ""] {
            assert!(bad.parse::<Scope>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        let long = "a".repeat(MAX_NAME);
        assert!(full_name(None, &long).is_ok());
        assert!(full_name(None, &(long + "a")).is_err());
    }

    #[test]
    fn versions_are_those_that_npm_keeps() {
        let of = |text: &str| npm_version(&text.parse().expect("a version"));
        for good in [
            "1.2.3",
            "0.0.0",
            "1.0.0-alpha.1",
            "1.0.0-0a",
            "9007199254740991.0.0",
        ] {
            assert_eq!(of(good).expect("valid"), good);
        }
        for bad in ["1.2.3+build", "9007199254740992.0.0"] {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert!(of(&format!("1.0.0-{}", "a".repeat(256))).is_err());
    }
}
