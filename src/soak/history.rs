//! What is known of a soak so far, as the log tells it.

use super::histogram::{Histogram, Sparse};
use super::sample::{Sample, halved};
use crate::evidence::ObservedProgram;
use crate::evidence::soak::{Crash, Gap};

/// A line of the log.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// What is soaked. It is the first.
    Begun(Header),
    /// The program was seen.
    Sample(Sample),
    /// The program ended.
    Crash(Crash),
    /// More ends of the program, of which nothing is kept.
    Crashes(u64),
    /// A request failed.
    Error(String),
    /// All latencies so far.
    Latencies(Sparse),
    /// The soak goes on at this date, in seconds since 1970.
    Resumed(i64),
    /// The soak did not run for some time.
    Gap(Gap),
    /// The soak began, or went on, at this date, when it had run for as many milliseconds.
    Since(i64, u64),
    /// The soak is over.
    Ended,
}

/// What is soaked, and how.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The program.
    pub program: ObservedProgram,
    /// Its command line.
    pub command: Vec<String>,
    /// What it has to do.
    pub workload: String,
    /// The time between samples, in milliseconds.
    pub interval: u64,
    /// When it began, in seconds since 1970.
    pub started: i64,
}

/// All lines together.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    pub header: Header,
    pub samples: Vec<Sample>,
    pub crashes: u64,
    pub first_crashes: Vec<Crash>,
    pub first_errors: Vec<String>,
    pub latencies: Histogram,
    pub gaps: Vec<Gap>,
    pub ended: bool,
    /// The date when the soak last began or went on, and the milliseconds that it had run by then.
    since: (i64, u64),
}

/// Of more crashes, gaps and errors than these, nothing but their number is kept.
pub const MAX_CRASHES: usize = 100;
pub const MAX_ERRORS: usize = 10;
const MAX_GAPS: usize = 100;

impl History {
    /// Of a soak that begins.
    pub fn new(header: Header) -> Self {
        let since = (header.started, 0);
        Self {
            header,
            samples: Vec::new(),
            crashes: 0,
            first_crashes: Vec::new(),
            first_errors: Vec::new(),
            latencies: Histogram::default(),
            gaps: Vec::new(),
            ended: false,
            since,
        }
    }

    /// How long the soak ran, in milliseconds.
    pub fn elapsed(&self) -> u64 {
        self.samples.last().map_or(0, |sample| sample.at)
    }

    /// How often the program was started.
    pub fn starts(&self) -> u64 {
        self.samples.last().map_or(0, |sample| sample.start)
    }

    /// Takes a line in.
    pub fn add(&mut self, entry: &Entry) {
        match entry {
            Entry::Begun(_) => {}
            Entry::Sample(sample) => self.samples.push(*sample),
            Entry::Crash(crash) => {
                self.crashes = self.crashes.saturating_add(1);
                if self.first_crashes.len() < MAX_CRASHES {
                    self.first_crashes.push(crash.clone());
                }
            }
            Entry::Crashes(more) => self.crashes = self.crashes.saturating_add(*more),
            Entry::Error(message) => {
                if self.first_errors.len() < MAX_ERRORS {
                    self.first_errors.push(message.clone());
                }
            }
            Entry::Latencies(sparse) => self.latencies = Histogram::from_sparse(sparse),
            Entry::Resumed(date) => self.resume(*date),
            Entry::Gap(gap) => self.add_gap(gap.clone()),
            Entry::Since(date, ran) => self.since = (*date, *ran),
            Entry::Ended => self.ended = true,
        }
    }

    fn resume(&mut self, date: i64) {
        let (begun, ran) = self.since;
        let elapsed = self.elapsed();
        let last = begun as f64 + elapsed.saturating_sub(ran) as f64 / 1e3;
        self.add_gap(Gap {
            at_seconds: elapsed as f64 / 1e3,
            // A clock that was set back leaves no gap.
            seconds: (date as f64 - last).max(0.0),
        });
        self.since = (date, elapsed);
    }

    fn add_gap(&mut self, gap: Gap) {
        if self.gaps.len() < MAX_GAPS {
            self.gaps.push(gap);
        }
    }

    /// Halves the number of samples.
    pub fn halve(&mut self) {
        self.samples = halved(&self.samples);
    }

    /// Lines that tell the same.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = vec![Entry::Begun(self.header.clone())];
        entries.extend(self.gaps.iter().cloned().map(Entry::Gap));
        entries.extend(self.first_crashes.iter().cloned().map(Entry::Crash));
        let more = self.crashes - self.first_crashes.len() as u64;
        entries.extend((more > 0).then_some(Entry::Crashes(more)));
        entries.extend(self.first_errors.iter().cloned().map(Entry::Error));
        entries.push(Entry::Latencies(self.latencies.to_sparse()));
        entries.extend(self.samples.iter().copied().map(Entry::Sample));
        entries.push(Entry::Since(self.since.0, self.since.1));
        entries
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn header() -> Header {
        Header {
            program: ObservedProgram {
                name: "hello".to_owned(),
                sha256: crate::model::digest::Sha256Sum::of(b"hello"),
            },
            command: vec!["./hello".to_owned(), "serve".to_owned()],
            workload: "nothing".to_owned(),
            interval: 1000,
            started: 1_000_000,
        }
    }

    pub fn sample(at: u64) -> Entry {
        Entry::Sample(Sample {
            at,
            span: 1000,
            count: 1,
            start: 1,
            pss: at * 10,
            peak: at * 10,
            ..Sample::default()
        })
    }

    #[test]
    fn its_own_lines_tell_the_same_history() {
        let mut history = History::new(header());
        for n in 0..150 {
            history.add(&sample(n * 1000));
            history.add(&Entry::Crash(Crash {
                at_seconds: n as f64,
                reason: "signal: 9 (SIGKILL)".to_owned(),
                output: String::new(),
            }));
            history.add(&Entry::Error(format!("error {n}")));
        }
        history.add(&Entry::Resumed(1_000_500));
        history.latencies.add(77);
        let mut again = History::new(header());
        for entry in history.entries() {
            again.add(&entry);
        }
        assert_eq!(again, history);
        assert_eq!(
            (again.crashes, again.first_crashes.len()),
            (150, MAX_CRASHES)
        );
        assert_eq!(again.first_errors.len(), MAX_ERRORS);
    }

    #[test]
    fn a_gap_is_what_the_clock_says_without_what_was_run() {
        let mut history = History::new(header());
        history.add(&sample(10_000));
        history.add(&Entry::Resumed(1_000_100));
        history.add(&sample(30_000));
        history.add(&Entry::Resumed(1_000_050));
        let gaps: Vec<_> = history
            .gaps
            .iter()
            .map(|gap| (gap.at_seconds, gap.seconds))
            .collect();
        assert_eq!(gaps, [(10.0, 90.0), (30.0, 0.0)]);
    }
}
