//! What is seen of a program at one time.

/// A sample, or the sum of several that follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "Numbers", into = "Numbers")]
pub struct Sample {
    /// When it was taken, in milliseconds of the time that the soak ran.
    pub at: u64,
    /// The time that it stands for, in milliseconds.
    pub span: u64,
    /// How many samples it was made of.
    pub count: u64,
    /// How often the program had been started.
    pub start: u64,
    /// Memory with a share of what is shared, in bytes.
    pub pss: u64,
    /// The most of it.
    pub peak: u64,
    /// Memory with all that is shared, in bytes.
    pub rss: u64,
    /// Processor time in microseconds.
    pub cpu: u64,
    /// Open descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// The size of the directory, in bytes.
    pub disk: u64,
    /// Requests that ended.
    pub requests: u64,
    /// Requests that failed.
    pub errors: u64,
    /// The median of the latencies, in microseconds.
    pub p50: u64,
    /// The 99th percentile of the latencies, in microseconds.
    pub p99: u64,
}

/// A sample in the log: a list is shorter than names.
type Numbers = [u64; 15];

impl From<Numbers> for Sample {
    fn from(n: Numbers) -> Self {
        let [at, span, count, start, pss, peak, rss, cpu, ..] = n;
        let [.., descriptors, threads, disk, requests, errors, p50, p99] = n;
        Self {
            at,
            span,
            count,
            start,
            pss,
            peak,
            rss,
            cpu,
            descriptors,
            threads,
            disk,
            requests,
            errors,
            p50,
            p99,
        }
    }
}

impl From<Sample> for Numbers {
    fn from(s: Sample) -> Self {
        [
            s.at,
            s.span,
            s.count,
            s.start,
            s.pss,
            s.peak,
            s.rss,
            s.cpu,
            s.descriptors,
            s.threads,
            s.disk,
            s.requests,
            s.errors,
            s.p50,
            s.p99,
        ]
    }
}

impl Sample {
    /// One sample for two that follow each other: means of what memory there is, the most of what is counted, and the larger
    /// of the latencies.
    pub fn merged(self, next: Self) -> Self {
        let (one, other) = (u128::from(self.count), u128::from(next.count));
        let mean = |a: u64, b: u64| {
            let sum = u128::from(a) * one + u128::from(b) * other;
            // A mean is between the two.
            (sum / (one + other).max(1)) as u64
        };
        Self {
            at: next.at,
            span: self.span.saturating_add(next.span),
            count: self.count.saturating_add(next.count),
            start: next.start,
            pss: mean(self.pss, next.pss),
            peak: self.peak.max(next.peak),
            rss: mean(self.rss, next.rss),
            cpu: self.cpu.saturating_add(next.cpu),
            descriptors: self.descriptors.max(next.descriptors),
            threads: self.threads.max(next.threads),
            disk: next.disk,
            requests: self.requests.saturating_add(next.requests),
            errors: self.errors.saturating_add(next.errors),
            p50: self.p50.max(next.p50),
            p99: self.p99.max(next.p99),
        }
    }

    /// When it was taken, in seconds.
    pub fn seconds(&self) -> f64 {
        self.at as f64 / 1e3
    }

    /// The processor time, in hundredths of one processor.
    pub fn cpu_percent(&self) -> f64 {
        match self.span {
            0 => 0.0,
            span => self.cpu as f64 / span as f64 / 10.0,
        }
    }
}

/// Half as many samples, none of which is of two starts of the program.
pub fn halved(samples: &[Sample]) -> Vec<Sample> {
    let mut halved = Vec::with_capacity(samples.len() / 2 + 1);
    let mut rest = samples.iter().copied().peekable();
    while let Some(sample) = rest.next() {
        let next = rest.next_if(|next| next.start == sample.start);
        halved.push(next.map_or(sample, |next| sample.merged(next)));
    }
    halved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: u64, start: u64, pss: u64) -> Sample {
        Sample {
            at,
            span: 1000,
            count: 1,
            start,
            pss,
            peak: pss,
            requests: 2,
            ..Sample::default()
        }
    }

    #[test]
    fn halving_keeps_sums_and_peaks_and_starts_apart() {
        let samples: Vec<_> = (1..=5)
            .map(|n| sample(n * 1000, n / 4, n * n * 100))
            .collect();
        let halved = halved(&samples);
        let times: Vec<_> = halved.iter().map(|each| (each.at, each.start)).collect();
        assert_eq!(times, [(2000, 0), (3000, 0), (5000, 1)]);
        assert_eq!((halved[0].pss, halved[0].peak), (250, 400));
        assert_eq!(halved.iter().map(|each| each.requests).sum::<u64>(), 10);
        assert_eq!(halved.iter().map(|each| each.count).sum::<u64>(), 5);
        let again = super::halved(&halved);
        assert_eq!((again[0].pss, again[0].count), ((100 + 400 + 900) / 3, 3));
    }

    #[test]
    fn a_sample_is_read_as_it_was_written() {
        let numbers: Numbers = std::array::from_fn(|index| index as u64);
        assert_eq!(Numbers::from(Sample::from(numbers)), numbers);
    }
}
