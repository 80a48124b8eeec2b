//! Manual pages as `whatis` and `apropos` can list them.

/// The page with `summary` after the name, if its section NAME is the bare name of a program. Generators write such a
/// page for a program without a description, and mandb cannot index it.
pub(super) fn described(
    page: &str,
    summary: &str,
    is_program: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut name = None;
    let mut is_inside = false;
    let mut at = 0;
    for line in page.split_inclusive('\n') {
        let text = line.trim_end();
        if let Some(heading) = text.strip_prefix(".SH") {
            is_inside = heading.trim().trim_matches('"') == "NAME";
        } else if is_inside && !text.is_empty() && !text.starts_with(['.', '\'']) {
            // A second line means that there is a description, or something that only its author can mend.
            if name.replace((at, text)).is_some() {
                return None;
            }
        }
        at += line.len();
    }
    let (start, name) = name?;
    // Some generators escape the hyphens of a name.
    if !is_program(&name.replace("\\-", "-")) {
        return None;
    }
    let (before, after) = page.split_at(start + name.len());
    Some(format!(
        "{before} \\- {}{after}",
        summary.replace('\\', "\\e")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACROS: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

    fn with(page: &str) -> Option<String> {
        described(page, "Greets C:\\users", |name| name == "he-llo")
    }

    #[test]
    fn a_bare_name_gets_the_summary() {
        let page = |name: &str| {
            format!("{MACROS}.TH hello 1\n.SH NAME\n{name}\n{MACROS}.SH SYNOPSIS\n\\fBhello\\fR\n")
        };
        for name in ["he-llo", "he\\-llo"] {
            let whole = page(&format!("{name} \\- Greets C:\\eusers"));
            assert_eq!(with(&page(name)), Some(whole));
        }
    }

    #[test]
    fn the_heading_may_be_quoted() {
        let page = with(".SH \"NAME\"\nhe-llo");
        assert_eq!(
            page.as_deref(),
            Some(".SH \"NAME\"\nhe-llo \\- Greets C:\\eusers")
        );
    }

    #[test]
    fn every_other_page_is_left_alone() {
        for page in [
            "",
            ".SH NAME\n",
            ".SH NAME\nhe-llo \\- greets\n",
            ".SH NAME\nhe-llo\n\\- greets\n",
            ".SH NAME\n.B he-llo\n",
            ".SH NAME\nother\n",
            ".SH SYNOPSIS\nhe-llo\n",
            ".Sh NAME\nhe-llo\n",
        ] {
            assert_eq!(with(page), None, "{page}");
        }
    }
}
