//! The Debian changelog, which every package must have.

use crate::format::wrap::wrap;
use crate::model::changelog::points;
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
