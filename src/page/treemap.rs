//! An amount in parts as areas, nested as the parts are.

use super::figure::{drawing, numbers};
use super::markup::{Attributes, Markup, Px, Share};
use crate::gate::exhibit::{ExhibitPart, Unit};

/// The sizes that a map is drawn in, in pixels: for phones, tablets and larger screens. Labels fit no other one.
const SIZES: [(&str, f64, f64); 3] = [
    ("tiles small", 300.0, 420.0),
    ("tiles medium", 580.0, 400.0),
    ("tiles large", 860.0, 440.0),
];
const COLORS: usize = 6;
/// What is smaller than so many pixels in one direction is left to the whole that it is a part of.
const LEAST: f64 = 2.5;
/// How many parts of one whole are drawn, the largest first.
const MOST: usize = 300;
const HEADER: f64 = 20.0;
/// About how wide a character of a label is, and how high its line.
const CHARACTER: f64 = 7.4;
const LINE: f64 = 15.0;

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// What is the same for all tiles of a map.
struct Map {
    unit: Unit,
    width: f64,
}

/// Draws the parts of a whole.
pub(super) fn draw(markup: &mut Markup, title: &str, unit: Unit, parts: &[ExhibitPart]) {
    let total = sum(parts);
    if total <= 0.0 {
        markup.raw("<p class=\"aside\">There is nothing to show.</p>");
        return;
    }
    let largest = parts
        .iter()
        .max_by(|one, other| one.value.total_cmp(&other.value));
    let largest = largest.map(|part| {
        format!(
            " The largest part is {} with {}.",
            part.label,
            unit.text(part.value)
        )
    });
    let description = format!(
        "{} in {} parts.{}",
        unit.text(total),
        parts.len(),
        largest.unwrap_or_default()
    );
    for (class, width, height) in SIZES {
        drawing(markup, [class, title, &description], height, |markup| {
            let area = Area {
                x: 0.0,
                y: 0.0,
                width,
                height,
            };
            let map = Map { unit, width };
            for (index, (part, area)) in squarified(parts, total, area)
                .into_iter()
                .take(MOST)
                .enumerate()
            {
                let class = format!("tile tile-{}", index % COLORS);
                map.tile(markup, &class, part, area, 0);
            }
        });
    }
    let mut rows = Vec::new();
    list(&mut rows, unit, total, parts, "");
    numbers(markup, title, &["part", "amount", "share"], &rows);
}

impl Map {
    fn tile(&self, markup: &mut Markup, class: &str, part: &ExhibitPart, area: Area, depth: usize) {
        if area.width < LEAST || area.height < LEAST {
            return;
        }
        let area = area.inset(if depth == 0 { 1.0 } else { 0.75 });
        markup.within("g", &[], |markup| {
            let tip = format!("{}: {}", part.label, self.unit.text(part.value));
            markup.leaf("title", &[], tip);
            let (x, width) = (self.share(area.x), self.share(area.width));
            let (y, height) = (Px(area.y), Px(area.height));
            let place: Attributes<'_> = &[
                ("class", &class),
                ("x", &x),
                ("y", &y),
                ("width", &width),
                ("height", &height),
                ("rx", &"2"),
            ];
            markup.shape("rect", place);
            let inner = area.below_header();
            match inner.filter(|_| !part.parts.is_empty() && depth < 8) {
                Some(inner) => {
                    self.label(
                        markup,
                        part,
                        Area {
                            height: HEADER,
                            ..area
                        },
                        "tile-name",
                    );
                    let whole = part.value.max(sum(&part.parts));
                    for (part, area) in squarified(&part.parts, whole, inner).into_iter().take(MOST)
                    {
                        self.tile(markup, class, part, area, depth + 1);
                    }
                }
                None => self.label(markup, part, area, "tile-text"),
            }
        });
    }

    fn label(&self, markup: &mut Markup, part: &ExhibitPart, area: Area, class: &'static str) {
        let fitting = ((area.width - 10.0) / CHARACTER) as usize;
        if area.height < LINE + 2.0 || fitting < 3 {
            return;
        }
        let whole = part.label.chars().count() <= fitting;
        if !whole && fitting < 6 {
            return;
        }
        let (x, y) = (self.share(area.x + 5.0), Px(area.y + LINE - 1.0));
        let mut label = part.label.clone();
        if !whole {
            label = label.chars().take(fitting - 1).chain(['…']).collect();
        }
        markup.leaf("text", &[("class", &class), ("x", &x), ("y", &y)], label);
        let value = self.unit.text(part.value);
        if area.height >= 2.0 * LINE + 4.0 && value.chars().count() <= fitting {
            let y = Px(area.y + 2.0 * LINE - 1.0);
            markup.leaf(
                "text",
                &[("class", &"tile-value"), ("x", &x), ("y", &y)],
                value,
            );
        }
    }

    fn share(&self, pixels: f64) -> Share {
        Share(pixels / self.width)
    }
}

impl Area {
    fn inset(self, by: f64) -> Self {
        Self {
            x: self.x + by,
            y: self.y + by,
            width: (self.width - 2.0 * by).max(0.5),
            height: (self.height - 2.0 * by).max(0.5),
        }
    }

    /// The room for parts, where it is worth it.
    fn below_header(self) -> Option<Self> {
        (self.width >= 44.0 && self.height >= HEADER + 22.0).then_some(Self {
            x: self.x + 3.0,
            y: self.y + HEADER,
            width: self.width - 6.0,
            height: self.height - HEADER - 3.0,
        })
    }
}

fn sum(parts: &[ExhibitPart]) -> f64 {
    let values = parts.iter().map(|part| part.value);
    values.filter(|value| is_amount(*value)).sum()
}

/// A part without an amount has no area, and amounts beyond any size have no sum.
fn is_amount(value: f64) -> bool {
    value > 0.0 && value < 1e18
}

/// Gives each part a rectangle of its share of an area, as square as can be (Bruls, Huizing and van Wijk, "Squarified
/// Treemaps", 2000).
fn squarified(parts: &[ExhibitPart], whole: f64, area: Area) -> Vec<(&ExhibitPart, Area)> {
    let mut sorted: Vec<_> = parts.iter().filter(|part| is_amount(part.value)).collect();
    sorted.sort_by(|one, other| other.value.total_cmp(&one.value));
    let scale = area.width * area.height / whole;
    let mut placed = Vec::new();
    let (mut rest, mut left) = (sorted.as_slice(), area);
    while !rest.is_empty() && left.width > 0.0 && left.height > 0.0 {
        let count = row_of(rest, scale, left.width.min(left.height));
        let (row, others) = rest.split_at(count);
        left = place(&mut placed, row, scale, left);
        rest = others;
    }
    placed
}

/// How many parts are put side by side along the shorter side: more, as long as the worst of them gets no flatter.
fn row_of(parts: &[&ExhibitPart], scale: f64, side: f64) -> usize {
    let (mut total, mut best) = (0.0, f64::INFINITY);
    let largest = parts[0].value * scale;
    for (index, part) in parts.iter().enumerate() {
        let area = part.value * scale;
        total += area;
        let flattest =
            (side * side * largest / (total * total)).max(total * total / (side * side * area));
        if flattest > best {
            return index;
        }
        best = flattest;
    }
    parts.len()
}

/// Places a row, and returns the area that is left.
fn place<'p>(
    placed: &mut Vec<(&'p ExhibitPart, Area)>,
    row: &[&'p ExhibitPart],
    scale: f64,
    left: Area,
) -> Area {
    let total: f64 = row.iter().map(|part| part.value * scale).sum();
    let lies = left.width >= left.height;
    let side = if lies { left.height } else { left.width };
    let depth = total / side;
    let mut along = 0.0;
    for part in row {
        let length = part.value * scale / depth;
        placed.push((
            *part,
            match lies {
                true => Area {
                    x: left.x,
                    y: left.y + along,
                    width: depth,
                    height: length,
                },
                false => Area {
                    x: left.x + along,
                    y: left.y,
                    width: length,
                    height: depth,
                },
            },
        ));
        along += length;
    }
    match lies {
        true => Area {
            x: left.x + depth,
            width: left.width - depth,
            ..left
        },
        false => Area {
            y: left.y + depth,
            height: left.height - depth,
            ..left
        },
    }
}

/// All parts as rows, each below what it is a part of.
fn list(rows: &mut Vec<Vec<String>>, unit: Unit, total: f64, parts: &[ExhibitPart], above: &str) {
    for part in parts {
        let label = match above {
            "" => part.label.clone(),
            _ => format!("{above} › {}", part.label),
        };
        let share = Unit::Percent.text(100.0 * part.value / total);
        rows.push(vec![label.clone(), unit.text(part.value), share]);
        list(rows, unit, total, &part.parts, &label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(label: &str, value: f64, parts: Vec<ExhibitPart>) -> ExhibitPart {
        let label = label.to_owned();
        ExhibitPart {
            label,
            value,
            parts,
        }
    }

    const WHOLE: Area = Area {
        x: 0.0,
        y: 0.0,
        width: 600.0,
        height: 400.0,
    };

    #[test]
    fn areas_are_those_of_the_paper() {
        let values = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let parts: Vec<_> = values
            .iter()
            .map(|value| part("p", *value, Vec::new()))
            .collect();
        let placed = squarified(&parts, 24.0, WHOLE);
        let first = Area {
            x: 0.0,
            y: 0.0,
            width: 300.0,
            height: 200.0,
        };
        assert_eq!(placed[0].1, first);
        assert_eq!(placed[1].1, Area { y: 200.0, ..first });
        for (part, area) in &placed {
            assert!((area.width * area.height / 10_000.0 - part.value).abs() < 1e-6);
            assert!(
                area.x + area.width < 600.001 && area.y + area.height < 400.001,
                "{area:?}"
            );
        }
    }

    fn drawn(parts: &[ExhibitPart]) -> String {
        let mut markup = Markup::default();
        draw(&mut markup, "what is in it", Unit::Bytes, parts);
        markup.finish()
    }

    #[test]
    fn every_part_is_in_the_table_and_every_area_has_a_title() {
        let svg = drawn(&[
            part(
                "std",
                8e6,
                vec![
                    part("alloc", 3e6, Vec::new()),
                    part("core", 2e6, Vec::new()),
                ],
            ),
            part("clap", 1e6, Vec::new()),
        ]);
        assert!(svg.contains("9 MB in 2 parts. The largest part is std with 8 MB."));
        assert!(svg.contains(">std › alloc</td>"), "{svg}");
        assert_eq!(
            svg.matches("<title>core: 2 MB</title>").count(),
            SIZES.len()
        );
        assert_eq!(svg.matches("<rect").count(), 4 * SIZES.len());
    }

    #[test]
    fn numbers_that_are_none_have_no_area() {
        let none = Vec::new;
        assert!(
            drawn(&[part("a", 0.0, none()), part("b", f64::NAN, none())])
                .contains("There is nothing to show.")
        );
        let svg = drawn(&[
            part("a", f64::MAX, none()),
            part("b", -5.0, none()),
            part("c", 1.0, vec![part("d", 9.0, none())]),
        ]);
        assert!(!svg.contains("NaN") && !svg.contains("\"inf"), "{svg}");
    }

    #[test]
    fn many_small_parts_stay_small() {
        let parts: Vec<_> = (0..20_000)
            .map(|index| part("crate", f64::from(20_000 - index), Vec::new()))
            .collect();
        let size = drawn(&parts).len();
        assert!(size < 300_000, "{size}");
    }
}
