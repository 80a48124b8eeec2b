//! What the gates on measured programs share: which records count, and the words for them.

use super::{GateFinding, Subject, Verdict};
use crate::evidence::measurement::Measurement;
use crate::evidence::{Observation, ObservedProgram};

/// The measurements of a release.
pub(super) struct Measured<'s> {
    /// Those of its programs, by the name of their record.
    pub(super) current: Vec<(&'s str, &'s Measurement)>,
    /// Findings for those of other programs.
    pub(super) stale: Vec<GateFinding>,
}

impl<'s> Measured<'s> {
    /// Sorts the records out.
    pub(super) fn of(subject: &'s Subject<'_>) -> Self {
        let mut measured = Self {
            current: Vec::new(),
            stale: Vec::new(),
        };
        let records = subject.evidence.of(|observation| match observation {
            Observation::Measurement(measurement) => Some(measurement.as_ref()),
            _ => None,
        });
        for (name, measurement) in records {
            match stale(subject, name, &measurement.program) {
                Some(finding) => measured.stale.push(finding),
                None => measured.current.push((name, measurement)),
            }
        }
        measured
    }

    /// Why there is nothing to judge, if that is so.
    pub(super) fn nothing(&self) -> Option<Verdict> {
        (self.current.is_empty() && self.stale.is_empty()).then(|| {
            let reason = "no evidence of running programs is given; `sealift measure` makes it";
            Verdict::NotApplicable(reason.to_owned())
        })
    }
}

/// A finding for a record of a program that the release does not hold.
fn stale(subject: &Subject<'_>, record: &str, program: &ObservedProgram) -> Option<GateFinding> {
    let ObservedProgram { name, sha256 } = program;
    (!subject.holds(program)).then(|| GateFinding {
        place: record.to_owned(),
        found: format!("a measurement of `{name}` with the sum {sha256}"),
        expected: "one of a program of this release".to_owned(),
    })
}

/// What is measured, in a finding's place: the program, its platform, and what was measured.
pub(super) fn place(record: &str, measurement: &Measurement, what: &str) -> String {
    let Measurement {
        program, target, ..
    } = measurement;
    format!("{record}: `{}` for {target}, {what}", program.name)
}

#[cfg(test)]
pub(super) mod testing {
    //! Measurements for the gates' tests.

    use crate::evidence::measurement::{Cache, Machine, Measurement, Memory, Noise, Ready, Timing};
    use crate::evidence::{Evidence, Observation, ObservedProgram, Record, Recorded};
    use crate::model::digest::Sha256Sum;
    use crate::model::schema::Schema;

    /// Starts of some seconds, of which a program waited for nothing and worked a hundredth.
    pub(in crate::gate) fn starts(seconds: &[f64]) -> Vec<Timing> {
        let timing = |seconds: &f64| Timing {
            seconds: *seconds,
            waiting_seconds: Some(0.0),
            cpu_seconds: Some(seconds / 100.0),
        };
        seconds.iter().map(timing).collect()
    }

    /// A measurement of a program on a quiet machine.
    pub(in crate::gate) fn measurement(program: &[u8]) -> Measurement {
        Measurement {
            program: ObservedProgram {
                name: "hello".to_owned(),
                sha256: Sha256Sum::of(program),
            },
            target: "x86_64-unknown-linux-musl".parse().expect("a target"),
            emulator: None,
            arguments: vec!["--version".to_owned()],
            ready: Ready::Exit,
            warm: starts(&[0.002, 0.003, 0.002]),
            cold: starts(&[0.02]),
            cache: Cache::ProgramDropped,
            first_responses: Vec::new(),
            memory: Memory {
                peak_bytes: Some(1_000_000),
                ..Memory::default()
            },
            noise: Noise {
                load_average: Some([0.1, 0.1]),
                others_share: Some(0.01),
                involuntary_switches: Some(0),
            },
            machine: Machine::default(),
        }
    }

    /// Measurements as evidence, in files named `1.json` and so on.
    pub(in crate::gate) fn evidence(measurements: Vec<Measurement>) -> Evidence {
        let recorded = |(number, measurement)| Recorded {
            name: format!("{}.json", number + 1),
            record: Record {
                schema: Schema::default(),
                observation: Observation::Measurement(Box::new(measurement)),
            },
        };
        measurements.into_iter().enumerate().map(recorded).collect()
    }
}
