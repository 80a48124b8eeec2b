//! Repeated measurements: a dot for each, or bars where there are many.

use super::figure::{drawing, numbers};
use super::markup::{Markup, Px, Share};
use super::scale::Scale;
use crate::gate::exhibit::Unit;

/// In how many places measurements are put together.
const BINS: usize = 40;
/// How many dots can be above each other.
const MOST_DOTS: usize = 14;
const TOP: f64 = 40.0;
const PLOT: f64 = 100.0;

/// Draws where the measurements are, with their median.
pub(super) fn draw(
    markup: &mut Markup,
    title: &str,
    unit: Unit,
    samples: &[f64],
    limit: Option<f64>,
) {
    let mut sorted: Vec<_> = samples
        .iter()
        .copied()
        .filter(|each| each.is_finite())
        .collect();
    sorted.sort_by(f64::total_cmp);
    let Some(median) = median(&sorted) else {
        markup.raw("<p class=\"aside\">Nothing was measured.</p>");
        return;
    };
    let limit = limit.filter(|limit| limit.is_finite());
    let scale = Scale::whole(sorted.iter().copied().chain(limit), unit, 4);
    let description = describe(unit, &sorted, median, limit);
    drawing(
        markup,
        ["strip", title, &description],
        TOP + PLOT + 26.0,
        |markup| {
            axis(markup, &scale);
            points(markup, unit, &scale, &sorted);
            mark(
                markup,
                ["median", "median"],
                (14.0, scale.at(median)),
                unit.text(median),
            );
            if let Some(limit) = limit {
                mark(
                    markup,
                    ["limit", "limit"],
                    (31.0, scale.at(limit)),
                    unit.text(limit),
                );
            }
        },
    );
    numbers(
        markup,
        title,
        &["of all", "amount"],
        &rows(unit, samples, &sorted, limit),
    );
}

/// The middle of sorted numbers, or of the two that are there.
pub(super) fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(sorted[middle - 1] / 2.0 + sorted[middle] / 2.0),
    }
}

fn axis(markup: &mut Markup, scale: &Scale) {
    let (top, bottom, label) = (Px(TOP), Px(TOP + PLOT), Px(TOP + PLOT + 18.0));
    markup.shape(
        "line",
        &[
            ("class", &"axis"),
            ("x2", &"100%"),
            ("y1", &bottom),
            ("y2", &bottom),
        ],
    );
    for tick in scale.ticks() {
        let at = Share(tick.at);
        markup.shape(
            "line",
            &[
                ("class", &"grid"),
                ("x1", &at),
                ("x2", &at),
                ("y1", &top),
                ("y2", &bottom),
            ],
        );
        let class = format!("tick {}", anchor(tick.at));
        markup.leaf(
            "text",
            &[("class", &class), ("x", &at), ("y", &label)],
            tick.label,
        );
    }
}

/// On which side of its place a text has room.
fn anchor(at: f64) -> &'static str {
    match at {
        ..0.1 => "at-start",
        0.9.. => "at-end",
        _ => "at-middle",
    }
}

fn points(markup: &mut Markup, unit: Unit, scale: &Scale, sorted: &[f64]) {
    let mut bins = [0_usize; BINS];
    let bin = |value: f64| ((scale.at(value) * BINS as f64) as usize).min(BINS - 1);
    for value in sorted {
        bins[bin(*value)] += 1;
    }
    let most = bins.iter().copied().max().unwrap_or(0);
    if most > MOST_DOTS {
        return bars(markup, &bins, most);
    }
    let mut seen = [0_usize; BINS];
    for value in sorted {
        let bin = bin(*value);
        seen[bin] += 1;
        let (x, y) = (
            Share((bin as f64 + 0.5) / BINS as f64),
            Px(TOP + PLOT + 3.5 - 7.0 * seen[bin] as f64),
        );
        markup.within(
            "circle",
            &[("class", &"dot"), ("cx", &x), ("cy", &y), ("r", &"2.8")],
            |markup| {
                markup.leaf("title", &[], unit.text(*value));
            },
        );
    }
}

fn bars(markup: &mut Markup, bins: &[usize; BINS], most: usize) {
    for (index, count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = PLOT * *count as f64 / most as f64;
        let (x, y) = (Share(index as f64 / BINS as f64), Px(TOP + PLOT - height));
        let (width, height) = (Share(0.9 / BINS as f64), Px(height));
        markup.within(
            "rect",
            &[
                ("class", &"bar"),
                ("x", &x),
                ("y", &y),
                ("width", &width),
                ("height", &height),
            ],
            |markup| {
                markup.leaf("title", &[], format!("{count} measurements"));
            },
        );
    }
}

/// A line down to the axis with a text at its top.
fn mark(markup: &mut Markup, [class, name]: [&str; 2], (y, at): (f64, f64), value: String) {
    let (from, to, x) = (Px(y + 5.0), Px(TOP + PLOT), Share(at));
    markup.shape(
        "line",
        &[
            ("class", &format!("{class}-line")),
            ("x1", &x),
            ("x2", &x),
            ("y1", &from),
            ("y2", &to),
        ],
    );
    // The text goes to where there is more room.
    let side = if at < 0.5 { "at-start" } else { "at-end" };
    let class = format!("{class}-text {side}");
    markup.leaf(
        "text",
        &[("class", &class), ("x", &x), ("y", &Px(y))],
        format!("{name} {value}"),
    );
}

fn describe(unit: Unit, sorted: &[f64], median: f64, limit: Option<f64>) -> String {
    let [first, .., last] = sorted else {
        return format!("One measurement, {}.", unit.text(median));
    };
    let limit = limit.map(|limit| format!(" The limit of the median is {}.", unit.text(limit)));
    format!(
        "{} measurements from {} to {}, median {}.{}",
        sorted.len(),
        unit.text(*first),
        unit.text(*last),
        unit.text(median),
        limit.unwrap_or_default()
    )
}

fn rows(unit: Unit, samples: &[f64], sorted: &[f64], limit: Option<f64>) -> Vec<Vec<String>> {
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let row = |name: &str, value: f64| vec![name.to_owned(), unit.text(value)];
    let mut rows = vec![
        row("least", at(0.0)),
        row("first quarter", at(0.25)),
        row("median", median(sorted).unwrap_or(at(0.5))),
        row("third quarter", at(0.75)),
        row("95 of 100", at(0.95)),
        row("largest", at(1.0)),
    ];
    rows.extend(limit.map(|limit| row("limit of the median", limit)));
    let each = samples.iter().enumerate();
    rows.extend(each.map(|(index, value)| row(&format!("measurement {}", index + 1), *value)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(samples: &[f64], limit: Option<f64>) -> String {
        let mut markup = Markup::default();
        draw(&mut markup, "start", Unit::Seconds, samples, limit);
        markup.finish()
    }

    #[test]
    fn few_measurements_are_dots() {
        let svg = drawn(&[0.003, 0.001, 0.002, 0.0025], Some(0.004));
        assert_eq!(svg.matches("<circle").count(), 4);
        let description =
            "4 measurements from 1 ms to 3 ms, median 2.25 ms. The limit of the median is 4 ms.";
        assert!(svg.contains(description), "{svg}");
        assert!(svg.contains(">median 2.25 ms</text>") && svg.contains(">limit 4 ms</text>"));
    }

    #[test]
    fn many_measurements_are_bars() {
        let samples: Vec<_> = (0..2000)
            .map(|each| f64::from(each % 97) / 1000.0)
            .collect();
        let svg = drawn(&samples, None);
        assert!(!svg.contains("<circle") && svg.matches("<rect").count() <= BINS);
        assert!(svg.len() < 60_000, "{}", svg.len());
    }

    #[test]
    fn no_measurement_and_numbers_that_are_none_are_said() {
        assert!(drawn(&[], Some(1.0)).contains("Nothing was measured."));
        assert!(drawn(&[f64::NAN], None).contains("Nothing was measured."));
        assert!(drawn(&[0.5], None).contains("One measurement, 500 ms."));
        assert!(!drawn(&[f64::MAX, f64::MIN], None).contains("NaN"));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[1.0, 2.0, 9.0]), Some(2.0));
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), Some(3.0));
    }
}
