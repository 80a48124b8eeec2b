//! Names and versions as Python has them.

use crate::format::FormatError;

/// The name with one underscore for each run of separators (the binary distribution format, "Escaping and Unicode").
pub(super) fn escaped(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("_").to_lowercase()
}

/// The version for Python (version specifiers, "Version scheme"), which knows pre-releases by a few names only.
pub(super) fn python_version(version: &semver::Version) -> Result<String, FormatError> {
    let mut text = format!("{}.{}.{}", version.major, version.minor, version.patch);
    if !version.pre.is_empty() {
        text += &pre_release(&version.pre).ok_or_else(|| {
            FormatError::Invalid(format!(
                "Python has no version such as `{version}`; expected a pre-release called `alpha`, `beta`, `rc` or `dev`, \
                 perhaps with a number, as in `1.0.0-beta.1`"
            ))
        })?;
    }
    if !version.build.is_empty() {
        text += &format!("+{}", version.build.replace('-', "."));
    }
    Ok(text)
}

/// `beta.1`, `beta1` or `beta` as `b1`, `b1` or `b0`.
fn pre_release(text: &str) -> Option<String> {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &text[word.len()..];
    let short = match word.trim_end_matches(['.', '-']) {
        "a" | "alpha" => "a",
        "b" | "beta" => "b",
        "c" | "rc" | "pre" | "preview" => "rc",
        "dev" => ".dev",
        _ => return None,
    };
    let number = if number.is_empty() { "0" } else { number };
    Some(format!("{short}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_escaped() {
        assert_eq!(escaped("Fd-find"), "fd_find");
        assert_eq!(escaped("a.b--c"), "a_b_c");
    }

    #[test]
    fn pre_releases_have_pythons_names() {
        for (semantic, python) in [
            ("1.2.3", "1.2.3"),
            ("1.0.0-beta.1", "1.0.0b1"),
            ("1.0.0-alpha", "1.0.0a0"),
            ("1.0.0-rc2", "1.0.0rc2"),
            ("1.0.0-dev.20260102", "1.0.0.dev20260102"),
            ("1.0.0+linux-x.5", "1.0.0+linux.x.5"),
        ] {
            let version = semantic.parse().expect("a semantic version");
            assert_eq!(python_version(&version).expect("one of Python's"), python);
        }
        let nightly = "1.0.0-nightly.1".parse().expect("a semantic version");
        let error = python_version(&nightly).expect_err("no word of Python's");
        assert!(error.to_string().contains("`1.0.0-nightly.1`"), "{error}");
    }
}
