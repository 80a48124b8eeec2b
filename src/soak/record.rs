//! Makes the record of a soak from its history.

use super::history::History;
use super::sample::Sample;
use super::trend::{Confidence, median, trend};
use crate::evidence::soak::{Ended, Host, Latency, Quantity, Requests, Series, Soak, Trend};

/// How many points of a series a record has at most.
const MAX_POINTS: usize = 1000;

/// The part of the time since the program's start that is no part of a trend: its caches fill.
const WARM_UP: usize = 5;

/// What grows when a program leaks.
const GROWING: [Quantity; 5] = [
    Quantity::Pss,
    Quantity::Rss,
    Quantity::Descriptors,
    Quantity::Threads,
    Quantity::Disk,
];

/// What is sampled always.
const ALWAYS: [Quantity; 5] = [
    Quantity::Pss,
    Quantity::Rss,
    Quantity::Cpu,
    Quantity::Descriptors,
    Quantity::Threads,
];

/// The record.
pub fn record(
    history: &History,
    host: Host,
    planned_seconds: f64,
    ended: Ended,
    confidence: Confidence,
) -> Soak {
    let header = &history.header;
    let sum = |of: fn(&Sample) -> u64| history.samples.iter().map(of).sum();
    let series = quantities(history)
        .into_iter()
        .filter_map(|quantity| series(&history.samples, quantity, confidence));
    Soak {
        program: header.program.clone(),
        command: header.command.clone(),
        workload: header.workload.clone(),
        host,
        started: header.started,
        planned_seconds,
        seconds: history.elapsed() as f64 / 1e3,
        interval_seconds: header.interval as f64 / 1e3,
        samples: sum(|sample| sample.count),
        gaps: history.gaps.clone(),
        ended,
        series: series.collect(),
        requests: Requests {
            count: sum(|sample| sample.requests),
            errors: sum(|sample| sample.errors),
            first_errors: history.first_errors.clone(),
            latency: latency(history),
        },
        crashes: history.crashes,
        first_crashes: history.first_crashes.clone(),
    }
}

fn quantities(history: &History) -> Vec<Quantity> {
    let mut quantities = ALWAYS.to_vec();
    if history.samples.iter().any(|sample| sample.disk > 0) {
        quantities.push(Quantity::Disk);
    }
    if history.samples.iter().any(|sample| sample.requests > 0) {
        quantities.extend([Quantity::LatencyP50, Quantity::LatencyP99]);
    }
    quantities
}

fn latency(history: &History) -> Option<Latency> {
    let latencies = &history.latencies;
    let seconds = |hundredths| latencies.percentile(hundredths) as f64 / 1e6;
    (latencies.total() > 0).then(|| Latency {
        p50: seconds(50),
        p90: seconds(90),
        p99: seconds(99),
        max: latencies.longest() as f64 / 1e6,
    })
}

/// How a quantity grows, in the longest time without a start of the program; `None` if that is too short.
pub fn growth(samples: &[Sample], quantity: Quantity, confidence: Confidence) -> Option<Trend> {
    let runs = samples.chunk_by(|one, next| one.start == next.start);
    let longest = runs.max_by_key(|run| run.len())?;
    let warm = &longest[longest.len() / WARM_UP..];
    trend(&points(warm, quantity), confidence)
}

fn points(samples: &[Sample], quantity: Quantity) -> Vec<(f64, f64)> {
    let point = |sample: &Sample| Some((sample.seconds(), value(sample, quantity)?));
    samples.iter().filter_map(point).collect()
}

fn value(sample: &Sample, quantity: Quantity) -> Option<f64> {
    let seconds = |microseconds: u64| microseconds as f64 / 1e6;
    let has_latency = sample.requests > sample.errors;
    match quantity {
        Quantity::Pss => Some(sample.pss as f64),
        Quantity::Rss => Some(sample.rss as f64),
        Quantity::Cpu => Some(sample.cpu_percent()),
        Quantity::Descriptors => Some(sample.descriptors as f64),
        Quantity::Threads => Some(sample.threads as f64),
        Quantity::Disk => Some(sample.disk as f64),
        Quantity::LatencyP50 => has_latency.then(|| seconds(sample.p50)),
        Quantity::LatencyP99 => has_latency.then(|| seconds(sample.p99)),
    }
}

fn series(samples: &[Sample], quantity: Quantity, confidence: Confidence) -> Option<Series> {
    let all = points(samples, quantity);
    let values: Vec<f64> = all.iter().map(|point| point.1).collect();
    let peaks = samples.iter().map(|sample| sample.peak as f64);
    let maximum = match quantity {
        Quantity::Pss => peaks.max_by(f64::total_cmp),
        _ => values.iter().copied().max_by(f64::total_cmp),
    };
    let grows = GROWING.contains(&quantity);
    Some(Series {
        quantity,
        minimum: values.iter().copied().min_by(f64::total_cmp)?,
        maximum: maximum?,
        last: *values.last()?,
        median: median(values),
        trend: grows
            .then(|| growth(samples, quantity, confidence))
            .flatten(),
        points: thinned(&all),
    })
}

/// Means of as many neighbors as leave no more than the most points.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let each = points.len().div_ceil(MAX_POINTS).max(1);
    let mean = |chunk: &[(f64, f64)]| {
        let count = chunk.len() as f64;
        let sum = |of: fn(&(f64, f64)) -> f64| chunk.iter().map(of).sum::<f64>();
        (sum(|point| point.0) / count, sum(|point| point.1) / count)
    };
    points.chunks(each).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::super::history::Entry;
    use super::super::history::tests::{header, sample};
    use super::super::trend::ONCE;
    use super::*;

    fn host() -> Host {
        Host {
            system: "linux".to_owned(),
            machine: "x86_64".to_owned(),
            kernel: "6.1".to_owned(),
            processors: 2,
            memory_bytes: 1 << 30,
            page_bytes: 4096,
        }
    }

    /// A start in the middle, after which memory begins anew.
    fn restarted() -> History {
        let mut history = History::new(header());
        for n in 1..=3000 {
            let Entry::Sample(mut sample) = sample(n * 1000) else {
                unreachable!("it makes samples");
            };
            sample.start = 1 + u64::from(n > 1000);
            sample.pss = 1_000_000 + 5000 * (n % 1000);
            sample.peak = sample.pss + 1;
            history.samples.push(sample);
        }
        history
    }

    #[test]
    fn a_record_has_few_points_and_is_read_as_it_was_written() {
        let mut history = restarted();
        history.latencies.add(1500);
        let record = record(&history, host(), 5000.0, Ended::Complete, ONCE);
        assert_eq!((record.seconds, record.samples), (3000.0, 3000));
        let memory = record.series(Quantity::Pss).expect("sampled");
        assert_eq!(memory.points.len(), MAX_POINTS);
        assert_eq!(memory.maximum, 5_995_001.0);
        assert_eq!(record.series(Quantity::Disk), None);
        assert_eq!(record.series(Quantity::LatencyP50), None);
        let text = crate::output::json::to_text(&record);
        let again: Soak = serde_json::from_str(&text).expect("the same");
        assert_eq!(crate::output::json::to_text(&again), text);
    }

    #[test]
    fn growth_is_that_of_the_longest_time_without_a_start() {
        let mut history = restarted();
        history.samples.truncate(1900);
        let found = growth(&history.samples, Quantity::Pss, ONCE).expect("long enough");
        assert_eq!((found.from_seconds, found.to_seconds), (201.0, 1000.0));
        history.samples.truncate(70);
        assert_eq!(growth(&history.samples, Quantity::Pss, ONCE), None);
    }

    #[test]
    fn a_soak_without_a_sample_has_a_record() {
        let history = History::new(header());
        let ended = Ended::Interrupted("SIGTERM".to_owned());
        let record = record(&history, host(), 10.0, ended, ONCE);
        assert_eq!((record.samples, record.series.len()), (0, 0));
    }
}
