//! Repeated measurements of one thing, and what they are worth on a busy machine.

use super::shown;
use crate::evidence::measurement::{Measurement, Timing};
use crate::model::seconds::Seconds;

/// Above this share of the median, the deviation makes measurements noisy.
const DEVIATION: f64 = 0.25;

/// Above this share of all processors' time, other programs make a machine busy.
const OTHERS: f64 = 0.25;

/// Measurements of one thing.
pub(super) struct Samples {
    pub(super) what: &'static str,
    pub(super) timings: Vec<Timing>,
    pub(super) limit: Seconds,
}

/// What they are worth.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Judged {
    /// The median is below the limit. Noise makes nothing faster.
    Good,
    /// The median is not, and noise does not explain that.
    Slow(String),
    /// It is not judged, as an emulator ran it.
    Emulated(String),
    /// It cannot be judged, for this reason.
    Undecided(String),
}

impl Samples {
    /// Holds the median against the limit.
    pub(super) fn judge(&self, measurement: &Measurement) -> Judged {
        if let Some(emulator) = &measurement.emulator {
            return Judged::Emulated(format!(
                "`{emulator}` ran it, whose times are shown and not judged"
            ));
        }
        let (median, limit) = (self.median(), self.limit.get());
        if median < limit {
            return Judged::Good;
        }
        let found = format!("{}, the median of {}", shown(median), self.timings.len());
        let Some(noise) = self.noise(measurement) else {
            return Judged::Slow(found);
        };
        // What is left without everything that a busy machine can have added.
        let net = median_of(
            self.timings
                .iter()
                .map(|timing| self.net(measurement, timing)),
        );
        if self.explains(measurement) && net >= limit {
            return Judged::Slow(format!(
                "{found}, and {} without the waiting for a processor",
                shown(net)
            ));
        }
        Judged::Undecided(format!(
            "{found} says nothing, as the machine was busy: {noise}"
        ))
    }

    /// Why the measurements are noisy, if they are.
    pub(super) fn noise(&self, measurement: &Measurement) -> Option<String> {
        let (median, deviation) = (self.median(), self.deviation());
        let mut reasons = Vec::new();
        if is_busy(measurement) {
            let share = measurement.noise.others_share.unwrap_or(0.0);
            reasons.push(format!(
                "other programs had {:.0} % of its processors",
                share * 100.0
            ));
        }
        if deviation > DEVIATION * median {
            reasons.push(format!("the median deviation is {}", shown(deviation)));
        }
        let waiting = median_of(
            self.timings
                .iter()
                .map(|timing| timing.waiting_seconds.unwrap_or(0.0)),
        );
        if waiting > DEVIATION * median {
            reasons.push(format!(
                "it waited up to {} for a processor",
                shown(waiting)
            ));
        }
        (!reasons.is_empty()).then(|| reasons.join(", "))
    }

    /// Whether all that the machine can have added is known.
    fn explains(&self, measurement: &Measurement) -> bool {
        measurement.noise.others_share.is_some()
            && self
                .timings
                .iter()
                .all(|timing| timing.waiting_seconds.is_some() && timing.cpu_seconds.is_some())
    }

    /// The time without waiting for a processor. Processors that are shared work slower, by half at most.
    fn net(&self, measurement: &Measurement, timing: &Timing) -> f64 {
        let slower = if is_busy(measurement) {
            timing.cpu_seconds.unwrap_or(0.0) / 2.0
        } else {
            0.0
        };
        timing.seconds - timing.waiting_seconds.unwrap_or(0.0) - slower
    }

    pub(super) fn median(&self) -> f64 {
        median_of(self.timings.iter().map(|timing| timing.seconds))
    }

    /// The median of the distances from the median.
    pub(super) fn deviation(&self) -> f64 {
        let median = self.median();
        median_of(
            self.timings
                .iter()
                .map(|timing| (timing.seconds - median).abs()),
        )
    }
}

fn is_busy(measurement: &Measurement) -> bool {
    measurement
        .noise
        .others_share
        .is_some_and(|share| share > OTHERS)
}

/// The middle one; of an even number, the mean of the two in the middle. Nothing has the median 0.
fn median_of(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<_> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => 0.0,
        (Some(one), 1) => *one,
        (Some(one), _) => f64::midpoint(*one, sorted[middle - 1]),
    }
}
