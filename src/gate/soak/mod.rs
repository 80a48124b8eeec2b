//! Gate `soak`: programs that run for long do not leak, fail or crash.

mod exhibits;
#[cfg(test)]
pub(super) mod tests;

use super::{Exhibit, Gate, GateError, GateFinding, Subject, Verdict};
use crate::evidence::Observation;
use crate::evidence::soak::{Ended, Quantity, Soak as Seen};

/// The table `[gates.soak]`, of what `sealift soak` has seen.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Soak {
    /// A soak must have run for this many seconds.
    pub minimum_seconds: u64,
    /// The program and its descendants must always have used less memory than this many bytes.
    pub memory_limit_bytes: u64,
    /// Memory may grow by at most this many bytes per hour.
    pub leak_limit_bytes_per_hour: u64,
    /// At most this many more descriptors may be open after each hour.
    pub leak_limit_descriptors_per_hour: u64,
    /// There may be at most this many more threads after each hour.
    pub leak_limit_threads_per_hour: u64,
    /// The directory of `--disk` may grow by at most this many bytes per hour, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_leak_limit_bytes_per_hour: Option<u64>,
    /// At most this many requests or runs may have failed.
    pub error_limit: u64,
    /// The program may have ended by itself at most this often.
    pub crash_limit: u64,
    /// In 99 of 100 cases, a request or run must have taken less than this many microseconds, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_limit_microseconds: Option<u64>,
}

impl Default for Soak {
    /// Ten minutes are what it takes to see a leak of 10 kB a minute. 100 kB an hour are 2.4 MB a day.
    fn default() -> Self {
        Self {
            minimum_seconds: 600,
            memory_limit_bytes: 350_000_000,
            leak_limit_bytes_per_hour: 100_000,
            leak_limit_descriptors_per_hour: 1,
            leak_limit_threads_per_hour: 1,
            disk_leak_limit_bytes_per_hour: None,
            error_limit: 0,
            crash_limit: 0,
            latency_limit_microseconds: None,
        }
    }
}

/// Something that is wrong with a soak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The record.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// Whether the program did it; else the soak is too short to tell.
    pub is_of_program: bool,
}

impl Gate for Soak {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let mut findings = Vec::new();
        let mut applies = false;
        for (name, seen) in records(subject) {
            applies = true;
            if subject.holds(&seen.program) {
                let problems = self.problems(name, seen);
                findings.extend(problems.into_iter().map(Problem::into_finding));
            } else {
                findings.push(GateFinding {
                    place: name.to_owned(),
                    found: format!("a soak of another `{}`", seen.program.name),
                    expected: "one of a program that the release holds".to_owned(),
                });
            }
        }
        if !applies {
            let reason =
                "no evidence of a program that ran for long is given; `sealift soak` makes it";
            return Ok(Verdict::NotApplicable(reason.to_owned()));
        }
        Ok(findings.into())
    }

    fn exhibits(&self, subject: &Subject<'_>) -> Vec<Exhibit> {
        let of = |(name, seen)| exhibits::exhibits(self, name, seen);
        records(subject).flat_map(of).collect()
    }
}

fn records<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = (&'s str, &'s Seen)> {
    subject.evidence.of(|observation| match observation {
        Observation::Soak(seen) => Some(seen.as_ref()),
        _ => None,
    })
}

impl Problem {
    fn into_finding(self) -> GateFinding {
        GateFinding {
            place: self.place,
            found: self.found,
            expected: self.expected,
        }
    }
}

impl Soak {
    /// What is wrong with a soak, whose record is named `place`.
    pub fn problems(&self, place: &str, seen: &Seen) -> Vec<Problem> {
        let mut problems = Problems(place, Vec::new());
        self.duration(seen, &mut problems);
        self.memory(seen, &mut problems);
        self.leaks(seen, &mut problems);
        self.failures(seen, &mut problems);
        problems.1
    }

    fn duration(&self, seen: &Seen, problems: &mut Problems<'_>) {
        if seen.seconds < self.minimum_seconds as f64 {
            let found = format!("a soak of {:.0} seconds", seen.seconds);
            let expected = format!("one of at least {} seconds", self.minimum_seconds);
            problems.of_soak(found, expected);
        }
        let short = format!("a soak of {:.0} seconds", seen.planned_seconds);
        match &seen.ended {
            Ended::Complete => {}
            Ended::Limit(limit) => problems.of_program(format!("an early end: {limit}"), short),
            Ended::Interrupted(signal) => problems.of_soak(
                format!(
                    "a soak that {signal} ended after {:.0} seconds",
                    seen.seconds
                ),
                short,
            ),
        }
    }

    fn memory(&self, seen: &Seen, problems: &mut Problems<'_>) {
        let Some(memory) = seen.series(Quantity::Pss) else {
            problems.of_soak("no sample of memory".into(), "at least one".into());
            return;
        };
        if memory.maximum >= self.memory_limit_bytes as f64 {
            problems.of_program(
                format!("{:.0} bytes of memory", memory.maximum),
                format!("less than {} bytes", self.memory_limit_bytes),
            );
        }
    }

    fn leaks(&self, seen: &Seen, problems: &mut Problems<'_>) {
        for (quantity, what, limit) in self.limits_of_growth() {
            let Some(limit) = limit else {
                continue;
            };
            match seen.series(quantity).map(|series| &series.trend) {
                Some(Some(trend)) if trend.exceeds(limit as f64) => problems.of_program(
                    format!("a leak: {what} grow by {trend}"),
                    format!("at most {limit} an hour"),
                ),
                Some(Some(_)) => {}
                // A directory that was always empty has not grown.
                None if quantity == Quantity::Disk && seen.samples > 0 => {}
                Some(None) | None => problems.of_soak(
                    format!("too few samples to see whether {what} grow"),
                    "at least 75 without a restart of the program".to_owned(),
                ),
            }
        }
    }

    fn limits_of_growth(&self) -> [(Quantity, &'static str, Option<u64>); 4] {
        [
            (
                Quantity::Pss,
                "bytes of memory",
                Some(self.leak_limit_bytes_per_hour),
            ),
            (
                Quantity::Descriptors,
                "descriptors",
                Some(self.leak_limit_descriptors_per_hour),
            ),
            (
                Quantity::Threads,
                "threads",
                Some(self.leak_limit_threads_per_hour),
            ),
            (
                Quantity::Disk,
                "bytes on disk",
                self.disk_leak_limit_bytes_per_hour,
            ),
        ]
    }

    fn failures(&self, seen: &Seen, problems: &mut Problems<'_>) {
        let requests = &seen.requests;
        if requests.errors > self.error_limit {
            let first = requests.first_errors.first().map_or("", String::as_str);
            problems.of_program(
                format!(
                    "{} of {} requests failed: {first}",
                    requests.errors, requests.count
                ),
                format!("at most {} failures", self.error_limit),
            );
        }
        if seen.crashes > self.crash_limit {
            let first = seen.first_crashes.first();
            let reason = first.map_or("", |crash| crash.reason.as_str());
            problems.of_program(
                format!("{} crashes: {reason}", seen.crashes),
                format!("at most {}", self.crash_limit),
            );
        }
        let Some(limit) = self.latency_limit_microseconds else {
            return;
        };
        let expected = format!("less than {limit} microseconds");
        match &requests.latency {
            None => problems.of_soak("no request that was answered".into(), expected),
            Some(latency) if latency.p99 * 1e6 >= limit as f64 => problems.of_program(
                format!("a 99th percentile of {:.0} microseconds", latency.p99 * 1e6),
                expected,
            ),
            Some(_) => {}
        }
    }
}

/// Problems of the record with a name.
struct Problems<'a>(&'a str, Vec<Problem>);

impl Problems<'_> {
    fn of_program(&mut self, found: String, expected: String) {
        self.add(found, expected, true);
    }

    fn of_soak(&mut self, found: String, expected: String) {
        self.add(found, expected, false);
    }

    fn add(&mut self, found: String, expected: String, is_of_program: bool) {
        self.1.push(Problem {
            place: self.0.to_owned(),
            found,
            expected,
            is_of_program,
        });
    }
}
