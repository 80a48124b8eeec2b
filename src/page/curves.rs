//! Amounts over an axis: lines that are told apart by their dashes and named below.

use std::fmt::Display;

use super::figure::{drawing, numbers};
use super::markup::{Attributes, Markup, Px, Share};
use super::scale::Scale;
use crate::gate::exhibit::{Axis, Curve, Unit};
use crate::gate::report::counted;

/// How many columns of points a curve has at most. More cannot be told apart.
const COLUMNS: usize = 250;
/// Curves of so few points have dots at them.
const MOST_DOTS: usize = 40;
/// Colors and dashes; with both, 36 curves differ.
const STYLES: usize = 6;
/// The room around the plot, which is the padding of the drawing in the style sheet.
const GUTTER: f64 = 64.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 44.0;
const PLOT: f64 = 190.0;

/// Draws curves on the two axes.
pub(super) fn draw(
    markup: &mut Markup,
    title: &str,
    axes: [&Axis; 2],
    curves: &[Curve],
    limit: Option<f64>,
) {
    let curves: Vec<_> = curves.iter().map(finite).collect();
    if curves.iter().all(|curve| curve.points.is_empty()) {
        markup.raw("<p class=\"aside\">Nothing was measured.</p>");
        return;
    }
    let limit = limit.filter(|limit| limit.is_finite());
    let points = || curves.iter().flat_map(|curve| curve.points.iter());
    let ticks = if axes[0].unit == Unit::Date { 3 } else { 4 };
    let across = Scale::tight(points().map(|point| point.0), axes[0].unit, ticks);
    let up = Scale::whole(points().map(|point| point.1).chain(limit), axes[1].unit, 4);
    let description = describe(axes, &curves, limit);
    let height = TOP + PLOT + BOTTOM;
    drawing(markup, ["curves", title, &description], height, |markup| {
        names(markup, axes);
        grid(markup, &across, &up);
        lines(markup, &across, &up, &curves);
        if let Some(limit) = limit {
            limit_line(markup, &up, axes[1].unit, limit);
        }
    });
    legend(markup, axes[1].unit, &curves);
    numbers(
        markup,
        title,
        &["curve", "points", "first", "least", "largest", "last"],
        &rows(axes[1].unit, &curves),
    );
}

/// The curve from left to right, without what is no number.
fn finite(curve: &Curve) -> Curve {
    let is_point = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    let mut points: Vec<_> = curve.points.iter().copied().filter(is_point).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    let label = curve.label.clone();
    Curve { label, points }
}

fn grid(markup: &mut Markup, across: &Scale, up: &Scale) {
    for tick in up.ticks() {
        let y = Px(PLOT * (1.0 - tick.at));
        markup.shape(
            "line",
            &[("class", &"grid"), ("x2", &"100%"), ("y1", &y), ("y2", &y)],
        );
        let place = Px(PLOT * (1.0 - tick.at) + 4.0);
        markup.leaf(
            "text",
            &[("class", &"tick at-end"), ("x", &"-8"), ("y", &place)],
            tick.label,
        );
    }
    for tick in across.ticks() {
        let (x, from, to) = (Share(tick.at), Px(PLOT), Px(PLOT + 5.0));
        markup.shape(
            "line",
            &[
                ("class", &"axis"),
                ("x1", &x),
                ("x2", &x),
                ("y1", &from),
                ("y2", &to),
            ],
        );
        let class = match tick.at {
            0.9.. => "tick at-end",
            _ => "tick at-middle",
        };
        markup.leaf(
            "text",
            &[("class", &class), ("x", &x), ("y", &Px(PLOT + 19.0))],
            tick.label,
        );
    }
}

fn names(markup: &mut Markup, [x, y]: [&Axis; 2]) {
    let (left, above) = (Px(-GUTTER), Px(12.0 - TOP));
    let name = &[
        ("class", &"axis-name" as &dyn Display),
        ("x", &left),
        ("y", &above),
    ];
    markup.leaf("text", name, &y.label);
    let below = Px(PLOT + BOTTOM - 6.0);
    let name = &[
        ("class", &"axis-name at-end" as &dyn Display),
        ("x", &"100%"),
        ("y", &below),
    ];
    markup.leaf("text", name, &x.label);
}

fn lines(markup: &mut Markup, across: &Scale, up: &Scale, curves: &[Curve]) {
    // The lines are stretched to the plot, their strokes and the dots are not.
    let stretched: Attributes<'_> = &[
        ("viewBox", &"0 0 1000 1000"),
        ("preserveAspectRatio", &"none"),
        ("width", &"100%"),
        ("height", &"100%"),
    ];
    markup.within("svg", stretched, |markup| {
        for (index, curve) in curves.iter().enumerate() {
            line(markup, across, up, curve, index);
        }
    });
    for (index, curve) in curves.iter().enumerate() {
        let few = curve.points.len() <= MOST_DOTS;
        for (x, y) in curve.points.iter().filter(|_| few) {
            let class = format!("point {}", style(index));
            let (x, y) = (Share(across.at(*x)), Px(PLOT * (1.0 - up.at(*y))));
            let dot: Attributes<'_> = &[("class", &class), ("cx", &x), ("cy", &y), ("r", &"3")];
            markup.shape("circle", dot);
        }
    }
}

/// A line through all points, or, where they are too many, through the means of columns, with all points within a band.
fn line(markup: &mut Markup, across: &Scale, up: &Scale, curve: &Curve, index: usize) {
    let place = |x: f64, y: f64| {
        format!(
            "{:.0},{:.0}",
            1000.0 * across.at(x),
            1000.0 * (1.0 - up.at(y))
        )
    };
    let columns = columns(&curve.points, across);
    if columns.len() < curve.points.len() {
        let top = columns.iter().map(|column| place(column.x, column.largest));
        let bottom = columns
            .iter()
            .rev()
            .map(|column| place(column.x, column.least));
        let points = top.chain(bottom).collect::<Vec<_>>().join(" ");
        let class = format!("band {}", style(index));
        markup.shape("polygon", &[("class", &class), ("points", &points)]);
    }
    let points = columns.iter().map(|column| place(column.x, column.mean));
    let points = points.collect::<Vec<_>>().join(" ");
    let class = format!("line {}", style(index));
    markup.within(
        "polyline",
        &[("class", &class), ("points", &points)],
        |markup| {
            markup.leaf("title", &[], &curve.label);
        },
    );
}

/// The classes of a curve's color and dash.
fn style(index: usize) -> String {
    format!(
        "series-{} dash-{}",
        index % STYLES,
        (index + index / STYLES) % STYLES
    )
}

/// Points so close to each other that a screen shows them in one place.
struct Column {
    x: f64,
    least: f64,
    mean: f64,
    largest: f64,
}

/// Puts points together where there are more than can be told apart. Each point is between the least and the largest of
/// its column, so that no peak is lost.
fn columns(points: &[(f64, f64)], across: &Scale) -> Vec<Column> {
    let is_few = points.len() <= 2 * COLUMNS;
    let column = |point: &(f64, f64)| (across.at(point.0) * COLUMNS as f64) as usize;
    let groups = points.chunk_by(|one, other| !is_few && column(one) == column(other));
    let column = |group: &[(f64, f64)]| {
        let heights = || group.iter().map(|point| point.1);
        let count = group.len() as f64;
        Column {
            x: group.iter().map(|point| point.0 / count).sum(),
            least: heights().fold(f64::INFINITY, f64::min),
            mean: heights().map(|height| height / count).sum(),
            largest: heights().fold(f64::NEG_INFINITY, f64::max),
        }
    };
    groups.map(column).collect()
}

fn limit_line(markup: &mut Markup, up: &Scale, unit: Unit, limit: f64) {
    let at = PLOT * (1.0 - up.at(limit));
    let y = Px(at);
    markup.shape(
        "line",
        &[
            ("class", &"limit-line"),
            ("x2", &"100%"),
            ("y1", &y),
            ("y2", &y),
        ],
    );
    let text = format!("limit {}", unit.text(limit));
    let class = "limit-text at-end";
    markup.leaf(
        "text",
        &[("class", &class), ("x", &"100%"), ("y", &Px(at - 6.0))],
        text,
    );
}

fn legend(markup: &mut Markup, unit: Unit, curves: &[Curve]) {
    markup.within("ul", &[("class", &"legend")], |markup| {
        for (index, curve) in curves.iter().enumerate() {
            markup.within("li", &[], |markup| {
                markup.raw("<svg width=\"34\" height=\"10\" aria-hidden=\"true\">");
                let class = format!("line {}", style(index));
                markup.shape(
                    "line",
                    &[("class", &class), ("x2", &"34"), ("y1", &"5"), ("y2", &"5")],
                );
                markup.raw("</svg>");
                markup.leaf("span", &[], &curve.label);
                if let Some((_, last)) = curve.points.last() {
                    markup.leaf("b", &[], unit.text(*last));
                }
            });
        }
    });
}

fn describe([x, y]: [&Axis; 2], curves: &[Curve], limit: Option<f64>) -> String {
    let limit = limit.map(|limit| format!(" The limit is {}.", y.unit.text(limit)));
    let each = curves.iter().filter_map(|curve| {
        let ((_, first), (_, last)) = (curve.points.first()?, curve.points.last()?);
        Some(format!(
            " {} goes from {} to {}.",
            curve.label,
            y.unit.text(*first),
            y.unit.text(*last)
        ))
    });
    let number = counted(curves.len(), "curve");
    let each: String = each.take(STYLES).collect();
    format!(
        "{number} of {} over {}.{each}{}",
        y.label,
        x.label,
        limit.unwrap_or_default()
    )
}

fn rows(unit: Unit, curves: &[Curve]) -> Vec<Vec<String>> {
    let row = |curve: &Curve| {
        let heights = || curve.points.iter().map(|point| point.1);
        let text = |value: Option<f64>| value.map_or("–".to_owned(), |value| unit.text(value));
        vec![
            curve.label.clone(),
            Unit::Count.text(curve.points.len() as f64),
            text(heights().next()),
            text(heights().min_by(f64::total_cmp)),
            text(heights().max_by(f64::total_cmp)),
            text(heights().next_back()),
        ]
    };
    curves.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(curves: &[Curve], limit: Option<f64>) -> String {
        let axis = |label: &str, unit| Axis {
            label: label.to_owned(),
            unit,
        };
        let axes = [axis("time", Unit::Seconds), axis("memory", Unit::Bytes)];
        let mut markup = Markup::default();
        draw(&mut markup, "soak", [&axes[0], &axes[1]], curves, limit);
        markup.finish()
    }

    fn curve(label: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Curve {
        Curve {
            label: label.to_owned(),
            points: points.into_iter().collect(),
        }
    }

    #[test]
    fn curves_differ_by_dash_and_have_a_legend() {
        let svg = drawn(
            &[
                curve("a", [(0.0, 0.0), (10.0, 5e6)]),
                curve("b", [(0.0, 10e6)]),
            ],
            Some(8e6),
        );
        assert!(
            svg.contains("class=\"line series-0 dash-0\" points=\"0,1000 1000,500\""),
            "{svg}"
        );
        assert!(svg.contains("series-1 dash-1"));
        assert!(svg.contains(">limit 8 MB</text>"));
        assert!(
            svg.contains("2 curves of memory over time. a goes from 0 B to 5 MB."),
            "{svg}"
        );
        let styles: std::collections::BTreeSet<_> = (0..STYLES * STYLES).map(style).collect();
        assert_eq!(styles.len(), STYLES * STYLES);
    }

    #[test]
    fn a_day_of_seconds_stays_small_and_keeps_its_peak() {
        let mut day: Vec<_> = (0..86_400).map(|second| (f64::from(second), 1e6)).collect();
        day[12_345].1 = 9e6;
        let svg = drawn(&[curve("memory", day)], None);
        assert!(svg.len() < 30_000, "{}", svg.len());
        assert!(svg.contains(",100 "), "the peak is gone");
        assert_eq!(svg.matches("class=\"band series-0").count(), 1);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let svg = drawn(
            &[curve(
                "a",
                [
                    (f64::NAN, 1.0),
                    (1.0, f64::INFINITY),
                    (2.0, 3.0),
                    (1.0, 2.0),
                ],
            )],
            Some(f64::NAN),
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(drawn(&[curve("a", [])], None).contains("Nothing was measured."));
    }
}
