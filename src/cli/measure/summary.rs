//! A measurement for people.

use std::fmt::Write;

use sealift::evidence::measurement::{Cache, Measurement, Timing, Usage};

/// A few lines with the medians.
pub fn to_text(measurement: &Measurement) -> String {
    let mut text = format!(
        "{} for {}, until {}\n",
        measurement.program.name, measurement.target, measurement.ready
    );
    let mut line = |name: &str, rest: String| {
        writeln!(text, "  {name:15} {rest}").expect("a string takes all text");
    };
    if let Some(emulator) = &measurement.emulator {
        line("emulator", format!("{emulator}; the times are its own"));
    }
    line("warm start", times(&measurement.warm));
    if !measurement.cold.is_empty() {
        line("cold start", times(&measurement.cold));
        line("page cache", cache(&measurement.cache));
    }
    if !measurement.first_responses.is_empty() {
        line("first response", times(&measurement.first_responses));
    }
    let memory = &measurement.memory;
    if let Some(idle) = &memory.idle {
        line("idle", usage(idle));
    }
    if let Some(load) = &memory.load {
        line("at work", usage(&load.highest));
    }
    line(
        "peak memory",
        memory
            .peak_bytes
            .map_or("not measured on this system".to_owned(), megabytes),
    );
    let share = measurement.noise.others_share;
    line(
        "other programs",
        share.map_or("not known".to_owned(), |share| {
            format!("had {:.0} % of the processors", share * 100.0)
        }),
    );
    text
}

/// The median and the range.
fn times(timings: &[Timing]) -> String {
    let mut sorted: Vec<_> = timings
        .iter()
        .map(|timing| timing.seconds * 1000.0)
        .collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else {
        return "not measured".to_owned();
    };
    let middle = sorted.len() / 2;
    let median = f64::midpoint(sorted[middle], sorted[(sorted.len() - 1) / 2]);
    format!(
        "{median:.1} ms, the median of {} from {least:.1} to {most:.1} ms",
        sorted.len()
    )
}

fn cache(cache: &Cache) -> String {
    match cache {
        Cache::ProgramDropped => "the program was dropped before each cold start".to_owned(),
        Cache::AllDropped => "it was dropped before each cold start".to_owned(),
        Cache::Kept(reason) => format!("not dropped, so cold starts were warm: {reason}"),
    }
}

fn usage(usage: &Usage) -> String {
    let shared = usage.pss_bytes.map_or(String::new(), |bytes| {
        format!(", {} proportional", megabytes(bytes))
    });
    format!(
        "{} resident{shared}; processes {}, threads {}, open files {}",
        megabytes(usage.rss_bytes),
        usage.processes,
        usage.threads,
        usage.descriptors
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
