//! Gate `memory`: programs need little memory, idle and at work.

use super::exhibit::{Amount, ExhibitContent, Unit};
use super::observed::{Measured, place};
use super::{Exhibit, Gate, GateError, GateFinding, Subject, Verdict};
use crate::evidence::measurement::{Measurement, Usage};

/// The table `[gates.memory]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Memory {
    /// A program with nothing to do must need less than this many bytes.
    pub idle_limit_bytes: u64,
    /// A program at work, or one that works and ends, must need less than this many bytes.
    pub load_limit_bytes: u64,
    /// A program must have less than this many threads, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_limit: Option<u64>,
    /// A program must have less than this many open files, sockets and the like, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descriptor_limit: Option<u64>,
}

impl Default for Memory {
    /// 50 MB and 350 MB.
    fn default() -> Self {
        Self {
            idle_limit_bytes: 50_000_000,
            load_limit_bytes: 350_000_000,
            thread_limit: None,
            descriptor_limit: None,
        }
    }
}

/// What the numbers of a usage are called.
const IDLE: [&str; 5] = [
    "memory, idle",
    "RSS, idle",
    "PSS, idle",
    "threads, idle",
    "open files, idle",
];
const AT_WORK: [&str; 5] = [
    "memory at work",
    "RSS at work",
    "PSS at work",
    "threads at work",
    "open files at work",
];

/// A number of a measurement, with its limit.
struct Judged {
    label: &'static str,
    unit: Unit,
    value: u64,
    limit: Option<u64>,
}

impl Gate for Memory {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let measured = Measured::of(subject);
        if let Some(nothing) = measured.nothing() {
            return Ok(nothing);
        }
        let mut findings = measured.stale;
        let (mut applies, mut emulated) = (false, None);
        for (record, measurement) in &measured.current {
            if measurement.emulator.is_some() {
                emulated = emulated.or(measurement.emulator.as_ref());
                continue;
            }
            for judged in self.judged(measurement) {
                applies |= judged.limit.is_some();
                let place = place(record, measurement, judged.label);
                findings.extend(judged.finding(place));
            }
        }
        Ok(if !findings.is_empty() {
            Verdict::Fail(findings)
        } else if applies {
            Verdict::Pass
        } else if let Some(emulator) = emulated {
            let reason =
                format!("`{emulator}` ran the programs, whose memory is shown and not judged");
            Verdict::NotApplicable(reason)
        } else {
            Verdict::NotApplicable(
                "the memory was not measured, as the system does not tell it".to_owned(),
            )
        })
    }

    fn exhibits(&self, subject: &Subject<'_>) -> Vec<Exhibit> {
        let measured = Measured::of(subject);
        let all = measured.current.iter();
        all.flat_map(|(record, measurement)| self.exhibits_of(record, measurement))
            .collect()
    }
}

impl Memory {
    /// All numbers of a measurement, in the order that they are shown in.
    fn judged(&self, measurement: &Measurement) -> Vec<Judged> {
        let memory = &measurement.memory;
        let mut all = Vec::new();
        // The peak of a program that runs on is held against the limit at work, if there was work.
        let peak_limit =
            (memory.idle.is_none() || memory.load.is_some()).then_some(self.load_limit_bytes);
        all.extend(
            memory
                .idle
                .iter()
                .flat_map(|idle| self.of(&IDLE, idle, self.idle_limit_bytes)),
        );
        let load = memory.load.as_ref().map(|load| load.highest);
        all.extend(
            load.iter()
                .flat_map(|load| self.of(&AT_WORK, load, self.load_limit_bytes)),
        );
        all.extend(memory.peak_bytes.map(|value| Judged {
            label: "peak of a process",
            unit: Unit::Bytes,
            value,
            limit: peak_limit,
        }));
        all
    }

    fn of(&self, labels: &[&'static str; 5], usage: &Usage, limit: u64) -> Vec<Judged> {
        let [bytes, resident, shared, threads, descriptors] = *labels;
        let judged = |label, unit, value, limit| Judged {
            label,
            unit,
            value,
            limit,
        };
        let mut all = vec![
            judged(bytes, Unit::Bytes, usage.taken_bytes(), Some(limit)),
            judged(resident, Unit::Bytes, usage.rss_bytes, None),
        ];
        all.extend(
            usage
                .pss_bytes
                .map(|value| judged(shared, Unit::Bytes, value, None)),
        );
        all.push(judged(
            threads,
            Unit::Count,
            usage.threads,
            self.thread_limit,
        ));
        all.push(judged(
            descriptors,
            Unit::Count,
            usage.descriptors,
            self.descriptor_limit,
        ));
        all
    }

    fn exhibits_of(&self, record: &str, measurement: &Measurement) -> Vec<Exhibit> {
        let all = self.judged(measurement);
        let exhibit = |unit, what| {
            let of_unit = all.iter().filter(|judged| judged.unit == unit);
            let amounts: Vec<_> = of_unit.map(Judged::amount).collect();
            (!amounts.is_empty()).then(|| Exhibit {
                title: place(record, measurement, what),
                note: note(measurement),
                content: ExhibitContent::Amounts { unit, amounts },
            })
        };
        let exhibits = [
            exhibit(Unit::Bytes, "memory"),
            exhibit(Unit::Count, "threads and open files"),
        ];
        exhibits.into_iter().flatten().collect()
    }
}

impl Judged {
    fn finding(&self, place: String) -> Option<GateFinding> {
        let limit = self.limit.filter(|limit| self.value >= *limit)?;
        let unit = if self.unit == Unit::Bytes {
            " bytes"
        } else {
            ""
        };
        Some(GateFinding {
            place,
            found: format!("{}{unit}", self.value),
            expected: format!("less than {limit}{unit}"),
        })
    }

    fn amount(&self) -> Amount {
        Amount {
            label: self.label.to_owned(),
            value: self.value as f64,
            limit: self.limit.map(|limit| limit as f64),
        }
    }
}

fn note(measurement: &Measurement) -> String {
    let mut note = match &measurement.memory.idle {
        Some(usage) if usage.processes > 1 => {
            format!(
                "Of {} processes together; what they share counts once for memory and PSS.",
                usage.processes
            )
        }
        Some(_) => "Of its one process.".to_owned(),
        None => "The most until its end; no less than what Sealift itself needs.".to_owned(),
    };
    if let Some(load) = &measurement.memory.load {
        note += &format!(
            " The work: `{}`, looked at {} times.",
            load.command, load.samples
        );
    }
    if let Some(emulator) = &measurement.emulator {
        note += &format!(" `{emulator}` ran it, so this is not judged.");
    }
    note
}

#[cfg(test)]
pub(super) mod tests;
