//! Tells a leak from noise: the rate at which a series grows, and how certain that is.
//!
//! 1. Samples are put together in up to 60 blocks, each with its median: spikes go, and most of what one sample has in common
//!    with the next.
//! 2. The rate is the median of the slopes of all pairs of blocks (Theil 1950, Sen 1968). Up to 29 % of the blocks may hold
//!    anything at all without changing it much.
//! 3. What is left beside the line says how far off the rate may be, as for a least squares line, from which this one's
//!    variance differs little. Neighbors that are alike count as fewer: with an autocorrelation of r, as (1 - r) / (1 + r) of a
//!    block each (Bayley and Hammersley 1946), r corrected for its bias (Marriott and Pope 1954).
//! 4. The rate of the second half is told, too, as a program that fills its caches grows as well, until it does not.
//!
//! The tests measure how often a leak is found, and how often one is seen where there is none.

use crate::evidence::soak::Trend;

/// How certain a trend has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// The level of the interval.
    level: f64,
    /// The quantile of the normal distribution for both ends of it.
    quantile: f64,
}

/// For a verdict that is asked for once.
pub const ONCE: Confidence = Confidence {
    level: 0.999,
    quantile: 3.290_527,
};

/// For one that is asked for again and again, as long as the soak runs.
pub const REPEATED: Confidence = Confidence {
    level: 0.9999,
    quantile: 3.890_592,
};

/// With fewer samples there is no trend.
pub const MIN_SAMPLES: usize = 60;

const MIN_BLOCKS: usize = 20;
const MAX_BLOCKS: usize = 60;

/// The efficiency of Theil's estimator for a normal distribution is 3/π (Sen 1968), so its standard error is that of least squares
/// by the root of π/3.
const ERROR_OF_MEDIAN_SLOPE: f64 = 1.023_327;

const SECONDS_PER_HOUR: f64 = 3600.0;

/// The trend of points, seconds and values, in the order of time; `None` if they are too few, or all at one time.
pub fn trend(points: &[(f64, f64)], confidence: Confidence) -> Option<Trend> {
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < MIN_SAMPLES || last.0 <= first.0 {
        return None;
    }
    let blocks = blocks(points);
    let rate = median_slope(&blocks);
    let margin = margin(&blocks, rate, confidence);
    let late = median_slope(&blocks[blocks.len() / 2..]);
    Some(Trend {
        samples: points.len() as u64,
        from_seconds: first.0,
        to_seconds: last.0,
        per_hour: rate * SECONDS_PER_HOUR,
        low_per_hour: (rate - margin) * SECONDS_PER_HOUR,
        high_per_hour: (rate + margin) * SECONDS_PER_HOUR,
        late_per_hour: late * SECONDS_PER_HOUR,
        confidence: confidence.level,
    })
}

/// The middles of blocks of as many points each.
fn blocks(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let count = (points.len() / 8).clamp(MIN_BLOCKS, MAX_BLOCKS);
    let middle = |block: &[(f64, f64)]| {
        let time = block.iter().map(|point| point.0).sum::<f64>() / block.len() as f64;
        (time, median(block.iter().map(|point| point.1).collect()))
    };
    // Blocks differ by at most one point, so that none has few.
    let edge = |index: usize| index * points.len() / count;
    (0..count)
        .map(|index| middle(&points[edge(index)..edge(index + 1)]))
        .collect()
}

fn median_slope(points: &[(f64, f64)]) -> f64 {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (index, one) in points.iter().enumerate() {
        let later = points[index + 1..].iter();
        let steep = later.filter(|other| other.0 > one.0);
        slopes.extend(steep.map(|other| (other.1 - one.1) / (other.0 - one.0)));
    }
    median(slopes)
}

/// How far the true rate may be from the one found.
fn margin(points: &[(f64, f64)], rate: f64, confidence: Confidence) -> f64 {
    let count = points.len() as f64;
    let offset = median(points.iter().map(|(x, y)| y - rate * x).collect());
    let rest: Vec<f64> = points.iter().map(|(x, y)| y - rate * x - offset).collect();
    let mean_time = points.iter().map(|point| point.0).sum::<f64>() / count;
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_time).powi(2)).sum();
    let variance = rest.iter().map(|value| value * value).sum::<f64>() / (count - 2.0);
    let correlation = autocorrelation(&rest);
    let alike = (1.0 + correlation) / (1.0 - correlation);
    let freedom = (count / alike - 2.0).max(2.0);
    let error = ERROR_OF_MEDIAN_SLOPE * (variance * alike / spread).sqrt();
    student(confidence.quantile, freedom) * error
}

/// The correlation of neighbors, at least 0 and less than 1.
fn autocorrelation(rest: &[f64]) -> f64 {
    let count = rest.len() as f64;
    let mean = rest.iter().sum::<f64>() / count;
    let square: f64 = rest.iter().map(|value| (value - mean).powi(2)).sum();
    if square <= 0.0 {
        return 0.0;
    }
    let pairs = rest.windows(2);
    let product: f64 = pairs.map(|two| (two[0] - mean) * (two[1] - mean)).sum();
    // A line was taken off, which makes neighbors look less alike by about twice as much as taking off a mean does.
    let found = product / square;
    (found + (2.0 + 4.0 * found.max(0.0)) / count).clamp(0.0, 0.95)
}

/// The quantile of Student's distribution for a normal one (the expansion of Cornish and Fisher; Abramowitz and Stegun, 26.7.5).
fn student(z: f64, freedom: f64) -> f64 {
    let (cube, fifth) = (z.powi(3), z.powi(5));
    z + (cube + z) / (4.0 * freedom)
        + (5.0 * fifth + 16.0 * cube + 3.0 * z) / (96.0 * freedom.powi(2))
}

/// The middle of values; 0 for none.
pub fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    let (below, value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let value = *value;
    let largest = below.iter().copied().max_by(f64::total_cmp);
    match largest {
        Some(other) if values.len().is_multiple_of(2) => f64::midpoint(value, other),
        _ => value,
    }
}

#[cfg(test)]
mod tests;
