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

fn heading_level(line: &str) -> usize {
    line.bytes().take_while(|b| *b == b'#').count()
}

/// Whether the version stands in the line by itself, and not as the start or end of another one.
fn has_version(line: &str, version: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric() && !"+.-".contains(c))
        .any(|word| word.strip_prefix('v').unwrap_or(word) == version)
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
}
