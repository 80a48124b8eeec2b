//! When a soak is ended early.

use super::history::History;
use super::record::growth;
use super::trend::REPEATED;
use super::{Limits, Plan};
use crate::evidence::soak::Quantity;

/// Looks for limits that are passed: after each sample at what is plain to see, and more and more rarely for leaks, so that
/// a soak of a day is asked about thirty times.
pub struct Looks {
    limits: Limits,
    warm_up: f64,
    /// The number of samples that were taken.
    samples: u64,
    /// At how many there is a look for leaks.
    next: u64,
}

/// The first look: four in five of these are used.
const FIRST_LOOK: u64 = 75;

impl Looks {
    /// Those of a soak that begins or goes on.
    pub fn new(plan: &Plan, history: &History) -> Self {
        let samples = history.samples.iter().map(|sample| sample.count).sum();
        Self {
            limits: plan.limits.clone(),
            warm_up: plan.warm_up.as_secs_f64(),
            samples,
            next: FIRST_LOOK.max(samples + samples / 4),
        }
    }

    /// The limit that is passed, with what was found.
    pub fn passed(&mut self, history: &History) -> Option<String> {
        let limits = &self.limits;
        let peak = history.samples.last().map_or(0, |last| last.peak);
        if peak >= limits.memory {
            let limit = limits.memory;
            return Some(format!(
                "memory: {peak} bytes; expected less than {limit} bytes"
            ));
        }
        if history.crashes > limits.crashes {
            let last = history.first_crashes.last();
            let reason = last.map_or("", |crash| crash.reason.as_str());
            return Some(format!(
                "crashes: {}, such as `{reason}`; expected at most {}",
                history.crashes, limits.crashes
            ));
        }
        let errors: u64 = history.samples.iter().map(|sample| sample.errors).sum();
        if errors > limits.errors {
            let first = history.first_errors.first().map_or("", String::as_str);
            return Some(format!(
                "errors: {errors}, such as `{first}`; expected at most {}",
                limits.errors
            ));
        }
        self.leak(history)
    }

    fn leak(&mut self, history: &History) -> Option<String> {
        self.samples = history.samples.iter().map(|sample| sample.count).sum();
        let is_warm = history.elapsed() as f64 / 1e3 >= self.warm_up;
        if self.samples < self.next || !is_warm {
            return None;
        }
        self.next = self.samples + self.samples / 4;
        let limits = &self.limits;
        let watched = [
            (Quantity::Pss, "bytes of memory", Some(limits.leak_bytes)),
            (
                Quantity::Descriptors,
                "descriptors",
                Some(limits.leak_descriptors),
            ),
            (Quantity::Threads, "threads", Some(limits.leak_threads)),
            (Quantity::Disk, "bytes on disk", limits.leak_disk),
        ];
        watched.into_iter().find_map(|(quantity, what, limit)| {
            let limit = limit?;
            let trend = growth(&history.samples, quantity, REPEATED)?;
            let exceeds = trend.exceeds(limit as f64);
            exceeds.then(|| {
                format!("a leak: {what} grow by {trend}; expected at most {limit} an hour")
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::tests::{header, sample};
    use super::super::history::{Entry, History};
    use super::*;
    use crate::evidence::soak::Crash;

    fn looks() -> Looks {
        let limits = Limits {
            memory: 1 << 40,
            errors: 1,
            crashes: 1,
            leak_bytes: 100_000,
            leak_descriptors: 1,
            leak_threads: 1,
            leak_disk: None,
        };
        Looks {
            limits,
            warm_up: 600.0,
            samples: 0,
            next: FIRST_LOOK,
        }
    }

    /// When a soak of some seconds is ended, and why.
    fn end(looks: &mut Looks, change: impl Fn(u64, &mut History)) -> Option<(u64, String)> {
        let mut history = History::new(header());
        for second in 1..2000 {
            history.add(&sample(1000 * second));
            change(second, &mut history);
            if let Some(limit) = looks.passed(&history) {
                return Some((second, limit));
            }
        }
        None
    }

    fn pss(history: &mut History, bytes: u64) {
        let last = history.samples.last_mut().expect("there is one");
        (last.pss, last.peak) = (bytes, bytes);
    }

    #[test]
    fn a_steady_program_is_not_ended() {
        assert_eq!(
            end(&mut looks(), |_, history| pss(history, 5_000_000)),
            None
        );
    }

    #[test]
    fn a_leak_ends_a_soak_after_the_warm_up_only() {
        let (at, limit) = end(&mut looks(), |_, _| {}).expect("10 kB a second");
        assert!((600..=750).contains(&at), "{at}");
        assert!(
            limit.starts_with("a leak: bytes of memory grow by 36000000 an hour"),
            "{limit}"
        );
    }

    #[test]
    fn memory_ends_a_soak_at_once() {
        let mut looks = looks();
        looks.limits.memory = 40_000;
        let found = end(&mut looks, |_, _| {});
        let limit = "memory: 40000 bytes; expected less than 40000 bytes";
        assert_eq!(found, Some((4, limit.to_owned())));
    }

    #[test]
    fn errors_and_crashes_end_a_soak_beyond_their_limits() {
        let failing = |second: u64, history: &mut History| {
            pss(history, 5_000_000);
            history.samples.last_mut().expect("there is one").errors = second % 2;
        };
        let (at, limit) = end(&mut looks(), failing).expect("two errors");
        assert_eq!(
            (at, limit.starts_with("errors: 2, such as")),
            (3, true),
            "{limit}"
        );
        let crashing = |second: u64, history: &mut History| {
            pss(history, 5_000_000);
            history.add(&Entry::Crash(Crash {
                at_seconds: second as f64,
                reason: "exit status: 3".to_owned(),
                output: String::new(),
            }));
        };
        let limit = "crashes: 2, such as `exit status: 3`; expected at most 1".to_owned();
        assert_eq!(end(&mut looks(), crashing), Some((2, limit)));
    }
}
