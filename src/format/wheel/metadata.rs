//! The files of a wheel that describe it (core metadata specifications 2.4, and the binary distribution format).

use super::tags::platforms;
use super::{Names, Wheel};
use crate::format::FormatError;
use crate::format::shell::file_name;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::package::{Context, Package};
use crate::model::tree::{Content, Kind, Tree};

/// `METADATA`: what pip and an index show.
pub(super) fn metadata(
    wheel: &Wheel,
    package: &Package,
    tree: &Tree,
    names: &Names,
    licenses: &[String],
) -> Result<String, FormatError> {
    let mut text = String::new();
    let mut field = |name: &str, value: &str| text += &format!("{name}: {value}\n");
    field("Metadata-Version", "2.4");
    field("Name", &names.project);
    field("Version", &names.version);
    field("Summary", &package.summary);
    field("Maintainer-email", &package.maintainer.to_string());
    field("License-Expression", &package.license);
    for license in licenses {
        field("License-File", license);
    }
    for (label, url) in [
        ("Homepage", &package.homepage),
        ("Repository", &package.repository),
    ] {
        if let Some(url) = url {
            field("Project-URL", &format!("{label}, {url}"));
        }
    }
    if !wheel.keywords.is_empty() {
        let keywords: Vec<_> = wheel.keywords.iter().map(|word| word.as_str()).collect();
        field("Keywords", &keywords.join(","));
    }
    for classifier in &wheel.classifiers {
        field("Classifier", classifier);
    }
    if let Some(python) = &wheel.requires_python {
        field("Requires-Python", python);
    }
    let readme = tree.files().iter().find(|file| {
        let is_readme = file_name(&file.path).eq_ignore_ascii_case("readme.md");
        is_readme && file.kind == Kind::Doc && !matches!(file.content, Content::Symlink(_))
    });
    field("Description-Content-Type", "text/markdown; charset=UTF-8");
    let description = match readme {
        Some(readme) => String::from_utf8_lossy(&readme.bytes()?).into_owned(),
        None => package.description.to_string(),
    };
    Ok(format!("{text}\n{}\n", description.trim_end()))
}

/// `WHEEL`: what the file is.
pub(super) fn wheel(context: &Context<'_>) -> String {
    let mut text = "Wheel-Version: 1.0\nGenerator: sealift\nRoot-Is-Purelib: false\n".to_owned();
    for platform in platforms(context.target) {
        text += &format!("Tag: py3-none-{platform}\n");
    }
    text
}

/// `RECORD`: the sum and the size of each file but itself.
pub(super) fn record(entries: &[Entry], own: &str) -> String {
    let mut lines = String::new();
    for entry in entries {
        if let EntryContent::File { size, sha256 } = &entry.content {
            let path = quoted(&entry.path);
            lines += &format!("{path},sha256={},{size}\n", base64(sha256));
        }
    }
    lines + &format!("{own},,\n")
}

/// A field of RFC 4180.
fn quoted(text: &str) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Base 64 for URLs, without padding (RFC 4648, section 5).
fn base64(sum: &Sha256Sum) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in sum.0.chunks(3) {
        let bits = group
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for digit in 0..=group.len() {
            let index = bits >> (18 - 6 * digit) & 63;
            text.push(char::from(DIGITS[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_sums_as_pip_reads_them() {
        let entry = |path: &str, content: &[u8]| Entry {
            path: path.to_owned(),
            mode: 0o644,
            content: EntryContent::File {
                size: content.len() as u64,
                sha256: Sha256Sum::of(content),
            },
        };
        // Computed by Python's hashlib and base64.
        assert_eq!(
            record(&[entry("a", b"hello"), entry("b,c", b"")], "own"),
            "a,sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ,5\n\
             \"b,c\",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\
             own,,\n"
        );
    }
}
