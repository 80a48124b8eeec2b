//! What a list of changes in Markdown says of one version.

/// The points of a Markdown list below the heading that has the version in it.
pub(crate) fn points(markdown: &str, version: &str) -> Vec<String> {
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

/// The versions that headings of a Markdown list of changes give a date, such as `2026-01-31`; newest first.
pub(crate) fn releases(markdown: &str) -> Vec<(semver::Version, String)> {
    let mut releases: Vec<(semver::Version, String)> = Vec::new();
    for line in markdown.lines().filter(|line| line.starts_with('#')) {
        let version = words(line).find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            word.parse::<semver::Version>().ok()
        });
        let date = words(line).find(|word| is_date(word));
        if let (Some(version), Some(date)) = (version, date)
            && !releases.iter().any(|(known, _)| *known == version)
        {
            releases.push((version, date.to_owned()));
        }
    }
    releases.sort_by(|(a, _), (b, _)| b.cmp(a));
    releases
}

fn is_date(word: &str) -> bool {
    let parts: Vec<_> = word.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let is_in = |part: &str, length: usize, most: u32| {
        let number = part
            .parse()
            .ok()
            .filter(|number| (1..=most).contains(number));
        part.len() == length && number.is_some()
    };
    is_in(year, 4, 9999) && is_in(month, 2, 12) && is_in(day, 2, 31)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && !"+.-".contains(c))
}

fn heading_level(line: &str) -> usize {
    line.bytes().take_while(|b| *b == b'#').count()
}

/// Whether the version stands in the line by itself, and not as the start or end of another one.
fn has_version(line: &str, version: &str) -> bool {
    words(line).any(|word| word.strip_prefix('v').unwrap_or(word) == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKDOWN: &str = "# Changelog\n\n## [1.2.30]\n\n- Not this.\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n\
                            - Greets louder\n  and for longer.\n* Whispers.\n\nA closing word.\n\n## v1.2.2\n\n- Old.\n";

    #[test]
    fn the_points_are_those_of_the_version_alone() {
        let expected = ["Greets louder and for longer.", "Whispers."];
        assert_eq!(points(MARKDOWN, "1.2.3"), expected);
        assert_eq!(points(MARKDOWN, "1.2.2"), ["Old."]);
        assert_eq!(points(MARKDOWN, "1.2"), [""; 0]);
    }

    #[test]
    fn releases_are_versions_with_a_date() {
        let markdown = "# Changes 2026-01-01\n## [Unreleased]\n## v1.2.3 (2026-01-02)\n## [1.10.0] - 2026-03-04\n\
                        ## 1.2.4\n## 1.2.3 - 2025-01-01\n## 1.0.0-rc.1 / 2024-13-01\n## 1.0.0-rc.1 / 2024-12-01\n";
        let found = releases(markdown);
        let found: Vec<_> = found
            .iter()
            .map(|(version, date)| format!("{version} {date}"))
            .collect();
        let expected = [
            "1.10.0 2026-03-04",
            "1.2.3 2026-01-02",
            "1.0.0-rc.1 2024-12-01",
        ];
        assert_eq!(found, expected);
    }
}
