//! Axes: from numbers to places, with ticks at numbers that people like.

use crate::gate::exhibit::Unit;

/// An axis from the first tick to the last one, or between two numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    /// The number at its start.
    pub(super) low: f64,
    /// The number at its end.
    pub(super) high: f64,
    step: f64,
    unit: Unit,
}

/// A number on an axis.
pub(super) struct Tick {
    /// Where it is, from 0 to 1.
    pub(super) at: f64,
    /// What it says.
    pub(super) label: String,
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// Steps of time above a second. Years of days are left to powers of ten.
const TIMES: [f64; 18] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    3.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
];

impl Scale {
    /// One that ends with ticks, and starts with 0 unless the numbers are far from it.
    pub(super) fn whole(numbers: impl Iterator<Item = f64>, unit: Unit, ticks: usize) -> Self {
        let (low, high) = bounds(numbers);
        let low = if low > 0.0 && low < 0.7 * high {
            0.0
        } else {
            low
        };
        let (low, high) = apart(low, high);
        let step = step((high - low) / ticks as f64, unit);
        let low = (low / step + 1e-9).floor() * step;
        Self {
            low,
            high: ((high / step - 1e-9).ceil() * step).max(low + step),
            step,
            unit,
        }
    }

    /// One that ends with the numbers themselves.
    pub(super) fn tight(numbers: impl Iterator<Item = f64>, unit: Unit, ticks: usize) -> Self {
        let (low, high) = bounds(numbers);
        let (low, high) = apart(low, high);
        let step = step((high - low) / ticks as f64, unit);
        Self {
            low,
            high,
            step,
            unit,
        }
    }

    /// Where a number is, from 0 to 1.
    pub(super) fn at(&self, number: f64) -> f64 {
        ((number - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The ticks, from left to right.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let first = (self.low / self.step - 1e-9).ceil();
        let count = ((self.high / self.step + 1e-9).floor() - first).clamp(0.0, 50.0) as usize;
        let tick = |index| {
            let number = (first + index as f64) * self.step;
            Tick {
                at: self.at(number),
                label: self
                    .unit
                    .tick(number, self.high.abs().max(self.low.abs()), self.step),
            }
        };
        (0..=count).map(tick).collect()
    }
}

/// The least and the largest number.
fn bounds(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = numbers.filter(|number| number.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
        (low.min(number), high.max(number))
    })
}

/// Bounds that a scale can have: finite, and so far apart that numbers between them can be told apart.
fn apart(low: f64, high: f64) -> (f64, f64) {
    // Hostile numbers can be so large that their difference is infinite.
    const LARGEST: f64 = 1e300;
    if !low.is_finite() || !high.is_finite() {
        return (0.0, 1.0);
    }
    let (low, high) = (low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST));
    let least = (low.abs().max(high.abs()) * 1e-9).max(1e-12);
    match high - low {
        width if width >= least => (low, high),
        _ if high == 0.0 => (0.0, 1.0),
        _ => (low - 0.1 * low.abs(), high + 0.1 * high.abs()),
    }
}

/// The next larger step that people like.
fn step(least: f64, unit: Unit) -> f64 {
    let of_time = matches!(unit, Unit::Seconds | Unit::Date) && least > 1.0;
    let found = TIMES.iter().find(|step| **step >= least);
    if let (true, Some(step)) = (of_time, found) {
        return *step;
    }
    let base = if of_time { DAY } else { 1.0 };
    let power = 10_f64.powf((least / base).log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter();
    let mut steps = factor.map(|factor| factor * power * base);
    let step = steps.find(|step| *step >= 0.999_999 * least);
    let step = step.unwrap_or(10.0 * power * base);
    match unit {
        Unit::Count => step.max(1.0),
        // A date has no parts of a second.
        Unit::Date => step.max(1.0),
        _ => step,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(numbers: &[f64], unit: Unit) -> Vec<String> {
        let scale = Scale::whole(numbers.iter().copied(), unit, 4);
        scale.ticks().into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_at_numbers_that_people_like() {
        let bytes = labels(&[3e6, 17e6], Unit::Bytes);
        assert_eq!(bytes, ["0 MB", "5 MB", "10 MB", "15 MB", "20 MB"]);
        let far = labels(&[0.0101, 0.0109], Unit::Seconds);
        assert_eq!(
            far,
            ["10 ms", "10.2 ms", "10.4 ms", "10.6 ms", "10.8 ms", "11 ms"].map(|l| match l {
                "10 ms" => "10.0 ms",
                "11 ms" => "11.0 ms",
                other => other,
            })
        );
        let day = labels(&[0.0, DAY], Unit::Seconds);
        assert_eq!(day, ["0 h", "6 h", "12 h", "18 h", "24 h"]);
        let few = labels(&[0.0, 2.0], Unit::Count);
        assert_eq!(few, ["0", "1", "2"]);
    }

    #[test]
    fn every_number_has_a_place() {
        for numbers in [
            &[] as &[f64],
            &[0.0],
            &[7.0, 7.0],
            &[-3.0],
            &[f64::NAN, 1.0],
            &[f64::MIN, f64::MAX],
            &[1e-300, 1.1e-300],
        ] {
            for unit in [
                Unit::Bytes,
                Unit::Seconds,
                Unit::Percent,
                Unit::Count,
                Unit::Date,
            ] {
                for scale in [
                    Scale::whole(numbers.iter().copied(), unit, 4),
                    Scale::tight(numbers.iter().copied(), unit, 4),
                ] {
                    let ticks = scale.ticks();
                    assert!(ticks.len() < 60, "{numbers:?}");
                    let mut places = ticks.iter().map(|tick| tick.at).chain([scale.at(3.0)]);
                    assert!(places.all(|at| (0.0..=1.0).contains(&at)), "{scale:?}");
                }
            }
        }
    }
}
