//! An exhibit as a figure: a caption, a drawing, and the same numbers as a table.

use super::markup::{Markup, Px};
use super::{amounts, curves, samples, treemap};
use crate::gate::exhibit::{Exhibit, ExhibitContent};

/// How many rows a table has at most. A page has to open on a phone.
pub(super) const MOST_ROWS: usize = 500;

/// Draws an exhibit.
pub(super) fn figure(markup: &mut Markup, exhibit: &Exhibit) {
    markup.within("figure", &[], |markup| {
        markup.within("figcaption", &[], |markup| {
            markup.leaf("h3", &[], &exhibit.title);
            if !exhibit.note.is_empty() {
                markup.leaf("p", &[], &exhibit.note);
            }
        });
        content(markup, exhibit);
    });
    markup.line();
}

fn content(markup: &mut Markup, exhibit: &Exhibit) {
    let title = &exhibit.title;
    match &exhibit.content {
        ExhibitContent::Amounts { unit, amounts } => amounts::draw(markup, title, *unit, amounts),
        ExhibitContent::Samples {
            unit,
            samples,
            limit,
        } => samples::draw(markup, title, *unit, samples, *limit),
        ExhibitContent::Curves {
            x,
            y,
            curves,
            limit,
        } => curves::draw(markup, title, [x, y], curves, *limit),
        ExhibitContent::Treemap { unit, parts } => treemap::draw(markup, title, *unit, parts),
        ExhibitContent::Table { columns, rows } => {
            let names: Vec<_> = columns.iter().map(String::as_str).collect();
            table(markup, title, &names, rows);
        }
    }
}

/// A drawing of a certain height that is as wide as there is room, with its name and its description for those who hear
/// the page.
pub(super) fn drawing(
    markup: &mut Markup,
    [class, title, description]: [&str; 3],
    height: f64,
    content: impl FnOnce(&mut Markup),
) {
    let attributes: super::markup::Attributes<'_> = &[
        ("class", &class),
        ("role", &"img"),
        ("width", &"100%"),
        ("height", &Px(height)),
    ];
    markup.within("svg", attributes, |markup| {
        markup.leaf("title", &[], title);
        markup.leaf("desc", &[], description);
        content(markup);
    });
}

/// The numbers of a drawing, for those who want to read them.
pub(super) fn numbers(markup: &mut Markup, title: &str, columns: &[&str], rows: &[Vec<String>]) {
    markup.within("details", &[], |markup| {
        markup.raw("<summary>The numbers as a table</summary>");
        table(markup, title, columns, rows);
    });
}

/// A table in a box of its own, which scrolls where the table is wider than the page.
pub(super) fn table(markup: &mut Markup, title: &str, columns: &[&str], rows: &[Vec<String>]) {
    let class = |column| class_of(rows, column);
    let classes: Vec<_> = (0..columns.len()).map(class).collect();
    scroll(markup, title, |markup| {
        markup.within("table", &[], |markup| {
            markup.raw("<thead><tr>");
            for (column, class) in columns.iter().zip(&classes) {
                markup.leaf("th", &[("scope", &"col"), ("class", class)], column);
            }
            markup.raw("</tr></thead><tbody>");
            for row in rows.iter().take(MOST_ROWS) {
                markup.raw("<tr>");
                for (cell, class) in row.iter().zip(&classes) {
                    markup.leaf("td", &[("class", class)], cell);
                }
                markup.raw("</tr>");
            }
            markup.raw("</tbody>");
        });
    });
    if let Some(more @ 1..) = rows.len().checked_sub(MOST_ROWS) {
        let text = format!("{more} more rows are in report.json.");
        markup.leaf("p", &[("class", &"aside")], text);
    }
}

/// A box that scrolls, also with the keyboard.
pub(super) fn scroll(markup: &mut Markup, title: &str, content: impl FnOnce(&mut Markup)) {
    let attributes: super::markup::Attributes<'_> = &[
        ("class", &"scroll"),
        ("tabindex", &"0"),
        ("role", &"region"),
        ("aria-label", &title),
    ];
    markup.within("div", attributes, content);
}

/// How long the cells of a column are at most that is not wrapped.
const SHORT: usize = 24;

/// Numbers stand at the right, and short texts in one line.
fn class_of(rows: &[Vec<String>], column: usize) -> &'static str {
    let cells = || {
        rows.iter()
            .take(MOST_ROWS)
            .filter_map(|row| row.get(column))
    };
    let is_number = |cell: &String| {
        let first = cell.split(' ').next().unwrap_or_default();
        matches!(first, "" | "–") || first.replace(',', "").parse::<f64>().is_ok()
    };
    if cells().all(is_number) {
        "number"
    } else if cells().all(|cell| cell.chars().count() <= SHORT) {
        "short"
    } else {
        "text"
    }
}

/// A label of at most so many characters, with its start and its end.
pub(super) fn shortened(label: &str, most: usize) -> String {
    let count = label.chars().count();
    if count <= most {
        return label.to_owned();
    }
    let kept = most.saturating_sub(1);
    let start: String = label.chars().take(kept.div_ceil(2)).collect();
    let end: String = label.chars().skip(count - kept / 2).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_labels_keep_both_ends() {
        assert_eq!(shortened("short", 5), "short");
        assert_eq!(
            shortened("hello-1.2.3-x86_64.tar.gz", 12),
            "hello-….gz".replace("….gz", "…ar.gz")
        );
        assert_eq!(shortened("äöüß", 3), "ä…ß");
    }

    #[test]
    fn a_table_has_a_bound() {
        let rows: Vec<_> = (0..MOST_ROWS + 3)
            .map(|row| vec![row.to_string()])
            .collect();
        let mut markup = Markup::default();
        table(&mut markup, "many", &["n"], &rows);
        let html = markup.finish();
        assert_eq!(html.matches("<td").count(), MOST_ROWS);
        assert!(html.ends_with("<p class=\"aside\">3 more rows are in report.json.</p>"));
        assert!(html.contains("tabindex=\"0\" role=\"region\" aria-label=\"many\""));
    }
}
