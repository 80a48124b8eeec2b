//! The page that compares releases.

use super::comparison::Comparison;
use super::document::document;
use super::figure::{figure, scroll, table};
use super::markup::Markup;
use super::single::{badge, class_of, fact};
use crate::gate::exhibit::Unit;
use crate::gate::report::{Report, counted};

/// The page of several reports.
pub fn page(comparison: &Comparison) -> String {
    let reports = comparison.reports();
    let name = reports.last().map_or("", |report| &report.name);
    let title = format!("{name}: {}", counted(reports.len(), "release"));
    document(&title, |markup| {
        head(markup, reports, name);
        markup.raw("<main id=\"content\">\n");
        if let Some(newest) = reports.last() {
            let class = format!("verdict {}", class_of(newest.outcome));
            markup.within("div", &[("class", &class)], |markup| {
                badge(markup, newest.outcome);
                markup.leaf("p", &[], format!("{}.", newest.verdict()));
            });
        }
        gates(markup, comparison);
        markup.raw("<section class=\"card\"><h2>Numbers</h2>");
        for exhibit in comparison.exhibits() {
            figure(markup, &exhibit);
        }
        markup.raw("</section>");
        sizes(markup, comparison);
        markup.raw("</main>\n");
    })
}

fn head(markup: &mut Markup, reports: &[Report], name: &str) {
    markup.raw("<header class=\"top\">\n<p class=\"kicker\">Releases</p>\n");
    markup.leaf("h1", &[], name);
    markup.raw("\n<p class=\"facts\">");
    fact(markup, "compared", &counted(reports.len(), "release"));
    if let [first, .., last] = reports {
        fact(markup, "from", &first.version);
        fact(markup, "to", &last.version);
    }
    markup.raw("</p>\n</header>\n");
}

fn gates(markup: &mut Markup, comparison: &Comparison) {
    markup.raw("<section>\n<h2>Gates</h2>\n<div class=\"card plain\">");
    scroll(markup, "Gates by release", |markup| {
        markup.raw("<table class=\"releases\"><thead><tr><th scope=\"col\">gate</th>");
        for report in comparison.reports() {
            markup.within("th", &[("scope", &"col")], |markup| {
                markup.text(&report.version);
                if let Some(date) = report.date {
                    let day = Unit::Date.text(date as f64);
                    let day = day.split(' ').next().unwrap_or_default();
                    markup.leaf("small", &[], day);
                }
            });
        }
        markup.raw("</tr></thead><tbody>");
        for row in comparison.gates() {
            markup.raw("<tr>");
            markup.leaf("th", &[("scope", &"row")], &row.gate);
            for outcome in row.outcomes {
                markup.within("td", &[], |markup| match outcome {
                    Some(outcome) => badge(markup, outcome),
                    None => markup.text("–"),
                });
            }
            markup.raw("</tr>");
        }
        markup.raw("</tbody></table>");
    });
    markup.raw("</div>\n</section>\n");
}

fn sizes(markup: &mut Markup, comparison: &Comparison) {
    let versions = comparison
        .reports()
        .iter()
        .map(|report| report.version.as_str());
    let columns: Vec<_> = std::iter::once("of").chain(versions).collect();
    let row = |row: super::comparison::SizeRow| {
        let size =
            |size: Option<u64>| size.map_or("–".to_owned(), |size| Unit::Bytes.text(size as f64));
        let sizes = row.sizes.into_iter().map(size);
        std::iter::once(row.label).chain(sizes).collect()
    };
    let rows: Vec<_> = comparison.sizes().into_iter().map(row).collect();
    markup.raw("<section>\n<h2>Sizes</h2>\n<div class=\"card plain\">");
    table(markup, "Sizes by release", &columns, &rows);
    markup.raw("</div>\n</section>\n");
}
