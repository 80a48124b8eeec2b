//! Numbers of exhibits as people read them.

use super::exhibit::Unit;
use crate::model::date;

/// A unit that is written behind a number, and how much of the exhibit's unit it is.
#[derive(Clone, Copy)]
struct Measure(f64, &'static str);

const BYTES: [Measure; 5] = [
    Measure(1.0, "B"),
    Measure(1e3, "kB"),
    Measure(1e6, "MB"),
    Measure(1e9, "GB"),
    Measure(1e12, "TB"),
];
const SECONDS: [Measure; 7] = [
    Measure(1e-9, "ns"),
    Measure(1e-6, "µs"),
    Measure(1e-3, "ms"),
    Measure(1.0, "s"),
    Measure(60.0, "min"),
    Measure(3600.0, "h"),
    Measure(86_400.0, "d"),
];
const PERCENT: [Measure; 1] = [Measure(1.0, "%")];
const COUNT: [Measure; 1] = [Measure(1.0, "")];

impl Unit {
    /// A number with three digits and its unit; a number of things with all digits, and a date with its minute.
    pub fn text(self, value: f64) -> String {
        if !value.is_finite() {
            return "not a number".to_owned();
        }
        match self {
            Self::Date => date::rfc3339(value as i64)[..16].replace('T', " ") + " UTC",
            Self::Count => grouped(value, if value.abs() < 100.0 { 2 } else { 0 }),
            _ => {
                let Measure(size, name) = self.measure(rounded(value.abs()));
                let number = trimmed(format!("{:.*}", decimals(value / size), value / size));
                format!("{number} {name}")
            }
        }
    }

    /// The same for a tick of an axis that ends with `last` and has its ticks `step` apart.
    pub(crate) fn tick(self, value: f64, last: f64, step: f64) -> String {
        match self {
            Self::Date if step >= 86_400.0 => date::rfc3339(value as i64)[..10].to_owned(),
            Self::Date => date::rfc3339(value as i64)[5..16].replace('T', " "),
            Self::Count => grouped(value, exact(step)),
            _ => {
                // Minutes of an hour are whole, parts of it are not.
                let of_time = self == Self::Seconds && step >= 60.0;
                let Measure(size, name) = self.measure(if of_time { step } else { last });
                format!("{:.*} {name}", exact(step / size), value / size)
            }
        }
    }

    /// The largest unit that is not more than an amount.
    fn measure(self, amount: f64) -> Measure {
        let measures: &[Measure] = match self {
            Self::Bytes => &BYTES,
            // A minute and a half is 90 s.
            Self::Seconds if (60.0..120.0).contains(&amount) => &SECONDS[..4],
            Self::Seconds => &SECONDS,
            Self::Percent => &PERCENT,
            Self::Count | Self::Date => &COUNT,
        };
        let smallest = match (self, amount == 0.0) {
            (Self::Seconds, true) => Measure(1.0, "s"),
            _ => measures[0],
        };
        let fitting = measures.iter().rev().find(|measure| measure.0 <= amount);
        *fitting.unwrap_or(&smallest)
    }
}

/// An amount with three digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// How many decimals make three digits.
fn decimals(value: f64) -> usize {
    match value.abs() {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    }
}

/// How many decimals a step has, up to six.
fn exact(step: f64) -> usize {
    let is_whole = |scaled: f64| (scaled - scaled.round()).abs() < 1e-6 * scaled.abs().max(1e-3);
    let decimals = (0..=6).find(|decimals| is_whole(step * 10_f64.powi(*decimals)));
    decimals.unwrap_or(2) as usize
}

/// Without zeros at the end of its decimals.
fn trimmed(number: String) -> String {
    match number.contains('.') {
        true => number
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => number,
    }
}

/// With commas between thousands.
fn grouped(value: f64, decimals: usize) -> String {
    let number = trimmed(format!("{value:.decimals$}"));
    let digits = number.trim_start_matches('-');
    let whole = digits.split('.').next().unwrap_or_default().len();
    let mut text = number[..number.len() - digits.len()].to_owned();
    for (index, digit) in digits.char_indices() {
        if index > 0 && index < whole && (whole - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_the_unit_that_fits() {
        for (unit, value, expected) in [
            (Unit::Bytes, 0.0, "0 B"),
            (Unit::Bytes, 999.0, "999 B"),
            (Unit::Bytes, 1000.0, "1 kB"),
            (Unit::Bytes, 999_950.0, "1 MB"),
            (Unit::Bytes, 26_214_400.0, "26.2 MB"),
            (Unit::Bytes, -1_230_000.0, "-1.23 MB"),
            (Unit::Seconds, 0.0, "0 s"),
            (Unit::Seconds, 0.0123, "12.3 ms"),
            (Unit::Seconds, 4.2e-6, "4.2 µs"),
            (Unit::Seconds, 90.0, "90 s"),
            (Unit::Seconds, 600.0, "10 min"),
            (Unit::Seconds, 5400.0, "1.5 h"),
            (Unit::Percent, 12.34, "12.3 %"),
            (Unit::Count, 1_234_567.0, "1,234,567"),
            (Unit::Count, 2.5, "2.5"),
            (Unit::Date, 1_767_323_045.0, "2026-01-02 03:04 UTC"),
            (Unit::Seconds, f64::NAN, "not a number"),
        ] {
            assert_eq!(unit.text(value), expected);
        }
    }

    #[test]
    fn ticks_of_an_axis_have_the_same_unit_and_as_many_decimals_as_their_step() {
        for (unit, value, last, step, expected) in [
            (Unit::Bytes, 0.0, 2e6, 5e5, "0.0 MB"),
            (Unit::Bytes, 5e5, 2e6, 5e5, "0.5 MB"),
            (Unit::Bytes, 1_000_200.0, 1_000_400.0, 200.0, "1.0002 MB"),
            (Unit::Seconds, 0.002, 0.010, 0.002, "2 ms"),
            (Unit::Seconds, 1800.0, 7200.0, 1800.0, "30 min"),
            (Unit::Seconds, 43_200.0, 86_400.0, 21_600.0, "12 h"),
            (Unit::Percent, 2.5, 10.0, 2.5, "2.5 %"),
            (Unit::Count, 2000.0, 4000.0, 1000.0, "2,000"),
            (Unit::Date, 0.0, 1e6, 86_400.0, "1970-01-01"),
            (Unit::Date, 0.0, 1e5, 3600.0, "01-01 00:00"),
        ] {
            assert_eq!(unit.tick(value, last, step), expected);
        }
    }
}
