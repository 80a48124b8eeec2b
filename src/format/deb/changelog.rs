//! The Debian changelog, which every package must have.

use super::wrap::wrap;
use crate::model::date::rfc5322;
use crate::model::package::Package;

/// Whether a text is already in Debian's format (Debian Policy 4.4).
pub(super) fn is_debian(text: &str, name: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.starts_with(&format!("{name} (")) && first.contains("; urgency=")
}

/// Makes a changelog with one entry, which contains the list items of an upstream changelog for this version.
pub(super) fn generate(package: &Package, version: &str, date: i64, upstream: &str) -> String {
    let mut points = points(upstream, &package.version.to_string());
    if points.is_empty() {
        points.push(format!("Release {}.", package.version));
    }
    let points: String = points.iter().map(|p| wrap(p, "  * ", "    ")).collect();
    format!(
        "{} ({version}) unstable; urgency=medium\n\n{points}\n -- {}  {}\n",
        package.name,
        package.maintainer,
        rfc5322(date)
    )
}

/// The items of a Markdown list below the heading that contains the version.
fn points(markdown: &str, version: &str) -> Vec<String> {
    let mut lines = markdown.lines();
    let heading = lines.find(|line| line.starts_with('#') && has_version(line, version));
    let Some(level) = heading.map(heading_level) else {
        return Vec::new();
    };
    let section = lines.take_while(|line| !line.starts_with('#') || heading_level(line) > level);
    let mut points: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in section {
        let text = line.trim();
        let point = ["- ", "* ", "+ "]
            .iter()
            .find_map(|mark| text.strip_prefix(mark));
        match point {
            Some(point) => points.push(point.to_owned()),
            None if is_open && !text.is_empty() && !text.starts_with('#') => {
                if let Some(last) = points.last_mut() {
                    *last = format!("{last} {text}");
                }
            }
            None => {}
        }
        is_open = point.is_some() || (is_open && !text.is_empty() && !text.starts_with('#'));
    }
    points
}

fn heading_level(line: &str) -> usize {
    line.bytes().take_while(|b| *b == b'#').count()
}

/// Whether the line contains the version itself, not as the start or end of another one.
fn has_version(line: &str, version: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric() && !"+.-".contains(c))
        .any(|word| word.strip_prefix('v').unwrap_or(word) == version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{DATE, package};

    const MARKDOWN: &str = "# Changelog\n\n## [1.2.30] - 2026-02-03\n\n- Not this.\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- Greets louder\n  and for longer.\n* Whispers.\n\nA closing word.\n\n## 1.2.2\n\n- Old.\n";

    #[test]
    fn the_entry_has_the_points_of_the_version() {
        assert_eq!(
            generate(&package(), "1.2.3-1", DATE, MARKDOWN),
            "hello (1.2.3-1) unstable; urgency=medium\n\n  * Greets louder and for longer.\n  * Whispers.\n\n \
             -- Jo Doe <jo@example.org>  Fri, 02 Jan 2026 03:04:05 +0000\n"
        );
    }

    #[test]
    fn an_unknown_version_is_just_released() {
        let text = generate(&package(), "1.2.3-1", DATE, "## 1.2.2\n\n- Old.\n");
        assert!(text.contains("\n  * Release 1.2.3.\n"), "{text}");
        assert!(is_debian(&text, "hello"));
    }

    #[test]
    fn markdown_is_not_debian() {
        assert!(!is_debian(MARKDOWN, "hello"));
        assert!(!is_debian("", "hello"));
    }
}
