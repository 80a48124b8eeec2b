//! Gate `start-up`: programs start and answer fast.

mod samples;
#[cfg(test)]
pub(super) mod tests;

use super::exhibit::{ExhibitContent, Unit};
use super::observed::{Measured, place};
use super::{Exhibit, Gate, GateError, GateFinding, Subject, Verdict};
use crate::evidence::measurement::{Cache, Measurement, Timing};
use crate::model::seconds::Seconds;

use samples::{Judged, Samples};

/// The table `[gates.start-up]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StartUp {
    /// A program whose file is in the page cache must be ready in less than this many seconds.
    pub warm_limit_seconds: Seconds,
    /// A program whose file is read from the disk must be ready in less than this many seconds.
    pub cold_limit_seconds: Seconds,
    /// A server must answer in less than this many seconds after it was started.
    pub first_response_limit_seconds: Seconds,
}

/// The limit of a default.
const fn seconds(seconds: f64) -> Seconds {
    Seconds::new(seconds).expect("a default is a length of time")
}

impl Default for StartUp {
    /// 100 ms, 2 s and 5 s.
    fn default() -> Self {
        Self {
            warm_limit_seconds: seconds(0.1),
            cold_limit_seconds: seconds(2.0),
            first_response_limit_seconds: seconds(5.0),
        }
    }
}

impl Gate for StartUp {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let measured = Measured::of(subject);
        if let Some(nothing) = measured.nothing() {
            return Ok(nothing);
        }
        let mut findings = measured.stale;
        let (mut good, mut undecided, mut emulated) = (0, Vec::new(), Vec::new());
        for (record, measurement) in &measured.current {
            for samples in self.samples(measurement) {
                let place = place(record, measurement, samples.what);
                match samples.judge(measurement) {
                    Judged::Good => good += 1,
                    Judged::Emulated(reason) => emulated.push(format!("{place}: {reason}")),
                    Judged::Undecided(reason) => undecided.push(format!("{place}: {reason}")),
                    Judged::Slow(found) => findings.push(GateFinding {
                        place,
                        found,
                        expected: format!("less than {}", shown(samples.limit.get())),
                    }),
                }
            }
        }
        if !findings.is_empty() {
            return Ok(Verdict::Fail(findings));
        }
        // What is not judged must not look as if it had passed; what an emulator ran is only shown, beside others.
        Ok(if !undecided.is_empty() {
            Verdict::NotApplicable(undecided.join("; "))
        } else if good > 0 {
            Verdict::Pass
        } else if !emulated.is_empty() {
            Verdict::NotApplicable(emulated.join("; "))
        } else {
            Verdict::NotApplicable("no start was measured".to_owned())
        })
    }

    fn exhibits(&self, subject: &Subject<'_>) -> Vec<Exhibit> {
        let measured = Measured::of(subject);
        let of_one = |(record, measurement): &(&str, &Measurement)| {
            let all = self.samples(measurement).into_iter();
            let exhibit = all.map(|samples| exhibit(record, measurement, &samples));
            exhibit.collect::<Vec<_>>()
        };
        measured.current.iter().flat_map(of_one).collect()
    }
}

impl StartUp {
    /// All that is to be judged of a measurement.
    fn samples(&self, measurement: &Measurement) -> Vec<Samples> {
        let timed = |what, timings: &[Timing], limit| Samples {
            what,
            timings: timings.to_vec(),
            limit,
        };
        let mut all = vec![
            timed("warm start", &measurement.warm, self.warm_limit_seconds),
            timed("cold start", &measurement.cold, self.cold_limit_seconds),
            timed(
                "first response",
                &measurement.first_responses,
                self.first_response_limit_seconds,
            ),
        ];
        all.retain(|samples| !samples.timings.is_empty());
        all
    }
}

fn exhibit(record: &str, measurement: &Measurement, samples: &Samples) -> Exhibit {
    let mut notes = vec![format!(
        "Until {}, {} times on {}; the median is {}, half of them are within {} of it.",
        measurement.ready,
        samples.timings.len(),
        machine(measurement),
        shown(samples.median()),
        shown(samples.deviation()),
    )];
    if let Some(emulator) = &measurement.emulator {
        notes.push(format!("`{emulator}` ran it, so this is not judged."));
    }
    if samples.what != "warm start" {
        notes.push(cache(&measurement.cache));
    }
    notes.extend(
        samples
            .noise(measurement)
            .map(|noise| format!("The machine was busy: {noise}.")),
    );
    Exhibit {
        title: place(record, measurement, samples.what),
        note: notes.join(" "),
        content: ExhibitContent::Samples {
            unit: Unit::Seconds,
            samples: samples
                .timings
                .iter()
                .map(|timing| timing.seconds)
                .collect(),
            limit: Some(samples.limit.get()),
        },
    }
}

fn machine(measurement: &Measurement) -> String {
    let machine = &measurement.machine;
    let processor = machine
        .processor
        .as_deref()
        .unwrap_or("an unknown processor");
    format!("{} cores of {processor}", machine.cores)
}

fn cache(cache: &Cache) -> String {
    match cache {
        Cache::ProgramDropped => {
            "Before each start the program's file was dropped from the page cache; libraries that other programs use stayed."
                .to_owned()
        }
        Cache::AllDropped => "Before each start the page cache was dropped.".to_owned(),
        Cache::Kept(reason) => format!("The page cache was not dropped, so these starts were warm: {reason}."),
    }
}

/// Seconds for people.
fn shown(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.2} s")
    }
}
