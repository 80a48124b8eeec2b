//! What was seen of a program that ran for long.

use super::ObservedProgram;

/// A soak: a program under a workload, sampled at regular times.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Soak {
    /// The program.
    pub program: ObservedProgram,
    /// The command line that it was started with.
    pub command: Vec<String>,
    /// What it had to do, in a few words.
    pub workload: String,
    /// Where it ran.
    pub host: Host,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// How long it was to run, in seconds.
    pub planned_seconds: f64,
    /// How long it ran, in seconds, without the gaps.
    pub seconds: f64,
    /// The time between samples.
    pub interval_seconds: f64,
    /// How many samples were taken.
    pub samples: u64,
    /// The times in which the soak itself did not run.
    pub gaps: Vec<Gap>,
    /// How it ended.
    pub ended: Ended,
    /// What was sampled.
    pub series: Vec<Series>,
    /// What the workload got.
    pub requests: Requests,
    /// How often the program ended by itself.
    pub crashes: u64,
    /// The first of these ends.
    pub first_crashes: Vec<Crash>,
}

/// The machine that a program ran on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The operating system, such as `linux`.
    pub system: String,
    /// The machine, such as `x86_64`.
    pub machine: String,
    /// The kernel's release.
    pub kernel: String,
    /// The processors that could be used.
    pub processors: u64,
    /// The memory in bytes.
    pub memory_bytes: u64,
    /// The size of a page, which memory is counted in.
    pub page_bytes: u64,
}

/// A time in which the soak did not run, until it was resumed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Where it is in the time that the soak ran.
    pub at_seconds: f64,
    /// How long it was.
    pub seconds: f64,
}

/// How a soak ended.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// After the time that was planned.
    Complete,
    /// Before, as a limit was passed; the text has what was found.
    Limit(String),
    /// Before, by a signal with this name.
    Interrupted(String),
}

/// The end of a program that was to run on.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// When, in the time that the soak ran.
    pub at_seconds: f64,
    /// The exit status or the signal.
    pub reason: String,
    /// The end of what it had printed.
    pub output: String,
}

/// What the workload got.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// How many requests or runs ended.
    pub count: u64,
    /// How many of them failed.
    pub errors: u64,
    /// The first messages.
    pub first_errors: Vec<String>,
    /// How long those took that succeeded; `None` if none did.
    pub latency: Option<Latency>,
}

/// Percentiles in seconds, of all requests.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Half took no longer.
    pub p50: f64,
    /// Nine in ten took no longer.
    pub p90: f64,
    /// All but one in a hundred took no longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// What was sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Memory in bytes, with the program's share of what several processes use.
    Pss,
    /// Memory in bytes, with all of what is shared.
    Rss,
    /// Processor time, in hundredths of one processor.
    Cpu,
    /// Open files, connections and the like.
    Descriptors,
    /// Threads.
    Threads,
    /// The size of a directory in bytes.
    Disk,
    /// The median of the latencies, in seconds.
    LatencyP50,
    /// The 99th percentile of the latencies, in seconds.
    LatencyP99,
}

/// Samples of one quantity.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// What was sampled.
    pub quantity: Quantity,
    /// The least value.
    pub minimum: f64,
    /// The middle value.
    pub median: f64,
    /// The greatest value, of all samples.
    pub maximum: f64,
    /// The last value.
    pub last: f64,
    /// Whether it grows; `None` if there were too few samples to tell, or if growth means nothing.
    pub trend: Option<Trend>,
    /// Seconds and values: all samples, or the means of as many as make at most a thousand points.
    pub points: Vec<(f64, f64)>,
}

/// How something grows, with the interval that holds the true rate at the level `confidence`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// How many samples were used.
    pub samples: u64,
    /// When the first of them was taken.
    pub from_seconds: f64,
    /// When the last of them was taken.
    pub to_seconds: f64,
    /// The rate.
    pub per_hour: f64,
    /// The lower end of the interval.
    pub low_per_hour: f64,
    /// The upper end of the interval.
    pub high_per_hour: f64,
    /// The rate in the second half, which is small where something has risen and has come to rest.
    pub late_per_hour: f64,
    /// The level, such as 0.999.
    pub confidence: f64,
}

impl Trend {
    /// Whether it certainly grows by more than a limit, and has not come to rest.
    pub fn exceeds(&self, limit_per_hour: f64) -> bool {
        // Of a straight line, the second half is as steep as the whole; a third leaves room for noise.
        self.low_per_hour > limit_per_hour && self.late_per_hour >= self.per_hour / 3.0
    }
}

impl std::fmt::Display for Trend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (low, high) = (self.low_per_hour, self.high_per_hour);
        write!(
            f,
            "{:.0} an hour ({low:.0} to {high:.0} with ",
            self.per_hour
        )?;
        write!(f, "{} % certainty)", 100.0 * self.confidence)
    }
}

impl Soak {
    /// The samples of a quantity; `None` if it was not sampled.
    pub fn series(&self, quantity: Quantity) -> Option<&Series> {
        self.series.iter().find(|each| each.quantity == quantity)
    }
}
