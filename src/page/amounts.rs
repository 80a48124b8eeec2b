//! Amounts as bars, each with a mark at its limit.

use super::figure::{MOST_ROWS, drawing, numbers, shortened};
use super::markup::{Markup, Px, Share};
use crate::gate::exhibit::{Amount, Unit};
use crate::gate::report::counted;

const ROW: f64 = 42.0;
/// How much of the width is for bars; the rest is for what they say.
const BARS: f64 = 0.64;
/// How many characters fit above a bar on a phone.
const LABEL: usize = 44;

/// Draws amounts in the order that they are given in.
pub(super) fn draw(markup: &mut Markup, title: &str, unit: Unit, amounts: &[Amount]) {
    let shown = &amounts[..amounts.len().min(MOST_ROWS)];
    let most = shown.iter().flat_map(|each| [Some(each.value), each.limit]);
    let most = most.flatten().filter(|value| value.is_finite());
    let most = most.fold(0.0, f64::max);
    let share = |value: f64| match value / most {
        share if share.is_finite() => share.clamp(0.0, 1.0) * BARS,
        _ => 0.0,
    };
    let description = describe(unit, shown);
    let height = ROW * shown.len() as f64 + 4.0;
    drawing(markup, ["bars", title, &description], height, |markup| {
        for (index, amount) in shown.iter().enumerate() {
            let top = ROW * index as f64;
            row(markup, unit, amount, top, &share);
        }
    });
    let limits = shown.iter().any(|amount| amount.limit.is_some());
    if limits {
        markup.raw("<p class=\"key\"><svg width=\"4\" height=\"14\" aria-hidden=\"true\"><rect class=\"limit-mark\" width=\"3\" height=\"14\"/></svg> limit</p>");
    }
    let row = |amount: &Amount| {
        let limit = amount
            .limit
            .map_or("–".to_owned(), |limit| unit.text(limit));
        vec![amount.label.clone(), unit.text(amount.value), limit]
    };
    let rows: Vec<_> = amounts.iter().map(row).collect();
    numbers(markup, title, &["of", "amount", "limit"], &rows);
}

fn row(markup: &mut Markup, unit: Unit, amount: &Amount, top: f64, share: &impl Fn(f64) -> f64) {
    let (is_over, text) = (is_over(amount), unit.text(amount.value));
    let (bar, value) = match is_over {
        true => ("bar over", format!("{text} over")),
        false => ("bar", text.clone()),
    };
    markup.within("g", &[], |markup| {
        let limit = amount
            .limit
            .map(|limit| format!("; limit {}", unit.text(limit)));
        let tip = format!("{}: {text}{}", amount.label, limit.unwrap_or_default());
        markup.leaf("title", &[], tip);
        let label = shortened(&amount.label, LABEL);
        markup.leaf(
            "text",
            &[("class", &"label"), ("y", &Px(top + 14.0))],
            label,
        );
        let width = format!("{}", Share(BARS));
        let place = Px(top + 21.0);
        let (height, corner) = (&"11", &"2");
        markup.shape(
            "rect",
            &[
                ("class", &"track"),
                ("y", &place),
                ("width", &width),
                ("height", height),
                ("rx", corner),
            ],
        );
        let width = Share(share(amount.value));
        markup.shape(
            "rect",
            &[
                ("class", &bar),
                ("y", &place),
                ("width", &width),
                ("height", height),
                ("rx", corner),
            ],
        );
        if let Some(limit) = amount.limit {
            let at = Share(share(limit));
            let (from, to) = (Px(top + 18.0), Px(top + 35.0));
            markup.shape(
                "line",
                &[
                    ("class", &"limit-mark"),
                    ("x1", &at),
                    ("x2", &at),
                    ("y1", &from),
                    ("y2", &to),
                ],
            );
        }
        let class = if is_over { "value over" } else { "value" };
        let place = Px(top + 31.0);
        markup.leaf(
            "text",
            &[("class", &class), ("x", &"100%"), ("y", &place)],
            value,
        );
    });
}

fn is_over(amount: &Amount) -> bool {
    amount.limit.is_some_and(|limit| amount.value >= limit)
}

fn describe(unit: Unit, amounts: &[Amount]) -> String {
    let largest = amounts
        .iter()
        .max_by(|one, other| one.value.total_cmp(&other.value));
    let Some(largest) = largest else {
        return "Nothing is shown.".to_owned();
    };
    let over = match amounts.iter().filter(|amount| is_over(amount)).count() {
        0 => String::new(),
        over => format!(" {over} not below the limit."),
    };
    format!(
        "{}, the largest {} of {}.{over}",
        counted(amounts.len(), "bar"),
        unit.text(largest.value),
        largest.label
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(amounts: &[(&str, f64, Option<f64>)]) -> String {
        let amount = |(label, value, limit): &(&str, f64, Option<f64>)| Amount {
            label: (*label).to_owned(),
            value: *value,
            limit: *limit,
        };
        let amounts: Vec<_> = amounts.iter().map(amount).collect();
        let mut markup = Markup::default();
        draw(&mut markup, "sizes", Unit::Bytes, &amounts);
        markup.finish()
    }

    #[test]
    fn a_bar_is_as_long_as_its_amount_and_says_in_words_that_it_is_too_long() {
        let svg = drawn(&[("a", 50.0, Some(100.0)), ("b", 200.0, Some(100.0))]);
        assert!(
            svg.contains("class=\"bar\" y=\"21\" width=\"16%\""),
            "{svg}"
        );
        assert!(
            svg.contains("class=\"bar over\" y=\"63\" width=\"64%\""),
            "{svg}"
        );
        assert!(svg.contains(">200 B over</text>"), "{svg}");
        assert!(svg.contains("x1=\"32%\" x2=\"32%\""), "{svg}");
        assert!(
            svg.contains("2 bars, the largest 200 B of b. 1 not below the limit."),
            "{svg}"
        );
    }

    #[test]
    fn numbers_that_are_none_draw_no_bar() {
        let svg = drawn(&[("a", f64::NAN, None), ("b", -1.0, None)]);
        assert!(!svg.contains("NaN"), "{svg}");
        assert!(svg.contains("not a number"));
        assert!(drawn(&[]).contains("Nothing is shown."));
    }
}
